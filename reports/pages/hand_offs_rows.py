"""The rows behind the page hand-offs: what stands still between two systems, and the records behind it.

Gaps as the viewer may see them, each with the order, request, lead or purchase whose money it is ─▶ two row
sets. The page's own numbers are counted from the same select. It counts nothing itself.
"""

from __future__ import annotations

from typing import Any

from reports.filters import PART, PERSON, Filter
from reports.look import Look
from reports.rows import Column, RowSet

TABLES = (
    "marts.mart_handoff_gaps",
    "marts.mart_gap_record",
    "core.fct_order",
    "core.fct_payment",
    "core.fct_shipment",
    "core.fct_approval",
    "core.fct_fund",
)
KINDS = (
    "won_without_order",
    "order_without_approval",
    "approved_not_booked",
    "paid_not_shipped",
    "shipped_crm_open",
    "done_on_paper",
)
SYSTEMS = ("oa", "crm", "erp")

# What a document's money is the money of: as marts.int_business_object, which is not published, has it.
# Each join has a column alone on each side: else every gap is held against every document.
GAPS = """
    select
        gaps.*, people.department_no, coalesce(found.records, 0) as records,
        coalesce(
            by_order.order_key, by_sales.order_key, payments.order_key, shipments.order_key, asked.order_key
        ) as order_key,
        requests.request_no,
        case when gaps.document_stream = 'crm.leads' then gaps.document_no end as lead_no,
        case
            when gaps.document_stream = 'erp.purchases' then gaps.document_no
            when requests.source_stream = 'erp.purchases' then requests.source_key
        end as purchase_no
    from marts.mart_handoff_gaps as gaps
    left join core.dim_employee as people on people.employee_no = gaps.owner_no and people.is_current
    left join core.fct_order as by_order
        on by_order.order_no = case when gaps.document_stream = 'crm.orders' then gaps.document_no end
    left join core.fct_order as by_sales
        on by_sales.sales_order_no
            = case when gaps.document_stream = 'erp.sales_orders' then gaps.document_no end
    left join core.fct_payment as payments
        on payments.payment_no = case when gaps.document_stream = 'erp.payments' then gaps.document_no end
    left join core.fct_shipment as shipments
        on shipments.shipment_no = case when gaps.document_stream = 'erp.shipments' then gaps.document_no end
    left join core.fct_fund as funds
        on funds.fund_no = case when gaps.document_stream = 'erp.funds' then gaps.document_no end
    left join (
        select
            gap_key, count(*) as records,
            min(case when stream = 'oa.approval_requests' then record_key end) as request_no
        from marts.mart_gap_record group by gap_key
    ) as found on found.gap_key = gaps.gap_key
    left join core.fct_approval as requests on requests.request_no = case gaps.document_stream
        when 'oa.approval_requests' then gaps.document_no
        when 'erp.funds' then funds.request_no
        when 'oa.attendance' then found.request_no end
    left join core.fct_order as asked
        on asked.order_no = case when requests.source_stream = 'crm.orders' then requests.source_key end"""
"""One row per gap that the viewer sees, with the numbers of what it is about; null where there is none."""

ASKED = """
    (cast($kind as varchar) is null or kind = $kind)
    and (cast($person as varchar) is null or owner_no = $person)
    and (cast($part as varchar) is null or department_no = $part)"""
"""Every select of the page is narrowed by this; ``narrowed`` gives the values."""

GAP_ROWS = RowSet(
    name="gaps",
    tables=TABLES,
    select=GAPS,
    columns=(
        Column("document_no", record="gap", number="gap_key"),
        Column("kind", words="gap"),
        Column("party_name"),
        Column("amount", "money"),
        Column("age_working_days", "working_days"),
        Column("owner_name", record="person", number="owner_no"),
        Column("next_action", "action"),
        Column("from_system", words="system"),
        Column("to_system", words="system"),
        Column("since_at", "instant"),
        Column("circulation_hours", "hours"),
        Column("order_key", record="order"),
    ),
    order="amount desc nulls last, gap_key",
    where={
        "kind": "kind = $kind",
        "person": "owner_no = $person",
        "part": "department_no = $part",
        "from_system": "from_system = $from_system",
        "to_system": "to_system = $to_system",
        "account": "account_no = $account",
        "channel": "(kind = 'done_on_paper') = ($channel = 'paper')",
        "owned": "(owner_no is not null) = ($owned = 'yes')",
    },
    filters=(
        Filter("kind", "text", choices=KINDS),
        PERSON,
        PART,
        Filter("from_system", "code", choices=("paper", *SYSTEMS)),
        Filter("to_system", "code", choices=SYSTEMS),
        Filter("account", "code"),
        Filter("channel", "text", choices=("system", "paper"), words="channel"),
        Filter("owned", "text", choices=("yes", "no"), words="yes_no"),
    ),
)
RECORD_ROWS = RowSet(
    name="gap-records",
    tables=("marts.mart_gap_record", "marts.mart_handoff_gaps"),
    select="""
        select
            records.*, gaps.document_no, gaps.kind,
            case when stream in ('crm.orders', 'erp.sales_orders') then record_key end as order_key,
            case
                when stream = 'oa.approval_requests' then record_key
                when stream = 'oa.approval_steps' then split_part(record_key, ':', 1)
            end as request_no,
            case when stream = 'crm.leads' then record_key end as lead_no
        from marts.mart_gap_record as records
        join marts.mart_handoff_gaps as gaps on gaps.gap_key = records.gap_key""",
    columns=(
        Column("document_no", record="gap", number="gap_key"),
        Column("kind", words="gap"),
        Column("system", words="system"),
        Column("role", words="gap_role"),
        Column("record_key"),
        Column("says", "says"),
        Column("happened_at", "instant"),
        Column("amount", "money"),
        Column("order_key", record="order"),
        Column("request_no", record="request"),
        Column("lead_no", record="lead"),
    ),
    order="gap_key, happened_at, stream, record_key",
    where={"gap": "gap_key = $gap", "kind": "kind = $kind"},
    filters=(Filter("gap", "text"), Filter("kind", "text", choices=KINDS)),
)


def narrowed(look: Look) -> dict[str, Any]:
    """The values of ``ASKED``, ``None`` where the look is not narrowed."""
    return {name: look.asked.get(name) for name in ("kind", "person", "part")}
