"""What the morning page lists to be taken up first: gaps, or what the role holds instead.

One table a role: its finding, the rows in order, where all of them are. It writes no sentence of the top.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from reports.access.scope import group_of
from reports.look import Look
from reports.publication import Row

SHOWN = 5
SOON_DAYS = 14

# A document in two gaps is stuck once: it is listed with the gap that is oldest.
GAPS = """
    select *, (select count(*) from marts.mart_handoff_gaps) as gaps
    from (
        select * from marts.mart_handoff_gaps
        qualify row_number() over (
            partition by document_stream, document_no order by age_working_days desc, gap_key) = 1)
    order by abs(amount) desc nulls last, gap_key
    limit $shown"""
SUPPLY = """
    select *, count(*) over () as items
    from marts.mart_supply
    where runs_out_on <= $until
    order by runs_out_on, days_of_cover - lead_time_days, item_no
    limit $shown"""
AWAY = """
    select
        away.employee_no, people.name as person_name, people.department_name,
        substitute.name as substitute_name,
        min(away.on_date) as first_on, max(away.on_date) as last_on, count(*) as days,
        string_agg(distinct away.kind, ' ' order by away.kind) as kinds, count(*) over () as people
    from core.fct_attendance as away
    join core.dim_employee as people on people.employee_no = away.employee_no and people.is_current
    left join core.dim_employee as substitute
        on substitute.employee_no = people.substitute_no and substitute.is_current
    where away.kind <> 'present' and away.status <> 'cancelled' and away.is_working_day
        and away.on_date >= $today and away.on_date <= $until
    group by all
    order by first_on, people.name, away.employee_no
    limit $shown"""
DECISIONS = """
    select steps.*, asked.name as requester_name, count(*) over () as steps
    from core.fct_approval_step as steps
    left join core.dim_employee as asked on asked.employee_no = steps.requester_no and asked.is_current
    where steps.is_pending and steps.decided_by_no = $me
    order by steps.asked_at, steps.step_no
    limit $shown"""
KINDS = {
    "crm.orders": "order",
    "erp.sales_orders": "order",
    "crm.leads": "lead",
    "erp.payments": "payment",
    "erp.shipments": "shipment",
    "erp.purchases": "purchase",
    "oa.approval_requests": "request",
}
"""What kind of record a gap's document is, where its page can be opened."""


def first(look: Look) -> Mapping[str, Any]:
    """The role's list: ``kind`` names the part of the template, ``rows`` are at most five."""
    group = group_of(look.viewer.role)
    until = look.today + dt.timedelta(days=SOON_DAYS)
    if group in ("company", "team"):
        return {"kind": "gaps", "rows": [_gap(look, row) for row in look.rows(GAPS, shown=SHOWN)]}
    if group == "production":
        return {"kind": "supply", "rows": look.rows(SUPPLY, until=until, shown=SHOWN)}
    if group == "hr":
        return {"kind": "away", "rows": look.rows(AWAY, today=look.today, until=until, shown=2 * SHOWN)}
    me = look.viewer.employee_no
    return {"kind": "decisions", "rows": look.rows(DECISIONS, me=me, shown=2 * SHOWN)}


def _gap(look: Look, row: Row) -> Mapping[str, Any]:
    kind = KINDS.get(row["document_stream"])
    return {**row, "record": look.record(kind, row["document_no"]) if kind else None}
