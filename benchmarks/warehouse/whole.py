"""How long the demo company's whole build takes in a warm process: extract to publication, gates included.

Seeded stores ─▶ the pipeline's stages, as ``triada build`` runs them. Once to warm the process and to make
the forecasts; then everything read and made anew, and then again with nothing changed. A forecast is not made
again while its series is the same: the build file keeps it.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.warehouse.company import seeded
from flows.warehouse import pipeline
from settings import Settings

GOAL_S = 5.0
ROUNDS = 3


def run() -> list[dict[str, Any]]:
    """Three rows: from nothing in a cold process, everything anew in a warm one, nothing changed."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        seeded(settings.home)
        settings.build_file.unlink()
        cold = _build(settings, full=False)
        warm = min(_build(settings, full=True) for _ in range(ROUNDS))
        idle = min(_build(settings, full=False) for _ in range(ROUNDS))
    return [
        _row("the demo company from nothing, cold process, forecasts made", cold, None),
        _row("the demo company, everything anew, warm process", warm, GOAL_S),
        _row("the demo company, nothing changed, warm process", idle, GOAL_S),
    ]


def _build(settings: Settings, *, full: bool) -> float:
    started = time.perf_counter()
    for stage in pipeline(full=full).stages:
        stage.run(settings)
    return time.perf_counter() - started


def _row(name: str, seconds: float, goal: float | None) -> dict[str, Any]:
    return {
        "name": name,
        "rows": None,
        "seconds": round(seconds, 2),
        "baseline": "goal, seconds",
        "baseline_seconds": goal,
        "ratio": round(seconds / goal, 2) if goal else None,
        "goal": 1.0 if goal else None,
        "met": seconds <= goal if goal else None,
    }
