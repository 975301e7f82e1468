"""The rows behind the page approvals: requests and their steps, with who asked, who decides and on which day.

Requests, steps and people as the viewer may see them ─▶ two row sets, whose selects the page's own numbers
are counted from, so that a number and the rows behind it never differ. It counts nothing itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from reports.filters import PERIODS, Filter
from reports.look import Look
from reports.rows import Column, RowSet

# Days are the company's own, whatever zone the server runs in.
CLOCK = """
    select as_of, zone, cast(as_of at time zone zone as date) as today
    from marts.mart_publication
    cross join (
        select coalesce(any_value(timezone), 'UTC') as zone from core.dim_date where is_default_country)"""
PEOPLE = "select employee_no, name, country, substitute_no from core.dim_employee where is_current"

# Numbers are counted from these, which join no more than they must; rows are shown from those below.
# What was cancelled ended, but nobody decided it: it tells nothing of how long decisions take.
REQUESTS = f"""
    select
        requests.request_no, requests.kind, requests.status, requests.requester_no, requests.department_no,
        requests.source_stream, requests.source_key, requests.requested_at, requests.decided_at,
        requests.working_h, requests.amount, requests.pending_approver_no,
        cast(requests.decided_at at time zone clock.zone as date) as decided_on,
        cast(date_trunc('month', requests.decided_at at time zone clock.zone) as date) as month_on,
        requests.elapsed_h / 24 as waited_days, requests.decided_at is null as is_open,
        requests.status in ('approved', 'refused') as is_decided,
        clock.as_of, clock.today
    from core.fct_approval as requests
    cross join ({CLOCK}) as clock"""
"""One row per request the viewer sees; ``decided_on`` is null while it waits, ``waited_days`` goes on."""
STEPS = f"""
    select
        steps.step_no, requests.request_no, steps.request_no as of_request_no, steps.sequence, steps.kind,
        steps.step_name, steps.requester_no, steps.approver_no, steps.decided_by_no, steps.asked_at,
        steps.decided_at, steps.decision, steps.is_pending, steps.is_late, steps.working_h, steps.target_h,
        steps.decision not in ('pending', 'cancelled') as is_decided,
        requests.amount, requests.source_key, requests.department_no,
        cast(steps.decided_at at time zone clock.zone as date) as decided_on,
        cast(date_trunc('month', steps.decided_at at time zone clock.zone) as date) as month_on,
        clock.as_of, clock.today
    from core.fct_approval_step as steps
    cross join ({CLOCK}) as clock
    left join core.fct_approval as requests on requests.request_no = steps.request_no"""
"""One row per step the viewer sees; what is of its request is null where they do not see the request."""

NAMED_REQUESTS = f"""
    select counted.*, asked.name as requester_name, holder.name as holder_name
    from ({REQUESTS}) as counted
    left join ({PEOPLE}) as asked on asked.employee_no = counted.requester_no
    left join ({PEOPLE}) as holder on holder.employee_no = counted.pending_approver_no"""
NAMED_STEPS = f"""
    select counted.*, asked.name as requester_name, approver.name as approver_name
    from ({STEPS}) as counted
    left join ({PEOPLE}) as asked on asked.employee_no = counted.requester_no
    left join ({PEOPLE}) as approver on approver.employee_no = counted.approver_no"""

_DAYS = " ".join(f"when '{name}' then {days}" for name, days in PERIODS.items())
_STATES = ("pending", "approved", "refused")
# The same names mean the same on both sets, so that a page's numbers can name either.
_NARROW: Mapping[str, str] = {
    "kind": "kind = $kind",
    "part": "department_no = $part",
    "month": "month_on = cast($month as date)",
    "period": f"decided_at is null or decided_at > as_of - to_days(case $period {_DAYS} end)",
    "below": "amount < $below",
}
_FILTERS = (
    Filter("kind", "text"),
    Filter("step", "text", words="step"),
    Filter("approver", "code"),
    Filter("period", "period", choices=tuple(PERIODS), words="period"),
    Filter("month", "date"),
    Filter("part", "code"),
    Filter("below", "whole"),
)

REQUEST_ROWS = RowSet(
    name="requests",
    tables=("core.fct_approval", "core.fct_approval_step"),
    select=NAMED_REQUESTS,
    columns=(
        Column("request_no", record="request"),
        Column("kind", words="kind"),
        Column("requester_name"),
        Column("amount", "money"),
        Column("status", words="status"),
        Column("working_h", "hours"),
        Column("waited_days", "decimal"),
        Column("holder_name"),
        Column("requested_at", "instant"),
        Column("decided_at", "instant"),
    ),
    order="requested_at desc, request_no",
    where={
        **_NARROW,
        "step": "request_no in (select request_no from core.fct_approval_step where step_name = $step)",
        "approver": "request_no in"
        " (select request_no from core.fct_approval_step where approver_no = $approver)",
        "state": "case $state when 'open' then is_open when 'decided' then is_decided"
        " else status = $state end",
    },
    filters=(
        *_FILTERS,
        Filter(
            "state",
            "state",
            choices=("open", "decided", "requested", "cancelled", *_STATES),
            words="asked_state",
        ),
    ),
)
STEP_ROWS = RowSet(
    name="steps",
    tables=("core.fct_approval_step",),
    select=NAMED_STEPS,
    columns=(
        Column("step_no"),
        Column("request_no", record="request"),
        Column("kind", words="kind"),
        Column("step_name", words="step"),
        Column("requester_name"),
        Column("approver_name"),
        Column("amount", "money"),
        Column("decision", words="status"),
        Column("working_h", "hours"),
        Column("target_h", "hours"),
        Column("asked_at", "instant"),
        Column("decided_at", "instant"),
    ),
    order="asked_at desc, step_no",
    where={
        **_NARROW,
        "step": "step_name = $step",
        "approver": "approver_no = $approver",
        "state": "case $state when 'decided' then is_decided when 'late' then is_late and is_decided"
        " else decision = $state end",
    },
    filters=(
        *_FILTERS,
        Filter("state", "state", choices=("decided", "late", *_STATES), words="asked_state"),
    ),
)

# Every select of the page is narrowed by these; the values come from `narrowed`.
STEPS_ASKED = """
    (cast($kind as varchar) is null or kind = $kind)
    and (cast($part as varchar) is null or department_no = $part)
    and (cast($person as varchar) is null or approver_no = $person)"""
REQUESTS_ASKED = """
    (cast($kind as varchar) is null or kind = $kind)
    and (cast($part as varchar) is null or department_no = $part)
    and (cast($person as varchar) is null or request_no in (
        select request_no from core.fct_approval_step where approver_no = $person))"""


def since(look: Look) -> dt.datetime:
    """The instant after which the look's period is: as many days back as the number on the first page."""
    return look.as_of - dt.timedelta(days=PERIODS[look.asked.get("period") or "90d"])


def narrowed(look: Look) -> dict[str, Any]:
    """The values of ``STEPS_ASKED`` and ``REQUESTS_ASKED``, ``None`` where the look is not narrowed."""
    return {name: look.asked.get(name) for name in ("kind", "part", "person")}


def row_filters(look: Look, **more: Any) -> dict[str, Any]:
    """What a link to the rows carries on from the look: the page's person is the rows' approver."""
    asked = narrowed(look)
    return {"kind": asked["kind"], "part": asked["part"], "approver": asked["person"], **more}
