"""Rows put aside can be listed, looked at, replayed and dropped, and nothing else about them changes."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.errors import Misconfigured
from hub import quarantine
from hub.run import run_step
from tests.hub.conftest import World


def listed(world: World, *, waiting: bool = False) -> list[str]:
    with world.desk() as desk:
        return [entry["key"] for entry in quarantine.entries(desk, waiting=waiting)]


def test_the_list_is_json_and_keeps_waiting_rows_apart(world: World) -> None:
    world.order(1, currency="eur")
    world.order(2, account_no="A-2")
    world.run()
    with world.desk() as desk:
        (entry,) = quarantine.entries(desk, waiting=False)
    assert list(entry) == [
        "id", "flow", "step", "key", "rule", "reason", "count", "first_seen_at", "last_seen_at"
    ]  # fmt: skip
    assert json.loads(json.dumps(entry)) == entry
    assert entry["first_seen_at"].endswith("Z")
    assert (entry["flow"], entry["step"], entry["key"]) == ("orders", "book", "CO-0001")
    assert listed(world, waiting=True) == ["CO-0002"]


def test_an_entry_shows_the_row_as_it_was_read(world: World) -> None:
    world.order(1, currency="eur", amount=Decimal("12.3400"), password="hunter2")
    world.run()
    with world.desk() as desk:
        (entry,) = quarantine.entries(desk, waiting=False)
        shown = quarantine.show(desk, entry["id"])
    assert shown["payload"]["amount"] == "12.3400"
    assert shown["payload"]["password"] == "(not kept)"
    assert (shown["state"], shown["stream"]) == ("quarantined", "crm.orders")


def test_a_replay_reads_the_row_again_and_moves_it_alone(world: World) -> None:
    for number in (1, 2):
        world.order(number, currency="eur")
    world.run()
    for row in world.crm.streams["orders"].values():
        row["currency"] = "EUR"  # mended without a new stamp: no window would bring it
    with world.desk() as desk:
        first = quarantine.entries(desk, waiting=False)[0]["id"]
        (report,) = quarantine.replay(desk, [world.flow], entry=first)
    assert (report.read, report.written, report.quarantined) == (1, 1, 0)
    assert world.in_erp() == ["CO-0001"]
    assert listed(world) == ["CO-0002"]


def test_a_replay_of_all_takes_waiting_rows_too(world: World) -> None:
    world.order(1, currency="eur")
    world.order(2, account_no="A-2")
    world.run()
    world.erp.put("customers", {"account_no": "A-2"})
    with world.desk() as desk:
        (report,) = quarantine.replay(desk, [world.flow])
    assert (report.read, report.written, report.waiting, report.quarantined) == (2, 1, 0, 1)
    assert listed(world) == ["CO-0001"]
    assert listed(world, waiting=True) == []


def test_a_replay_takes_the_steps_in_the_order_of_the_flows(world: World) -> None:
    step = world.flow.steps[0]
    world.flow = replace(world.flow, steps=(step, replace(step, name="again", checks="book")))
    world.order(1, currency="eur")
    with world.desk() as desk:
        for name in ("again", "book"):
            run_step(desk, world.flow, step=name)
        assert [report.step for report in quarantine.replay(desk, [world.flow])] == ["book", "again"]


def test_a_replay_leaves_the_cursor_where_it_is(world: World) -> None:
    world.order(1, currency="eur")
    world.run()
    world.order(2)
    with world.desk() as desk:
        quarantine.replay(desk, [world.flow])
    assert world.in_erp() == []
    assert world.run().written == 1


def test_a_replayed_row_that_is_gone_is_dropped(world: World) -> None:
    world.order(1, currency="eur")
    world.run()
    world.crm.remove("orders", "CO-0001")
    with world.desk() as desk:
        (report,) = quarantine.replay(desk, [world.flow])
    assert report.read == 0
    assert listed(world) == []


def test_a_row_without_a_key_cannot_be_read_again_and_stays(world: World) -> None:
    world.order(1)
    row = world.crm.streams["orders"].pop("CO-0001")
    world.crm.streams["orders"][""] = {**row, "order_no": None}
    world.run()
    with world.desk() as desk:
        (report,) = quarantine.replay(desk, [world.flow])
    assert report.read == 0
    assert len(listed(world)) == 1


def test_a_discarded_row_comes_again_when_it_changes(world: World) -> None:
    world.order(1, currency="eur")
    world.run()
    with world.desk() as desk:
        quarantine.discard(desk, quarantine.entries(desk, waiting=False)[0]["id"])
    assert listed(world) == []
    world.order(1, currency="usd")
    world.run()
    assert listed(world) == ["CO-0001"]


def test_an_entry_that_is_not_there_is_named(world: World) -> None:
    with world.desk() as desk:
        for ask in (quarantine.show, quarantine.discard):
            with pytest.raises(Misconfigured, match="no entry 7"):
                ask(desk, 7)
        with pytest.raises(Misconfigured, match="no entry 7"):
            quarantine.replay(desk, [world.flow], entry=7)


def test_entries_of_an_import_are_named_when_asked_for_and_left_when_all_are(world: World) -> None:
    world.order(1, currency="eur")
    world.run()
    with world.desk() as desk:
        (entry,) = quarantine.entries(desk, waiting=False)
        with pytest.raises(Misconfigured, match=r"orders\.book, which is no flow here: mend its source"):
            quarantine.replay(desk, (), entry=entry["id"])
        assert quarantine.replay(desk, ()) == []
        assert len(quarantine.entries(desk, waiting=False)) == 1
