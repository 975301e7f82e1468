"""A run says whether others may find news, also when it cannot know itself what was written."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import pytest

from commands.output import Result
from connectors.errors import Refused, Unreachable
from connectors.protocol import Fence, Outcome, Row, Write
from tests.hub.conftest import World


def raising(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def test_a_run_that_wrote_tells_and_a_quiet_one_does_not(world: World) -> None:
    world.order(1)
    assert world.run().tell is True
    assert world.run().tell is False
    world.order(1)  # stamped anew, the same otherwise
    assert world.run().tell is False


def test_a_target_that_kept_a_page_and_did_not_answer_is_told_of(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, lost = world.erp.write, [Unreachable("erp went away after it wrote")]

    def write(write: Write, rows: Sequence[Row], *, fence: Fence | None = None) -> list[Outcome]:
        outcomes = plain(write, rows, fence=fence)
        if lost:
            raise lost.pop()
        return outcomes

    monkeypatch.setattr(world.erp, "write", write)
    world.order(1)
    report = world.run()
    assert (report.written, report.unchanged, report.tell) == (0, 1, True)
    assert world.run().tell is False


def test_what_a_failed_run_wrote_is_told_by_the_next(world: World) -> None:
    world.settings = world.settings.model_copy(update={"page_rows": 1})
    world.order(1)
    world.order(2, amount=20)

    def refuse(row: Row) -> Exception | None:
        if row["amount"] == 20:
            raise Refused("erp is closed")
        return None

    world.erp.refuse = refuse
    with pytest.raises(Refused):
        world.run()
    assert world.in_erp() == ["CO-0001"]
    world.erp.refuse = lambda _row: None
    world.order(2, draft=True)
    report = world.run()
    assert (report.written, report.tell) == (0, True)
    assert world.run().tell is False


def test_what_a_killed_run_wrote_is_told_by_the_next(world: World) -> None:
    world.order(1)
    world.run()
    with world.desk() as desk, desk.state.writing() as connection:
        connection.exec_driver_sql("update runs set state = 'running', finished_at = null")
    assert world.run().tell is True
    assert world.run().tell is False


def test_an_answer_that_was_late_to_a_question_is_no_news(world: World) -> None:
    world.crm.before["open_window"] = raising(Unreachable("crm is away"))
    assert world.run().tell is False


def test_a_report_is_json_and_its_summary_keeps_its_columns(world: World) -> None:
    report = asdict(world.run())
    assert json.loads(json.dumps(report)) == report
    result, names = Result(), [name for name in report if name not in ("tell", "notes")]
    result.add([report])
    (step,) = result.steps
    assert list(step) == names


def test_a_step_in_airflow_tells_when_its_report_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    airflow = pytest.importorskip("hub.airflow")
    monkeypatch.setattr(airflow, "settings_in_task", lambda: None)

    class Told:
        def __init__(self) -> None:
            self.assets: list[Any] = []

        def add(self, asset: Any) -> None:
            self.assets.append(asset)

    def told(counts: dict[str, Any]) -> int:
        return _executed(airflow, counts, events=Told())

    assert told({"written": 0, "tell": True}) == 1
    assert told({"written": 0, "tell": False}) == 0
    assert told({"written": 0}) == 0
    assert told({}) == 1


def _executed(airflow: Any, counts: dict[str, Any], *, events: Any) -> int:
    class Task:
        work = staticmethod(lambda _settings: counts)
        tells = ("crm.orders",)
        alias = "alias"

    class Try:
        try_number = 1

    # Without the guard by which Airflow keeps tasks inside its own runner.
    inspect.unwrap(airflow.WorkOperator.execute)(Task(), {"ti": Try(), "outlet_events": {"alias": events}})
    return len(events.assets)
