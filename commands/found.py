"""What a run found wrong and why, and what a newcomer can try next: the end of the demo's screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from commands.spoken import many
from settings import Settings

SHOWN = 16


def found(settings: Settings) -> list[str]:
    """One line for each row put aside: what came, what was expected, what to do; then what waits."""
    from hub import quarantine
    from hub.desk import open_desk

    with open_desk(settings) as desk:
        aside = quarantine.entries(desk, waiting=False)
        waiting = quarantine.entries(desk, waiting=True)
    # Two steps that read one row say the same of it; once is enough here.
    said = [f"quarantined · {entry['flow']} · {entry['reason']}" for entry in aside]
    said += [f"waiting · {entry['flow']} · {entry['reason']}" for entry in waiting]
    lines = list(dict.fromkeys(said))
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], f"and {more} more: ./triada quarantine list"] if more > 0 else lines


def next_steps(settings: Settings, pages: Sequence[Path]) -> list[str]:
    """Where the report is, and three things to try."""
    from warehouse.status import read_status

    status = read_status(settings)
    return [
        warehouse_note(status, settings),
        f"The report: {pages[0]}",
        "",
        "Try next:",
        f"  ./triada report --serve       the same with sign-in, on http://127.0.0.1:{settings.reports_port}",
        *signing_in(settings),
        "  ./triada quarantine list      what was put aside, and why",
        "  ./triada run orders --direct  one flow, here and now",
        f"  ./triada up                   Airflow with these DAGs, on http://127.0.0.1:{settings.airflow_port}",
    ]


def signing_in(settings: Settings) -> list[str]:
    """As whom the demo's reports can be looked at, where the demo made the users."""
    from commands.demo_users import password_file

    kept = password_file(settings)
    if not kept.exists():
        return []
    margin = " " * 32
    return [
        f"{margin}sign in as marta (executive), anna (finance), ben or joe (sales),",
        f"{margin}rui (production) or fanny (HR); password in {kept}",
    ]


def warehouse_note(status: Mapping[str, Any], settings: Settings) -> str:
    """Where the published warehouse is, and which checks hold it or mark its numbers."""
    marked = len(status["marked_checks"])
    holding = [*status["failed_checks"], *filter(None, [status.get("error")])]
    held = f"; held by {', '.join(holding)}" if holding else ""
    marks = (
        f"; {many(marked, 'failed check')} {'marks its' if marked == 1 else 'mark their'} numbers"
        if marked
        else ""
    )
    return f"The warehouse is {status['state']}{held}{marks}: {settings.published_file}"
