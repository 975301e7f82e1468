"""What is old is forgotten by itself, and a key everywhere when somebody asks for it, on every database."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import CountMismatch, Misconfigured, Refused
from hub import forget, logs, quarantine
from models.state import conflicts, interventions, links, runs
from models.state import quarantine as entries
from tests.hub.conftest import World

DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def kept(request: pytest.FixtureRequest, world: World) -> World:
    """The hub between two systems, remembering on each kind of database."""
    if request.param != "sqlite":
        address = request.getfixturevalue(f"new_{request.param}")()
        world.settings = world.settings.model_copy(update={"state_url": address})
    return world


@pytest.fixture
def logged(world: World) -> Iterator[World]:
    """Logs to its file while the test runs."""
    before, level = logs.ROOT.handlers[:], logs.ROOT.level
    logs.start(world.settings)
    yield world
    logs.ROOT.handlers[:] = before
    logs.ROOT.setLevel(level)


def rows(world: World, table: sa.Table) -> list[dict[str, Any]]:
    with world.desk() as desk, desk.state.reading() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def old(world: World, *, days: float) -> dict[str, int]:
    """Forget what is old, that many days from now."""
    with world.desk() as desk:
        return forget.forget_old(desk, now=datetime.now(UTC) + days * DAY)


def conflict(world: World, key: str, lost: str) -> None:
    row = {"flow": "orders", "step": "book", "stream": "erp.sales_orders", "key": key, "field": "amount",
           "owner": "crm", "lost": lost, "kept": "1", "seen_at": datetime.now(UTC)}  # fmt: skip
    with world.desk() as desk, desk.state.writing() as connection:
        connection.execute(sa.insert(conflicts).values(**row))


def raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def test_a_settled_entry_loses_its_row_after_the_days_to_keep_and_not_before(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.order(2, currency="eur")
    kept.run()
    kept.order(1)
    kept.run()
    assert old(kept, days=29)["payloads"] == 0
    assert old(kept, days=31)["payloads"] == 1
    moved, still = sorted(rows(kept, entries), key=lambda row: str(row["key"]))
    assert (moved["state"], moved["payload"], moved["reason"]) == ("resolved", "", "(forgotten)")
    assert (still["state"], json.loads(still["payload"])["currency"]) == ("quarantined", "eur")
    with kept.desk() as desk:
        assert quarantine.show(desk, moved["id"])["payload"] is None
    assert old(kept, days=31)["payloads"] == 0


def test_conflicts_go_after_the_days_to_keep_and_history_after_four_hundred(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.run()
    with kept.desk() as desk:
        quarantine.discard(desk, 1, by="ana", why="a test order")
    conflict(kept, "CO-1", "2")
    young = dict.fromkeys(("entries", "interventions", "runs", "reconciliations"), 0)
    assert old(kept, days=31) == {"payloads": 1, "conflicts": 1, **young}
    assert old(kept, days=399)["entries"] == 0
    done = old(kept, days=401)
    assert (done["entries"], done["interventions"]) == (1, 1)
    assert (rows(kept, entries), rows(kept, conflicts), rows(kept, interventions)) == ([], [], [])


def test_the_last_run_and_the_last_good_one_are_never_too_old(kept: World) -> None:
    kept.run()
    kept.run()
    kept.order(1)
    kept.crm.drop = {"CO-0001"}
    for _ in range(2):
        with pytest.raises(CountMismatch):
            kept.run()
    assert old(kept, days=401)["runs"] == 2
    assert [row["state"] for row in rows(kept, runs)] == ["done", "failed"]


def test_many_old_rows_are_forgotten_a_few_at_a_time(kept: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forget, "_SOME", 2)
    for number in range(5):
        conflict(kept, f"CO-{number}", "2")
    with kept.desk() as desk:
        later = datetime.now(UTC) + 31 * DAY
        assert forget.forget_old(desk, now=later, at_most=3)["conflicts"] == 4
        assert forget.forget_old(desk, now=later)["conflicts"] == 1


def test_runs_forget_once_an_hour(kept: World) -> None:
    kept.run()
    conflict(kept, "CO-1", "2")
    start = datetime.now(UTC) + 31 * DAY
    with kept.desk() as desk:
        forget.forget_when_due(desk, now=start)
    conflict(kept, "CO-2", "2")
    for minutes, left in ((59, 1), (60, 0)):
        with kept.desk() as desk:
            forget.forget_when_due(desk, now=start + timedelta(minutes=minutes))
        assert len(rows(kept, conflicts)) == left


def test_a_memory_that_is_away_stops_no_run_from_its_end(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with world.desk() as desk:
        with desk.state.writing() as connection:
            connection.exec_driver_sql("drop table conflicts")
        forget.forget_when_due(desk)
    assert "could not be forgotten now" in caplog.text


def test_a_key_is_erased_wherever_the_memory_holds_it(kept: World) -> None:
    kept.order(1, currency="eur")
    kept.order(2)
    kept.order(3, currency="eur", note="as CO-0001, «CO-0001»")
    kept.order(10, currency="eur", note="CO-00010")
    kept.run()
    kept.order(1)
    kept.run()
    conflict(kept, "CO-0001", "2")
    conflict(kept, "CO-0010", "see CO-0001")
    with kept.desk() as desk:
        quarantine.discard(desk, 2, why="the same as CO-0001")
        done = forget.forget_key(desk, "CO-0001", by="ana", why="asked by the person of CO-0001")
    assert {name: done[name] for name in ("entries", "payloads", "links", "conflicts", "words")} == {
        "entries": 1, "payloads": 1, "links": 1, "conflicts": 2, "words": 2
    }  # fmt: skip
    everything = "".join(str(rows(kept, table)) for table in (entries, links, conflicts, runs, interventions))
    assert "CO-0001" not in everything.replace("CO-00010", "")
    assert {row["source_key"] for row in rows(kept, links)} == {"CO-0002"}
    other = next(row for row in rows(kept, entries) if row["key"] == "CO-0010")
    assert json.loads(other["payload"])["note"] == "CO-00010"


def test_that_a_key_was_erased_is_kept_with_who_and_why(world: World) -> None:
    world.order(1)
    world.run()
    with world.desk() as desk:
        forget.forget_key(desk, "CO-0001", by="ana", why="asked in writing")
    (act,) = rows(world, interventions)
    assert (act["act"], act["by"], act["why"], act["entry"]) == ("forget", "ana", "asked in writing", None)
    assert act["outcome"].startswith("entries: 0, payloads: 0, links: 1")


def test_a_failed_run_that_names_the_key_loses_its_error(world: World) -> None:
    world.order(1)
    world.crm.before["open_window"] = raising(Refused("crm broke over CO-0001"))
    with pytest.raises(Refused):
        world.run()
    with world.desk() as desk:
        assert forget.forget_key(desk, "CO-0001")["runs"] == 1
    assert [row["error"] for row in rows(world, runs)] == ["(forgotten)"]


def test_the_log_loses_the_key_too_and_stays_readable(logged: World) -> None:
    log = logging.getLogger("triada.hub")
    with logs.run_context(run=42, flow="orders", step="book"):
        log.warning('order CO-0001 of "A-1" waits; CO-00012 does not')
        log.info("42 rows")
    with logged.desk() as desk:
        assert forget.forget_key(desk, "CO-0001")["log lines"] == 1
        assert forget.forget_key(desk, "42")["log lines"] == 1
    lines = [json.loads(line) for line in logs.log_file(logged.settings).read_text().splitlines()]
    said = [(line["run"], line["message"]) for line in lines[:2]]
    assert said == [
        (42, 'order (forgotten) of "A-1" waits; CO-00012 does not'),
        (42, "(forgotten) rows"),
    ]


def test_no_key_is_not_every_key(world: World) -> None:
    with world.desk() as desk, pytest.raises(Misconfigured, match="no key was given"):
        forget.forget_key(desk, " ")
