"""What is stamped before a poll and committed after it: PostgreSQL exactly, MariaDB within its overlap."""

from __future__ import annotations

import datetime as dt
import json
import logging
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
import sqlalchemy as sa

from connectors import sql_late, sql_window
from connectors.sql import SqlConnector
from models import SYSTEMS, ddl
from tests.connectors.conftest import Database, Stores
from tests.connectors.polling import Poller, Writer, there, writer


@pytest.fixture(autouse=True)
def _no_margin(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is begun within the last five seconds would be found without a look at who is open."""
    monkeypatch.setattr(sql_late, "MARGIN", dt.timedelta(0))


@pytest.fixture(scope="module")
def shared(stores: Stores) -> str:
    return stores("postgresql")["crm"]


@pytest.fixture
def engine(shared: str) -> Iterator[sa.Engine]:
    """A CRM on PostgreSQL, for those who write beside the hub."""
    engine = sa.create_engine(shared)
    try:
        yield engine
        with engine.begin() as connection:
            connection.exec_driver_sql("delete from campaigns")
            connection.exec_driver_sql("delete from tombstones")
    finally:
        engine.dispose()


@pytest.fixture
def poller(shared: str, engine: sa.Engine) -> Iterator[Poller]:  # noqa: ARG001
    """The hub; the engine is disposed of after it."""
    connector = SqlConnector("crm", shared)
    yield Poller(connector)
    connector.close()


def put(engine: sa.Engine, number: int, name: str = "") -> None:
    """Another transaction, begun and committed."""
    with writer(engine) as other:
        other.put(number, name)
        other.commit()


def test_what_commits_after_the_poll_is_in_the_next_one_alone(poller: Poller, engine: sa.Engine) -> None:
    with writer(engine) as late:
        late.put(1, "late")
        put(engine, 2)
        assert poller.poll() == ["new 2"]
        late.commit()
    put(engine, 3)
    assert poller.poll() == ["late", "new 3"]
    assert poller.poll() == []


def test_a_transaction_may_stay_open_over_many_polls(poller: Poller, engine: sa.Engine) -> None:
    with writer(engine) as late:
        late.put(1, "late")
        for number in range(2, 8):
            put(engine, number)
            assert poller.poll() == [f"new {number}"]
        assert poller.poll() == []
        late.commit()
    assert poller.poll() == ["late"]
    assert poller.poll() == []


def test_rows_of_savepoints_are_found(poller: Poller, engine: sa.Engine) -> None:
    with writer(engine) as late:
        for number in range(1, 5):
            late.run(f"savepoint s{number}")
            late.put(number, f"late {number}")
            late.run(f"release savepoint s{number}")
            put(engine, 10 + number)
        late.run("savepoint undone")
        late.put(9, "never")
        late.run("rollback to savepoint undone")
        assert poller.poll() == ["new 11", "new 12", "new 13", "new 14"]
        late.commit()
    assert poller.poll() == ["late 1", "late 2", "late 3", "late 4"]
    assert poller.poll() == []


def test_a_transaction_that_first_writes_after_the_poll_may_stamp_its_beginning(
    poller: Poller, engine: sa.Engine
) -> None:
    with writer(engine) as late:
        late.run("select 1")
        put(engine, 2)
        assert poller.poll() == ["new 2"]
        # No trigger stamps an insert; a program that gives its own may give its transaction's.
        late.put(1, "late", updated_at=sa.func.now())
        late.commit()
    assert poller.poll() == ["late"]
    assert poller.poll() == []


def test_two_open_at_once_are_each_found_when_they_commit(poller: Poller, engine: sa.Engine) -> None:
    with writer(engine) as one, writer(engine) as other:
        one.put(1, "one")
        put(engine, 5)
        other.put(2, "other")
        put(engine, 6)
        assert poller.poll() == ["new 5", "new 6"]
        other.commit()
        assert poller.poll() == ["other"]
        put(engine, 7)
        assert poller.poll() == ["new 7"]
        one.commit()
        assert poller.poll() == ["one"]
    assert poller.poll() == []


def test_what_is_rolled_back_is_never_read(poller: Poller, engine: sa.Engine) -> None:
    with writer(engine) as late:
        late.put(1, "never")
        put(engine, 2)
        assert poller.poll() == ["new 2"]
        late.rollback()
    assert poller.poll() == []


def test_a_late_delete_is_found(poller: Poller, engine: sa.Engine) -> None:
    put(engine, 1)
    put(engine, 2)
    with writer(engine) as late:
        late.run("delete from campaigns where campaign_no = 'CA-00001'")
        put(engine, 3)
        assert poller.poll() == ["new 1", "new 2", "new 3"]
        late.commit()
    assert poller.poll() == ["CA-00001"]
    assert poller.poll() == []


def test_when_all_is_quiet_a_position_is_an_instant(poller: Poller, engine: sa.Engine) -> None:
    with writer(engine) as other:
        other.put(1, updated_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        other.commit()
    poller.poll()
    assert json.loads(str(poller.position)) == {"at": "2026-01-01T00:00:00+00:00"}
    put(engine, 2)
    assert poller.poll() == ["new 2"]


def test_too_much_beside_an_open_transaction_waits_for_it_and_says_so(
    poller: Poller, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sql_window, "SEEN", 3)
    put(engine, 1)
    with writer(engine) as late:
        late.put(2, "late")
        for number in range(3, 6):
            put(engine, number)
        assert poller.poll() == ["new 1", "new 3", "new 4", "new 5"]
        put(engine, 6)
        with caplog.at_level(logging.WARNING):
            assert poller.poll() == []
        assert "has been in a transaction since" in caplog.text
        first = Poller(poller.connector)
        assert first.poll() == ["new 1"]
        assert first.poll() == []
        late.commit()
    assert poller.poll() == ["late", "new 6"]
    assert first.poll() == ["late", "new 3", "new 4", "new 5", "new 6"]
    assert poller.poll() == first.poll() == []


def test_one_that_waits_does_not_hold_up_what_is_settled(
    poller: Poller, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_window, "SEEN", 3)
    with writer(engine) as one, writer(engine) as other:
        one.put(1, "one")
        other.put(2, "other")
        put(engine, 3)
        assert poller.poll() == ["new 3"]
        for number in range(4, 7):
            put(engine, number)
        one.commit()
        for number in range(7, 9):
            put(engine, number)
        assert poller.poll() == ["one"]
        other.commit()
    assert poller.poll() == ["other", *(f"new {number}" for number in range(4, 9))]
    assert poller.poll() == []


def test_a_prepared_transaction_is_no_session_and_is_waited_for(
    poller: Poller, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writer(engine) as late:
        late.put(1, "late")
        put(engine, 2)
        assert poller.poll() == ["new 2"]
        # Few servers allow one: here its session stays, and the look is told what it would see.
        look = sql_late._LOOK.text.replace("min(xact_start)", "cast(null as timestamptz)")
        prepared = "exists (select from pg_prepared_xacts where database = current_database())"
        assert prepared in look
        monkeypatch.setattr(sql_late, "_LOOK", sa.text(look.replace(prepared, "true")))
        fresh = poller.again(poller.connector)
        fresh.position = None
        for number in (3, 4):
            put(engine, number)
            assert poller.poll() == [f"new {number}"]
        assert fresh.poll() == ["new 2", "new 3", "new 4"]
        late.commit()
    assert poller.poll() == fresh.poll() == ["late"]


def test_transaction_ids_of_another_server_are_not_gone_by(poller: Poller, engine: sa.Engine) -> None:
    put(engine, 1)
    with writer(engine) as open_beside:
        open_beside.put(9)
        put(engine, 2)
        put(engine, 3)
        assert poller.poll() == ["new 1", "new 2", "new 3"]
        told = json.loads(str(poller.position))
        # As after a move to a server with a shorter history: no row there has such a high one.
        poller.position = json.dumps({**told, "xmin": told["xmin"] + 1_000_000})
        assert poller.poll() == ["new 2", "new 3"]
        assert poller.poll() == []


def test_a_position_stored_before_ids_were_kept_goes_on(poller: Poller, engine: sa.Engine) -> None:
    put(engine, 1)
    poller.poll()
    poller.position = json.dumps({"at": json.loads(str(poller.position))["at"]})
    put(engine, 2)
    assert poller.poll() == ["new 2"]


@contextmanager
def role(engine: sa.Engine) -> Iterator[str]:
    """An account that may read the stream and nothing else."""
    name = f"triada_test_{uuid.uuid4().hex[:12]}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"create role {name} login")
        connection.exec_driver_sql(f"grant select on campaigns, tombstones to {name}")
    try:
        yield name
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"drop owned by {name}")
            connection.exec_driver_sql(f"drop role {name}")


def test_an_account_that_sees_no_other_sessions_reads_an_overlap(poller: Poller, engine: sa.Engine) -> None:
    with role(engine) as name:
        url = engine.url.set(username=name).render_as_string(hide_password=False)
        plain = Poller(SqlConnector("crm", url, overlap_s=30))
        try:
            with writer(engine) as late, writer(engine) as later:
                late.put(1, "late")
                # Stamped longer ago than the overlap: without the other's beginning nobody can know of it.
                later.put(2, "much later", updated_at=sa.func.now() - sa.text("interval '1 minute'"))
                put(engine, 3)
                assert plain.poll() == poller.poll() == ["new 3"]
                late.commit()
                assert plain.poll() == ["late"]
                later.commit()
            assert plain.poll() == []
        finally:
            plain.connector.close()


def test_rows_of_a_view_are_read_with_an_overlap(new_postgresql: Callable[[], str]) -> None:
    engine = sa.create_engine(new_postgresql())
    ddl.create(engine, SYSTEMS["crm"])
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table campaigns rename to vendor_campaigns")
        connection.exec_driver_sql("create view campaigns as select * from vendor_campaigns")
    url = engine.url.render_as_string(hide_password=False)
    poller = Poller(SqlConnector("crm", url, overlap_s=60))
    try:
        with writer(engine) as late:
            late.put(1, "late")
            put(engine, 2)
            assert poller.poll() == ["new 2"]
            late.commit()
        assert poller.poll() == ["late", "new 2"]
        assert "xmin" not in json.loads(str(poller.position))
    finally:
        poller.connector.close()
        engine.dispose()


class Schedule:
    """Writers that begin, write, delete, save, go back and commit in any order, with polls between."""

    def __init__(self, engine: sa.Engine, poller: Poller, *, seed: int, writers: int) -> None:
        self._chance = random.Random(seed)
        self._poller = poller
        self._stack = ExitStack()
        self._writers = [self._stack.enter_context(writer(engine)) for _ in range(writers)]
        self._number = 0

    def run(self, turns: int) -> None:
        with self._stack:
            for _ in range(turns):
                one = self._chance.randrange(len(self._writers))
                if self._chance.random() < 0.15:
                    self._poller.poll()
                else:
                    self._turn(self._writers[one], one)
            for each in self._writers:
                each.commit()

    def _turn(self, one: Writer, lane: int) -> None:
        """Each writer has rows of its own: they never wait for one another."""
        what = self._chance.choice(["put", "put", "change", "delete", "save", "back", "commit", "rollback"])
        self._number += 1
        key = f"CA-{lane * 10 + self._chance.randrange(4):05}"
        if what == "put":
            one.run(f"delete from campaigns where campaign_no = '{key}'")
            one.put(int(key[3:]), f"put {self._number}")
        elif what == "change":
            one.run(f"update campaigns set name = 'changed {self._number}' where campaign_no = '{key}'")
        elif what == "delete":
            one.run(f"delete from campaigns where campaign_no = '{key}'")
        elif what == "save":
            one.run("savepoint here")
        elif what == "back":
            one.run("savepoint there")
            one.put(1000 + self._number, "never")
            one.run("rollback to savepoint there")
        elif what == "commit":
            one.commit()
        else:
            one.rollback()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_order_every_version_comes_once(poller: Poller, engine: sa.Engine, seed: int) -> None:
    Schedule(engine, poller, seed=seed, writers=4).run(150)
    poller.poll()
    assert poller.copy == there(engine)
    assert [version for version, times in Counter(poller.versions).items() if times > 1] == []
    assert poller.poll() == []


@pytest.fixture
def mariadb(stores: Stores) -> Iterator[tuple[Poller, sa.Engine]]:
    """The hub over a CRM on MariaDB with an overlap of a minute, and those who write beside it."""
    url = stores("mariadb")["crm"]
    engine = sa.create_engine(url, isolation_level="READ COMMITTED")
    poller = Poller(SqlConnector("crm", url, overlap_s=60))
    try:
        yield poller, engine
    finally:
        poller.connector.close()
        with engine.begin() as connection:
            connection.exec_driver_sql("delete from campaigns")
            connection.exec_driver_sql("delete from tombstones")
        engine.dispose()


@pytest.mark.parametrize("seed", range(2))
def test_mariadb_brings_every_version_within_its_overlap(
    mariadb: tuple[Poller, sa.Engine], seed: int
) -> None:
    poller, engine = mariadb
    Schedule(engine, poller, seed=seed, writers=3).run(150)
    poller.poll()
    assert poller.copy == there(engine)


def test_mariadb_reads_its_overlap_again_and_no_more(mariadb: tuple[Poller, sa.Engine]) -> None:
    poller, engine = mariadb
    with writer(engine) as other:
        other.put(1, updated_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=90))
        other.put(2, updated_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=30))
        other.commit()
    assert poller.poll() == ["new 1", "new 2"]
    assert poller.poll() == ["new 2"]


def test_a_sqlite_writer_that_is_not_done_may_still_commit_the_newest_stamp(
    database: Database,
) -> None:
    if database.kind != "sqlite":
        pytest.skip("only SQLite's clock is as coarse as a millisecond")
    poller = Poller(SqlConnector("crm", database.urls["crm"]))
    same = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    engine = database.engines["crm"]
    try:
        assert poller.poll() == []
        with writer(engine) as other:
            other.put(1, updated_at=same)
            other.commit()
        with writer(engine) as late:
            late.put(2, "late", updated_at=same)
            assert poller.poll() == ["new 1"]
            late.commit()
        assert "late" in poller.poll()
        assert poller.poll() == []
    finally:
        poller.connector.close()
