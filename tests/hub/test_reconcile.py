"""Reconcile over two systems in memory: what it finds, what it mends, and what it need not look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import LeaseHeld
from connectors.protocol import Read, Row
from hub import quarantine
from hub.desk import Desk
from hub.reconcile import Reconciled, reconcile_flow
from hub.words import DELETE
from models.state import conflicts, cursors, links, reconciliations, runs
from tests.hub.conftest import World
from tests.hub.fakes import FakeSystem

pytestmark = pytest.mark.slow


class Digesting(FakeSystem):
    """A system that can tell a digest of its streams, and counts the rows it was asked to give."""

    def __init__(self, system: str) -> None:
        super().__init__(system)
        self.fetched = 0
        self.digests = True

    def digest(self, stream: str) -> dict[str, tuple[int, int]] | None:  # type: ignore[override]
        self._asked("digest")
        if not self.digests:
            return None
        stamps: dict[str, list[int]] = {}
        for key, row in self._rows(stream).items():
            stamps.setdefault(key[:-3], []).append(row["_stamp"])
        return {group: (len(some), sum(some)) for group, some in stamps.items()}

    def keys(self, stream: str, group: str) -> list[str]:
        return [key for key in self._rows(stream) if key[:-3] == group]

    def fetch(self, read: Read, keys: Any) -> list[Row]:
        rows = super().fetch(read, keys)
        self.fetched += len(rows)
        return rows

    def behind(self, stream: str, row: Row) -> None:
        """Put a row with a stamp that every cursor has passed."""
        self.put(stream, row)
        self.streams[stream][str(row["order_no"])]["_stamp"] = 1


@pytest.fixture(params=[True, False], ids=["digests", "read whole"])
def booked(request: pytest.FixtureRequest, world: World) -> Iterator[World]:
    """Four groups of orders, all booked, and compared once; on systems with and without digests."""
    crm, erp = Digesting("crm"), Digesting("erp")
    crm.digests = erp.digests = request.param
    world.crm, world.erp = crm, erp
    erp.put("customers", {"account_no": "A-1"})
    for group in range(4):
        for number in range(3):
            world.order(group * 1000 + number)
    world.run()
    assert compared(world).compared == 12
    yield world


def compared(world: World, *, repair: bool = False, full: bool = False) -> Reconciled:
    with world.desk() as desk:
        (result,) = reconcile_flow(desk, world.flow, repair=repair, full=full)
    assert result.compared == result.equal + result.different + result.missing + result.extra
    return result


def found(result: Reconciled) -> dict[str, int]:
    names = ("different", "missing", "extra", "repaired", "left")
    return {name: count for name in names if (count := getattr(result, name))}


def wrong(result: Reconciled) -> list[tuple[str, str, str]]:
    return [(each.kind, each.key, each.field) for each in result.differences]


def kept(desk: Desk, table: sa.Table) -> list[Any]:
    with desk.state.reading() as connection:
        return list(connection.execute(sa.select(table)))


def late(world: World, number: int, **changes: Any) -> None:
    """An order that no cursor will find: it came with an old stamp."""
    row = {"order_no": f"CO-{number:04d}", "account_no": "A-1", "amount": 10, "currency": "EUR"}
    crm = world.crm
    assert isinstance(crm, Digesting)
    crm.behind("orders", {**row, "status": "confirmed", **changes})


def repaired_for_good(world: World) -> None:
    """Nothing is left to find, by digest or in full, and the next run has nothing to write."""
    for full in (False, True, False):
        again = compared(world, full=full)
        assert (found(again), again.notes) == ({}, [])
    assert world.run().written == 0


def lose_memory(world: World) -> None:
    lost = list((world.settings.home / "stores").glob("state.db*"))
    assert lost
    for file in lost:
        file.unlink()


def with_gone(world: World, gone: Any) -> None:
    world.flow = replace(world.flow, steps=(replace(world.flow.steps[0], gone=gone),))


def test_two_equal_sides_are_told_equal(booked: World) -> None:
    result = compared(booked)
    assert (result.compared, result.equal, found(result)) == (12, 12, {})
    assert (result.flow, result.step, result.stream) == ("orders", "book", "erp.sales_orders")


def test_a_row_that_came_behind_the_cursor_is_found_and_moved(booked: World) -> None:
    late(booked, 1500)
    assert booked.run().read == 0  # this is what no cursor can find
    assert wrong(compared(booked)) == [("missing", "CO-1500", "")]
    assert found(compared(booked, repair=True)) == {"missing": 1, "repaired": 1}
    assert "CO-1500" in booked.in_erp()
    repaired_for_good(booked)


def test_what_was_found_is_kept_with_or_without_a_repair(booked: World) -> None:
    late(booked, 1500)
    compared(booked)
    compared(booked, repair=True)
    with booked.desk() as desk:
        rows = [row._mapping for row in kept(desk, reconciliations)]
    names = ("flow", "step", "stream", "compared", "equal", "missing", "repaired", "still_different")
    of = ("orders", "book", "erp.sales_orders")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (*of, 12, 12, 0, 0, 0),
        (*of, 13, 12, 1, 0, 1),
        (*of, 13, 12, 1, 1, 0),
    ]


def test_a_dry_look_writes_nothing_and_takes_no_lease(booked: World) -> None:
    late(booked, 1500)
    before = list(booked.erp.written)
    with booked.desk() as desk, desk.lease(booked.flow):
        recorded = len(kept(desk, runs))
        (result,) = reconcile_flow(desk, booked.flow)
        assert found(result) == {"missing": 1, "left": 1}
        assert len(kept(desk, runs)) == recorded
    assert booked.erp.written == before
    assert "CO-1500" not in booked.in_erp()


def test_a_repair_waits_its_turn_when_another_worker_runs_the_flow(booked: World) -> None:
    late(booked, 1500)
    with booked.desk() as desk, desk.lease(booked.flow), pytest.raises(LeaseHeld):
        list(reconcile_flow(desk, booked.flow, repair=True))


def test_an_edit_by_a_system_that_does_not_own_the_field_is_undone_and_kept_as_a_conflict(
    booked: World,
) -> None:
    booked.erp.put("sales_orders", {**booked.erp.streams["sales_orders"]["CO-2001"], "amount": 99})
    result = compared(booked)
    assert wrong(result) == [("different", "CO-2001", "amount")]
    (difference,) = result.differences
    assert (difference.in_source, difference.in_target, difference.owner) == (10, 99, "crm")
    assert found(compared(booked, repair=True)) == {"different": 1, "repaired": 1}
    assert booked.erp.streams["sales_orders"]["CO-2001"]["amount"] == 10
    with booked.desk() as desk:
        (conflict,) = kept(desk, conflicts)
    assert (conflict.key, conflict.field, conflict.lost, conflict.kept) == ("CO-2001", "amount", "99", "10")
    repaired_for_good(booked)


def test_a_record_that_somebody_deleted_comes_back(booked: World) -> None:
    booked.erp.remove("sales_orders", "CO-3002")
    assert wrong(compared(booked)) == [("missing", "CO-3002", "")]
    assert found(compared(booked, repair=True)) == {"missing": 1, "repaired": 1}
    assert "CO-3002" in booked.in_erp()
    repaired_for_good(booked)


def test_a_whole_group_of_deleted_records_comes_back(booked: World) -> None:
    for key in ("CO-3000", "CO-3001", "CO-3002"):
        booked.erp.remove("sales_orders", key)
    assert found(compared(booked, repair=True)) == {"missing": 3, "repaired": 3}
    repaired_for_good(booked)


def test_a_row_deleted_without_a_trace_takes_its_record_along(booked: World) -> None:
    with_gone(booked, DELETE)
    del booked.crm.streams["orders"]["CO-1001"]
    assert booked.run().read == 0
    assert wrong(compared(booked)) == [("extra", "CO-1001", "")]
    assert found(compared(booked)) == {"extra": 1, "left": 1}
    assert found(compared(booked, repair=True)) == {"extra": 1, "repaired": 1}
    assert "CO-1001" not in booked.in_erp()
    repaired_for_good(booked)


def test_a_whole_group_of_rows_deleted_without_a_trace_is_found(booked: World) -> None:
    with_gone(booked, {"status": "cancelled"})
    for number in range(3):
        del booked.crm.streams["orders"][f"CO-100{number}"]
    assert found(compared(booked)) == {"extra": 3, "left": 3}
    assert found(compared(booked, repair=True)) == {"extra": 3, "repaired": 3}
    assert booked.erp.streams["sales_orders"]["CO-1001"]["status"] == "cancelled"
    repaired_for_good(booked)


def test_records_stay_when_the_flow_says_nothing_of_deletes(booked: World) -> None:
    del booked.crm.streams["orders"]["CO-1001"]
    assert found(compared(booked, repair=True)) == {}
    assert "CO-1001" in booked.in_erp()


def test_rows_put_aside_are_not_missing(booked: World) -> None:
    booked.order(1600, currency="euro")
    booked.order(1601, account_no="A-9")
    booked.run()
    result = compared(booked)
    assert (result.compared, found(result)) == (12, {})
    assert result.notes == ["not compared: 2 rows in quarantine or waiting"]


def test_a_bad_row_that_nobody_saw_is_put_aside_by_a_repair(booked: World) -> None:
    late(booked, 1500, currency="euro")
    dry = compared(booked)
    assert found(dry) == {"missing": 1, "left": 1}
    assert "euro" in dry.differences[0].why
    assert found(compared(booked, repair=True)) == {"missing": 1}
    with booked.desk() as desk:
        assert [entry["key"] for entry in quarantine.entries(desk)] == ["CO-1500"]
    assert found(compared(booked)) == {}


def test_a_repair_is_recorded_as_a_run_and_leaves_the_cursor(booked: World) -> None:
    late(booked, 1500)
    with booked.desk() as desk:
        before = kept(desk, cursors)
        list(reconcile_flow(desk, booked.flow, repair=True))
        assert [tuple(row)[2] for row in kept(desk, cursors)] == [tuple(row)[2] for row in before]
        last = max(kept(desk, runs), key=lambda run: run.id)
    assert (last.state, last.read, last.written) == ("done", 1, 1)


def test_what_a_target_will_not_keep_is_told_as_left(booked: World) -> None:
    booked.erp.put("sales_orders", {**booked.erp.streams["sales_orders"]["CO-2001"], "amount": 99})
    booked.erp._write = booked.erp._compare  # type: ignore[method-assign]
    result = compared(booked, repair=True)
    assert (result.different, result.left) == (1, 1)
    assert "different after the repair: 1 row" in result.notes[-1]


def test_a_lost_memory_comes_back_from_the_keys_that_the_target_holds(booked: World) -> None:
    lose_memory(booked)
    before = Counter(booked.in_erp())
    written = list(booked.erp.written)
    result = compared(booked, repair=True)
    assert (result.equal, found(result)) == (12, {})
    assert (Counter(booked.in_erp()), booked.erp.written) == (before, written)
    with booked.desk() as desk:
        assert {row.source_key: row.target_key for row in kept(desk, links)} == {
            key: key for key in booked.in_erp()
        }
        assert len(kept(desk, cursors)) == 1
    repaired_for_good(booked)


def test_an_empty_hub_looks_and_changes_nothing_unless_told(booked: World) -> None:
    lose_memory(booked)
    assert found(compared(booked)) == {}
    with booked.desk() as desk:
        assert kept(desk, cursors) == []


def test_equal_groups_are_not_read_again(booked: World) -> None:
    crm, erp = booked.crm, booked.erp
    assert isinstance(crm, Digesting)
    assert isinstance(erp, Digesting)
    if not crm.digests:
        pytest.skip("only a digest can tell")
    crm.asked.clear()
    crm.fetched = erp.fetched = 0
    assert compared(booked).equal == 12
    assert (crm.fetched, erp.fetched, [call for call in crm.asked if call == "page"]) == (0, 0, [])
    booked.order(2001, amount=11)
    booked.run()
    crm.asked.clear()
    crm.fetched = erp.fetched = 0
    assert compared(booked).equal == 12
    assert crm.fetched <= 4  # its own group, and the row of the record that changed
    assert "page" not in crm.asked
    crm.fetched = 0
    assert compared(booked).equal == 12
    assert crm.fetched == 0


def test_a_group_that_differed_is_looked_at_until_it_is_equal(booked: World) -> None:
    late(booked, 1500)
    for _ in range(3):
        assert found(compared(booked)) == {"missing": 1, "left": 1}


def test_a_change_during_the_comparison_is_found_by_the_next(booked: World) -> None:
    late(booked, 1500)
    booked.crm.before["fetch"] = lambda: late(booked, 1501)
    booked.crm.before["open_window"] = booked.crm.before["fetch"]
    compared(booked, repair=True)
    booked.crm.before.clear()
    compared(booked, repair=True)
    assert {"CO-1500", "CO-1501"} <= set(booked.in_erp())
    repaired_for_good(booked)


def test_every_row_is_looked_at_in_full(booked: World) -> None:
    booked.with_make(lambda row, _look: {"crm_order_no": row["order_no"], "amount": 12})
    assert compared(booked, full=True).different == 12


def test_all_rows_are_compared_a_page_at_a_time(booked: World) -> None:
    for number in range(5000, 5300):
        booked.order(number)
    booked.run()
    booked.crm.asked.clear()
    assert compared(booked, full=True).equal == 312
    assert booked.crm.asked.count("page") == 4
    assert booked.crm.released == 4  # two runs, two comparisons
