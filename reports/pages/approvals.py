"""The page approvals: how long decisions take, who holds them, what the waiting costs, what a rule would do.

A look ─▶ blocks of this package's approvals modules, left out where the viewer's role has no use for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from reports.access.scope import group_of
from reports.access.viewer import ROLES
from reports.filters import PART, PERIOD, PERIODS, PERSON, Filter
from reports.look import Look, Page
from reports.pages.approvals_cost import cost
from reports.pages.approvals_rows import PEOPLE, REQUEST_ROWS, STEP_ROWS, row_filters
from reports.pages.approvals_times import approvers, overall, times
from reports.pages.approvals_waiting import AHEAD_DAYS, calendar, leave, waiting
from reports.pages.approvals_whatif import FILTERS, what_if
from reports.rows import RowSet

RULERS = frozenset({"executive", "finance", "sales_manager"})
"""Who sets rules or has people: they see who is overloaded and try what another rule would have done."""

PARTS = """
    select department_no as value, any_value(department_name) as label
    from core.dim_employee
    where is_current and department_no in (select department_no from core.fct_approval)
    group by department_no order by label, value"""
APPROVERS = f"""
    select employee_no as value, name as label from ({PEOPLE}) as people
    where employee_no in (select approver_no from core.fct_approval_step) order by label, value"""
KINDS = "select distinct kind as value from core.fct_approval order by kind"


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows; ``None`` before anything was ever asked of anybody."""
    if not look.one("select count(*) as n from core.fct_approval_step")["n"]:
        return None
    known = calendar(look)
    is_ruler = look.viewer.role in RULERS
    load = approvers(look)
    period = look.asked.get("period") or "90d"
    waits = waiting(look, known)
    fullest = max(load["rows"], key=lambda row: (row["pending"], row["approver_no"]), default=None)
    return {
        "options": options(look),
        "is_company": group_of(look.viewer.role) == "company",
        "is_ruler": is_ruler,
        "sees_leave": look.sees("core.fct_attendance"),
        "finding": finding(look, waits, fullest),
        "links": row_filters(look),
        "period": period,
        "waits": waits,
        "fullest": fullest,
        "load": load if is_ruler else None,
        "ahead_days": AHEAD_DAYS,
        "leave": leave(look, known, load["rows"]),
        "times": times(look),
        "cost": cost(look, PERIODS[period]),
        "what_if": what_if(look) if is_ruler and look.sees_money else None,
    }


def options(look: Look) -> Mapping[str, list[tuple[str, str]]]:
    """What the page can be narrowed to, as this viewer sees it."""
    chosen = {
        "part": [(row["value"], row["label"]) for row in look.rows(PARTS)],
        "person": [(row["value"], row["label"]) for row in look.rows(APPROVERS)],
        "kind": [(row["value"], look.reader.word("kind", row["value"])) for row in look.rows(KINDS)],
    }
    return {name: found for name, found in chosen.items() if len(found) > 1}


def finding(look: Look, waits: Mapping[str, Any], fullest: Mapping[str, Any] | None) -> Markup:
    """How long half of the decisions take, and what waits now, the viewer's own first."""
    reader = look.reader
    whole = overall(look)
    took = (
        reader.text("approvals.took", value=reader.hours(whole["median_working_h"]))
        if whole["decided"]
        else reader.text("approvals.took_none")
    )
    return Markup(" ").join((took, _now(look, waits, fullest)))


def _now(look: Look, waits: Mapping[str, Any], fullest: Mapping[str, Any] | None) -> Markup:
    reader = look.reader
    mine, n = len(waits["mine"]), waits["total"]
    if not n:
        return reader.text("approvals.waits_none")
    if look.viewer.role not in RULERS and look.viewer.role != "hr":
        said = [reader.text("approvals.waits_mine", mine)] if mine else []
        return Markup(" ").join(
            [*said, *([reader.text("approvals.waits_own", n - mine)] if n > mine else [])]
        )
    whom = _whom(look, n, mine, fullest)
    if waits["amount"] is None:
        return reader.text("approvals.waits_count", n, whom=whom)
    return reader.text("approvals.waits", n, amount=reader.money(waits["amount"]), whom=whom)


def _whom(look: Look, n: int, mine: int, fullest: Mapping[str, Any] | None) -> Markup:
    """Who has most of what waits, as a part of a sentence; the viewer before anybody else."""
    reader = look.reader
    if mine:
        if mine == n:
            return reader.text("approvals.whom_you_all", n)
        return reader.text("approvals.whom_you", value=reader.number(mine))
    if fullest is None:
        return Markup("")
    name = fullest["approver_name"] or fullest["approver_no"]
    if fullest["pending"] == n:
        return reader.text("approvals.whom_all", n, name=name)
    return reader.text("approvals.whom", value=reader.number(fullest["pending"]), name=name)


PAGE = Page(
    key="approvals",
    make=make,
    roles=frozenset(ROLES),
    filters=(PERIOD, PART, PERSON, Filter("kind", "text"), *FILTERS),
)
ROWS: tuple[RowSet, ...] = (REQUEST_ROWS, STEP_ROWS)
