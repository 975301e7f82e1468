"""Looking at what was put aside, and moving it once it is mended."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from commands.output import Result
from connectors.errors import Misconfigured
from settings import load


def entries(*, waiting: bool = False) -> list[dict[str, Any]]:
    """The entries of ``triada quarantine list --json``."""
    from hub import quarantine
    from hub.desk import open_desk

    with open_desk(load()) as desk:
        return list(quarantine.entries(desk, waiting=waiting))


def show(entry: int) -> dict[str, Any]:
    """One entry with its payload."""
    from hub import quarantine
    from hub.desk import open_desk

    with open_desk(load()) as desk:
        return dict(quarantine.show(desk, entry))


def replay(entry: str) -> Result:
    """Move one entry, or all, again."""
    from flows import FLOWS
    from hub import quarantine
    from hub.desk import open_desk

    if entry != "all" and not entry.isdigit():
        raise Misconfigured(f"{entry!r} is neither an entry's number nor all; `quarantine list` shows them")
    result = Result()
    with open_desk(load()) as desk:
        reports = quarantine.replay(desk, FLOWS, entry=None if entry == "all" else int(entry))
        result.add(asdict(report) for report in reports)
        left = [quarantine.entries(desk, waiting=waiting) for waiting in (False, True)]
    still = [each for each in (*left[0], *left[1]) if entry in ("all", str(each["id"]))]
    result.problems += [f"{each['id']} · {each['reason']}" for each in still]
    result.notes.append(
        f"{len(left[0])} rows are in quarantine now, {len(left[1])} wait: `triada quarantine list`, --waiting"
    )
    return result


def discard(entry: int) -> None:
    """Drop one entry."""
    from hub import quarantine
    from hub.desk import open_desk

    with open_desk(load()) as desk:
        quarantine.discard(desk, entry)
