"""Which orders are late, for every page that counts them, and why, as far as a seller may see.

orders ─▶ those past the day that the customer was told or, where none was, the day asked for. The page supply
looks further, at items and purchases; the first step that is not done has the same name on both.
"""

from __future__ import annotations

from reports.pages.today import TODAY

CAUSES = ("approval", "booking", "purchase", "production", "stock", "payment", "release")
"""In order of precedence: what stands behind a cause waits for it anyway, so the first one is told."""

LATE_ORDERS = f"""
    select
        orders.order_key, orders.account_no, orders.owner_no, orders.state, orders.approval_status,
        orders.payment_status, orders.sales_order_no, orders.is_waiting_for_stock, orders.amount,
        coalesce(orders.promised_on, orders.requested_on) as wanted_on,
        date_diff('day', coalesce(orders.promised_on, orders.requested_on), today.on_date) as days_late
    from core.fct_order as orders
    cross join ({TODAY}) as today
    where orders.state not in ('draft', 'cancelled', 'refused', 'shipped')
        and coalesce(orders.promised_on, orders.requested_on) < today.on_date"""
IN_APPROVAL = """
    orders.state in ('approval_wanted', 'approval_refused')
    or orders.approval_status in ('wanted', 'refused')"""
"""Whether a late order waits for a decision."""
# Without the tables of buying and of stock: what is lacking is told by the shipment that waits for it.
CAUSED = f"""
    select orders.*,
        case
            when {IN_APPROVAL} then 'approval'
            when orders.sales_order_no is null then 'booking'
            when exists (
                select 1 from core.fct_production as production
                where production.order_key = orders.order_key and production.days_late > 0
                    and production.status in ('requested', 'released')) then 'production'
            when orders.is_waiting_for_stock then 'stock'
            when orders.payment_status is distinct from 'paid' then 'payment'
            else 'release'
        end as cause
    from ({LATE_ORDERS}) as orders"""
TABLES = ("core.fct_order", "core.fct_production", "core.dim_customer", "core.dim_date")
