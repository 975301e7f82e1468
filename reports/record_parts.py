"""Tables of what can belong to a record: orders, leads, requests, lines, payments, shipments, production.

A condition with ``$names`` for columns of the record's own row ─▶ a part with its select and columns. Which
parts a kind of record has is ``record_related``'s.
"""

from __future__ import annotations

import re
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


def orders(condition: str) -> Part:
    """Orders, the newest first."""
    return Part(
        "orders",
        ("core.fct_order",),
        f"select * from core.fct_order where {condition} order by ordered_at desc nulls last, order_key",
        (Column("order_key", record="order"), Column("state", words="state"), Column("amount", "money"),
         Column("ordered_on", "date"), Column("paid_at", "instant"), Column("shipped_at", "instant"),
         Column("channel", words="channel")),
    )  # fmt: skip


def leads(condition: str) -> Part:
    """Leads with who looks after them, the newest first."""
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


def requests(condition: str) -> Part:
    """Requests with who asked and where they wait, the newest first."""
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


def payments(condition: str) -> Part:
    """Payments, the newest first."""
    return Part(
        "payments",
        ("core.fct_payment",),
        f"select * from core.fct_payment where {condition} order by recorded_at desc, payment_no",
        (Column("payment_no", record="payment"), Column("amount", "money"), Column("paid_on", "date"),
         Column("recorded_at", "instant"), Column("channel", words="channel"),
         Column("order_key", record="order")),
    )  # fmt: skip


def production(condition: str) -> Part:
    """What is made, by the day it is needed."""
    return Part(
        "production",
        ("core.fct_production", "core.dim_item"),
        f"""select made.*, made.status as state, items.name as item_name from core.fct_production as made
        left join {ITEMS} as items on items.item_no = made.item_no
        where {condition} order by due_on desc nulls last, production_no""",
        (Column("production_no", record="production"),
         Column("item_name", record="item", number="item_no"), Column("quantity", "decimal"),
         Column("state", words="production_status"), Column("due_on", "date"), Column("done_at", "instant"),
         Column("order_key", record="order")),
    )  # fmt: skip


SHIPMENTS = Part(
    "shipments",
    ("core.fct_shipment",),
    "select *, status as state from core.fct_shipment where order_key = $order_key"
    " order by requested_at, shipment_no",
    (Column("shipment_no", record="shipment"), Column("state", words="state"),
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
