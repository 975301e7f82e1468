"""What a run found wrong and why, and what a newcomer can try next: the end of the demo's screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from settings import Settings

SHOWN = 12


def found(settings: Settings) -> list[str]:
    """One line for each row put aside: what came, what was expected, what to do; then what waits."""
    from hub import quarantine
    from hub.desk import open_desk

    with open_desk(settings) as desk:
        aside = quarantine.entries(desk, waiting=False)
        waiting = quarantine.entries(desk, waiting=True)
    lines = [f"quarantined · {entry['flow']} · {entry['reason']}" for entry in aside[:SHOWN]]
    lines += [f"waiting · {entry['flow']} · {entry['reason']}" for entry in waiting[:SHOWN]]
    more = max(0, len(aside) - SHOWN) + max(0, len(waiting) - SHOWN)
    return [*lines, f"and {more} more: ./triada quarantine list"] if more else lines


def next_steps(settings: Settings, pages: Sequence[Path]) -> list[str]:
    """Where the report is, and three things to try."""
    from warehouse.status import read_status

    status = read_status(settings)
    return [
        f"The warehouse is {status['state']}, {len(status['failed_checks'])} checks hold it:",
        f"  {settings.published_file}",
        f"The report: {pages[0]}",
        "",
        "Try next:",
        "  ./triada quarantine list      what was put aside, and why",
        "  ./triada run orders --direct  one flow, here and now",
        f"  ./triada up                   Airflow with these DAGs, on http://127.0.0.1:{settings.airflow_port}",
    ]
