"""The steps of a request: whom it asks, who is away, how a step is opened and closed.

Rows of the OA in and out; whether somebody may decide is ``stores.oa``.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from models import oa
from stores.oa_routing import Asked, chain
from stores.records import Row, add, aware, change, rows

AWAY = ("leave", "sick", "business_trip")


def is_away(connection: sa.Connection, employee_no: str, day: dt.date) -> bool:
    """Whether the person is on leave, ill or on a trip that day."""
    days = oa.attendance.c
    return bool(
        rows(
            connection,
            oa.attendance,
            days.employee_no == employee_no,
            days.on_date == day,
            days.kind.in_(AWAY),
            days.status != "cancelled",
        )
    )


def steps_of(connection: sa.Connection, request_no: str, decision: str) -> list[Row]:
    """The steps of a request with that decision."""
    steps = oa.approval_steps.c
    return rows(connection, oa.approval_steps, steps.request_no == request_no, steps.decision == decision)


def chain_of(connection: sa.Connection, request: Row) -> list[Asked]:
    """Who must decide a request, by the policies and people of today."""
    people = {row["employee_no"]: row for row in rows(connection, oa.employees)}
    return chain(
        rows(connection, oa.approval_policies, oa.approval_policies.c.kind == request["kind"]),
        people,
        kind=request["kind"],
        amount=request["amount"],
        requester_no=request["requester_no"],
    )


def ask(connection: sa.Connection, request: Row, asked: Asked, *, sequence: int, at: dt.datetime) -> None:
    """Open the step that asks for a decision."""
    add(
        connection,
        oa.approval_steps,
        step_no=f"{request['request_no']}:{sequence}",
        request_no=request["request_no"],
        sequence=sequence,
        step_name=asked.step_name,
        requester_no=request["requester_no"],
        approver_no=asked.approver_no,
        asked_at=aware(at),
        decision="pending",
    )


def decide(
    connection: sa.Connection, step: Row, decision: str, *, by_no: str, at: dt.datetime, comment: str
) -> None:
    """Close a step; who is not its approver acted for them."""
    change(
        connection,
        oa.approval_steps,
        step["step_no"],
        decision=decision,
        decided_at=aware(at),
        acting_no=None if by_no == step["approver_no"] else by_no,
        comment_text=comment or None,
    )
