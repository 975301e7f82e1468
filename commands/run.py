"""Running flows: one, all, or the warehouse; through Airflow, or directly for debugging."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console

from commands.found import warehouse_note
from commands.output import Result, progress
from commands.verdict import complaints
from connectors.errors import Misconfigured, TriadaError
from flows import FLOWS, flow_named
from flows.warehouse import WAREHOUSE
from hub.pipeline import Pipeline, Stage
from settings import Settings, load
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
        return run_pipeline(WAREHOUSE, settings)
    from hub.desk import open_desk
    from hub.run import run_flow

    with open_desk(settings) as desk:
        return [asdict(report) for report in run_flow(desk, flow_named(name))]


def run_pipeline(
    pipeline: Pipeline,
    settings: Settings,
    *,
    on_stage: Callable[[Stage], object] = lambda _stage: None,
    on_row: Callable[[dict[str, Any]], object] = lambda _row: None,
) -> list[dict[str, Any]]:
    """Run the warehouse's stages in order, no other build between them; a row a stage, with all it counted.

    ``on_stage`` is told each stage when it begins, ``on_row`` what it counted when it has ended.
    """
    from hub.stage_run import run_stage
    from warehouse.build_lock import building_alone

    rows = []
    with building_alone(settings):
        for stage in pipeline.stages:
            on_stage(stage)
            counts = run_stage(pipeline.name, stage, settings)
            rows.append({**counts, "flow": pipeline.name, "step": stage.name})
            on_row(rows[-1])
    return rows


def _stage_row(flow: str, step: str, counts: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
    """A pipeline stage as a step row: extract moves records, what is made of them counts none."""
    moved = {name: int(counts.get(name, 0)) if step == "extract" else 0 for name in MOVED}
    return {"flow": flow, "step": step, **moved, "waiting": 0, "quarantined": 0, "seconds": seconds}
