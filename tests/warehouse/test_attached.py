"""A large PostgreSQL table is read by several connections: exactly, of one state, only where it can be."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from connectors.errors import Refused, Unreachable
from settings import Settings
from tests.warehouse.company import run_sql
from tests.warehouse.conftest import ask_build
from tests.warehouse.large import ONLY, ROWS, UNTOUCHED
from warehouse import attached
from warehouse import extract as extract_module
from warehouse.attached import Attached
from warehouse.build_file import open_build, transaction
from warehouse.extract import extract
from warehouse.readers import Reader

pytestmark = pytest.mark.slow

OTHERS_END = """select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()"""
TOTAL = Decimal(ROWS * (ROWS + 1) // 2) + ROWS * Decimal("0.1234")


def told(settings: Settings) -> list[tuple[object, ...]]:
    """What raw holds of the payments: rows, money, what could not be read."""
    return ask_build(settings, "select count(*), sum(amount), max(_unreadable) from raw.erp_payments")


def kept(settings: Settings) -> list[tuple[object, ...]]:
    """What the source said of them."""
    return ask_build(
        settings,
        """select total from raw.source_totals where stream = 'erp.payments'
        and column_name in ('*', 'amount') order by column_name""",
    )


def relation_of(settings: Settings, table: str = "payments") -> str | None:
    """What a whole read of the table would select from."""
    with open_build(settings) as build, transaction(build):
        return Attached(build, sa.make_url(settings.url("erp")), system="erp").table(table, {"amount"})


@pytest.fixture
def moving(large: Settings) -> Iterator[threading.Event]:
    """Somebody who goes on moving money between the ends of the table, in one transaction each time."""
    done, moved = threading.Event(), threading.Event()

    def move() -> None:
        engine = sa.create_engine(large.url("erp"))
        with engine.connect() as connection:
            connection.exec_driver_sql(UNTOUCHED)
            connection.commit()
            while not done.is_set():
                for key, sign in (("PA-1", "-"), (f"PA-{ROWS}", "+")):
                    connection.exec_driver_sql(
                        f"update payments set amount = amount {sign} 1 where payment_no = '{key}'"
                    )
                connection.commit()
                moved.set()
        engine.dispose()

    thread = threading.Thread(target=move)
    thread.start()
    assert moved.wait(30)
    yield moved
    done.set()
    thread.join()


def test_all_connections_see_one_state_while_others_write(large: Settings, moving: threading.Event) -> None:
    assert relation_of(large) == 'source_erp."public"."payments"'
    for _ in range(10):
        moving.clear()
        extract(large, full=True, only=ONLY)
        assert moving.wait(30)
        assert told(large) == [(ROWS, TOTAL, "")]
        assert kept(large) == [(ROWS,), (TOTAL,)]


def test_rows_that_came_since_the_statistics_are_read(large: Settings) -> None:
    more = "create table more as select * from payments; update more set payment_no = 'X' || payment_no"
    run_sql(large, "erp", more, UNTOUCHED, "insert into payments select * from more")
    assert relation_of(large) == 'source_erp."public"."payments"'
    extract(large, only=ONLY)
    assert told(large) == [(2 * ROWS, 2 * TOTAL, "")]


def test_no_more_than_four_connections_read_at_once(large: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached, "PAGES", 1)
    seen = []
    with open_build(large) as build, transaction(build):
        build.execute("set threads = 16")
        relation = Attached(build, sa.make_url(large.url("erp")), system="erp").table("payments", {"amount"})
        engine = sa.create_engine(large.url("erp"))
        done = threading.Event()

        def count() -> None:
            with engine.connect() as connection:
                while not done.is_set():
                    found = connection.exec_driver_sql(
                        "select count(*) from pg_stat_activity where datname = current_database()"
                    ).scalar_one()
                    seen.append(found - 1)
                    connection.rollback()

        thread = threading.Thread(target=count)
        thread.start()
        for _ in range(20):
            build.execute(f"create or replace temp table all_of_it as select * from {relation}")
        done.set()
        thread.join()
        engine.dispose()
    assert 1 < max(seen) <= 4


@pytest.mark.parametrize(
    "statement",
    [
        "alter table payments alter amount type numeric",
        "create table heir () inherits (payments)",
        "alter table payments rename to held; create view payments as select * from held",
    ],
)
def test_what_would_not_come_as_it_is_is_read_by_one_connection(large: Settings, statement: str) -> None:
    run_sql(large, "erp", statement)
    assert relation_of(large) is None
    extract(large, only=ONLY)
    assert told(large) == [(ROWS, TOTAL, "")]


def test_what_is_no_number_in_a_large_table_is_named_and_not_zero(large: Settings) -> None:
    run_sql(large, "erp", UNTOUCHED, "update payments set amount = 'NaN' where payment_no = 'PA-7'")
    extract(large, only=ONLY)
    unread = "select payment_no, amount, _unreadable from raw.erp_payments where amount is null or amount = 0"
    assert ask_build(large, unread) == [("PA-7", None, "amount is 'NaN', expected a decimal")]


def test_a_small_table_is_read_by_one_connection(large: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert relation_of(large, "invoices") is None
    monkeypatch.setattr(attached, "PAGES", 1_000)
    assert relation_of(large) is None


@pytest.mark.parametrize("pages", [5, 1_000])
def test_a_server_that_is_lost_on_the_way_is_named_and_nothing_is_loaded(
    large: Settings, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    extract(large, only=ONLY)
    selected = Reader.selected

    @contextmanager
    def lost(self: Reader, build: Any, rows: Any) -> Iterator[str]:
        with selected(self, build, rows) as relation:
            if "payments" in relation:
                run_sql(large, "erp", OTHERS_END)
            yield relation

    with monkeypatch.context() as patch:
        patch.setattr(attached, "PAGES", pages)
        patch.setattr(Reader, "selected", lost)
        with pytest.raises(Unreachable, match=r"erp: .*expected an answer until all is read; build again"):
            extract(large, full=True, only=ONLY)
    assert told(large) == [(ROWS, TOTAL, "")]


def test_who_waits_behind_a_lock_of_somebody_gives_up(
    large: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One connection has read the table, an ALTER waits for it, and the next one waits behind the ALTER."""
    monkeypatch.setattr(attached, "LOCK_TIMEOUT_S", 1)
    selected, altering = Reader.selected, threading.Event()

    def alter() -> None:
        altering.set()
        run_sql(large, "erp", "alter table payments add column more text")

    waiting = threading.Thread(target=alter)

    @contextmanager
    def behind(self: Reader, build: Any, rows: Any) -> Iterator[str]:
        with selected(self, build, rows) as relation:
            if "payments" in relation and not altering.is_set():
                waiting.start()
                wait_for_lock(large)
            yield relation

    with monkeypatch.context() as patch:
        patch.setattr(Reader, "selected", behind)
        # The first connection may be through with all of it before the next one asks.
        with suppress(Unreachable):
            extract(large, only=ONLY)
    waiting.join(30)
    assert not waiting.is_alive()
    extract(large, only=ONLY)
    assert told(large) == [(ROWS, TOTAL, "")]


def test_a_lock_of_somebody_is_waited_for_no_longer_than_that(
    large: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attached, "LOCK_TIMEOUT_S", 1)
    engine = sa.create_engine(large.url("erp"))
    with engine.begin() as connection:
        connection.exec_driver_sql("lock table payments in access exclusive mode")
        with pytest.raises(Unreachable, match=r"erp: .*lock timeout; expected an answer"):
            extract(large, only=ONLY)
    engine.dispose()
    extract(large, only=ONLY)
    assert told(large) == [(ROWS, TOTAL, "")]


def wait_for_lock(settings: Settings) -> None:
    """Until somebody waits for a lock."""
    engine = sa.create_engine(settings.url("erp"))
    with engine.connect() as connection:
        mine = "database = (select oid from pg_database where datname = current_database())"
        waits = sa.text(f"select count(*) from pg_locks where not granted and {mine}")
        for _ in range(300):
            if connection.execute(waits).scalar_one():
                break
            time.sleep(0.05)
    engine.dispose()


def test_a_query_that_the_database_refuses_is_told_in_its_words(large: Settings) -> None:
    with open_build(large) as build, transaction(build):
        source = Attached(build, sa.make_url(large.url("erp")), system="erp")
        with pytest.raises(Refused, match=r'erp: .*relation "nosuch" does not exist; expected'):
            source.ask("select 1 from nosuch")


def test_a_fault_of_the_build_is_no_fault_of_the_source(large: Settings) -> None:
    with open_build(large) as build, transaction(build):
        source = Attached(build, sa.make_url(large.url("erp")), system="erp")
        with pytest.raises(duckdb.ConversionException), source.answering():
            build.execute(
                f"select cast(payment_no as integer) from {source.ask('select payment_no from payments')}"
            )


def test_all_that_a_build_asks_of_a_system_is_of_one_state(large: Settings) -> None:
    run_sql(large, "erp", "create sequence numbers")
    with open_build(large) as build, transaction(build):
        source = Attached(build, sa.make_url(large.url("erp")), system="erp")
        count = "select cast(count(*) as text) as rows from payments"
        assert source.answers(count) == [{"rows": str(ROWS)}]
        run_sql(large, "erp", UNTOUCHED, "delete from payments")
        assert source.answers(count) == [{"rows": str(ROWS)}]
        relation = source.table("payments", {"amount"})
        assert build.execute(f"select count(*) from {relation}").fetchall() == [(ROWS,)]
        with pytest.raises(Refused, match="cannot execute nextval\\(\\) in a read-only transaction"):
            source.answers("select nextval('numbers') as number")


def test_a_server_that_is_lost_at_the_end_is_named_and_nothing_is_loaded(
    large: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract(large, only=ONLY)
    run_sql(large, "erp", "update payments set amount = amount + 1 where payment_no = 'PA-1'")
    remember = extract_module._remember_build

    def lost(*given: Any, **named: Any) -> None:
        run_sql(large, "erp", OTHERS_END)
        remember(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(extract_module, "_remember_build", lost)
        with pytest.raises(Unreachable, match=r"lost before .*server closed the connection.*build again"):
            extract(large, only=ONLY)
    assert told(large) == [(ROWS, TOTAL, "")]
    extract(large, only=ONLY)
    assert told(large) == [(ROWS, TOTAL + 1, "")]
