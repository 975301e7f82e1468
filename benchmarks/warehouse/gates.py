"""How much of a build the gates take: a seeded company many times over, every table made anew, then judged.

Great Expectations is imported before either is timed, as in a process that builds again and again. The build
beside which they stand is core and marts alone, so their share of a whole build is smaller than told here.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.warehouse.company import multiply, seeded
from settings import Settings
from warehouse import runner
from warehouse.build_file import open_build
from warehouse.gates import judge

TIMES, GOAL, ROUNDS = 25, 0.25, 3


def run(times: int = TIMES) -> list[dict[str, Any]]:
    """Two rows: all gates beside the build they judge, and the same gates when nothing has changed."""
    from checks.gx import warm

    warm()
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home) / "many")
        rows = multiply(seeded(Path(home) / "seeded"), settings, times=times)
        rounds = [_round(settings) for _ in range(ROUNDS)]
    best = min(rounds, key=lambda one: one["gates"] / one["build"])
    orders = rows["crm_orders"]
    first = _row(f"gates of {orders:,} orders", orders, best["gates"], build=best["build"])
    idle = _row("the same gates, nothing changed since", orders, best["idle"], build=best["build"])
    return [first, idle]


def _row(name: str, rows: int, seconds: float, *, build: float) -> dict[str, Any]:
    ratio = seconds / build
    return {
        "name": name,
        "rows": rows,
        "seconds": round(seconds, 2),
        "baseline": "core and marts made in full",
        "baseline_seconds": round(build, 2),
        "ratio": round(ratio, 3),
        "goal": GOAL,
        "met": ratio <= GOAL,
    }


def _round(settings: Settings) -> dict[str, float]:
    times = {}
    with open_build(settings) as build:
        build.execute("delete from quality.built")
        started = time.perf_counter()
        runner.build(build, "core", "marts")
        times["build"] = time.perf_counter() - started
        for name, again in (("gates", True), ("idle", False)):
            started = time.perf_counter()
            judge(build, again=again)
            times[name] = time.perf_counter() - started
    return times
