"""The rows behind numbers and sentences about decisions: requests, the steps that wait, and trips.

Each set has the rows that its number is counted from: ``asked`` and ``decided`` are days back from the
publication's instant, as its numbers count them.
"""

from __future__ import annotations

from collections.abc import Mapping

from reports.filters import Filter
from reports.rows import Column, RowSet

_WHERE: Mapping[str, str] = {
    "state": "$state = 'open' and status in ('requested', 'pending')",
    "asked": "requested_at > as_of - to_days(cast($asked as integer))",
    "decided": """status in ('approved', 'refused') and working_h is not null and decided_at <= as_of
        and decided_at > as_of - to_days(cast($decided as integer))""",
    "status": "status = $status",
    "kind": "kind = $kind",
    "approver": "pending_approver_no = $approver",
    "requester": "requester_no = $requester",
}
_FILTERS = (
    Filter("state", "state", choices=("open",), words="asked_state"),
    Filter("asked", "days"),
    Filter("decided", "days"),
    Filter("status", "code"),
    Filter("kind", "code"),
    Filter("approver", "code"),
    Filter("requester", "code"),
)
_TIMES = (Column("requested_at", "instant"), Column("decided_at", "instant"), Column("working_h", "hours"))

DECISIONS = RowSet(
    name="decisions",
    tables=("core.fct_approval", "core.dim_employee"),
    select="""
        select requests.*, approver.name as approver_name, asked.name as requester_name, publication.as_of
        from core.fct_approval as requests
        cross join marts.mart_publication as publication
        left join core.dim_employee as approver
            on approver.employee_no = requests.pending_approver_no and approver.is_current
        left join core.dim_employee as asked
            on asked.employee_no = requests.requester_no and asked.is_current""",
    columns=(
        Column("request_no", record="request"),
        Column("kind", words="kind"),
        Column("status", words="status"),
        Column("requester_name"),
        Column("approver_name"),
        *_TIMES,
        Column("amount", "money"),
    ),
    order="requested_at desc, request_no",
    where=_WHERE,
    filters=_FILTERS,
)

WAITING = RowSet(
    name="waiting-decisions",
    tables=("core.fct_approval_step", "core.dim_employee"),
    select="""
        select steps.*, approver.name as approver_name, asked.name as requester_name
        from core.fct_approval_step as steps
        left join core.dim_employee as approver
            on approver.employee_no = steps.decided_by_no and approver.is_current
        left join core.dim_employee as asked on asked.employee_no = steps.requester_no and asked.is_current
        where steps.is_pending""",
    columns=(
        Column("request_no", record="request"),
        Column("kind", words="kind"),
        Column("requester_name"),
        Column("approver_name"),
        Column("asked_at", "instant"),
        Column("working_h", "hours"),
        Column("target_h", "hours"),
        Column("is_late", words="yes_no"),
    ),
    order="asked_at, step_no",
    where={
        "approver": "decided_by_no = $approver",
        "kind": "kind = $kind",
        "late": "is_late = ($late = 'yes')",
    },
    filters=(
        Filter("approver", "code"),
        Filter("kind", "code"),
        Filter("late", "choice", choices=("yes",), words="yes_no"),
    ),
)

TRIPS = RowSet(
    name="trip-requests",
    tables=("core.fct_trip", "core.dim_employee"),
    select="""
        select trips.*, people.name as employee_name, publication.as_of
        from core.fct_trip as trips
        cross join marts.mart_publication as publication
        left join core.dim_employee as people
            on people.employee_no = trips.employee_no and people.is_current""",
    columns=(
        Column("request_no", record="request"),
        Column("employee_name"),
        Column("status", words="status"),
        Column("starts_on", "date"),
        Column("ends_on", "date"),
        Column("days", "days"),
        *_TIMES,
    ),
    order="requested_at desc, request_no",
    where={name: _WHERE[name] for name in ("state", "asked", "decided", "status")},
    filters=_FILTERS[:4],
)

ROWS = (DECISIONS, WAITING, TRIPS)
