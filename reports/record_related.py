"""What belongs to each kind of record: an order's lines, a request's decisions, a person's people.

The kind of a record ─▶ its parts in the order of the page. What a record says of itself is
``record_kinds``'s.
"""

from __future__ import annotations

from collections.abc import Mapping

from reports.record_parts import LINES, PEOPLE, SHIPMENTS, Part, leads, orders, payments, production, requests
from reports.rows import Column

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
    "select *, status as state from core.fct_fund where request_no = $request_no order by booked_on, fund_no",
    (Column("fund_no"), Column("state", words="status"), Column("booked_on", "date"),
     Column("amount", "money")),
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
    "select *, status as state from core.fct_purchase where purchase_no = $source_key"
    " or request_no = $request_no order by purchase_no",
    (Column("purchase_no", record="purchase"), Column("state", words="purchase_status"),
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
    "select * from core.dim_employee where is_current and manager_no = $employee_no"
    " order by name, employee_no",
    (Column("name", record="person", number="employee_no"), Column("job_title"), Column("department_name")),
)
GAPS_HELD = Part(
    "gaps_held",
    ("marts.mart_handoff_gaps",),
    "select * from marts.mart_handoff_gaps where owner_no = $employee_no"
    " order by amount desc nulls last, gap_key",
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
        case when stream = 'crm.leads' then record_key end as lead_no,
        case when stream = 'erp.payments' then record_key end as payment_no,
        case when stream = 'erp.shipments' then record_key end as shipment_no,
        case when stream = 'erp.production_orders' then record_key end as production_no,
        case when stream = 'erp.purchases' then record_key end as purchase_no
    from marts.mart_gap_record where gap_key = $gap_key order by happened_at, stream, record_key""",
    (Column("system", words="system"), Column("role", words="gap_role"), Column("record_key"),
     Column("happened_at", "instant"), Column("amount", "money"), Column("order_key", record="order"),
     Column("request_no", record="request"), Column("lead_no", record="lead"),
     Column("payment_no", record="payment"), Column("shipment_no", record="shipment"),
     Column("production_no", record="production"), Column("purchase_no", record="purchase")),
)  # fmt: skip

PARTS: Mapping[str, tuple[Part, ...]] = {
    "order": (
        LINES, payments("order_key = $order_key"), SHIPMENTS, production("order_key = $order_key"),
        leads("lead_no = $lead_no"),
        requests("(source_stream = 'crm.orders' and source_key = $order_no) or lead_no = $lead_no"),
    ),
    "lead": (orders("lead_no = $lead_no"), requests("lead_no = $lead_no")),
    "request": (
        DECISIONS, TRIPS, FUNDS, DAYS, leads("lead_no = $lead_no"),
        orders("order_no = $source_key and $source_stream = 'crm.orders'"), PURCHASES,
    ),
    "account": (
        orders("account_no = $account_no"), leads("account_no = $account_no"),
        payments("account_no = $account_no"),
    ),
    "payment": (orders("order_key = $order_key"), payments("order_key = $order_key")),
    "shipment": (orders("order_key = $order_key"), LINES),
    "production": (orders("order_key = $order_key"), production("order_key = $order_key")),
    "purchase": (requests("request_no = $request_no or"
                           " (source_stream = 'erp.purchases' and source_key = $purchase_no)"),),
    "item": (production("made.item_no = $item_no"), SOLD),
    "person": (
        GAPS_HELD, WAITING, TEAM, requests("requester_no = $employee_no"),
        leads("owner_no = $employee_no and not is_closed"),
    ),
    "gap": (RECORDS,),
}  # fmt: skip
"""What belongs to a kind of record, in the order of the page."""
