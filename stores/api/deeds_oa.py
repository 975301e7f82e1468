"""The OA's actions: filing a trip, approving, refusing and taking back a request."""

from __future__ import annotations

from models import oa
from stores import oa as rules
from stores.api.deeds import Action, Field

_requests = oa.approval_requests.c
_by = Field("by_no", oa.employees.c.employee_no)
_comment = Field("comment", oa.approval_steps.c.comment_text, required=False)

ACTIONS: tuple[Action, ...] = (
    Action(
        "approval_requests",
        "approve",
        "oa:approve",
        "Approve the open step; the next level is asked, or the request is approved.",
        lambda c, key, given, at: rules.approve(c, request_no=key, at=at, **given),
        (_by, _comment),
    ),
    Action(
        "approval_requests",
        "refuse",
        "oa:approve",
        "Refuse the open step and with it the request.",
        lambda c, key, given, at: rules.refuse(c, request_no=key, at=at, **given),
        (_by, _comment),
    ),
    Action(
        "approval_requests",
        "cancel",
        "oa:write",
        "Take a request back, decided or not; only its requester may.",
        lambda c, key, given, at: rules.cancel(c, request_no=key, at=at, **given),
        (_by,),
    ),
    Action(
        "approval_requests",
        "file_trip",
        "oa:write",
        "File a trip and ask the first approver.",
        lambda c, _key, given, at: rules.file_trip(c, at=at, **given),
        (
            Field("employee_no", oa.employees.c.employee_no),
            Field("subject", _requests.subject),
            Field("destination", _requests.destination),
            Field("starts_on", _requests.starts_on),
            Field("ends_on", _requests.ends_on),
            Field("amount", _requests.amount),
            Field("currency", _requests.currency),
            Field("lead_no", _requests.lead_no, required=False),
        ),
        on_record=False,
        makes="approval_requests",
    ),
)
