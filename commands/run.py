"""Running flows: one, all, or the warehouse; through Airflow, or directly for debugging."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console

from commands.found import warehouse_note
from commands.output import Result, progress
from commands.verdict import complaints
from connectors.errors import Misconfigured, TriadaError
from flows import FLOWS, flow_named
from flows.warehouse import WAREHOUSE
from hub.pipeline import Pipeline
from settings import Settings, load
from warehouse.build_lock import building_alone
from warehouse.status import read_status

MOVED = ("read", "written", "unchanged")


def run(name: str, *, direct: bool, quiet: bool) -> Result:
    """Run ``name`` (a flow, ``warehouse`` or ``all``) once."""
    settings = load()
    names = [*(flow.name for flow in FLOWS if flow.name != "forecasts"), WAREHOUSE.name, "forecasts"]
    if name != "all" and name not in names:
        raise Misconfigured(f"there is no flow {name!r}; there are {', '.join(names)}, and all")
    console = Console(quiet=True) if quiet else progress()
    result = Result()
    for each in names if name == "all" else [name]:
        try:
            with console.status(f"running {each}"):
                rows = _direct(each, settings) if direct else _through_airflow(each, settings)
        except TriadaError as error:  # one flow that stops does not stop the others
            result.ok = False
            result.problems.append(f"{each} stopped: {error}")
            continue
        result.add(played_rows(rows))
        told = dict.fromkeys(note for row in rows for note in row.get("notes", ()))
        result.notes += [note for note in told if note not in result.notes]
        if each == WAREHOUSE.name:
            result.notes.append(warehouse_note(read_status(settings), settings))
        found = complaints(rows)
        result.problems += found
        result.ok = result.ok and not found
    return result


def _through_airflow(name: str, settings: Settings) -> list[dict[str, Any]]:
    from commands import airflow_env, play

    airflow_env.migrate(settings)
    return list(play.play([name], settings))


def played_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of DAGs as step rows."""
    return [
        _stage_row(row["flow"], row["step"], row, seconds=row["seconds"])
        if row["flow"] == WAREHOUSE.name
        else dict(row)
        for row in rows
    ]


def _direct(name: str, settings: Settings) -> list[dict[str, Any]]:
    if name == WAREHOUSE.name:
        with building_alone(settings):  # one build from its first step to its last
            return run_pipeline(WAREHOUSE, settings)
    from hub.desk import open_desk
    from hub.run import run_flow

    with open_desk(settings) as desk:
        return [asdict(report) for report in run_flow(desk, flow_named(name))]


def run_pipeline(pipeline: Pipeline, settings: Settings) -> list[dict[str, Any]]:
    """Run the stages of a pipeline in order; a row a stage, with all it counted."""
    import time

    rows = []
    for stage in pipeline.stages:
        started = time.monotonic()
        counts = stage.run(settings)
        seconds = time.monotonic() - started
        rows.append({**counts, "flow": pipeline.name, "step": stage.name, "seconds": seconds})
    return rows


def _stage_row(flow: str, step: str, counts: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
    """A pipeline stage as a step row: extract moves records, what is made of them counts none."""
    moved = {name: int(counts.get(name, 0)) if step == "extract" else 0 for name in MOVED}
    return {"flow": flow, "step": step, **moved, "waiting": 0, "quarantined": 0, "seconds": seconds}
