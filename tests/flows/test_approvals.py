"""What needs a decision is asked once; what was decided takes effect, and a cancel takes it back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from flows.approvals import decision_for, request_for
from flows.trips import attendance, funds, lead_activity, released_attendance, reversed_funds
from hub.words import MissingDependency, RecordRejected
from tests.flows.rows import look, order, trip

PEOPLE: dict[str, Any] = {
    "attendance": {},
    "employees": {"E-0007": [{"employee_no": "E-0007", "country": "ES"}]},
    "calendars": {"ES": [{"country": "ES", "working_weekdays": "12345"}]},
    "holidays": {"ES": [{"on_date": dt.date(2026, 11, 27), "day_part": "full"}]},
}


def test_a_discount_asks_in_the_name_of_the_sales_person() -> None:
    ask = request_for("crm.orders", key="order_no", requester="owner_no", kind="approval_kind")
    request = ask(order(approval_kind="discount"), look())
    assert isinstance(request, dict)
    assert (request["request_no"], request["kind"], request["requester_no"]) == (
        "AR-CO-2026-00412", "discount", "E-0007",
    )  # fmt: skip
    assert request["status"] == "requested"


def test_an_approved_trip_books_its_funds() -> None:
    booked = funds(trip(), look())
    assert isinstance(booked, dict)
    assert (booked["fund_no"], booked["amount"], booked["status"]) == (
        "FU-2026-00042",
        Decimal("840.00"),
        "booked",
    )


def test_a_trip_takes_working_days_only() -> None:
    days = attendance(trip(), look(**PEOPLE))
    assert isinstance(days, list)
    # Thursday and Monday: Friday is a holiday in Spain here, Saturday and Sunday are not worked.
    assert [row["on_date"] for row in days] == [dt.date(2026, 11, 26), dt.date(2026, 11, 30)]
    assert {row["kind"] for row in days} == {"business_trip"}


@pytest.mark.parametrize(
    ("status", "request_no", "expected"),
    [("cancelled", "AR-1", "planned"), ("actual", "AR-2026-00042", "actual"), ("planned", "AR-1", "refused")],
)
def test_a_day_is_taken_over_when_free_and_left_when_taken(
    status: str, request_no: str, expected: str
) -> None:
    day = {
        "employee_no": "E-0007", "on_date": dt.date(2026, 11, 26), "kind": "business_trip", "status": status,
        "request_no": request_no,
    }  # fmt: skip
    tables = {**PEOPLE, "attendance": {"E-0007": [day]}}
    if expected == "refused":
        with pytest.raises(RecordRejected, match="2026-11-26"):
            attendance(trip(), look(**tables))
        return
    rows = attendance(trip(), look(**tables))
    assert isinstance(rows, list)
    assert rows[0]["status"] == expected


def test_a_trip_of_nobody_waits() -> None:
    with pytest.raises(MissingDependency):
        attendance(trip(), look(**{**PEOPLE, "employees": {}}))


@pytest.mark.parametrize("status", ["approved", "refused", "cancelled"])
def test_the_lead_hears_every_outcome_and_a_cost_only_when_approved(status: str) -> None:
    activity = lead_activity(trip(status=status), look())
    assert isinstance(activity, dict)
    assert activity["outcome"] == status
    assert (activity["cost_amount"] is not None) == (status == "approved")


def test_a_trip_without_lead_tells_no_lead() -> None:
    assert lead_activity(trip(lead_no=None), look()) is None


def test_a_cancel_reverses_what_was_booked_and_nothing_else() -> None:
    request = trip(status="cancelled")
    booked = {"AR-2026-00042": [{"attendance_no": "E-0007:2026-11-26"}]}
    assert reversed_funds(request, look(funds={})) is None
    assert released_attendance(request, look(attendance={})) is None
    assert reversed_funds(request, look(funds=booked)) == {
        "request_no": "AR-2026-00042",
        "status": "reversed",
    }
    assert released_attendance(request, look(attendance=booked)) == [
        {"attendance_no": "E-0007:2026-11-26", "status": "cancelled"}
    ]


@pytest.mark.parametrize(
    ("status", "word"), [("approved", "approved"), ("refused", "refused"), ("cancelled", "refused")]
)
def test_a_decision_unblocks_or_refuses_its_document(status: str, word: str) -> None:
    told = decision_for("order_no")(trip(status=status, source_key="CO-2026-00412"), look())
    assert told == {"order_no": "CO-2026-00412", "approval_status": word}
