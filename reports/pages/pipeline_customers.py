"""Customers: the next best ones, those going quiet, and what each year's new customers went on to buy.

orders, open leads and the customers' value ─▶ a row a customer, and a cell a cohort. It makes no score.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reports.look import Look
from reports.pages.pipeline_leads import asked
from reports.pages.today import TODAY

ENOUGH_ORDERS = 4
"""Days with an order that a customer needs to have a rhythm: three gaps between them."""
LOST_DAYS = 365
"""A customer without an order for longer is lost, not going quiet."""
BEST, QUIET = 8, 8

# The rhythm is the customer's own: half of its gaps between orders are within usual_days, nine of ten within
# longest_days. Quiet is who has waited longer than that.
CUSTOMERS = f"""
    with today as ({TODAY}),
    days as (
        select distinct account_no, ordered_on from core.fct_order where is_revenue and account_no is not null
    ),
    gaps as (
        select account_no, ordered_on,
            ordered_on - lag(ordered_on) over (partition by account_no order by ordered_on) as gap_days
        from days
    ),
    rhythm as (
        select account_no, min(ordered_on) as first_on,
            case when count(*) >= {ENOUGH_ORDERS} then quantile_disc(gap_days, 0.5) end as usual_days,
            case when count(*) >= {ENOUGH_ORDERS} then quantile_disc(gap_days, 0.9) end as longest_days
        from gaps group by account_no
    ),
    open_leads as (
        select account_no, count(*) as open_leads, max(lead_no) as lead_no from core.fct_lead
        where not is_closed and account_no is not null group by account_no
    ),
    touched as (
        select account_no, max(happened_on) as touched_on from core.fct_activity
        where kind <> 'note' and happened_on <= (select on_date from today) group by account_no
    )
    select
        customers.account_no, customers.account_name, customers.segment, customers.owner_no,
        people.name as owner_name, customers.orders, customers.revenue_12m_amount, customers.revenue_amount,
        customers.score, customers.last_order_on, customers.days_since_order, customers.overdue_amount,
        rhythm.usual_days, rhythm.longest_days, year(rhythm.first_on) as cohort,
        coalesce(open_leads.open_leads, 0) as open_leads, open_leads.lead_no, touched.touched_on,
        coalesce(customers.days_since_order > rhythm.longest_days
            and customers.days_since_order <= {LOST_DAYS}, false) as is_quiet,
        case
            when customers.overdue_amount > 0 then 'collect'
            when open_leads.open_leads > 0 then 'lead'
            when customers.days_since_order > rhythm.usual_days then 'order'
            else 'keep'
        end as action,
        customers.last_order_on + cast(rhythm.usual_days as integer) as due_on
    from marts.mart_customer_value as customers
    left join rhythm on rhythm.account_no = customers.account_no
    left join open_leads on open_leads.account_no = customers.account_no
    left join touched on touched.account_no = customers.account_no
    left join core.dim_employee as people on people.employee_no = customers.owner_no and people.is_current
    where customers.status <> 'merged'"""
TABLES = (
    "marts.mart_customer_value", "core.fct_order", "core.fct_lead", "core.fct_activity", "core.dim_employee",
    "core.dim_date",
)  # fmt: skip

# A customer belongs to the year of its first order; an order counts in its own year. Only customers that the
# viewer sees: of those all orders are seen, so that nobody's first order is somebody else's later one.
COHORTS = """
    with firsts as (
        select account_no, min(year(ordered_on)) as cohort from core.fct_order
        where is_revenue and account_no is not null group by account_no
    )
    select
        orders.order_key, orders.account_no, customers.account_name, customers.owner_no, orders.ordered_on,
        orders.amount, firsts.cohort, year(orders.ordered_on) as ordered_in
    from core.fct_order as orders
    join firsts on firsts.account_no = orders.account_no
    join marts.mart_customer_value as customers on customers.account_no = orders.account_no
    where orders.is_revenue"""


def customers(look: Look) -> Mapping[str, Any]:
    """The customers worth most next year with what to do, and those going quiet, the most worth first."""
    only, values = asked(look)
    rows = look.rows(
        f"""select *, row_number() over (order by score desc, account_no) as place,
            row_number() over (partition by is_quiet order by revenue_12m_amount desc, account_no)
                as quiet_place,
            sum(score) over () as total_score, count(*) over () as total,
            count(*) over (partition by is_quiet) as alike,
            sum(revenue_12m_amount) over (partition by is_quiet) as alike_amount
        from ({CUSTOMERS}) where {only}
        qualify place <= {BEST} or (is_quiet and quiet_place <= {QUIET})
        order by place""",
        **values,
    )
    best = [row for row in rows if row["place"] <= BEST and row["score"] > 0]
    quiet = sorted((row for row in rows if row["is_quiet"]), key=lambda row: row["quiet_place"])[:QUIET]
    worth = rows[0]["total_score"] if rows else None
    return {
        "best": best,
        # Who goes quiet is told on its own.
        "urgent": next(
            (row for row in best if row["action"] in ("collect", "order") and not row["is_quiet"]), None
        ),
        "share": sum(row["score"] for row in best) / worth if worth else None,
        "n": rows[0]["total"] if rows else 0,
        "quiet": quiet,
        "quiet_n": quiet[0]["alike"] if quiet else 0,
        "quiet_amount": quiet[0]["alike_amount"] if quiet else None,
        "enough": ENOUGH_ORDERS,
    }


def cohorts(look: Look) -> Mapping[str, Any] | None:
    """A row for each year's new customers, a cell for each year since; ``None`` before any order."""
    only, values = asked(look)
    cells = look.rows(
        f"""select cohort, ordered_in, count(distinct account_no) as customers, sum(amount) as amount
        from ({COHORTS}) where {only} group by cohort, ordered_in order by cohort, ordered_in""",
        **values,
    )
    if not cells:
        return None
    years = range(cells[0]["cohort"], cells[-1]["ordered_in"] + 1)
    found = {(cell["cohort"], cell["ordered_in"]): cell for cell in cells}
    first = {cell["cohort"]: cell["customers"] for cell in cells if cell["cohort"] == cell["ordered_in"]}
    now = years[-1]
    sold = [cell["amount"] or Decimal(0) for cell in cells if cell["ordered_in"] == now]
    old = [
        cell["amount"] or Decimal(0) for cell in cells if cell["ordered_in"] == now and cell["cohort"] < now
    ]
    return {
        "years": list(years),
        "heads": [(str(on), "n") for on in years],
        "rows": [
            {
                "cohort": cohort,
                "customers": first.get(cohort, 0),
                "cells": [found.get((cohort, on)) if on >= cohort else None for on in years],
            }
            for cohort in sorted(first)
        ],
        "top": max(cell["amount"] or Decimal(0) for cell in cells),
        "now": now,
        "old_share": sum(old) / sum(sold) if sum(sold) else None,
    }
