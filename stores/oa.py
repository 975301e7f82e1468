"""The OA's decisions: filing a request, routing it to who must decide, deciding it, cancelling it.

A request comes in as ``requested``, is routed into steps by the policies, and leaves approved, refused or
cancelled. What follows in other systems is not the OA's matter.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa

from models import oa
from stores.oa_steps import ask, chain_of, decide, is_away, steps_of
from stores.records import Row, add, aware, change, need, next_number
from stores.refusals import Refusal


def file_trip(
    connection: sa.Connection,
    *,
    employee_no: str,
    subject: str,
    destination: str,
    starts_on: dt.date,
    ends_on: dt.date,
    amount: Decimal,
    currency: str,
    at: dt.datetime,
    lead_no: str | None = None,
    request_no: str = "",
) -> str:
    """File a trip and ask the first approver; gives the request's number."""
    _check_trip(connection, employee_no, days=(starts_on, ends_on), amount=amount)
    number = request_no or next_number(
        connection, oa.approval_requests.c.request_no, prefix="AR", year=at.year, width=5
    )
    add(
        connection,
        oa.approval_requests,
        request_no=number,
        kind="trip",
        requester_no=employee_no,
        subject=subject,
        amount=amount,
        currency=currency,
        status="requested",
        lead_no=lead_no,
        destination=destination,
        starts_on=starts_on,
        ends_on=ends_on,
        requested_at=aware(at),
        channel="system",
    )
    route(connection, request_no=number, at=at)
    return number


def route(connection: sa.Connection, *, request_no: str, at: dt.datetime) -> None:
    """Ask the first person who must decide a request."""
    request = need(connection, oa.approval_requests, request_no)
    if request["status"] != "requested":
        raise Refusal(f"{request_no} is {request['status']}, not requested", rule="routed_once")
    asked = chain_of(connection, request)
    if not asked:
        raise Refusal(
            f"{request_no}: nobody may decide a {request['kind']} of {request['requester_no']}; give the "
            "requester a manager or the kind a policy",
            rule="somebody_decides",
        )
    ask(connection, request, asked[0], sequence=1, at=at)
    change(connection, oa.approval_requests, request_no, status="pending")


def approve(
    connection: sa.Connection, *, request_no: str, by_no: str, at: dt.datetime, comment: str = ""
) -> str:
    """Approve the open step; asks the next level or approves the request. Gives the request's status."""
    request, step = _open_step(connection, request_no, by_no, at)
    decide(connection, step, "approved", by_no=by_no, at=at, comment=comment)
    asked = chain_of(connection, request)
    if step["sequence"] < len(asked):
        ask(connection, request, asked[step["sequence"]], sequence=step["sequence"] + 1, at=at)
        return "pending"
    change(connection, oa.approval_requests, request_no, status="approved", decided_at=aware(at))
    return "approved"


def refuse(
    connection: sa.Connection, *, request_no: str, by_no: str, at: dt.datetime, comment: str = ""
) -> str:
    """Refuse the open step and with it the request."""
    _request, step = _open_step(connection, request_no, by_no, at)
    decide(connection, step, "refused", by_no=by_no, at=at, comment=comment)
    change(connection, oa.approval_requests, request_no, status="refused", decided_at=aware(at))
    return "refused"


def cancel(connection: sa.Connection, *, request_no: str, by_no: str, at: dt.datetime) -> str:
    """Take a request back, decided or not; only its requester may. What was booked for it is reversed."""
    request = need(connection, oa.approval_requests, request_no)
    if by_no != request["requester_no"]:
        raise Refusal(f"{request_no} is {request['requester_no']}'s to cancel, not {by_no}'s", rule="own")
    if request["status"] not in ("requested", "pending", "approved"):
        raise Refusal(f"{request_no} is {request['status']}; nothing is left to cancel", rule="cancellable")
    for step in steps_of(connection, request_no, "pending"):
        decide(connection, step, "cancelled", by_no=step["approver_no"], at=at, comment="")
    change(connection, oa.approval_requests, request_no, status="cancelled", decided_at=aware(at))
    return "cancelled"


def _check_trip(
    connection: sa.Connection, employee_no: str, *, days: tuple[dt.date, dt.date], amount: Decimal
) -> None:
    if amount <= 0:
        raise Refusal(f"a trip costs something; the amount came as {amount}", rule="amount_is_positive")
    if days[1] < days[0]:
        raise Refusal(f"a trip cannot end on {days[1]}, before {days[0]}", rule="ends_after_start")
    employee = need(connection, oa.employees, employee_no)
    if employee["left_on"] is not None:
        raise Refusal(f"{employee_no} left on {employee['left_on']}", rule="requester_works_here")


def _open_step(connection: sa.Connection, request_no: str, by_no: str, at: dt.datetime) -> tuple[Row, Row]:
    request = need(connection, oa.approval_requests, request_no)
    steps = steps_of(connection, request_no, "pending")
    if request["status"] != "pending" or not steps:
        raise Refusal(f"{request_no} is {request['status']}; no decision is asked", rule="pending_only")
    if by_no == request["requester_no"]:
        raise Refusal(f"{by_no} asked for {request_no} and cannot decide it", rule="never_ones_own")
    approver = need(connection, oa.employees, (step := steps[0])["approver_no"])
    if by_no == approver["employee_no"]:
        return request, step
    if by_no != approver["substitute_no"]:
        raise Refusal(
            f"{request_no} is asked of {step['approver_no']}, not of {by_no}", rule="approver_or_substitute"
        )
    if not is_away(connection, step["approver_no"], at.date()):
        raise Refusal(
            f"{step['approver_no']} is at work on {at.date()}; the substitute {by_no} decides only while the "
            "approver is away",
            rule="substitute_while_away",
        )
    return request, step
