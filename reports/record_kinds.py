"""The kinds of records that have a page: which table has them, and what is said of them.

A kind ─▶ a table, a number's column and the columns to show, with what another table knows of it. What
belongs to a record is ``record_parts``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.rows import Column


@dataclass(frozen=True)
class Kind:
    """A kind of record: the table that has it, its number's column and other names it goes by.

    ``of`` is the column that says whom or what it concerns, ``only`` a condition on the table's rows,
    ``state`` the column and the group of words that say how it stands, ``more`` a table with more of it.
    """

    table: str
    number: str
    facts: tuple[Column, ...]
    of: str | None = None
    also: tuple[str, ...] = ()
    only: str = "true"
    state: tuple[str, str] | None = None
    more: str | None = None


_ACCOUNT = Column("account_name", record="account", number="account_no")
_ORDER = Column("order_key", record="order")
_OWNER = Column("owner_name", record="person", number="owner_no")
_LEAD = Column("lead_no", record="lead")
_SUPPLIER = Column("supplier_name", number="supplier_no")
_AMOUNT, _CHANNEL = Column("amount", "money"), Column("channel", words="channel")
_ITEM, _REQUEST = Column("item_name", record="item", number="item_no"), Column("request_no", record="request")

KINDS: Mapping[str, Kind] = {
    "order": Kind(
        "core.fct_order", "order_key",
        (Column("state", words="state"), _AMOUNT, Column("paid_amount", "money"),
         Column("open_amount", "money"),
         Column("ordered_on", "date"), Column("promised_on", "date"), Column("shipped_at", "instant"),
         Column("due_on", "date"), _ACCOUNT, _OWNER, _LEAD, Column("sales_order_no"), _CHANNEL),
        of="account_no", also=("order_no", "sales_order_no"), state=("state", "state"),
    ),
    "lead": Kind(
        "core.fct_lead", "lead_no",
        (Column("stage", words="stage"), Column("expected_amount", "money"), Column("won_amount", "money"),
         Column("created_on", "date"), Column("closed_at", "instant"), Column("age_days", "integer"),
         Column("source", words="source"), _ITEM, _ACCOUNT, _OWNER),
        of="company_name", state=("stage", "stage"),
    ),
    "request": Kind(
        "core.fct_approval", "request_no",
        (Column("kind", words="kind"), Column("status", words="status"), _AMOUNT,
         Column("requester_no", record="person"), Column("pending_approver_no", record="person"),
         Column("requested_at", "instant"), Column("decided_at", "instant"), Column("working_h", "hours"),
         _LEAD, _CHANNEL),
        of="requester_no", state=("status", "status"),
    ),
    "account": Kind(
        "core.dim_customer", "account_no",
        (Column("customer_no"), Column("country"), Column("city"), Column("created_on", "date"),
         Column("credit_limit", "money"), Column("payment_terms_days", "days"), _OWNER,
         Column("revenue_12m_amount", "money"), Column("open_amount", "money"),
         Column("overdue_amount", "money"),
         Column("last_order_on", "date")),
        of="name", only="is_current", state=("segment", "segment"), more="marts.mart_customer_value",
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
        of="account_no", state=("status", "state"),
    ),
    "production": Kind(
        "core.fct_production", "production_no",
        (Column("status", words="production_status"), Column("quantity", "decimal"), _ITEM, _ORDER,
         Column("starts_on", "date"), Column("due_on", "date"), Column("done_at", "instant")),
        of="item_no", state=("status", "production_status"),
    ),
    "purchase": Kind(
        "core.fct_purchase", "purchase_no",
        (Column("status", words="purchase_status"), _AMOUNT, _SUPPLIER, Column("ordered_on", "date"),
         Column("expected_on", "date"), Column("received_on", "date"), _REQUEST),
        of="supplier_no", state=("status", "purchase_status"),
    ),
    "item": Kind(
        "core.dim_item", "item_no",
        (Column("category"), Column("kind", words="item_kind"), Column("unit_price", "money"),
         Column("lead_time_days", "days"), Column("min_stock", "decimal"), _SUPPLIER,
         Column("on_hand", "decimal"), Column("available", "decimal"), Column("days_of_cover", "integer"),
         Column("runs_out_on", "date"), Column("suggested_quantity", "decimal")),
        of="name", only="is_current", more="marts.mart_supply",
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
        of="party_name", state=("kind", "gap"),
    ),
}  # fmt: skip
