"""The kinds of records that have a page: which table has them, what is said of them, what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.rows import Column


@dataclass(frozen=True)
class Kind:
    """A kind of record: the table that has it, its number's column and other names it goes by.

    ``of`` is the column that says whom or what it concerns, ``only`` a condition on the table's rows.
    """

    table: str
    number: str
    facts: tuple[Column, ...]
    of: str | None = None
    also: tuple[str, ...] = ()
    only: str = "true"


_ACCOUNT, _ORDER = Column("account_no", record="account"), Column("order_key", record="order")
_OWNER, _LEAD = Column("owner_no", record="person"), Column("lead_no", record="lead")
_AMOUNT, _CHANNEL = Column("amount", "money"), Column("channel", words="channel")
_ITEM, _REQUEST = Column("item_no", record="item"), Column("request_no", record="request")

KINDS: Mapping[str, Kind] = {
    "order": Kind(
        "core.fct_order", "order_key",
        (Column("state", words="state"), _AMOUNT, Column("paid_amount", "money"),
         Column("open_amount", "money"),
         Column("ordered_on", "date"), Column("promised_on", "date"), Column("shipped_at", "instant"),
         Column("due_on", "date"), _ACCOUNT, _OWNER, _LEAD, Column("sales_order_no"), _CHANNEL),
        of="account_no", also=("order_no", "sales_order_no"),
    ),
    "lead": Kind(
        "core.fct_lead", "lead_no",
        (Column("stage", words="stage"), Column("expected_amount", "money"), Column("won_amount", "money"),
         Column("created_on", "date"), Column("closed_at", "instant"), Column("age_days", "integer"),
         Column("source", words="source"), _ITEM, _ACCOUNT, _OWNER),
        of="company_name",
    ),
    "request": Kind(
        "core.fct_approval", "request_no",
        (Column("kind", words="kind"), Column("status", words="status"), _AMOUNT,
         Column("requester_no", record="person"), Column("pending_approver_no", record="person"),
         Column("requested_at", "instant"), Column("decided_at", "instant"), Column("working_h", "hours"),
         _LEAD, _CHANNEL),
    ),
    "account": Kind(
        "core.dim_customer", "account_no",
        (Column("customer_no"), Column("country"), Column("city"), Column("created_on", "date"),
         Column("credit_limit", "money"), Column("payment_terms_days", "days"), _OWNER),
        of="name", only="is_current",
    ),
    "payment": Kind(
        "core.fct_payment", "payment_no",
        (_AMOUNT, Column("paid_on", "date"), Column("recorded_at", "instant"),
         Column("recorded_by_no", record="person"), _ORDER, _ACCOUNT, _CHANNEL),
        of="account_no",
    ),
    "shipment": Kind(
        "core.fct_shipment", "shipment_no",
        (Column("quantity", "decimal"), Column("requested_at", "instant"), Column("shipped_at", "instant"),
         _ORDER, _ACCOUNT),
        of="account_no",
    ),
    "production": Kind(
        "core.fct_production", "production_no",
        (Column("status", words="production_status"), Column("quantity", "decimal"), _ITEM, _ORDER,
         Column("starts_on", "date"), Column("due_on", "date"), Column("done_at", "instant")),
    ),
    "purchase": Kind(
        "core.fct_purchase", "purchase_no",
        (Column("status", words="purchase_status"), _AMOUNT, Column("supplier_no"),
         Column("ordered_on", "date"),
         Column("expected_on", "date"), Column("received_on", "date"), _REQUEST),
    ),
    "item": Kind(
        "core.dim_item", "item_no",
        (Column("category"), Column("kind", words="item_kind"), Column("unit_price", "money"),
         Column("lead_time_days", "days"), Column("min_stock", "decimal"), Column("supplier_no")),
        of="name", only="is_current",
    ),
    "person": Kind(
        "core.dim_employee", "employee_no",
        (Column("job_title"), Column("role", words="role"), Column("department_name"),
         Column("manager_no", record="person"), Column("substitute_no", record="person")),
        of="name", only="is_current",
    ),
    "gap": Kind(
        "marts.mart_handoff_gaps", "gap_key",
        (Column("kind", words="gap"), Column("document_no"), _AMOUNT,
         Column("age_working_days", "working_days"),
         Column("since_at", "instant"), _ACCOUNT, _OWNER, Column("next_action", "action")),
        of="party_name",
    ),
}  # fmt: skip

RELATED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "lead": {
        "order": (
            "core.fct_order", "select order_key as no from core.fct_order where lead_no = $key order by no",
        ),
    },
    "request": {
        "order": (
            "core.fct_order",
            "select distinct orders.order_key as no from core.fct_order as orders"
            " join core.fct_approval as asked on asked.source_key = orders.order_no"
            " where asked.request_no = $key order by no",
        ),
    },
    "account": {
        "order": (
            "core.fct_order",
            "select order_key as no from core.fct_order where account_no = $key order by ordered_at desc, no",
        ),
        "lead": (
            "core.fct_lead",
            "select lead_no as no from core.fct_lead where account_no = $key order by created_at desc, no",
        ),
    },
    "item": {
        "production": (
            "core.fct_production",
            "select production_no as no from core.fct_production where item_no = $key"
            " order by due_on desc nulls last, no desc",
        ),
    },
    "person": {
        "request": (
            "core.fct_approval",
            "select request_no as no from core.fct_approval where requester_no = $key"
            " or pending_approver_no = $key order by requested_at desc, no",
        ),
    },
    "purchase": {
        "request": (
            "core.fct_approval",
            "select request_no as no from core.fct_approval where source_stream = 'erp.purchases'"
            " and source_key = $key order by no",
        ),
    },
}  # fmt: skip
"""Other kinds that belong to a kind, with the table a viewer must see and the select of their numbers."""

STREAMS: Mapping[str, str] = {
    "crm.accounts": "account",
    "crm.leads": "lead",
    "crm.orders": "order",
    "erp.payments": "payment",
    "erp.production_orders": "production",
    "erp.purchases": "purchase",
    "erp.sales_orders": "order",
    "erp.shipments": "shipment",
    "oa.approval_requests": "request",
}
"""The kind of record that a stream's key names."""
