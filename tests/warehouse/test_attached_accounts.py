"""How PostgreSQL is attached: by any account, over any line, and what is told when that fails."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import duckdb
import pytest
import sqlalchemy as sa

import models
from connectors.errors import Misconfigured, Unreachable
from settings import Settings
from tests.warehouse.company import run_sql, settings_at
from tests.warehouse.conftest import ask_build
from tests.warehouse.large import FILL, ONLY, ROWS, UNTOUCHED
from warehouse import attached
from warehouse.attached import Attached
from warehouse.build_file import open_build, transaction
from warehouse.extract import extract

pytestmark = pytest.mark.slow

SECRET = "p@ss'w/rd"


@pytest.fixture
def account(large: Settings) -> Iterator[Callable[..., Settings]]:
    """Makes an account of the ERP's with what it may, and gives the settings that use it."""
    made: list[str] = []

    def make(*grants: str, **limits: object) -> Settings:
        name = f"triada_{uuid.uuid4().hex[:8]}"
        words = " ".join(f"{word} {value}" for word, value in limits.items())
        run_sql(large, "erp", f"create role {name} login {words.replace('_', ' ')}")
        made.append(name)
        run_sql(large, "erp", *(grant.format(name=name) for grant in grants))
        url = sa.make_url(large.url("erp")).set(username=name)
        return at_erp(large, url)

    yield make
    for name in made:
        run_sql(large, "erp", f"drop owned by {name}", f"drop role {name}")


ALL = "grant select on all tables in schema public to {name}"


def at_erp(settings: Settings, url: sa.URL) -> Settings:
    """The same company with another address of its ERP."""
    others = {f"{system}_url": settings.url(system) for system in models.SYSTEMS if system != "erp"}
    return settings_at(settings.home, **others, erp_url=url.render_as_string(hide_password=False))


def read(settings: Settings) -> bool:
    """Whether all payments came, and were read as a large table."""
    with open_build(settings) as build, transaction(build):
        url = sa.make_url(settings.url("erp"))
        large = Attached(build, url, system="erp").table("payments", {"amount"}) is not None
    extract(settings, full=True, only=ONLY)
    assert ask_build(settings, "select count(*), min(channel) from raw.erp_payments") == [(ROWS, "system")]
    return large


def test_any_account_that_may_read_reads_all(account: Callable[..., Settings]) -> None:
    assert read(account(ALL))


def test_an_account_with_few_connections_takes_one(account: Callable[..., Settings]) -> None:
    assert not read(account(ALL, connection_limit=2))


def test_an_account_that_may_read_columns_alone_reads_them(account: Callable[..., Settings]) -> None:
    columns = ", ".join(models.stream_table("erp.payments").columns.keys())
    stones = "grant select on tombstones to {name}"
    assert not read(account(f"grant select ({columns}) on payments to {{name}}", stones))


def test_names_that_differ_by_case_alone_are_not_mixed_up(large: Settings) -> None:
    first = "select text 'wrong' as \"Channel\", p.* from payments p"
    run_sql(large, "erp", f"create table other as {first}", "drop table payments cascade",
            "alter table other rename to payments", "analyze payments")  # fmt: skip
    assert not read(large)
    run_sql(large, "erp", 'alter table payments drop column "Channel"', "alter table payments alter amount "
            "type numeric(18, 4)")  # fmt: skip
    assert read(large)
    run_sql(large, "erp", 'create table "Payments" (amount numeric(18, 4))')
    assert not read(large)


def test_a_snapshot_outlives_the_servers_patience_with_idle_ones(
    account: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = account(ALL, "alter role {name} set idle_in_transaction_session_timeout = '300ms'")
    remember = attached.Attached.ask

    def slowly(self: Attached, sql: str) -> str:
        time.sleep(0.5)
        return remember(self, sql)

    monkeypatch.setattr(attached.Attached, "ask", slowly)
    extract(patient, only=ONLY)
    assert ask_build(patient, "select count(*) from raw.erp_payments") == [(ROWS,)]


def test_texts_come_as_utf8_and_instants_as_utc(large: Settings) -> None:
    with open_build(large) as build, transaction(build):
        source = Attached(build, sa.make_url(large.url("erp")), system="erp")
        ours = "current_setting('client_encoding') as encoding, current_setting('timezone') as zone"
        assert source.answers(f"select {ours}") == [{"encoding": "UTF8", "zone": "UTC"}]


@dataclass
class Line:
    """A line to the server that lets some connections through, and is cut after some bytes of one."""

    server: tuple[str, int]
    connections: int
    cut_after: int
    listening: socket.socket = field(default_factory=socket.socket)
    ends: list[socket.socket] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def lay(self) -> int:
        """The port it listens on."""
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen(20)
        self._start(self._take)
        return int(self.listening.getsockname()[1])

    def hang_up(self) -> None:
        """Close all of it."""
        shut(self.listening, *self.ends)
        for thread in list(self.threads):
            thread.join()
        for end in (self.listening, *self.ends):
            end.close()

    def _start(self, target: Callable[..., None], *given: object) -> None:
        self.threads.append(threading.Thread(target=target, args=given))
        self.threads[-1].start()

    def _take(self) -> None:
        with suppress(OSError):
            for _ in range(self.connections):
                near = self.listening.accept()[0]
                far = socket.create_connection(self.server)
                self.ends += [near, far]
                self._start(self._pass_on, near, far, 10**12)
                self._start(self._pass_on, far, near, self.cut_after)
        self.listening.close()

    @staticmethod
    def _pass_on(giver: socket.socket, taker: socket.socket, cut_after: int) -> None:
        passed = 0
        with suppress(OSError):
            while (some := giver.recv(65_536)) and (passed := passed + len(some)) < cut_after:
                taker.sendall(some)
        shut(giver, taker)


def shut(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line(large: Settings, *, connections: int = 100, cut_after: int = 10**12) -> Iterator[Settings]:
    """The company whose ERP is reached over such a line, with a password that no address holds plainly."""
    url = sa.make_url(large.url("erp"))
    laid = Line((url.host or "127.0.0.1", url.port or 5432), connections, cut_after)
    over = url.set(host="127.0.0.1", port=laid.lay(), password=SECRET)
    try:
        yield at_erp(large, over.update_query_dict({"sslmode": "disable"}))
    finally:
        laid.hang_up()


@pytest.mark.parametrize("pages", [5, 1_000])
def test_a_line_that_is_cut_in_the_middle_is_no_broken_build_file(
    large: Settings, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    monkeypatch.setattr(attached, "PAGES", pages)
    more = [FILL.replace("'PA-'", f"'P{number}-'") for number in range(9)]
    run_sql(large, "erp", UNTOUCHED, *more, "analyze payments")
    extract(large, only=ONLY)
    told = r"^erp: the warehouse could not read: .*; build again"
    with line(large, cut_after=600_000) as cut, pytest.raises(Unreachable, match=told) as raised:
        extract(cut, full=True, only=ONLY)
    assert "p%40ss" not in str(raised.value)
    assert ask_build(large, "select count(*) from raw.erp_payments") == [(10 * ROWS,)]


def test_a_password_is_in_no_word_about_a_connection_that_is_refused_later(large: Settings) -> None:
    refused = r"^erp: .*Connection refused; expected an answer"
    with line(large, connections=1) as one, pytest.raises(Unreachable, match=refused) as raised:
        extract(one, only=ONLY)
    told = f"{raised.value} {raised.value.__context__}"
    assert "p%40ss" not in told
    assert SECRET not in told


def test_an_extension_of_another_version_is_an_installation_to_mend(
    large: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb, "__version__", "1.0.0")
    with pytest.raises(Misconfigured, match=r"duckdb-extension-postgres-scanner of .* version, 1\.0\.0"):
        extract(large, only=ONLY)
