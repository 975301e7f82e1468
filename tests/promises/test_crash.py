"""Killed anywhere: one record each, lines once, counts that add up, and a next run that finds nothing."""

from __future__ import annotations

import time

import pytest

from hub.memory import DIED
from models import state
from tests.promises.stage import MOVED, ORDERS, PAGE, RULES, WAITS, WRONG, Stage, expected
from tests.promises.wire import wire
from tests.promises.workers import started

pytestmark = pytest.mark.slow

# How many orders the target may have when the worker dies there. A page is read while the one before it is
# being written.
FIRST, SECOND = PAGE - 2, 2 * PAGE - 2
THERE = {
    "run opened": {0},
    "page read": {0, FIRST},
    "page checked": {0, FIRST},
    "page made": {FIRST},
    "target transaction": {FIRST},
    "target committed": {SECOND},
    "hub transaction": {SECOND},
    "page remembered": {SECOND},
    "all remembered": {MOVED},
    "cursor moved": {MOVED},
}


def check_all_is_well(stage: Stage) -> None:
    """One record each, what could not move kept once, and every run's counts add up."""
    assert stage.booked() == expected()
    links = {(row.source_key, row.target_key) for row in stage.remembered(state.links)}
    assert links == {(key, key) for key in expected()}
    aside = {row.key: (row.state, row.count) for row in stage.remembered(state.quarantine)}
    assert aside.keys() == {WAITS, WRONG}
    for run in stage.remembered(state.runs):
        assert run.read == run.written + run.unchanged + run.waiting + run.quarantined
    again = stage.run()
    assert (again.written, again.quarantined) == (0, 0)
    assert stage.booked() == expected()


def check_killed(stage: Stage, point: str) -> None:
    """Killed there; the rerun brings the rest."""
    with started(stage, point) as worker:
        assert worker.died()
    there = len(stage.booked())
    assert there in THERE[point]
    report = stage.run()
    if point == "cursor moved":
        assert (report.read, report.waiting) == (1, 1)  # the order that waits is tried again
    else:
        assert (report.read, report.waiting, report.quarantined) == (ORDERS, 1, 1)
        assert report.written + report.unchanged == MOVED
        # What was on its way when the worker died may still have arrived since.
        assert report.unchanged == there or (there == 0 and report.unchanged in THERE[point])
        died, done = stage.remembered(state.runs)
        assert (died.state, died.error, done.state) == ("failed", DIED, "done")
    check_all_is_well(stage)


@pytest.mark.parametrize("point", [point for point in THERE if point != "target transaction"])
def test_killed_there_a_rerun_leaves_one_record_each_behind_an_api(http_stage: Stage, point: str) -> None:
    check_killed(http_stage, point)


@pytest.mark.parametrize("point", THERE)
def test_killed_there_a_rerun_leaves_one_record_each(stage: Stage, point: str) -> None:
    check_killed(stage, point)


@pytest.mark.parametrize("at_once", [True, False], ids=["the request is sent", "its answer is on its way"])
def test_killed_while_the_api_works_a_rerun_leaves_one_record_each(http_stage: Stage, at_once: bool) -> None:
    port = int(http_stage.urls["erp"].rpartition(":")[2])
    with wire(port, mark=b"POST /sales_orders/batch", nth=2, at_once=at_once) as line:
        with started(http_stage.behind(f"http://127.0.0.1:{line.port}")) as worker:
            line.act = worker.kill
            assert worker.died()
        report = http_stage.run()  # at once: what the dead one asked for may still be in the server's hands
    assert (report.read, report.written + report.unchanged) == (ORDERS, MOVED)
    assert report.unchanged in ({FIRST, SECOND} if at_once else {SECOND})
    check_all_is_well(http_stage)


def test_killed_again_and_again_the_last_run_leaves_one_record_each(stage: Stage) -> None:
    for point in THERE:
        if point != "cursor moved":
            with started(stage, point) as worker:
                assert worker.died()
    report = stage.run()
    assert (report.read, report.written, report.unchanged) == (ORDERS, 0, MOVED)
    check_all_is_well(stage)


@pytest.mark.parametrize("stage", ["sqlite"], indirect=True)
def test_killed_after_its_checks_a_rerun_leaves_one_record_each(stage: Stage) -> None:
    """With real rules, which take seconds to import; they know no database."""
    (stage.home / "orders.yml").write_text(RULES)
    check_killed(stage, "page checked")


def test_a_killed_worker_leaves_no_lock_behind(stage: Stage) -> None:
    with started(stage, "target transaction") as worker:
        assert worker.died()
    began = time.monotonic()
    assert stage.run().written == MOVED - FIRST
    assert time.monotonic() - began < 10
