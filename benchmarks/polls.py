"""What a run costs when little changed: nothing, or a thousand accounts, among a million and a tenth of that.

PostgreSQL (CRM) → MariaDB (ERP), the step that registers accounts as customers, rules and all. The work must
follow the change, not the history. Each figure is the median of several runs in one process.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.data.accounts import change, fill
from benchmarks.data.databases import database
from flows.customers import CUSTOMERS
from hub.desk import Desk, open_desk
from hub.report import StepReport, Tally
from hub.run import run_step
from hub.steps import reading
from settings import Settings

ACCOUNTS, TENTH, CHANGED, TIMES = 1_000_000, 100_000, 1_000, 5
GOAL_IDLE_S, GOAL_CHANGED_S, GOAL_GROWTH = 0.1, 1.0, 1.3


def run() -> list[dict[str, Any]]:
    """Rows for a poll that finds nothing, one that finds a thousand, and how both grow with the history."""
    idle, changed = _measure(ACCOUNTS)
    idle_tenth, changed_tenth = _measure(TENTH)
    rows = (
        (f"nothing changed among {ACCOUNTS:,}", 0, idle, idle_tenth, GOAL_IDLE_S, idle),
        (f"{CHANGED:,} changed among {ACCOUNTS:,}", CHANGED, changed, changed_tenth, GOAL_CHANGED_S, changed),
        ("ten times the history", CHANGED, changed, changed_tenth, GOAL_GROWTH, changed / changed_tenth),
    )
    tenth = f"the same among {TENTH:,}"
    return [
        _row(name, count, seconds, baseline=tenth, baseline_seconds=base, goal=goal, met=found <= goal)
        for name, count, seconds, base, goal, found in rows
    ]


def _row(
    name: str, rows: int, seconds: float, *, baseline: str, baseline_seconds: float, goal: float, met: bool
) -> dict[str, Any]:
    return {
        "name": name,
        "rows": rows,
        "seconds": round(seconds, 3),
        "baseline": baseline,
        "baseline_seconds": round(baseline_seconds, 3),
        "ratio": round(seconds / baseline_seconds, 2),
        "goal": goal,
        "met": met,
    }


def _measure(accounts: int) -> tuple[float, float]:
    """Seconds of a run that finds nothing, and of one that finds a thousand."""
    import great_expectations  # noqa: F401  (its six seconds of import are not the flow's)

    with database("postgresql") as crm_url, database("mariadb") as erp_url:
        fill(crm_url, erp_url, accounts=accounts)
        with tempfile.TemporaryDirectory() as home:
            settings = Settings(home=Path(home), crm_url=crm_url, erp_url=erp_url)
            with open_desk(settings) as desk:
                _begin_here(desk)
                _timed(desk, read=0)
                idle = statistics.median(_timed(desk, read=0) for _ in range(TIMES))
                towns = range(1, TIMES + 2)
                times = [
                    _timed(desk, read=CHANGED, first=partial(change, crm_url, town=town)) for town in towns
                ]
    return idle, statistics.median(times[1:])


def _begin_here(desk: Desk) -> None:
    """Have the cursor stand at the end, as after a first run."""
    step = CUSTOMERS.steps[0]
    source = desk.connector(step.read.system)
    window = source.open_window(reading(step), None)
    source.release(window)
    with desk.lease(CUSTOMERS) as lease:
        memory = desk.memory(CUSTOMERS, step, lease=lease)
        memory.close_run(memory.open_run(), Tally(), position=window.until)


def _timed(desk: Desk, *, read: int, first: Callable[[], Any] = lambda: None) -> float:
    first()
    started = time.perf_counter()
    report: StepReport = run_step(desk, CUSTOMERS, step=CUSTOMERS.steps[0])
    seconds = time.perf_counter() - started
    if report.read != read or report.written != read:
        raise AssertionError(f"expected {read} rows read and written, came {report}")
    return seconds
