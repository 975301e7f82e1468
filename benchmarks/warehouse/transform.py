"""How long core and marts take: the runner beside the same selects by hand, and a little changed beside all.

A seeded company's records a hundred times over (about 400,000 orders) in ``raw`` ─▶ core and marts. By hand
is ``create table as`` of every model's select in its order, in one transaction: no looking whether it must be
made, no note of what changed. Extract, gates and publication are measured elsewhere.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.warehouse.company import change, multiply, seeded
from settings import Settings
from warehouse.build_file import open_build, transaction
from warehouse.model import models
from warehouse.runner import build

TIMES, REPEATS = 100, 3
GOAL_OF_HAND, GOAL_OF_FULL = 1.2, 5.0


def run(times: int = TIMES) -> list[dict[str, Any]]:
    """Two rows: all of it beside the selects by hand, and one percent changed beside all of it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        raw = Settings(home=home / "raw")
        multiply(seeded(home / "seeded"), raw, times=times)
        by_hand, full = [], []
        for number in range(REPEATS):  # by turns, so that a busy minute meets both
            by_hand.append(_by_hand(_copy(raw, home / "hand")))
            ours = _copy(raw, home / f"ours_{number}")
            full.append(_by_runner(ours))
        part = []
        for number in range(REPEATS):
            changed = change(ours, copy=number + 1)
            part.append(_by_runner(ours))
        rows = _rows(ours)
    return [
        {
            "name": "core and marts, everything",
            "rows": rows,
            "seconds": round(min(full), 2),
            "baseline": "the same selects by hand",
            "baseline_seconds": round(min(by_hand), 2),
            "ratio": round(min(full) / min(by_hand), 2),
            "goal": GOAL_OF_HAND,
            "met": min(full) / min(by_hand) <= GOAL_OF_HAND,
        },
        {
            "name": "core and marts, 1 % changed: times faster than everything",
            "rows": changed,
            "seconds": round(min(part), 2),
            "baseline": "everything",
            "baseline_seconds": round(min(full), 2),
            "ratio": round(min(full) / min(part), 2),
            "goal": GOAL_OF_FULL,
            "met": min(full) / min(part) >= GOAL_OF_FULL,
        },
    ]


def _copy(raw: Settings, home: Path) -> Settings:
    shutil.rmtree(home, ignore_errors=True)
    settings = Settings(home=home)
    settings.build_file.parent.mkdir(parents=True)
    shutil.copy(raw.build_file, settings.build_file)
    return settings


def _by_hand(settings: Settings) -> float:
    with open_build(settings) as connection:
        ordered = models()
        started = time.perf_counter()
        with transaction(connection):
            for model in ordered:
                kind = "view" if model.layer == "staging" else "table"
                connection.execute(f"create or replace {kind} {model.relation} as {model.select}")
        return time.perf_counter() - started


def _by_runner(settings: Settings) -> float:
    with open_build(settings) as connection:
        models()
        connection.execute("select ?", [1])  # the first parameter of a process imports what converts them
        started = time.perf_counter()
        build(connection, "core", "marts")
        return time.perf_counter() - started


def _rows(settings: Settings) -> int:
    with open_build(settings) as connection:
        row = connection.execute(
            "select sum(estimated_size) from duckdb_tables() where schema_name in ('core', 'marts')"
        ).fetchone()
    return int(row[0]) if row else 0
