"""The rows behind the page lead-to-cash: orders with the days of each leg, leads with how far they came.

Orders and leads as the viewer may see them ─▶ row sets. The page's own numbers are counted from the same
selects, so that a number and the rows behind it never differ. It counts nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.filters import Filter
from reports.look import Look
from reports.pages.today import TODAY
from reports.rows import Column, RowSet

STEPS = ("created", "engaged", "qualified", "proposal", "won", "ordered", "paid")
"""How far a lead can come, in order; a lead that skipped a step has come as far as well."""
LEGS: Mapping[str, tuple[str, str]] = {
    "lead_to_order": ("lead_at", "ordered_at"),
    "order_to_booking": ("ordered_at", "booked_at"),
    "order_to_ship": ("ordered_at", "shipped_at"),
    "order_to_cash": ("ordered_at", "paid_at"),
    "lead_to_cash": ("lead_at", "paid_at"),
}
"""Ways through an order's life by where they begin and end; a leg counts in the period it ended in."""
ENDS = ("booked", "shipped", "paid")
WAITS = ("approval", "booking", "goods", "release", "money")

_LEG_DAYS = ", ".join(
    f"cast(case when {end} >= {begin} then (epoch_ms({end}) - epoch_ms({begin})) / 86400000 end"
    f" as decimal(18, 4)) as {name}_days"
    for name, (begin, end) in LEGS.items()
)
# An order is under way until it is shipped and paid; cancelled, refused and drafted ones are on no way.
ORDERS = f"""
    select
        orders.* exclude (lead_to_cash_days, order_to_ship_days), {_LEG_DAYS},
        people.department_no, facts.open_amount, facts.due_on, facts.promised_on,
        cast(ordered_at at time zone today.zone as date) as ordered_on,
        cast(orders.booked_at at time zone today.zone as date) as booked_on,
        cast(orders.shipped_at at time zone today.zone as date) as shipped_on,
        cast(orders.paid_at at time zone today.zone as date) as paid_on,
        today.on_date - cast(ordered_at at time zone today.zone as date) as days_since,
        case
            when orders.state in ('draft', 'cancelled', 'refused', 'approval_refused') then null
            when orders.state = 'approval_wanted' then 'approval'
            when orders.booked_at is null then 'booking'
            when orders.shipped_at is null and orders.paid_at is not null then 'release'
            when orders.shipped_at is null then 'goods'
            when orders.paid_at is null then 'money'
        end as waits_for
    from marts.mart_lead_to_cash as orders
    cross join ({TODAY}) as today
    left join (select order_key, open_amount, due_on, promised_on from core.fct_order) as facts
        on facts.order_key = orders.order_key
    left join core.dim_employee as people on people.employee_no = orders.owner_no and people.is_current"""
LEADS = f"""
    with sold as (
        select
            lead_no, bool_or(state not in ('draft', 'cancelled')) as is_ordered,
            bool_or(paid_at is not null) as is_paid, min(order_key) as order_key
        from marts.mart_lead_to_cash where lead_no is not null group by lead_no),
    far as (
        select leads.*, sold.order_key, case
            when is_won and coalesce(is_paid, false) then 7 when is_won and coalesce(is_ordered, false) then 6
            when is_won then 5 when was_proposal then 4 when was_qualified then 3 when was_engaged then 2
            else 1 end as reached
        from core.fct_lead as leads left join sold on sold.lead_no = leads.lead_no)
    select
        far.*, people.name as owner_name, people.department_no, is_closed and not is_won as is_lost,
        cast(far.closed_at at time zone today.zone as date) as closed_on
    from far
    cross join ({TODAY}) as today
    left join core.dim_employee as people on people.employee_no = far.owner_no and people.is_current"""
"""One row per lead; ``reached`` is the place of the furthest of ``STEPS``, from 1."""


def took(leg: str) -> str:
    """The condition that an order has been a leg's whole way, and counts."""
    return f"{leg}_days is not null and state not in ('draft', 'cancelled', 'refused')"


ASKED = """
    (cast($person as varchar) is null or owner_no = $person)
    and (cast($part as varchar) is null or department_no = $part)"""
OF_ITEM = "order_key in (select order_key from core.fct_order_line where item_no = $item)"
ASKED_ORDERS = f"{ASKED} and (cast($item as varchar) is null or {OF_ITEM})"
ASKED_LEADS = f"{ASKED} and (cast($item as varchar) is null or item_no = $item)"
"""Every select of the page is narrowed by these; ``narrowed`` gives the values."""


def narrowed(look: Look) -> dict[str, Any]:
    """The values of ``ASKED_ORDERS`` and ``ASKED_LEADS``, ``None`` where the look is not narrowed."""
    return {name: look.asked.get(name) for name in ("person", "part", "item")}


_PERSON = (Filter("person", "code"), Filter("part", "code"), Filter("item", "code"))
_STATES = ("draft", "confirmed", "approval_wanted", "approval_refused", "booked", "planned", "paid",
           "shipped", "refused", "cancelled")  # fmt: skip
ORDER_ROWS = RowSet(
    name="orders",
    tables=("marts.mart_lead_to_cash", "core.fct_order", "core.fct_order_line"),
    select=ORDERS,
    columns=(
        Column("order_key", record="order"),
        Column("account_name", record="account", number="account_no"),
        Column("owner_name", record="person", number="owner_no"),
        Column("amount", "money"),
        Column("state", words="state"),
        Column("waits_for", words="waits_for"),
        Column("days_since", "integer"),
        Column("ordered_on", "date"),
        Column("shipped_on", "date"),
        Column("paid_on", "date"),
        Column("order_to_cash_days", "decimal"),
        Column("lead_to_cash_days", "decimal"),
        Column("lead_no", record="lead"),
        Column("channel", words="channel"),
    ),
    order="ordered_on desc nulls last, order_key",
    where={
        "state": "state = $state",
        "person": "owner_no = $person",
        "part": "department_no = $part",
        "item": OF_ITEM,
        "account": "account_no = $account",
        "lead": "lead_no = $lead",
        "channel": "channel = $channel",
        "month": "date_trunc('month', ordered_on) = cast($month as date)",
        "since": "ordered_on >= cast($since as date)",
        "waits": "waits_for = $waits",
        "longer": "waits_for is not null and days_since > $longer",
        "under": "(waits_for is not null) = ($under = 'way')",
        "leg": " or ".join(f"($leg = '{name}' and {took(name)})" for name in LEGS),
        **{f"{end}_since": f"{end}_on >= cast(${end}_since as date)" for end in ENDS},
    },
    filters=(
        Filter("state", "choice", choices=_STATES), *_PERSON, Filter("account", "code"),
        Filter("lead", "code"), Filter("channel", "choice", choices=("system", "paper")),
        Filter("month", "date"),
        Filter("since", "date"), Filter("waits", "choice", choices=WAITS, words="waits_for"),
        Filter("longer", "whole"),
        Filter("under", "choice", choices=("way",), words="under"),
        Filter("leg", "choice", choices=tuple(LEGS), words="leg"),
        *(Filter(f"{end}_since", "date") for end in ENDS),
    ),
)  # fmt: skip
LEAD_ROWS = RowSet(
    name="leads",
    tables=("core.fct_lead", "marts.mart_lead_to_cash"),
    select=LEADS,
    columns=(
        Column("lead_no", record="lead"),
        Column("company_name", record="account", number="account_no"),
        Column("owner_name", record="person", number="owner_no"),
        Column("stage", words="stage"),
        Column("expected_amount", "money"),
        Column("created_on", "date"),
        Column("closed_on", "date"),
        Column("age_days", "integer"),
        Column("order_key", record="order"),
        Column("source", words="source"),
    ),
    order="created_on desc, lead_no",
    where={
        "reached": " or ".join(
            f"($reached = '{step}' and reached >= {n})" for n, step in enumerate(STEPS, 1)
        ),
        "stopped": " or ".join(
            f"($stopped = '{step}' and reached = {n} and is_lost)" for n, step in enumerate(STEPS, 1)
        ),
        "since": "closed_on >= cast($since as date)",
        "person": "owner_no = $person",
        "part": "department_no = $part",
        "item": "item_no = $item",
        "account": "account_no = $account",
    },
    filters=(
        Filter("reached", "choice", choices=STEPS, words="path"),
        Filter("stopped", "choice", choices=STEPS, words="path"),
        Filter("since", "date"), *_PERSON, Filter("account", "code"),
    ),
)  # fmt: skip
