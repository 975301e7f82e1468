"""The target did it, and the connection died before it could say so: asked again, it has it already."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from models import state
from tests.promises.stage import MOVED, ORDERS, Stage, expected
from tests.promises.wire import Wire, wire
from tests.promises.workers import started

pytestmark = pytest.mark.slow

SERVERS = pytest.mark.parametrize("stage", ["postgresql", "mariadb"], indirect=True)
"""A SQLite file has no connection to lose."""
COMMIT, BATCH = b"COMMIT", b"POST /sales_orders/batch"


def check_one_answer_was_lost(stage: Stage, line: Wire) -> None:
    """One run, which went on; one record each; and the next run finds nothing to do."""
    report = stage.run()
    assert line.lost == 1
    assert (report.read, report.written + report.unchanged) == (ORDERS, MOVED)
    assert report.tell
    assert stage.booked() == expected()
    assert [run.state for run in stage.remembered(state.runs)] == ["done"]
    assert {row.source_key for row in stage.remembered(state.links)} == expected().keys()
    again = stage.run()
    assert (again.written, again.quarantined) == (0, 0)


def by(line: Wire, address: str) -> str:
    """The same database by way of the wire."""
    return sa.make_url(address).set(port=line.port).render_as_string(hide_password=False)


@SERVERS
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_commit_whose_answer_is_lost_doubles_nothing(stage: Stage, nth: int) -> None:
    port = sa.make_url(stage.urls["erp"]).port
    assert port is not None
    with wire(port, mark=COMMIT, nth=nth) as line:
        check_one_answer_was_lost(stage.behind(by(line, stage.urls["erp"])), line)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_request_whose_answer_is_lost_doubles_nothing(http_stage: Stage, nth: int) -> None:
    port = int(http_stage.urls["erp"].rpartition(":")[2])
    with wire(port, mark=BATCH, nth=nth) as line:
        check_one_answer_was_lost(http_stage.behind(f"http://127.0.0.1:{line.port}"), line)


@SERVERS
def test_a_commit_of_the_hubs_own_whose_answer_is_lost_doubles_nothing(stage: Stage) -> None:
    """The hub cannot know whether it remembered: the run asks again or fails, and the next one is right."""
    port = sa.make_url(stage.urls["state"]).port
    assert port is not None
    lost = []
    for nth in range(1, 12):
        with wire(port, mark=COMMIT, nth=nth) as line:
            with started(stage.with_state(by(line, stage.urls["state"]))) as worker:
                how, said = worker.says()
            assert how == "done" or said.startswith("Unreachable: state (")
        lost.append(line.lost)
        stage.run()
        assert stage.booked() == expected()
        assert {row.source_key for row in stage.remembered(state.links)} == expected().keys()
        assert "running" not in [run.state for run in stage.remembered(state.runs)]
        stage.forget()
    assert lost == [1] * len(lost)
