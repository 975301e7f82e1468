"""Quarantined rows that nobody asks for any more leave the quarantine by themselves, and cheaply."""

from __future__ import annotations

import pytest

from connectors.errors import Misconfigured
from hub import quarantine
from tests.hub.conftest import World


def quarantined(world: World) -> list[str]:
    with world.desk() as desk:
        return [entry["key"] for entry in quarantine.entries(desk, waiting=False)]


def test_a_quarantined_order_that_was_cancelled_is_freed_by_the_next_run(world: World) -> None:
    world.order(1, currency="eur")
    world.order(2, currency="eur")
    world.run()
    world.order(1, currency="eur", status="cancelled")
    report = world.run()
    assert (report.read, report.tell) == (0, False)
    assert quarantined(world) == ["CO-0002"]


def test_a_quarantined_row_that_was_deleted_is_freed_by_the_next_run(world: World) -> None:
    world.order(1, currency="eur")
    world.run()
    world.crm.remove("orders", "CO-0001")
    assert world.run().read == 0
    assert quarantined(world) == []


def test_a_quarantined_row_that_got_another_key_is_kept_under_that_one_alone(world: World) -> None:
    world.order(1, currency="eur")
    world.run()
    world.crm.remove("orders", "CO-0001")
    world.order(2, currency="eur")
    assert world.run().quarantined == 1
    assert quarantined(world) == ["CO-0002"]


def test_a_quarantined_row_that_is_still_meant_is_looked_at_and_not_tried(world: World) -> None:
    world.order(1, currency="eur")
    world.run()
    world.crm.streams["orders"]["CO-0001"]["currency"] = (
        "EUR"  # without a new stamp: only a retry would move it
    )
    assert (world.run().read, world.in_erp()) == (0, [])
    with world.desk() as desk:
        assert [entry["count"] for entry in quarantine.entries(desk, waiting=False)] == [1]


def test_looking_takes_one_question_a_run_and_none_without_entries(world: World) -> None:
    world.settings = world.settings.model_copy(update={"page_rows": 10})
    world.order(0)
    world.run()
    world.run()
    assert "fetch" not in world.crm.asked
    for number in range(25):
        world.order(number, currency="eur")
    world.run()
    assert "fetch" not in world.crm.asked  # the window brought them
    world.run()
    assert world.crm.asked.count("fetch") == 1  # a page of them a run
    assert len(quarantined(world)) == 25


def test_a_row_without_a_key_stays_and_its_replay_says_what_to_do(world: World) -> None:
    world.order(1)
    row = world.crm.streams["orders"].pop("CO-0001")
    world.crm.streams["orders"][""] = {**row, "order_no": None}
    world.run()
    world.run()
    assert "fetch" not in world.crm.asked
    with world.desk() as desk:
        (entry,) = quarantine.entries(desk, waiting=False)
        with pytest.raises(Misconfigured, match=r"no key to read it by: mend it at its source.*discard"):
            quarantine.replay(desk, [world.flow], entry=entry["id"])
        quarantine.discard(desk, entry["id"])
    assert quarantined(world) == []
