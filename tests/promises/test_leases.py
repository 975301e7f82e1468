"""One worker a flow: the second is told, who was away too long is refused, who died is followed at once."""

from __future__ import annotations

import os
import re
import socket
import time
from decimal import Decimal

import pytest

from connectors.errors import LeaseHeld
from hub.memory import DIED
from models import state
from tests.promises.stage import MOVED, ORDERS, PAGE, Stage, expected, order_no
from tests.promises.workers import started

pytestmark = pytest.mark.slow

IN_SECOND_PAGE = 120
SHORT = {"lease_s": 1.0}


def pass_lease(lease_s: float = 1.0) -> None:
    """Let a lease that nobody renews come to its end."""
    time.sleep(lease_s + 0.2)


def runs(stage: Stage) -> list[tuple[str, str]]:
    """How each run ended: its state, and the first word of its error."""
    return [(run.state, (run.error or "").partition(":")[0]) for run in stage.remembered(state.runs)]


def check_the_second_one_won(stage: Stage) -> None:
    """Everything is booked once, with the later total, and the cursor stands where the second one put it."""
    booked = expected()
    booked[order_no(IN_SECOND_PAGE)] = (Decimal("777.0000"), booked[order_no(IN_SECOND_PAGE)][1])
    assert stage.booked() == booked
    links = [row.source_key for row in stage.remembered(state.links)]
    assert sorted(links) == sorted(expected())
    again = stage.run()
    assert (again.written, again.quarantined) == (0, 0)
    assert stage.booked() == booked


def test_who_comes_second_is_told_who_runs_it_and_since_when(stage: Stage) -> None:
    with started(stage, "page made", act="wait") as first:
        assert first.at_its_point()
        with pytest.raises(LeaseHeld) as told:
            stage.run()
        first.go_on()
        assert first.says()[0] == "done"
        assert f"being run by {socket.gethostname()} process {first.pid} of 20" in str(told.value)
        since = re.search(r" since (20\d\d-\d\d-\d\dT[\d:.]+Z)", str(told.value))
        assert since is not None
    assert runs(stage) == [("done", "")]
    assert stage.booked() == expected()


def test_a_worker_that_slept_past_its_lease_writes_nothing_when_it_wakes(stage: Stage) -> None:
    """Paused after the hub let it write: only the target itself can tell."""
    check_late_write_is_refused(stage)


def test_a_worker_that_slept_past_its_lease_writes_nothing_behind_an_api(http_stage: Stage) -> None:
    check_late_write_is_refused(http_stage)


def check_late_write_is_refused(stage: Stage) -> None:
    """The second one's later total stays; the first one's run is failed, its cursor nowhere."""
    with started(stage, "page made", act="stop", settings=SHORT) as first:
        assert first.stopped()
        stage.change(IN_SECOND_PAGE, "777")
        pass_lease()
        report = stage.run()
        assert (report.read, report.written, report.unchanged) == (ORDERS, MOVED - (PAGE - 2), PAGE - 2)
        position = stage.position()
        assert stage.total(IN_SECOND_PAGE) == 777
        first.go_on()
        how, error = first.says()
    assert (how, error.partition(":")[0]) == ("failed", "LeaseLost")
    assert stage.total(IN_SECOND_PAGE) == 777
    assert stage.position() == position
    assert runs(stage) == [("failed", "LeaseLost"), ("done", "")]
    check_the_second_one_won(stage)


def test_a_late_write_is_refused_even_when_the_second_one_had_nothing_to_write(stage: Stage) -> None:
    check_late_write_is_refused_after_nothing(stage)


def test_a_late_write_is_refused_behind_an_api_even_when_there_was_nothing_to_write(
    http_stage: Stage,
) -> None:
    check_late_write_is_refused_after_nothing(http_stage)


def check_late_write_is_refused_after_nothing(stage: Stage) -> None:
    """What the first one read is meant no more when the second one looks: it must not arrive later."""
    stage.run()
    stage.change(IN_SECOND_PAGE, "777")
    with started(stage, "page made", nth=1, act="stop", settings=SHORT) as first:
        assert first.stopped()
        stage.take_back(IN_SECOND_PAGE)
        pass_lease()
        assert stage.run().written == 0
        first.go_on()
        how, error = first.says()
    assert (how, error.partition(":")[0]) == ("failed", "LeaseLost")
    assert stage.booked() == expected()
    assert runs(stage) == [("done", ""), ("failed", "LeaseLost"), ("done", "")]


@pytest.mark.parametrize("point", ["target committed", "all remembered"])
def test_a_worker_that_slept_past_its_lease_remembers_nothing_when_it_wakes(stage: Stage, point: str) -> None:
    with started(stage, point, act="stop", settings=SHORT) as first:
        assert first.stopped()
        stage.change(IN_SECOND_PAGE, "777")
        pass_lease()
        assert stage.run().written >= 1
        position, links = stage.position(), stage.remembered(state.links)
        first.go_on()
        how, error = first.says()
    assert (how, error.partition(":")[0]) == ("failed", "LeaseLost")
    assert f"process {os.getpid()} of" in error
    assert (stage.position(), stage.remembered(state.links)) == (position, links)
    assert runs(stage) == [("failed", "LeaseLost"), ("done", "")]
    check_the_second_one_won(stage)


def test_a_worker_paused_inside_the_targets_transaction_holds_nobody_up_for_long(stage: Stage) -> None:
    """The server ends its transaction; a SQLite file has nobody who could, so the second one says so."""
    with started(stage, "target transaction", act="stop", settings=SHORT, idle_s=1) as first:
        assert first.stopped()
        stage.change(IN_SECOND_PAGE, "777")
        pass_lease()
        if stage.kind == "sqlite":
            with started(stage, lock_s=1) as second:
                how, error = second.says()
            assert (how, error.partition(":")[0]) == ("failed", "Unreachable")
            assert "database is locked" in error
        else:
            began = time.monotonic()
            assert stage.run().written == MOVED - (PAGE - 2)
            assert time.monotonic() - began < 15
        first.go_on()
        how, error = first.says()
    assert (how, error.partition(":")[0]) == ("failed", "LeaseLost")
    if stage.kind == "sqlite":  # what it had sent was the first to be committed: late, but not over anything
        assert stage.run().written == MOVED - (2 * PAGE - 2) + 1
    check_the_second_one_won(stage)


def test_a_worker_paused_inside_the_hubs_transaction_holds_nobody_up_for_long(stage: Stage) -> None:
    with started(stage, "hub transaction", act="stop", settings=SHORT, idle_s=1) as first:
        assert first.stopped()
        stage.change(IN_SECOND_PAGE, "777")
        pass_lease()
        if stage.kind == "sqlite":
            with started(stage, lock_s=1) as second:
                how, error = second.says()
            assert (how, error.partition(":")[0]) == ("failed", "Unreachable")
            assert "state (sqlite" in error
        else:
            assert stage.run().written == MOVED - (2 * PAGE - 2) + 1
        first.go_on()
        how, error = first.says()
    if stage.kind == "sqlite":  # nobody could take over, so it is still the one
        assert (how, error.written) == ("done", MOVED)
        assert stage.run().written == 1
    else:
        assert (how, error.partition(":")[0]) == ("failed", "LeaseLost")
    check_the_second_one_won(stage)


def test_a_worker_that_died_here_is_followed_at_once(stage: Stage) -> None:
    with started(stage, "page made", settings={"lease_s": 3600.0}) as first:
        assert first.died()
    began = time.monotonic()
    assert stage.run(lease_s=3600.0).read == ORDERS
    assert time.monotonic() - began < 10
    assert [run.error for run in stage.remembered(state.runs)] == [DIED, None]


def test_a_worker_that_died_elsewhere_is_followed_when_its_lease_is_over(stage: Stage) -> None:
    with started(stage, "page made", settings={"lease_s": 2.0}, host="elsewhere") as first:
        assert first.died()
        died_at = time.monotonic()
        with pytest.raises(LeaseHeld, match=f"run by elsewhere process {first.pid} of .* its lease ends at"):
            stage.run()
    while True:
        try:
            report = stage.run()
            break
        except LeaseHeld:
            assert time.monotonic() - died_at < 4
            time.sleep(0.05)
    assert report.read == ORDERS
    check_no_echo = stage.run()
    assert check_no_echo.written == 0


def test_a_slow_run_keeps_its_lease(stage: Stage) -> None:
    with started(stage, "page made", act="wait", settings=SHORT) as first:
        assert first.at_its_point()
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            with pytest.raises(LeaseHeld):
                stage.run()
            time.sleep(0.2)
        first.go_on()
        how, report = first.says()
    assert (how, report.written) == ("done", MOVED)


def test_tokens_grow_even_after_the_hubs_memory_was_lost(stage: Stage) -> None:
    stage.run()
    before = stage.fence()
    stage.forget()
    report = stage.run()
    assert (report.read, report.written, report.unchanged) == (ORDERS, 0, MOVED)
    after = stage.fence()
    assert before is not None
    assert after is not None
    assert after > before
