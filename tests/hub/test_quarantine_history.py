"""An entry keeps its history: how often it came, who moved or dropped it, and why; on every database."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import Misconfigured, Refused
from hub import quarantine
from hub.quarantine import Wanted
from models.state import quarantine as table
from tests.hub.conftest import World

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def kept(request: pytest.FixtureRequest, world: World) -> World:
    """The hub between two systems, remembering on each kind of database."""
    if request.param != "sqlite":
        address = request.getfixturevalue(f"new_{request.param}")()
        world.settings = world.settings.model_copy(update={"state_url": address})
    return world


def only(world: World) -> dict[str, Any]:
    with world.desk() as desk, desk.state.reading() as connection:
        (row,) = connection.execute(sa.select(table)).mappings()
        return dict(row)


def listed(world: World, wanted: Wanted | None = None, **which: bool) -> list[str]:
    with world.desk() as desk:
        return [entry["key"] for entry in quarantine.entries(desk, wanted=wanted, **which)]


def raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def test_a_bad_row_seen_ten_times_is_one_entry_with_a_count(kept: World) -> None:
    for _ in range(10):
        kept.order(1, currency="eur")
        kept.run()
    row = only(kept)
    assert (row["count"], row["state"]) == (10, "quarantined")
    assert row["first_seen_at"] < row["last_seen_at"]


def test_a_row_that_moves_by_itself_is_resolved_by_its_run(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.run()
    kept.order(1)
    kept.run()
    row = only(kept)
    assert (row["state"], row["resolved_by"]) == ("resolved", "run 2")
    assert row["resolution"].startswith("it moved")
    assert listed(kept) == []
    assert listed(kept, resolved=True) == ["CO-0001"]


def test_a_row_that_is_bad_again_opens_the_same_entry_and_the_count_goes_on(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.run()
    before = only(kept)
    kept.order(1)
    kept.run()
    again = datetime.now(UTC)
    for _ in range(2):
        kept.order(1, currency="usd")
        kept.run()
    row = only(kept)
    assert (row["id"], row["state"], row["count"]) == (before["id"], "quarantined", 3)
    assert (row["resolved_at"], row["resolved_by"], row["resolution"]) == (None, None, None)
    assert row["first_seen_at"] == before["first_seen_at"]
    assert before["opened_at"] is None
    assert again <= row["opened_at"] < row["last_seen_at"]


def test_a_replay_keeps_who_had_it_done_and_why(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.run()
    kept.crm.streams["orders"]["CO-0001"]["currency"] = "EUR"
    with kept.desk() as desk:
        quarantine.replay(desk, [kept.flow], entry=1, by="ana", why="currency mended in the CRM")
        shown = quarantine.show(desk, 1)
    assert (shown["state"], shown["resolved_by"]) == ("resolved", "ana")
    assert shown["resolution"].startswith("currency mended in the CRM (run 2: it moved")
    (act,) = shown["interventions"]
    assert (act["act"], act["by"], act["outcome"]) == ("replay", "ana", "moved")


def test_a_replay_that_did_not_help_is_kept_too(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.run()
    with kept.desk() as desk:
        quarantine.replay(desk, [kept.flow])
        (act,) = quarantine.show(desk, 1)["interventions"]
    assert (act["by"], act["why"]) == (getpass.getuser(), "no reason given")
    assert act["outcome"] == "still quarantined"


def test_a_replay_that_failed_is_kept_and_its_error_told(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.run()
    kept.crm.before["fetch"] = raising(Refused("crm is closed"))
    with kept.desk() as desk:
        with pytest.raises(Refused, match="crm is closed"):
            quarantine.replay(desk, [kept.flow], entry=1)
        (act,) = quarantine.show(desk, 1)["interventions"]
    assert act["outcome"] == "failed: Refused"


def test_a_discarded_entry_says_who_and_why_and_can_be_replayed_after_all(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.run()
    kept.crm.streams["orders"]["CO-0001"]["currency"] = "EUR"
    with kept.desk() as desk:
        quarantine.discard(desk, 1, by="ana", why="a test order")
        (entry,) = quarantine.entries(desk, resolved=True)
        assert (entry["state"], entry["resolved_by"], entry["resolution"]) == (
            "discarded", "ana", "a test order"
        )  # fmt: skip
        assert quarantine.replay(desk, [kept.flow]) == []
        quarantine.replay(desk, [kept.flow], entry=1, by="bo")
        assert [act["act"] for act in quarantine.show(desk, 1)["interventions"]] == ["discard", "replay"]
    assert kept.in_erp() == ["CO-0001"]


def test_what_is_settled_is_settled_once(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.run()
    kept.order(1)
    kept.run()
    with kept.desk() as desk:
        with pytest.raises(Misconfigured, match=r"entry 1 is resolved since .* by run 2: nothing .* discard"):
            quarantine.discard(desk, 1)
        with pytest.raises(Misconfigured, match="nothing is left to replay"):
            quarantine.replay(desk, [kept.flow], entry=1)


def test_a_settled_entry_is_not_counted(kept: World) -> None:
    for number in (1, 2):
        kept.order(number, currency="eur")
    kept.run()
    kept.order(1)
    kept.run()
    with kept.desk() as desk:
        assert quarantine.counts(desk) == {"orders": {"waiting": 0, "quarantined": 1}}


def test_the_list_can_be_narrowed(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.order(2, currency="eur", order_no="CO_2")
    kept.order(12, amount=None)
    kept.run()
    by = {
        Wanted(): ["CO-0001", "CO-0012", "CO_2"],
        Wanted(flow="orders"): ["CO-0001", "CO-0012", "CO_2"],
        Wanted(flow="orders.book"): ["CO-0001", "CO-0012", "CO_2"],
        Wanted(flow="orders.plan"): [],
        Wanted(flow="payments"): [],
        Wanted(rule="currency_is_iso"): ["CO-0001", "CO_2"],
        Wanted(rule="currency_is"): [],
        Wanted(key="CO-0001"): ["CO-0001"],
        Wanted(key="CO-*"): ["CO-0001", "CO-0012"],
        Wanted(key="CO_*"): ["CO_2"],
        Wanted(key="*1*"): ["CO-0001", "CO-0012"],
        Wanted(since=datetime.now(UTC) - timedelta(minutes=1)): ["CO-0001", "CO-0012", "CO_2"],
        Wanted(since=datetime.now(UTC) + timedelta(minutes=1)): [],
    }
    assert {wanted: sorted(listed(kept, wanted)) for wanted in by} == by


def test_one_of_several_broken_rules_finds_the_row(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.run()
    with kept.desk() as desk, desk.state.writing() as connection:
        connection.execute(sa.update(table).values(rule="a_rule, b%rule, c_rule"))
    for rule, found in (("a_rule", 1), ("b%rule", 1), ("c_rule", 1), ("b_rule", 0), ("rule", 0), ("%", 0)):
        assert len(listed(kept, Wanted(rule=rule))) == found, rule
