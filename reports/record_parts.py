"""What belongs to a record, as tables: an order's lines and payments, a request's decisions, a person's people.

The kind of a record ─▶ selects of what is related, with ``$names`` for columns of the record's own row. What a
record says of itself is ``record_kinds``'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reports.rows import Column

PEOPLE = "(select employee_no, name from core.dim_employee where is_current)"
ITEMS = "(select item_no, name from core.dim_item where is_current)"


@dataclass(frozen=True)
class Part:
    """Related rows of one kind: ``tables`` must be seen, ``select`` ends in an order with a unique key."""

    name: str
    tables: tuple[str, ...]
    select: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the record's row that the select asks for."""
        return tuple(dict.fromkeys(re.findall(r"\$(\w+)", self.select)))


def _orders(condition: str) -> Part:
    return Part(
        "orders",
        ("core.fct_order",),
        f"select * from core.fct_order where {condition} order by ordered_at desc nulls last, order_key",
        (Column("order_key", record="order"), Column("state", words="state"), Column("amount", "money"),
         Column("ordered_on", "date"), Column("paid_at", "instant"), Column("shipped_at", "instant"),
         Column("channel", words="channel")),
    )  # fmt: skip


def _leads(condition: str) -> Part:
    return Part(
        "leads",
        ("core.fct_lead",),
        f"""select leads.*, people.name as owner_name from core.fct_lead as leads
        left join {PEOPLE} as people on people.employee_no = leads.owner_no
        where {condition} order by created_at desc, lead_no""",
        (Column("lead_no", record="lead"), Column("company_name"), Column("stage", words="stage"),
         Column("expected_amount", "money"), Column("created_on", "date"),
         Column("owner_name", record="person", number="owner_no")),
    )  # fmt: skip


def _requests(condition: str) -> Part:
    return Part(
        "requests",
        ("core.fct_approval",),
        f"""select requests.*, people.name as requester_name, holders.name as holder_name
        from core.fct_approval as requests
        left join {PEOPLE} as people on people.employee_no = requests.requester_no
        left join {PEOPLE} as holders on holders.employee_no = requests.pending_approver_no
        where {condition} order by requested_at desc, request_no""",
        (Column("request_no", record="request"), Column("kind", words="kind"),
         Column("requester_name", record="person", number="requester_no"), Column("amount", "money"),
         Column("status", words="status"), Column("requested_at", "instant"), Column("working_h", "hours"),
         Column("holder_name", record="person", number="pending_approver_no")),
    )  # fmt: skip


def _payments(condition: str) -> Part:
    return Part(
        "payments",
        ("core.fct_payment",),
        f"select * from core.fct_payment where {condition} order by recorded_at desc, payment_no",
        (Column("payment_no", record="payment"), Column("amount", "money"), Column("paid_on", "date"),
         Column("recorded_at", "instant"), Column("channel", words="channel"),
         Column("order_key", record="order")),
    )  # fmt: skip


def _production(condition: str) -> Part:
    return Part(
        "production",
        ("core.fct_production", "core.dim_item"),
        f"""select made.*, items.name as item_name from core.fct_production as made
        left join {ITEMS} as items on items.item_no = made.item_no
        where {condition} order by due_on desc nulls last, production_no""",
        (Column("production_no", record="production"),
         Column("item_name", record="item", number="item_no"), Column("quantity", "decimal"),
         Column("status", words="production_status"), Column("due_on", "date"), Column("done_at", "instant"),
         Column("order_key", record="order")),
    )  # fmt: skip


SHIPMENTS = Part(
    "shipments",
    ("core.fct_shipment",),
    "select * from core.fct_shipment where order_key = $order_key order by requested_at, shipment_no",
    (Column("shipment_no", record="shipment"), Column("status", words="state"),
     Column("quantity", "decimal"), Column("requested_at", "instant"), Column("shipped_at", "instant")),
)  # fmt: skip
LINES = Part(
    "lines",
    ("core.fct_order_line", "core.dim_item"),
    f"""select lines.*, items.name as item_name from core.fct_order_line as lines
    left join {ITEMS} as items on items.item_no = lines.item_no
    where order_key = $order_key order by source_system, line_no, order_line_no""",
    (Column("item_name", record="item", number="item_no"), Column("quantity", "decimal"),
     Column("discount_rate", "percent"), Column("amount", "money")),
)  # fmt: skip
DECISIONS = Part(
    "decisions",
    ("core.fct_approval_step",),
    f"""select steps.*, asked.name as approver_name, decided.name as decided_by
    from core.fct_approval_step as steps
    left join {PEOPLE} as asked on asked.employee_no = steps.approver_no
    left join {PEOPLE} as decided on decided.employee_no = steps.decided_by_no
    where request_no = $request_no order by sequence, step_no""",
    (Column("step_name", words="step"), Column("approver_name", record="person", number="approver_no"),
     Column("decision", words="status"), Column("asked_at", "instant"), Column("decided_at", "instant"),
     Column("working_h", "hours"), Column("target_h", "hours"), Column("channel", words="channel")),
)  # fmt: skip
WAITING = Part(
    "waiting",
    ("core.fct_approval_step",),
    f"""select steps.*, people.name as requester_name from core.fct_approval_step as steps
    left join {PEOPLE} as people on people.employee_no = steps.requester_no
    where is_pending and approver_no = $employee_no order by asked_at, step_no""",
    (Column("request_no", record="request"), Column("kind", words="kind"), Column("step_name", words="step"),
     Column("requester_name", record="person", number="requester_no"), Column("asked_at", "instant"),
     Column("working_h", "hours"), Column("target_h", "hours")),
)  # fmt: skip
FUNDS = Part(
    "funds",
    ("core.fct_fund",),
    "select * from core.fct_fund where request_no = $request_no order by booked_on, fund_no",
    (Column("fund_no"), Column("status", words="status"), Column("booked_on", "date"), Column("amount", "money")),
)  # fmt: skip
TRIPS = Part(
    "trips",
    ("core.fct_trip",),
    "select * from core.fct_trip where request_no = $request_no",
    (Column("starts_on", "date"), Column("ends_on", "date"), Column("cost_amount", "money"),
     Column("lead_no", record="lead")),
)  # fmt: skip
# Which days, only People sees: for everybody else a day of attendance names no request.
DAYS = Part(
    "days",
    ("core.fct_attendance",),
    "select * from core.fct_attendance where request_no = $request_no order by on_date, attendance_no",
    (Column("on_date", "date"), Column("hours", "hours")),
)
PURCHASES = Part(
    "purchases",
    ("core.fct_purchase",),
    "select * from core.fct_purchase where purchase_no = $source_key or request_no = $request_no"
    " order by purchase_no",
    (Column("purchase_no", record="purchase"), Column("status", words="purchase_status"),
     Column("amount", "money"), Column("ordered_on", "date"), Column("expected_on", "date")),
)  # fmt: skip
SOLD = Part(
    "sold",
    ("core.fct_order_line",),
    "select * from core.fct_order_line where item_no = $item_no and is_revenue"
    " order by ordered_on desc, order_line_no",
    (Column("order_key", record="order"), Column("ordered_on", "date"), Column("quantity", "decimal"),
     Column("amount", "money")),
)  # fmt: skip
TEAM = Part(
    "team",
    ("core.dim_employee",),
    "select * from core.dim_employee where is_current and manager_no = $employee_no order by name, employee_no",
    (Column("name", record="person", number="employee_no"), Column("job_title"), Column("department_name")),
)
GAPS_HELD = Part(
    "gaps_held",
    ("marts.mart_handoff_gaps",),
    "select * from marts.mart_handoff_gaps where owner_no = $employee_no order by amount desc nulls last, gap_key",
    (Column("document_no", record="gap", number="gap_key"), Column("kind", words="gap"),
     Column("party_name"), Column("amount", "money"), Column("age_working_days", "working_days"),
     Column("next_action", "action")),
)  # fmt: skip
RECORDS = Part(
    "records",
    ("marts.mart_gap_record",),
    """select *,
        case when stream in ('crm.orders', 'erp.sales_orders') then record_key end as order_key,
        case when stream = 'oa.approval_requests' then record_key
            when stream = 'oa.approval_steps' then split_part(record_key, ':', 1) end as request_no,
        case when stream = 'crm.leads' then record_key end as lead_no
    from marts.mart_gap_record where gap_key = $gap_key order by happened_at, stream, record_key""",
    (Column("system", words="system"), Column("role", words="gap_role"), Column("record_key"),
     Column("happened_at", "instant"), Column("amount", "money"), Column("order_key", record="order"),
     Column("request_no", record="request"), Column("lead_no", record="lead")),
)  # fmt: skip

PARTS: Mapping[str, tuple[Part, ...]] = {
    "order": (
        LINES, _payments("order_key = $order_key"), SHIPMENTS, _production("order_key = $order_key"),
        _leads("lead_no = $lead_no"),
        _requests("(source_stream = 'crm.orders' and source_key = $order_no) or lead_no = $lead_no"),
    ),
    "lead": (_orders("lead_no = $lead_no"), _requests("lead_no = $lead_no")),
    "request": (
        DECISIONS, TRIPS, FUNDS, DAYS, _leads("lead_no = $lead_no"),
        _orders("order_no = $source_key and $source_stream = 'crm.orders'"), PURCHASES,
    ),
    "account": (
        _orders("account_no = $account_no"), _leads("account_no = $account_no"),
        _payments("account_no = $account_no"),
    ),
    "payment": (_orders("order_key = $order_key"), _payments("order_key = $order_key")),
    "shipment": (_orders("order_key = $order_key"), LINES),
    "production": (_orders("order_key = $order_key"), _production("order_key = $order_key")),
    "purchase": (_requests("request_no = $request_no or"
                           " (source_stream = 'erp.purchases' and source_key = $purchase_no)"),),
    "item": (_production("made.item_no = $item_no"), SOLD),
    "person": (
        GAPS_HELD, WAITING, TEAM, _requests("requester_no = $employee_no"),
        _leads("owner_no = $employee_no and not is_closed"),
    ),
    "gap": (RECORDS,),
}  # fmt: skip
"""What belongs to a kind of record, in the order of the page."""
