"""The hub's own database: made on first use, the same on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.errors import Misconfigured, Unreachable
from hub.links import Link
from hub.memory import Memory, Page
from hub.payload import LONGEST, dumps
from hub.put_aside import Aside
from hub.report import Tally
from hub.state import State, open_state
from models.state import links, quarantine, runs

STREAMS = ("crm.orders", "erp.sales_orders")


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[State]:
    kind = request.param
    file = f"sqlite:///{tmp_path / 'deep' / 'state.db'}"
    opened = open_state(file if kind == "sqlite" else request.getfixturevalue(f"new_{kind}")())
    yield opened
    opened.close()


def aside(key: str, *, state: str = "quarantined", rule: str = "r") -> Aside:
    return Aside(key, state, rule, f"{key} is wrong: «ñ»", {"order_no": key, "amount": Decimal("1.5000")})


def test_a_page_is_remembered_and_remembered_again(state: State) -> None:
    memory = Memory(state, flow="orders", step="book")
    done = [Link("CO-1", "SO-1", True), Link("CO-2", "SO-2", False), Link("CO-1", "SO-1", True)]
    for _ in range(2):
        memory.remember(Page(done=done, aside=[aside("CO-3")]), streams=STREAMS)
    assert memory.aside() == {"CO-3": "quarantined"}
    with state.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(links)).scalar_one() == 2
        (row,) = connection.execute(sa.select(quarantine)).mappings()
    assert (row["count"], row["reason"]) == (2, "CO-3 is wrong: «ñ»")
    assert row["first_seen_at"] < row["last_seen_at"]
    assert row["last_seen_at"].tzinfo is UTC


def test_a_link_keeps_the_last_time_the_target_changed(state: State) -> None:
    memory = Memory(state, flow="orders", step="book")
    times = []
    for changed in (True, False, True):
        memory.remember(Page(done=[Link("CO-1", "SO-1", changed)]), streams=STREAMS)
        with state.reading() as connection:
            times.append(connection.execute(sa.select(links.c.written_at)).scalar_one())
    assert times[0] == times[1] < times[2]


def test_a_row_can_turn_from_waiting_to_wrong_and_be_free_again(state: State) -> None:
    memory = Memory(state, flow="orders", step="book")
    memory.remember(Page(aside=[aside("A", state="waiting"), aside("B")]), streams=STREAMS)
    memory.remember(Page(aside=[aside("A", rule="other")]), streams=STREAMS, free={"B"})
    assert memory.aside() == {"A": "quarantined"}
    memory.release(["A"])
    assert memory.aside() == {}


def test_steps_remember_apart(state: State) -> None:
    first, second = (Memory(state, flow="orders", step=step) for step in ("book", "plan"))
    first.remember(Page(aside=[aside("A")]), streams=STREAMS)
    second.remember(Page(aside=[aside("A")]), streams=STREAMS)
    first.release(["A"])
    assert (first.aside(), second.aside()) == ({}, {"A": "quarantined"})


def test_the_cursor_moves_with_a_good_run_only(state: State) -> None:
    memory = Memory(state, flow="orders", step="book")
    assert memory.position() is None
    memory.close_run(memory.open_run(), Tally(read=2, written=2), position="one")
    memory.fail_run(memory.open_run(), Tally(read=1), error="x" * 9_000)
    assert memory.position() == "one"
    memory.close_run(memory.open_run(), Tally(), position="two")
    assert memory.position() == "two"
    with state.reading() as connection:
        rows = connection.execute(sa.select(runs).order_by(runs.c.id)).mappings().all()
    assert [(row["state"], row["read"]) for row in rows] == [("done", 2), ("failed", 1), ("done", 0)]
    assert all(row["finished_at"] >= row["started_at"] for row in rows)


def test_many_keys_are_freed_at_once(state: State) -> None:
    memory = Memory(state, flow="orders", step="book")
    keys = [f"K-{number}" for number in range(1_200)]
    memory.remember(Page(aside=[aside(key) for key in keys]), streams=STREAMS)
    assert list(memory.aside()) == sorted(keys)
    memory.release(keys[:-1])
    assert memory.aside() == {"K-1199": "quarantined"}


def test_a_failure_in_the_middle_remembers_nothing(state: State) -> None:
    memory = Memory(state, flow="orders", step="book")
    broken = Aside("A", "quarantined", "r", "why", {"x": object})
    broken.row["x"] = type("Odd", (), {"__str__": lambda _self: 1 / 0})()
    with pytest.raises(ZeroDivisionError):
        memory.remember(Page(done=[Link("CO-1", "SO-1", True)], aside=[broken]), streams=STREAMS)
    with state.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(links)).scalar_one() == 0


def test_steps_that_remember_at_the_same_time_wait_for_each_other(state: State) -> None:
    failed: list[Exception] = []

    def work(step: str) -> None:
        try:
            memory = Memory(state, flow="orders", step=step)
            for _ in range(10):
                memory.remember(Page(done=[Link("CO-1", "SO-1", True)], aside=[aside("A")]), streams=STREAMS)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(step,)) for step in ("book", "plan", "promise")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with state.reading() as connection:
        assert connection.execute(sa.select(quarantine.c["count"])).scalars().all() == [10, 10, 10]


def test_a_second_opening_finds_what_the_first_remembered(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'state.db'}"
    for expected in (None, "one"):
        state = open_state(address)
        memory = Memory(state, flow="orders", step="book")
        assert memory.position() == expected
        memory.close_run(memory.open_run(), Tally(), position="one")
        state.close()


def test_an_address_that_answers_nobody_is_unreachable_without_its_password() -> None:
    with pytest.raises(Unreachable) as caught:
        open_state("postgresql+psycopg2://triada:hunter2@127.0.0.1:1/state")
    assert "hunter2" not in str(caught.value)


def test_an_address_of_nothing_is_misconfigured() -> None:
    with pytest.raises(Misconfigured):
        open_state("https://example.com/state")


def test_a_payload_is_exact_and_readable() -> None:
    row = {
        "amount": Decimal("1E+3"),
        "at": datetime(2026, 11, 20, 10, tzinfo=timezone(timedelta(hours=1))),
        "on": date(2026, 11, 20),
        "ok": True,
        "none": None,
        "api_key": "hunter2",
        "lines": [{"quantity": Decimal("2.5000"), "token": "hunter2"}],
    }
    assert dumps(row) == (
        '{"amount":"1000","at":"2026-11-20T09:00:00Z","on":"2026-11-20","ok":true,"none":null,'
        '"api_key":"(not kept)","lines":[{"quantity":"2.5000","token":"(not kept)"}]}'
    )


def test_a_payload_fits_its_column() -> None:
    many = {"order_no": "CO-1", "lines": [{"n": "x" * 100}] * 1_000}
    long = {f"c{number}": "ñ" * 5_000 for number in range(100)}
    assert '"lines_left_out":1000' in dumps(many)
    assert '"columns_left_out":60' in dumps(long)
    assert all(len(dumps(row).encode()) <= LONGEST for row in (many, long))
