"""MariaDB is read from one snapshot: of one state, exactly, few rows at a time; what is lost is named."""

from __future__ import annotations

import threading
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

import models
from connectors.errors import Refused, Unreachable
from settings import Settings
from tests.warehouse.company import AS_OF, make_stores, put, run_sql, settings_at
from tests.warehouse.conftest import ask_build
from warehouse import extract as extract_module
from warehouse import mariadb
from warehouse.build_file import open_build
from warehouse.extract import extract
from warehouse.mariadb import Snapshot
from warehouse.raw import load
from warehouse.readers import Reader

pytestmark = pytest.mark.slow

ONLY = ("crm.orders", "crm.order_lines")
HELD = "select (select count(*) from raw.crm_orders), (select count(*) from raw.crm_order_lines)"
SECRET = "p@ss'w/rd"
TEXTS = (
    "",
    " ",
    '"',
    '""',
    ",",
    "a\nb",
    "a\r\nb",
    "\\",
    "\\N",
    "\0",
    "\1",
    "\1\1",
    "'",
    "null",
    "Ñandú 漢字 😀 ＂",
    "x  ",
)
MEGABYTE = 2**20


@pytest.fixture
def crm(tmp_path: Path, new_mariadb: Callable[[], str]) -> Settings:
    """A company whose CRM is a MariaDB database with one account."""
    settings = settings_at(tmp_path, crm_url=new_mariadb())
    make_stores(settings)
    put(settings, "crm.accounts", {"account_no": "A-0001", "name": "Acme"})
    return settings


def order(number: int, **more: Any) -> dict[str, Any]:
    return {"order_no": f"CO-{number}", "ordered_at": AS_OF, "total_amount": "1"} | more


def commit_order(engine: sa.Engine, number: int) -> None:
    """An order and its line, in one transaction."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into orders (order_no, account_no, owner_no, status, ordered_at, currency, total_amount, "
            "approval_status, updated_at) values (%s, 'A-0001', 'E-0003', 'confirmed', utc_timestamp(6), "
            "'EUR', 1, 'none', utc_timestamp(6))",
            (f"CO-{number}",),
        )
        connection.exec_driver_sql(
            "insert into order_lines (order_line_no, order_no, line_no, item_no, quantity, unit_price, "
            "discount_rate, line_amount, updated_at) "
            "values (%s, %s, 1, 'IT-0001', 1, 1, 0, 1, utc_timestamp(6))",
            (f"CO-{number}-1", f"CO-{number}"),
        )


def fill(settings: Settings, *, rows: int, size: int) -> None:
    """So many orders, each with a text so long."""
    put(settings, "crm.orders", order(0))
    names = "account_no, owner_no, status, ordered_at, currency, total_amount, approval_status, updated_at"
    run_sql(
        settings,
        "crm",
        "alter table orders modify refusal_reason longtext",
        f"insert into orders (order_no, refusal_reason, {names}) "
        f"select concat('CO-', seq), repeat('x', {size}), {names} from orders join seq_1_to_{rows}",
    )


def at_crm(settings: Settings, url: sa.URL) -> Settings:
    return settings_at(settings.home, crm_url=url.render_as_string(hide_password=False))


@pytest.mark.parametrize("full", [False, True])
def test_an_order_that_comes_in_between_is_read_with_its_lines_or_not_at_all(
    crm: Settings, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    engine, numbers = sa.create_engine(crm.url("crm")), iter(range(1, 20))
    commit_order(engine, next(numbers))

    def between(how: Any, origin: Any, *given: Any, **more: Any) -> int:
        came = load(how, origin, *given, **more)
        commit_order(engine, next(numbers))
        return came

    with monkeypatch.context() as patch:
        patch.setattr(extract_module, "load", between)
        extract(crm, only=ONLY)
        # One came after each stream that was read apart, and two more after those of the snapshot.
        assert ask_build(crm, HELD) == [(3, 3)]
        extract(crm, full=full, only=ONLY)
        assert ask_build(crm, HELD) == [(7, 7) if full else (5, 5)]
    engine.dispose()
    extract(crm, only=ONLY)
    assert ask_build(crm, HELD) == [(9, 9) if full else (7, 7)]


def test_orders_have_their_lines_while_others_go_on_ordering(crm: Settings) -> None:
    done, ordered = threading.Event(), threading.Event()

    def go_on() -> None:
        engine, number = sa.create_engine(crm.url("crm")), 0
        while not done.is_set():
            commit_order(engine, number := number + 1)
            ordered.set()
        engine.dispose()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        for full in (False, True, False, True):
            assert ordered.wait(30)
            ordered.clear()
            extract(crm, full=full, only=ONLY)
            ((orders, lines),) = ask_build(crm, HELD)
            assert orders == lines > 0
    finally:
        done.set()
        thread.join()


def test_a_snapshot_is_read_only_repeatable_and_of_utc(crm: Settings) -> None:
    snapshot = Snapshot(sa.make_url(crm.url("crm")), system="crm")
    try:
        batches = snapshot.ask("select concat(@@tx_isolation, ' ', @@time_zone) as how")
        assert batches.read_all().to_pydict() == {"how": ["REPEATABLE-READ +00:00"]}
        with pytest.raises(Refused, match=r"crm: .*READ ONLY transaction; expected"):
            snapshot.ask("delete from accounts")
    finally:
        snapshot.close()


def test_a_query_apart_is_of_utc_and_waits_for_a_lock_no_longer(crm: Settings) -> None:
    apart = mariadb.Apart(sa.make_url(crm.url("crm")), system="crm")
    found = apart.ask("select concat(@@time_zone, ' ', @@lock_wait_timeout) as how").read_all().to_pydict()
    assert found == {"how": ["+00:00 30"]}


@pytest.mark.parametrize("full", [False, True])
def test_what_was_put_back_with_its_old_stamp_is_alive_after_a_whole_read(
    crm: Settings, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    monkeypatch.setattr("warehouse.raw.SMALL_ROWS", -1)
    put(crm, "crm.orders", order(1, updated_at=AS_OF), order(2))
    if full:
        extract(crm, only=ONLY)
    run_sql(
        crm,
        "crm",
        "create temporary table kept as select * from orders where order_no = 'CO-1'",
        "delete from orders where order_no = 'CO-1'",
        "insert into orders select * from kept",
    )
    extract(crm, full=full, only=ONLY)
    alive = "select order_no from raw.crm_orders where not _deleted order by all"
    assert ask_build(crm, alive) == [("CO-1",), ("CO-2",)]


def test_a_table_that_is_swapped_under_the_snapshot_is_read_by_the_next_build(
    crm: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(crm, "crm.orders", order(1))
    extract(crm, only=ONLY)
    ask = Snapshot.ask

    def swapped(self: Snapshot, sql: str) -> Any:
        if "`orders`" in sql:
            run_sql(crm, "crm", "alter table orders force")
        return ask(self, sql)

    with monkeypatch.context() as patch:
        patch.setattr(Snapshot, "ask", swapped)
        with pytest.raises(Unreachable, match=r"^crm: .*definition has changed.*; build again$"):
            extract(crm, only=ONLY)
    extract(crm, only=ONLY)
    assert ask_build(crm, HELD) == [(1, 0)]


def test_an_address_with_a_word_that_means_nothing_is_told(crm: Settings) -> None:
    url = sa.make_url(crm.url("crm")).update_query_dict({"connect_timeout": "soon"})
    with pytest.raises(Unreachable, match=r"^crm: .*soon.*check TRIADA_CRM_URL"):
        extract(at_crm(crm, url), only=ONLY)


def test_every_text_comes_as_it_is(crm: Settings) -> None:
    long = 'Ñ"漢\n' * (MEGABYTE // 4)
    run_sql(crm, "crm", "alter table orders modify refusal_reason longtext")
    given = [*TEXTS, long, None]
    put(crm, "crm.orders", *(order(number, refusal_reason=text) for number, text in enumerate(given)))
    extract(crm, only=ONLY)
    came = ask_build(crm, "select order_no, refusal_reason from raw.crm_orders where _unreadable = ''")
    assert dict(came) == {f"CO-{number}": text for number, text in enumerate(given)}


def test_a_table_in_another_character_set_and_mode_is_read_as_it_is_meant(crm: Settings) -> None:
    put(crm, "crm.orders", order(1, refusal_reason="Ñandú"))
    run_sql(
        crm,
        "crm",
        "alter table orders modify refusal_reason text character set latin1, modify requested_on date",
        "set sql_mode = ''",
        "update orders set requested_on = '0000-00-00'",
    )
    extract(crm, only=ONLY)
    read = "select refusal_reason, requested_on, _unreadable from raw.crm_orders"
    assert ask_build(crm, read) == [("Ñandú", None, "requested_on is '0000-00-00', expected a date")]


def test_few_rows_at_a_time_are_in_memory(crm: Settings) -> None:
    rows, size = 200, MEGABYTE
    fill(crm, rows=rows, size=size)
    snapshot = Snapshot(sa.make_url(crm.url("crm")), system="crm")
    try:
        tracemalloc.start()
        batches = [batch.nbytes for batch in snapshot.ask("select refusal_reason as text from orders")]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        snapshot.close()
    most = mariadb.BATCH_BYTES + mariadb.FETCHED_ROWS * size
    assert sum(batches) > rows * size > 3 * most
    assert max(batches) <= most
    assert peak < 3 * most


@contextmanager
def lost_at(patch: pytest.MonkeyPatch, settings: Settings, moment: str) -> Iterator[None]:
    """The server ends our connection as the rows of a stream are about to be read, or are being read."""

    @contextmanager
    def no_reader(_url: str, **_system: str) -> Iterator[None]:
        yield

    selected = Reader.selected

    def end() -> None:
        engine = sa.create_engine(settings.url("crm"))
        with engine.connect() as connection:
            ours = connection.exec_driver_sql(
                "select id from information_schema.processlist "
                "where db = database() and id <> connection_id() and command <> 'Killed'"
            ).scalars()
            for one in list(ours):
                connection.exec_driver_sql(f"kill {one}")
        engine.dispose()

    @contextmanager
    def lost(self: Reader, build: Any, rows: Any) -> Iterator[str]:
        with selected(self, build, rows) as relation:
            if "refusal_reason" in rows.schema.names:
                end()
            yield relation

    ask = Snapshot.ask

    def lost_before(self: Snapshot, sql: str) -> Any:
        if "`orders`" in sql:
            end()
        return ask(self, sql)

    with patch.context() as here:
        if moment == "before the snapshot's rows":
            here.setattr(Snapshot, "ask", lost_before)
        else:
            here.setattr(Reader, "selected", lost)
        if moment == "among the snapshot's rows":
            here.setattr(extract_module, "open_apart", no_reader)
        yield


@pytest.mark.parametrize(
    "moment", ["among the rows apart", "before the snapshot's rows", "among the snapshot's rows"]
)
def test_a_server_that_is_lost_is_named_and_nothing_is_loaded(
    crm: Settings, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    fill(crm, rows=40, size=MEGABYTE)
    extract(crm, only=ONLY)
    run_sql(crm, "crm", "update orders set owner_no = 'E-0009' where order_no = 'CO-0'")
    told = r"^crm: the warehouse could not read: .*expected an answer until all is read; build again$"
    with lost_at(monkeypatch, crm, moment), pytest.raises(Unreachable, match=told):
        extract(crm, full=True, only=ONLY)
    lost = "select count(*), count(*) filter (owner_no = 'E-0009') from raw.crm_orders"
    assert ask_build(crm, lost) == [(41, 0)]
    extract(crm, only=ONLY)
    assert ask_build(crm, lost) == [(41, 1)]


def test_a_fault_of_the_build_is_no_fault_of_the_source(crm: Settings) -> None:
    put(crm, "crm.orders", order(1))
    snapshot = Snapshot(sa.make_url(crm.url("crm")), system="crm")
    reader = Reader("mysql", snapshot.ask, answering=snapshot.answering)
    rows = snapshot.ask("select order_no as number from orders")
    with (
        open_build(crm) as build,
        pytest.raises(duckdb.ConversionException),
        reader.selected(build, rows) as relation,
    ):
        build.execute(f"select cast(number as integer) from {relation}").fetchall()
    snapshot.close()


def test_a_column_that_is_not_there_is_named_with_its_stream(crm: Settings) -> None:
    run_sql(crm, "crm", "alter table orders rename column fulfilment to fulfillment")
    told = r"^crm\.orders: crm: .*Unknown column '.*fulfilment'.*expected the stream's declared columns"
    with pytest.raises(Refused, match=told):
        extract(crm, only=ONLY)


@pytest.fixture
def account(crm: Settings) -> Iterator[sa.URL]:
    """An account that may read some columns alone, with a password that no address holds plainly."""
    name, url = f"triada_{uuid.uuid4().hex[:8]}", sa.make_url(crm.url("crm"))
    columns = {
        stream: ", ".join(f"`{each.name}`" for each in models.stream_table(stream).columns) for stream in ONLY
    }
    run_sql(
        crm,
        "crm",
        f"create user {name} identified by '{SECRET.replace(chr(39), chr(39) * 2)}'",
        *(
            f"grant select ({some}) on {url.database}.{stream[4:]} to {name}"
            for stream, some in columns.items()
        ),
        f"grant select on {url.database}.tombstones to {name}",
    )
    yield url.set(username=name, password=SECRET)
    run_sql(crm, "crm", f"drop user {name}")


def test_an_account_that_may_read_columns_alone_reads_them(crm: Settings, account: sa.URL) -> None:
    put(crm, "crm.orders", order(1))
    extract(at_crm(crm, account), only=ONLY)
    assert ask_build(crm, HELD) == [(1, 0)]


def test_a_password_is_in_no_word_about_a_refusal(crm: Settings, account: sa.URL) -> None:
    wrong = account.set(password=f"{SECRET}!")
    for url, stream, told in (
        (wrong, "crm.orders", r"^crm: .*Access denied.*TRIADA_CRM_URL"),
        (account, "crm.leads", r"^crm\.leads: crm: .*denied.*expected the stream's"),
    ):
        with pytest.raises((Refused, Unreachable), match=told) as raised:
            extract(at_crm(crm, url), only=(stream,))
        assert SECRET not in f"{raised.value} {raised.value.__context__} {raised.value.__cause__}"


def test_an_address_of_a_socket_is_read_as_the_connectors_read_it(crm: Settings) -> None:
    engine = sa.create_engine(crm.url("crm"))
    with engine.connect() as connection:
        path = connection.exec_driver_sql("select @@socket").scalar_one()
    engine.dispose()
    if not Path(path).is_socket():
        pytest.skip(f"the server's socket {path} is not on this machine")
    put(crm, "crm.orders", order(1))
    url = sa.make_url(crm.url("crm")).set(host="localhost", port=None)
    extract(at_crm(crm, url.update_query_dict({"unix_socket": path})), only=ONLY)
    assert ask_build(crm, HELD) == [(1, 0)]
