"""The DAG files: one a flow, light to parse, and scheduled, retried and connected as the design says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commands.airflow_env import ROOT
from flows import FLOWS
from flows.reconcile import RECONCILE
from flows.warehouse import WAREHOUSE
from hub.pipeline import Pipeline
from hub.words import Flow
from reports.daily import REPORTS
from reports.mail.schedule import MAIL

FILES = sorted((ROOT / "dags").glob("[a-z]*.py"))
HEAVY = (
    "pandas",
    "great_expectations",
    "duckdb",
    "statsforecast",
    "pyarrow",
    "checks",
    "stores",
    "warehouse",
)
# In a process of its own: what it imports must be seen, and Airflow takes its home when it is imported.
SCRIPT = """
import importlib, json, runpy, sys, time

sys.path.append("dags")  # as Airflow does: its own folder must not hide our packages
import hub.airflow
hub.airflow.AssetOrTimeSchedule, hub.airflow.DeltaTriggerTimetable

seen = {}
for path in sys.argv[2:]:
    started = time.monotonic()
    dag = runpy.run_path(path)["dag"]
    seen[dag.dag_id] = {
        "path": path, "seconds": time.monotonic() - started,
        "owners": sorted({task.owner for task in dag.tasks}), "doc": dag.doc_md, "tags": sorted(dag.tags),
        "catchup": dag.catchup, "max_active_runs": dag.max_active_runs,
        "timeout_s": dag.dagrun_timeout.total_seconds(),
        "every_s": dag.timetable.timetable.delta.total_seconds(),
        "watches": sorted(asset.name for asset in dag.timetable.asset_condition.objects),
        "uris": sorted(asset.uri for asset in dag.timetable.asset_condition.objects),
        "tasks": [task.task_id for task in dag.topological_sort()],
        "roots": [task.task_id for task in dag.roots],
        "widest": max(len(task.downstream_list) for task in dag.tasks),
        "retries": sorted({task.retries for task in dag.tasks}),
        "backoff": sorted({task.retry_exponential_backoff for task in dag.tasks}),
        "aliases": {task.task_id: [outlet.name for outlet in task.outlets] for task in dag.tasks},
        "tells": {task.task_id: [asset.name for asset in task.tells] for task in dag.tasks},
    }
heavy = [name for name in json.loads(sys.argv[1]) if name in sys.modules]
roots = {name: importlib.import_module(name).__file__ for name in ("settings", "flows", "hub", "warehouse")}
print(json.dumps({"dags": seen, "heavy": heavy, "roots": roots}))
"""

PIPELINES = (WAREHOUSE, REPORTS, RECONCILE, MAIL)
SCHEDULED: tuple[Flow | Pipeline, ...] = (*FLOWS, *PIPELINES)


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("airflow")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(HEAVY), *map(str, FILES)],
        cwd=ROOT,
        env={**os.environ, "AIRFLOW_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_every_flow_has_a_dag_of_its_name_in_a_file_of_its_name(parsed: dict[str, Any]) -> None:
    names = sorted(one.name for one in SCHEDULED)
    assert sorted(parsed["dags"]) == names
    assert [file.stem for file in FILES] == names
    assert all(Path(dag["path"]).stem == name for name, dag in parsed["dags"].items())


def test_a_dag_file_is_a_dozen_lines(parsed: dict[str, Any]) -> None:
    lengths = {name: len(Path(dag["path"]).read_text().splitlines()) for name, dag in parsed["dags"].items()}
    assert {name: length for name, length in lengths.items() if length > 14} == {}


def test_a_dag_file_parses_well_under_a_second(parsed: dict[str, Any]) -> None:
    assert {name: dag["seconds"] for name, dag in parsed["dags"].items() if dag["seconds"] > 0.8} == {}


def test_parsing_imports_nothing_heavy(parsed: dict[str, Any]) -> None:
    assert parsed["heavy"] == []


def test_the_dag_folder_hides_none_of_our_packages(parsed: dict[str, Any]) -> None:
    assert parsed["roots"] == {
        "settings": str(ROOT / "settings.py"),
        **{name: str(ROOT / name / "__init__.py") for name in ("flows", "hub", "warehouse")},
    }


def test_every_dag_says_who_owns_it_and_what_it_does(parsed: dict[str, Any]) -> None:
    owners = {one.name: [one.owner] for one in SCHEDULED}
    assert {name: dag["owners"] for name, dag in parsed["dags"].items()} == owners
    assert all(len(dag["doc"]) > 80 and dag["tags"] for dag in parsed["dags"].values())


def test_no_dag_catches_up_or_overtakes_itself(parsed: dict[str, Any]) -> None:
    assert {(dag["catchup"], dag["max_active_runs"]) for dag in parsed["dags"].values()} == {(False, 1)}


def test_every_task_is_tried_again_later_and_later_and_every_run_ends(parsed: dict[str, Any]) -> None:
    for dag in parsed["dags"].values():
        assert (dag["retries"], dag["backoff"], dag["timeout_s"]) == ([3], [2.0], 7200.0)


def test_steps_run_one_after_the_other_in_the_order_of_the_flow(parsed: dict[str, Any]) -> None:
    steps = {flow.name: [step.name for step in flow.steps] for flow in FLOWS}
    steps |= {one.name: [stage.name for stage in one.stages] for one in PIPELINES}
    assert {name: dag["tasks"] for name, dag in parsed["dags"].items()} == steps
    for name, dag in parsed["dags"].items():
        assert (dag["roots"], dag["widest"]) == (steps[name][:1], min(1, len(steps[name]) - 1))


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_a_dag_runs_when_what_its_flow_reads_or_needs_was_written(flow: Any, parsed: dict[str, Any]) -> None:
    watches = set(parsed["dags"][flow.name]["watches"])
    systems = {stream if not stream.startswith("published.") else "published" for stream in flow.reads()}
    needed = {f"flow.{name}" for step in flow.steps for name in step.needs if name != flow.name}
    assert watches == systems | needed


def test_what_a_step_writes_it_tells_under_an_alias(parsed: dict[str, Any]) -> None:
    for flow in FLOWS:
        dag = parsed["dags"][flow.name]
        for step in flow.steps:
            assert dag["tells"][step.name] == [step.write.stream, f"flow.{flow.name}"]
            assert dag["aliases"][step.name] == [f"{flow.name}.{step.name}"]


def test_the_warehouse_follows_every_flow_and_the_forecasts_follow_it(parsed: dict[str, Any]) -> None:
    warehouse = parsed["dags"][WAREHOUSE.name]
    written = set().union(*(flow.writes() for flow in FLOWS))
    assert set(warehouse["watches"]) == written | {f"flow.{flow.name}" for flow in FLOWS}
    last = WAREHOUSE.stages[-1].name
    assert {name: told for name, told in warehouse["tells"].items() if told} == {
        last: ["published", "flow.warehouse"]
    }
    assert "published" in parsed["dags"]["forecasts"]["watches"]


def test_assets_have_addresses_that_airflow_keeps_as_they_are(parsed: dict[str, Any]) -> None:
    uris = {uri for dag in parsed["dags"].values() for uri in dag["uris"]}
    assert "triada://crm/orders" in uris
    assert "triada://published/triada.duckdb" in uris
    assert all(uri.startswith("triada://") for uri in uris)
