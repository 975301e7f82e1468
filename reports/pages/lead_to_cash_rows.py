"""The rows behind the page lead-to-cash: orders with their legs, leads with how far they came."""

from __future__ import annotations

from reports.filters import Filter
from reports.pages.today import TODAY
from reports.rows import Column, RowSet

STEPS = ("created", "engaged", "qualified", "proposal", "won", "ordered", "paid")
"""How far a lead can come, in order; each step is also counted for those that skipped the one before."""
STATES = (
    "draft", "confirmed", "approval_wanted", "approval_refused", "booked", "planned", "paid", "shipped",
    "refused", "cancelled",
)  # fmt: skip
UNDER_WAY_STATES = ("confirmed", "approval_wanted", "booked", "planned", "paid")

ORDERS = f"""
    select orders.order_key, orders.order_no, orders.account_no, orders.account_name, orders.owner_no,
        orders.owner_name, orders.state, orders.channel, orders.amount, orders.lead_no,
        cast(orders.ordered_at at time zone today.zone as date) as ordered_on,
        cast(orders.shipped_at at time zone today.zone as date) as shipped_on,
        cast(orders.paid_at at time zone today.zone as date) as paid_on,
        today.on_date - cast(orders.ordered_at at time zone today.zone as date) as days_since,
        orders.lead_to_cash_days,
        orders.state in ('confirmed', 'approval_wanted', 'booked', 'planned', 'paid') as is_under_way
    from marts.mart_lead_to_cash as orders
    cross join ({TODAY}) as today"""
LEADS = """
    with sold as (
        select lead_no, max(case when state not in ('draft', 'cancelled') then 1 else 0 end) = 1 as ordered,
            max(case when paid_at is not null then 1 else 0 end) = 1 as paid
        from marts.mart_lead_to_cash where lead_no is not null group by lead_no)
    select leads.lead_no, leads.account_no, leads.company_name, leads.owner_no, people.name as owner_name,
        leads.source, leads.stage, leads.created_on, leads.expected_amount,
        leads.is_closed and not leads.is_won as is_lost,
        true as created,
        leads.was_engaged or leads.was_qualified or leads.was_proposal or leads.is_won as engaged,
        leads.was_qualified or leads.was_proposal or leads.is_won as qualified,
        leads.was_proposal or leads.is_won as proposal,
        leads.is_won as won,
        leads.is_won and coalesce(sold.ordered, false) as ordered,
        leads.is_won and coalesce(sold.paid, false) as paid
    from core.fct_lead as leads
    left join sold on sold.lead_no = leads.lead_no
    left join core.dim_employee as people
        on people.employee_no = leads.owner_no and people.is_current"""

_OWNER, _SINCE = Filter("owner", "code"), Filter("since", "date")
ORDER_ROWS = RowSet(
    name="orders",
    tables=("marts.mart_lead_to_cash", "core.dim_date"),
    select=ORDERS,
    columns=(
        Column("order_key", record="order"), Column("account_name"), Column("state", words="state"),
        Column("amount", "money"), Column("ordered_on", "date"), Column("days_since", "integer"),
        Column("shipped_on", "date"), Column("paid_on", "date"), Column("lead_to_cash_days", "decimal"),
        Column("lead_no", record="lead"), Column("channel", words="channel"), Column("owner_name"),
    ),
    order="ordered_on desc nulls last, order_key",
    where={
        "state": "state = $state",
        "owner": "owner_no = $owner",
        "account": "account_no = $account",
        "since": "paid_on >= $since",
        "under": "is_under_way = ($under = 'way')",
    },
    filters=(
        Filter("state", "choice", choices=STATES), _OWNER, Filter("account", "code"), _SINCE,
        Filter("under", "choice", choices=("way",)),
    ),
)  # fmt: skip
LEAD_ROWS = RowSet(
    name="leads",
    tables=("core.fct_lead", "marts.mart_lead_to_cash", "core.dim_employee"),
    select=LEADS,
    columns=(
        Column("lead_no", record="lead"), Column("company_name"), Column("stage", words="stage"),
        Column("source", words="source"), Column("created_on", "date"), Column("expected_amount", "money"),
        Column("owner_name"),
    ),
    order="created_on desc, lead_no",
    where={
        "reached": " or ".join(f"($reached = '{step}' and {step})" for step in STEPS),
        "since": "created_on >= $since",
        "owner": "owner_no = $owner",
    },
    filters=(Filter("reached", "choice", choices=STEPS), _SINCE, _OWNER),
)  # fmt: skip
