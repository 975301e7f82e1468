"""Approvals: what needs a decision is asked in the OA, and what was decided takes effect where it belongs.

crm.orders, erp.purchases (wanted) → oa.approval_requests; decided requests → erp.funds, oa.attendance,
crm.activities on the lead (trips), or the document that waited. A later cancel, or delete, reverses each.
"""

from typing import Any

from flows.trips import attendance, funds, lead_activity, released_attendance, reversed_funds
from hub.words import DELETE, Flow, Look, Made, Make, Read, Row, Step, Using, Write

DECIDED = ("approved", "refused", "cancelled")


def request_for(stream: str, *, key: str, requester: str, kind: str) -> Make:
    """A ``make`` that asks the OA to decide on a document; asked once, the request is the OA's own."""

    def request(document: Row, _look: Look) -> Made:
        number = document[key]
        asked_kind = document.get(kind) or kind
        return {
            "request_no": f"AR-{number}",
            "kind": asked_kind,
            "requester_no": document[requester],
            "subject": f"{asked_kind.capitalize()} for {number}",
            "amount": document["total_amount"],
            "currency": document["currency"],
            "status": "requested",
            "source_stream": stream,
            "source_key": number,
            "requested_at": document["updated_at"],
            "channel": "system",
        }

    return request


def decision_for(key: str) -> Make:
    """A ``make`` that tells a document what was decided; a cancelled request is a refusal to it."""

    def decision(request: Row, _look: Look) -> Made:
        word = "approved" if request["status"] == "approved" else "refused"
        return {key: request["source_key"], "approval_status": word}

    return decision


# Asked once, a request is the OA's own.
ASKED_ONCE = (
    "kind",
    "requester_no",
    "subject",
    "amount",
    "currency",
    "status",
    "source_stream",
    "source_key",
    "requested_at",
    "channel",
)
_ASKED = Write("oa.approval_requests", key="request_no", create=ASKED_ONCE)


def _decided(*kinds: str, status: Any = DECIDED, **more: Any) -> Read:
    return Read("oa.approval_requests", where={"kind": kinds, "status": status, **more})


APPROVALS = Flow(
    name="approvals",
    every="10 minutes",
    owner="office",
    doc=__doc__,
    steps=(
        Step(
            "ask_order",
            read=Read("crm.orders", where={"approval_status": "wanted"}),
            make=request_for("crm.orders", key="order_no", requester="owner_no", kind="approval_kind"),
            write=_ASKED,
        ),
        Step(
            "ask_purchase",
            read=Read("erp.purchases", where={"approval_status": "wanted"}),
            make=request_for("erp.purchases", key="purchase_no", requester="requester_no", kind="purchase"),
            write=_ASKED,
        ),
        Step(
            "book_funds",
            read=_decided("trip", status="approved"),
            make=funds,
            write=Write("erp.funds", key="request_no", create=("fund_no", "status", "booked_on")),
            checks="approved_trips",
            gone={"status": "reversed"},
        ),
        Step(
            "reverse_funds",
            read=_decided("trip", status="cancelled"),
            make=reversed_funds,
            write=Write("erp.funds", key="request_no", owns=("status",)),
            using={"funds": Using("erp.funds", "request_no", match="request_no")},
        ),
        Step(
            "book_attendance",
            read=_decided("trip", status="approved"),
            make=attendance,
            write=Write("oa.attendance", key="attendance_no", create=("employee_no", "on_date")),
            checks="approved_trips",
            gone={"status": "cancelled"},
            using={
                "employees": Using("oa.employees", "employee_no", match="requester_no"),
                "calendars": Using("oa.calendars", "country"),
                "holidays": Using("oa.holidays", "country"),
                "attendance": Using("oa.attendance", "employee_no", match="requester_no"),
            },
        ),
        Step(
            "release_attendance",
            read=_decided("trip", status="cancelled"),
            make=released_attendance,
            write=Write("oa.attendance", key="attendance_no", owns=("status",)),
            using={"attendance": Using("oa.attendance", "request_no", match="request_no")},
        ),
        Step(
            "tell_lead",
            read=_decided("trip"),
            make=lead_activity,
            write=Write(
                "crm.activities",
                key="request_no",
                create=("activity_no", "employee_no", "kind", "subject", "happened_at"),
            ),
            gone=DELETE,
        ),
        Step(
            "decide_order",
            read=_decided("discount", "credit", source_stream="crm.orders"),
            make=decision_for("order_no"),
            write=Write("crm.orders", key="order_no", owns=("approval_status",)),
        ),
        Step(
            "decide_purchase",
            read=_decided("purchase", source_stream="erp.purchases"),
            make=decision_for("purchase_no"),
            write=Write("erp.purchases", key="purchase_no", owns=("approval_status",)),
        ),
    ),
)
