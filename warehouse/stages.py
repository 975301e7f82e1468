"""The warehouse's steps as functions, each re-runnable alone: extract, core, marts, gate, publish.

Each takes the settings and gives small counts; ``flows.warehouse`` puts them in order, with planning
between core and marts. It does no work of its own.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from settings import Settings


def extract(settings: Settings, *, as_of: dt.datetime | None = None) -> Mapping[str, Any]:
    """Changed rows into raw: ``{"rows", "streams"}``, streams that changed with their rows."""
    from warehouse import extract as extraction

    changed = extraction.extract(settings, as_of=as_of)
    moved = {stream: rows for stream, rows in changed.items() if rows}
    return {"rows": sum(moved.values()), "streams": moved}


def core(settings: Settings) -> Mapping[str, Any]:
    """Staging views and core tables: rows of each table made anew."""
    return _build(settings, "staging", "core")


def marts(settings: Settings) -> Mapping[str, Any]:
    """Mart tables: rows of each table made anew."""
    return _build(settings, "marts")


def gate(settings: Settings) -> Mapping[str, Any]:
    """Run every gate: counts by outcome, the gates that hold the publication, those that mark it."""
    from warehouse import gates, runner
    from warehouse.build_file import open_build

    with open_build(settings) as build:
        verdicts = gates.judge(build)
        # The marts that carry the gates' own counts are made again, and no others.
        runner.build(build, "marts")
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    return {
        "passed": outcomes["passed"],
        "failed": outcomes["failed"],
        "could_not_check": outcomes["could_not_check"],
        "holding": [v.gate.name for v in verdicts if v.holds],
        "marking": [v.gate.name for v in verdicts if not v.holds and v.outcome != "passed"],
    }


def publish(settings: Settings) -> Mapping[str, Any]:
    """Put a fresh published file in place, or hold it: ``{"state", "tables", "rows", "failed_checks"}``."""
    from warehouse.publish import publish as put

    return put(settings)


def _build(settings: Settings, *layers: str) -> Mapping[str, Any]:
    from warehouse import runner
    from warehouse.build_file import open_build

    with open_build(settings) as build:
        return runner.build(build, *layers)
