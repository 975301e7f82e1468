"""``triada build``: the warehouse made and published, or part of it made; what became of each table.

names and ``full`` → the pipeline's stages, each told as it begins → tables, gates, what is published now.
The stages are ``flows.warehouse``'s, the same that Airflow runs.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from commands.output import progress
from commands.run import played_rows, run_pipeline
from commands.verdict import complaints
from connectors.errors import TriadaError
from flows.warehouse import pipeline
from hub import logs
from hub.pipeline import Pipeline, Stage
from settings import Settings, load
from warehouse.status import read_status

LOG = logging.getLogger("triada.warehouse")
TABLE = ("table", "rows", "changed", "seconds", "how", "by_time")
OUTCOMES = ("passed", "failed", "could_not_check")


@dataclass
class Built:
    """What a build did; ``steps``, ``tables`` and ``gates`` as the contract of ``--json`` has them."""

    file: Path
    steps: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    gates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    streams: int = 0
    holding: list[str] = field(default_factory=list)
    marking: list[str] = field(default_factory=list)
    status: Mapping[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    is_part: bool = False
    is_begun: bool = False
    is_full: bool = False
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.problems


def build(*, full: bool = False, only: Iterable[str] = (), quiet: bool = False) -> Built:
    """Build and publish everything, or with ``only`` these models and all they read, unpublished."""
    settings = load()
    started = time.monotonic()
    done = Built(settings.published_file, is_full=full)
    rows: list[dict[str, Any]] = []
    try:
        chosen = _chosen(only)
        done.is_part, done.is_begun = bool(chosen), True
        logs.start(settings)
        _run(pipeline(full=full, only=chosen), settings, rows, quiet=quiet)
    except TriadaError as error:
        done.problems.append(f"the build stopped: {error}")
    _fill(done, rows)
    done.status = read_status(settings)
    done.seconds = time.monotonic() - started
    if done.is_begun:
        _log(done)
    return done


def _log(done: Built) -> None:
    """The outcome in a line of the log: whoever finds a build held or stopped looks there for why."""
    if done.ok:
        outcome = "a part was built" if done.is_part else f"published, {done.status['state']}"
        LOG.info("build: %s in %.1f s", outcome, done.seconds)
    else:
        why = "; ".join(done.problems).removeprefix("the build ")
        LOG.error("build: %s; after %.1f s", why, done.seconds)


def _chosen(only: Iterable[str]) -> frozenset[str]:
    names = [name for given in only for name in given.replace(",", " ").split()]
    if not names:
        return frozenset()
    from warehouse.selection import with_all_they_read

    return with_all_they_read(names)


def _run(stages: Pipeline, settings: Settings, rows: list[dict[str, Any]], *, quiet: bool) -> None:
    """Run the stages with one live line about them on standard error; those that ended are in ``rows``."""
    console = Console(quiet=True) if quiet else progress()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as line:
        shown = line.add_task("", total=len(stages.stages))

        def tell(stage: Stage) -> None:
            line.update(shown, completed=len(rows), description=f"[bold]{stage.name}[/bold] {stage.says}")

        run_pipeline(stages, settings, on_stage=tell, on_row=rows.append)


def _fill(done: Built, rows: list[dict[str, Any]]) -> None:
    """Take what the stages counted."""
    done.steps = [{**row, "seconds": round(row["seconds"], 3)} for row in played_rows(rows)]
    for row in rows:
        done.tables += [{name: made[name] for name in TABLE} for made in row.get("made", ())]
        if row["step"] == "extract":
            done.streams = row["streams"]
        if row["step"] == "gate":
            done.gates = {name: row[name] for name in OUTCOMES}
            done.holding, done.marking = row["holding"], row["marking"]
    done.problems += complaints(rows)
    if done.is_part and done.holding:
        done.problems.append(f"it could not be published as it is: {', '.join(done.holding)}")
