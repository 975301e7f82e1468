"""The status of a flow says when it ran, how it ended, how far behind it is and what it put aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import CountMismatch, Misconfigured
from hub.run import run_step
from hub.schedule import interval
from hub.status import status
from tests.hub.conftest import World


def of(world: World, *, after: timedelta = timedelta(0)) -> dict[str, Any]:
    with world.desk() as desk:
        (row,) = status(desk, [world.flow], now=datetime.now(UTC) + after)
    return row


def test_a_flow_that_never_ran(world: World) -> None:
    assert of(world) == {
        "flow": "orders",
        "state": "never",
        "last_run_at": None,
        "lag_s": None,
        "waiting": 0,
        "quarantined": 0,
        "next_run_at": None,
    }


def test_a_flow_that_ran_says_when_it_is_due_and_what_it_put_aside(world: World) -> None:
    world.order(1, currency="eur")
    world.order(2, account_no="A-2")
    world.run()
    row = of(world, after=timedelta(minutes=10))
    assert (row["state"], row["waiting"], row["quarantined"]) == ("done", 1, 1)
    assert 599 <= row["lag_s"] <= 660
    due = datetime.fromisoformat(row["next_run_at"]) - datetime.fromisoformat(row["last_run_at"])
    assert due == timedelta(minutes=15)


def test_a_failed_run_shows_and_the_lag_counts_from_the_last_good_one(world: World) -> None:
    world.order(1)
    world.run()
    world.order(2)
    world.crm.drop = {"CO-0002"}
    with pytest.raises(CountMismatch):
        world.run()
    row = of(world, after=timedelta(hours=1))
    assert row["state"] == "failed"
    assert row["lag_s"] >= 3600


def test_one_failed_step_is_a_failed_flow(world: World) -> None:
    step = world.flow.steps[0]
    world.flow = replace(world.flow, steps=(step, replace(step, name="other")))
    world.order(1)
    with world.desk() as desk:
        run_step(desk, world.flow, step="book")
        world.crm.drop = {"CO-0001"}
        with pytest.raises(CountMismatch):
            run_step(desk, world.flow, step="other")
    assert of(world)["state"] == "failed"


def test_a_flow_with_a_step_that_never_ran_has_no_lag(world: World) -> None:
    world.run()
    step = world.flow.steps[0]
    world.flow = replace(world.flow, steps=(step, replace(step, name="other")))
    assert of(world)["lag_s"] is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("15 minutes", timedelta(minutes=15)),
        ("1 hour", timedelta(hours=1)),
        ("1 day", timedelta(days=1)),
        (" 2  weeks ", timedelta(weeks=2)),
    ],
)
def test_plain_words_are_a_schedule(words: str, expected: timedelta) -> None:
    assert interval(words) == expected


@pytest.mark.parametrize("words", ["", "daily", "0 minutes", "-5 minutes", "1.5 hours", "5 fortnights", "15"])
def test_other_words_are_not(words: str) -> None:
    with pytest.raises(Misconfigured, match="is no schedule"):
        interval(words)
