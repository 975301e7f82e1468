"""What a decided trip means elsewhere: money, days, and a word on the lead; a later cancel takes each back.

Pure functions of an ``oa.approval_requests`` row, used by the approvals flow.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from hub.words import Look, Made, MissingDependency, RecordRejected, Row

WORKING_DAY_HOURS = Decimal(8)


def funds(request: Row, _look: Look) -> Made:
    """Money set aside in the ERP for an approved trip."""
    return {
        "request_no": request["request_no"],
        "fund_no": f"FU-{request['request_no'].removeprefix('AR-')}",
        "employee_no": request["requester_no"],
        "kind": "trip",
        "amount": request["amount"],
        "currency": request["currency"],
        "status": "booked",
        "booked_on": request["decided_at"].date(),
    }


def reversed_funds(request: Row, look: Look) -> Made:
    """What was booked for a trip that was cancelled later; nothing when nothing was."""
    booked = look.one("funds", request["request_no"])
    return {"request_no": request["request_no"], "status": "reversed"} if booked else None


def attendance(request: Row, look: Look) -> Made:
    """The working days of an approved trip in the traveller's attendance; a cancelled day is free again."""
    employee = look.one("employees", request["requester_no"])
    if employee is None:
        raise MissingDependency(
            f"oa.approval_requests {request['request_no']}: {request['requester_no']} is no employee",
            rule="requester_is_employee",
        )
    known = {row["on_date"]: row for row in look.all("attendance", employee["employee_no"])}
    return [
        {
            "attendance_no": f"{employee['employee_no']}:{day}",
            "employee_no": employee["employee_no"],
            "on_date": day,
            "kind": "business_trip",
            "hours": WORKING_DAY_HOURS,
            "status": _day_status(request, known.get(day)),
            "request_no": request["request_no"],
        }
        for day in _working_days(request, employee, look)
    ]


def _day_status(request: Row, known: Row | None) -> str:
    """Planned, or what the OA made of the day since; refuses a day that is taken by something else."""
    if known is None or known["status"] == "cancelled":
        return "planned"
    if known["request_no"] != request["request_no"]:
        raise RecordRejected(
            f"oa.approval_requests {request['request_no']}: {known['employee_no']} has {known['kind']} on "
            f"{known['on_date']} ({known['request_no'] or 'no request'}), expected a free day; cancel one of "
            "the two in the OA, then replay",
            rule="day_is_free",
        )
    return str(known["status"])


def _working_days(request: Row, employee: Row, look: Look) -> Iterator[dt.date]:
    calendar = look.one("calendars", employee["country"])
    weekdays = calendar["working_weekdays"] if calendar else "12345"
    closed = {
        row["on_date"] for row in look.all("holidays", employee["country"]) if row["day_part"] == "full"
    }
    day = request["starts_on"]
    while day is not None and day <= request["ends_on"]:
        if str(day.isoweekday()) in weekdays and day not in closed:
            yield day
        day += dt.timedelta(days=1)


def released_attendance(request: Row, look: Look) -> Made:
    """The days of a trip that was cancelled later."""
    booked = look.all("attendance", request["request_no"])
    return [{"attendance_no": row["attendance_no"], "status": "cancelled"} for row in booked] or None


def lead_activity(request: Row, _look: Look) -> Made:
    """The outcome of a trip request on the lead it is for: what was decided and, when approved, its cost."""
    if request["lead_no"] is None:
        return None
    approved = request["status"] == "approved"
    return {
        "request_no": request["request_no"],
        "activity_no": f"AC-{request['request_no']}",
        "lead_no": request["lead_no"],
        "employee_no": request["requester_no"],
        "kind": "trip",
        "subject": request["subject"],
        "outcome": request["status"],
        "happened_at": request["decided_at"],
        "cost_amount": request["amount"] if approved else None,
        "currency": request["currency"] if approved else None,
    }
