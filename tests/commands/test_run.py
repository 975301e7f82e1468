"""`triada run`: what stopped is told and fails the command; what a program reads is one document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import output
from commands.airflow_env import ROOT
from commands.run import run
from commands.verdict import complaints
from flows.warehouse import WAREHOUSE
from hub.pipeline import Pipeline, Stage


def triada(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TRIADA_HOME": str(home), **settings}
    command = [sys.executable, str(ROOT / "cli.py"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=home)


def test_a_store_that_does_not_answer_stops_its_flow_in_one_document_without_its_password(
    tmp_path: Path,
) -> None:
    done = triada(
        tmp_path, "run", "people", "--direct", "--json",
        TRIADA_OA_URL="postgresql://joe:hunter2@127.0.0.1:1/none",
    )  # fmt: skip
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"steps": [], "ok": False}
    assert "people stopped" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_a_wrong_setting_is_named_with_what_is_expected(tmp_path: Path) -> None:
    done = triada(tmp_path, "status", TRIADA_CURRENCY="euro", TRIADA_TIMEZONE="Mars/Base")
    assert done.returncode == 1
    assert "TRIADA_CURRENCY" in done.stderr
    assert "TRIADA_TIMEZONE" in done.stderr


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ({"state": "fresh", "failed_checks": []}, 0),
        ({"passed": 3, "failed": 1, "could_not_check": 0}, 0),
        ({"state": "stale", "failed_checks": ["grain:core.fct_order"]}, 1),
        ({"passed": 3, "failed": 0, "could_not_check": 2}, 1),
    ],
)
def test_a_held_publication_and_a_check_that_could_not_run_are_not_well(
    stage: dict[str, object], expected: int
) -> None:
    assert len(complaints([stage])) == expected


def test_building_a_held_warehouse_is_not_ok(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Stage("publish", lambda _settings: {"state": "stale", "failed_checks": ["grain:core.fct_order"]})
    pipeline = Pipeline(WAREHOUSE.name, "1 day", "data", "", (held,))
    monkeypatch.setattr("commands.run.WAREHOUSE", pipeline)
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    result = run(WAREHOUSE.name, direct=True, quiet=True)
    assert not result.ok
    assert "grain:core.fct_order" in result.problems[0]


@pytest.mark.parametrize(
    ("words", "expected"),
    [(("show", "999"), None), (("list", "--since", "banana"), [])],
)
def test_a_quarantine_that_cannot_be_looked_at_is_still_one_document(
    tmp_path: Path, words: tuple[str, ...], expected: object
) -> None:
    done = triada(tmp_path, "quarantine", *words, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == expected
    assert words[-1] in done.stderr


def still(*, ok: bool, problems: list[str]) -> output.Result:
    step = {"flow": "orders", "step": "book", **dict.fromkeys(output.COUNTS, 0), "seconds": 0.1}
    return output.Result(steps=[step], ok=ok, problems=problems)


def test_what_was_found_is_wrapped_with_its_path_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    path = "/a" * 30
    output.finish(still(ok=True, problems=[f"[it] is {'no good ' * 8}see {path}"]))
    said = capsys.readouterr().out
    assert said.startswith("1 step found nothing to read\nNothing changed since the last run.\n")
    assert "\n  [it] is no good" in said
    assert f"\n    {path}\n" in said
    assert max(len(line) for line in said.splitlines() if path not in line) <= 40


def test_a_run_that_stopped_does_not_say_that_nothing_changed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        output.finish(still(ok=False, problems=["orders stopped: Refused"]))
    said = capsys.readouterr().out
    assert "orders stopped" in said
    assert "Nothing changed" not in said


def test_a_row_that_waited_for_some_rounds_and_went_is_one_row_that_waits_no_more() -> None:
    def book(**counts: int) -> dict[str, object]:
        none = dict.fromkeys(output.COUNTS, 0)
        return {"flow": "orders", "step": "book", **none, **counts, "seconds": 1.0}

    rounds = output.Result()
    for each in (
        book(read=4, unchanged=2, waiting=2),
        book(read=2, waiting=2),
        book(read=3, written=2, waiting=1),  # a row that is new, and one of those that waited
        book(read=1, waiting=1),
    ):
        rounds.add_round([each])
    assert rounds.steps == [book(read=5, written=2, unchanged=2, waiting=1) | {"seconds": 4.0}]
