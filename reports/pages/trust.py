"""The page trust: whether the numbers can be relied on, and which not.

Numbers with what marks them, data sets, rows set aside, checks, runs and comparisons, as far as the viewer
sees them ─▶ the template's values. It checks nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from reports.access.viewer import ROLES
from reports.look import Look, Page
from reports.numbers import Number, numbers
from reports.pages import trust_held, trust_rows
from reports.pages.morning import shown
from reports.publication import Row

BUILDS = 30
"""Builds that the strip of checks shows."""

CHECKS = """
    select
        count(*) as checks,
        count(case when result = 'passed' then 1 end) as passed,
        count(case when result = 'failed' then 1 end) as failed,
        count(case when result = 'could_not_check' then 1 end) as unchecked,
        count(case when holds and result <> 'passed' then 1 end) as holding
    from marts.mart_check"""
FAILED = """
    select * from marts.mart_check where result <> 'passed'
    order by holds desc, violations desc nulls last, check_name limit 20"""
HISTORY = """
    select
        run_id, max(checked_at) as checked_at, count(*) as checks,
        count(case when result = 'failed' then 1 end) as failed,
        count(case when result = 'could_not_check' then 1 end) as unchecked
    from marts.mart_check_history
    group by run_id
    order by run_id desc
    limit $builds"""
FLOWS = """
    select
        flow, max(started_at) as last_at, count(distinct step) as steps, count(*) as runs,
        arg_max(state, run_no) as state, sum(read) as read, sum(written) as written,
        count(case when adds_up = false then 1 end) as wrong,
        count(case when state = 'failed' then 1 end) as failed
    from core.fct_hub_run
    group by flow
    order by flow"""
COMPARED = """
    select *
    from core.fct_reconciliation
    where is_latest
    order by still_different desc, flow, step"""


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows; ``None`` before anything was read."""
    streams = look.rows("select * from marts.mart_data_health order by stream")
    if not any(row["read_at"] for row in streams):
        return None
    sees_company = look.sees("marts.mart_metric", "marts.mart_check", "core.fct_quarantine")
    found = numbers(look) if sees_company else []
    systems: dict[str, list[Row]] = {}
    for row in streams:
        systems.setdefault(row["system"], []).append(row)
    values: dict[str, Any] = {
        "numbers": [{**shown(look, one), "relied": relied(one)} for one in found],
        "systems": systems,
        "states": {state: sum(1 for row in streams if row["state"] == state) for state in STATES},
        "streams": len(streams),
        "flows": look.rows(FLOWS),
        "publication": look.one("select * from marts.mart_publication"),
        "reasons": None,
        "checks": None,
        "compared": look.rows(COMPARED) if look.sees("core.fct_reconciliation") else None,
    }
    if sees_company:
        values["reasons"] = trust_held.reasons(look)
        values["checks"] = {
            **look.one(CHECKS),
            "rows": look.rows(FAILED),
            "history": list(reversed(look.rows(HISTORY, builds=BUILDS))),
        }
    return {"finding": _finding(look, found, streams), **values}


STATES = ("fresh", "stale", "empty")


def relied(number: Number) -> str:
    """How far a number can be relied on: good, neutral (with care) or bad (a source is out of date)."""
    if number.is_stale:
        return "bad"
    return "neutral" if number.failed or number.held else "good"


def ill(row: Row) -> bool:
    """Whether a data set needs a person: out of date, something set aside, a check failed or not run."""
    trouble = row["quarantined"] or row["checks_failed"] or row["checks_unchecked"]
    return bool(trouble) or row["state"] == "stale"


def _finding(look: Look, found: Sequence[Number], streams: Sequence[Row]) -> Markup:
    reader = look.reader
    if not found:
        bad = sum(1 for row in streams if ill(row))
        return reader.text("health.found_bad", bad) if bad else reader.text("health.found_good", len(streams))
    sure = sum(1 for one in found if relied(one) == "good")
    every = reader.number(len(found))
    if sure == len(found):
        return reader.text("trust.finding.all", len(found))
    most = max(found, key=lambda one: (one.held_amount or 0, one.held or 0, one.failed))
    title = reader.word("metric_title", most.metric.key)
    if most.held_amount:
        return reader.text(
            "trust.finding.lacks", sure, all=every, title=title, amount=reader.money(most.held_amount)
        )
    return reader.text("trust.finding.marked", sure, all=every, title=title)


PAGE = Page(
    key="trust",
    make=make,
    roles=frozenset(ROLES),
)
ROWS = trust_rows.ROWS
