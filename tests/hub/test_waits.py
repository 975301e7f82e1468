"""A row that waits too long is an alert; a flow says who runs it, why it failed, and whether it died."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import Refused
from hub.status import details, status
from hub.waits import alerts, warn_of_waits
from models.state import conflicts, leases, runs
from tests.hub.conftest import World

HOUR = timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def kept(request: pytest.FixtureRequest, world: World) -> World:
    """The hub between two systems, remembering on each kind of database."""
    if request.param != "sqlite":
        address = request.getfixturevalue(f"new_{request.param}")()
        world.settings = world.settings.model_copy(update={"state_url": address})
    return world


def alerted(world: World, *, after: timedelta) -> list[str]:
    with world.desk() as desk:
        return [each["key"] for each in alerts(desk, now=datetime.now(UTC) + after)]


def stand(world: World, *, after: timedelta = timedelta(0)) -> dict[str, Any]:
    """The flow's status and details, in one."""
    now = datetime.now(UTC) + after
    with world.desk() as desk:
        return {**status(desk, [world.flow], now=now)[0], **details(desk, [world.flow], now=now)[0]}


def test_a_row_that_waits_longer_than_a_day_is_an_alert_and_a_wrong_one_is_not(kept: World) -> None:
    kept.order(1, account_no="A-2")
    kept.order(2, currency="eur")
    kept.run()
    assert alerted(kept, after=23 * HOUR) == []
    assert alerted(kept, after=25 * HOUR) == ["CO-0001"]


def test_a_row_that_waits_again_waits_since_it_came_back(kept: World) -> None:
    kept.order(1, account_no="A-2")
    kept.run()
    with kept.desk() as desk, desk.state.writing() as connection:
        connection.exec_driver_sql("update quarantine set first_seen_at = '2020-01-01 00:00:00.000000'")
    assert alerted(kept, after=timedelta(0)) == ["CO-0001"]
    kept.order(1)
    kept.run()
    kept.order(1, account_no="A-2")
    kept.run()
    assert alerted(kept, after=23 * HOUR) == []
    assert alerted(kept, after=25 * HOUR) == ["CO-0001"]
    assert stand(kept)["oldest_wait_at"] > "2026"


def test_a_run_says_in_the_log_what_waits_too_long(world: World, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(1, 6):
        world.order(number, account_no="A-2")
    world.run()
    assert "wait longer" not in caplog.text
    world.settings = world.settings.model_copy(update={"wait_alert_hours": 1e-9})
    with caplog.at_level(logging.WARNING):
        world.run()
    (said,) = [record.getMessage() for record in caplog.records if "wait longer" in record.getMessage()]
    assert said.startswith("orders: 5 rows wait longer than 1e-09 hours, the oldest since 20")
    assert "CO-0001, CO-0002, CO-0003, …; `triada quarantine list --waiting`" in said


def test_a_memory_that_is_away_stops_no_run_from_warning(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with world.desk() as desk:
        with desk.state.writing() as connection:
            connection.exec_driver_sql("drop table quarantine")
        warn_of_waits(desk, "orders")
    assert "could not be asked" in caplog.text


def test_a_flow_says_why_it_failed_in_one_line(world: World) -> None:
    def refuse() -> None:
        raise Refused("crm: no column amount\nand a second line")

    world.crm.before["open_window"] = refuse
    with pytest.raises(Refused):
        world.run()
    row = stand(world)
    assert (row["state"], row["error"]) == ("failed", "book: Refused: crm: no column amount")
    world.run()
    assert stand(world)["error"] is None


def test_a_flow_that_is_running_says_who_runs_it_and_one_whose_lease_is_over_died(kept: World) -> None:
    kept.run()
    with kept.desk() as desk:
        with desk.lease(kept.flow) as lease:
            desk.memory(kept.flow, kept.flow.steps[0], lease=lease).open_run()
            row = stand(kept)
            assert (row["state"], " process " in row["held_by"]) == ("running", True)
        with desk.state.writing() as connection:  # as a killed worker leaves it: not given back
            later = {"holder": "elsewhere process 7 of 2026", "expires_at": datetime.now(UTC) + HOUR}
            connection.execute(sa.update(leases).values(**later))
    assert stand(kept)["state"] == "running"
    row = stand(kept, after=2 * HOUR)
    assert (row["state"], row["held_by"]) == ("died", None)


def test_a_run_whose_process_is_gone_died_however_long_its_lease(world: World) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with world.desk() as desk:
        with desk.lease(world.flow) as lease:
            desk.memory(world.flow, world.flow.steps[0], lease=lease).open_run()
        with desk.state.writing() as connection:
            holder = f"{socket.gethostname()} process {ended.pid} of 2026-11-20T09:30:00Z"
            late = {"holder": holder, "expires_at": datetime.now(UTC) + HOUR}
            connection.execute(sa.update(leases).values(**late))
    assert stand(world)["state"] == "died"


def test_the_overwritten_edits_of_the_last_day_are_counted(kept: World) -> None:
    now = datetime.now(UTC)
    row = {"flow": "orders", "step": "book", "stream": "crm.orders", "key": "CO-1", "field": "fulfilment",
           "owner": "erp", "lost": "shipped", "kept": "paid", "seen_at": now}  # fmt: skip
    with kept.desk() as desk, desk.state.writing() as connection:
        connection.execute(sa.insert(conflicts), [row, {**row, "seen_at": now - 25 * HOUR}])
    assert stand(kept)["conflicts"] == 1


def test_the_status_of_a_year_of_runs_is_quick(world: World) -> None:
    with world.desk() as desk:
        old = {"flow": "orders", "step": "book", "state": "done", "started_at": datetime.now(UTC),
               "finished_at": datetime.now(UTC),
               **dict.fromkeys(("read", "written", "unchanged", "waiting", "quarantined"), 0)}  # fmt: skip
        with desk.state.writing() as connection:
            connection.execute(sa.insert(runs), [old] * 35_000)
        asked = datetime.now(UTC)
        status(desk, [world.flow])
        assert (datetime.now(UTC) - asked).total_seconds() < 0.5
