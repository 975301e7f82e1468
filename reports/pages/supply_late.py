"""Orders that are late, and why: one cause an order, by the first step of its way that is not done.

orders, their lines, production, purchases and stock ─▶ one select, whose rows are counted on the page and
listed behind it. It tells nobody's name but the employees'.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.look import Look
from reports.pages.today import TODAY

CAUSES = ("approval", "booking", "purchase", "production", "stock", "payment", "release")
"""In order of precedence: what stands behind a cause waits for it anyway, so the first one is told."""
SHOWN = 8

# A short item is one of which more is reserved than there is, or less is there than the order wants.
LATE = f"""
    with today as ({TODAY}),
    orders as (
        select
            orders.order_key, orders.account_no, orders.owner_no, orders.state, orders.approval_status,
            orders.payment_status, orders.sales_order_no, orders.is_waiting_for_stock, orders.amount,
            coalesce(orders.promised_on, orders.requested_on) as wanted_on,
            date_diff('day', coalesce(orders.promised_on, orders.requested_on), today.on_date) as days_late
        from core.fct_order as orders
        cross join today
        where orders.state not in ('draft', 'cancelled', 'refused', 'shipped')
            and coalesce(orders.promised_on, orders.requested_on) < today.on_date
    ),
    items as (select item_no, name, supplier_no from core.dim_item where is_current),
    lines as (
        select order_key, item_no, sum(quantity) as quantity from core.fct_order_line
        where order_key in (select order_key from orders) group by order_key, item_no
    ),
    short as (
        select lines.order_key, lines.item_no, min(supply.available) as available
        from lines
        join marts.mart_supply as supply on supply.item_no = lines.item_no
        where supply.available < 0 or supply.on_hand < lines.quantity
        group by lines.order_key, lines.item_no
    ),
    making as (
        select production_no, order_key, item_no, days_late from core.fct_production
        where status in ('requested', 'released') and days_late > 0
    ),
    held as (
        select order_key, production_no, item_no, days_late from making where order_key is not null
        union
        select short.order_key, making.production_no, making.item_no, making.days_late
        from short join making on making.item_no = short.item_no and making.order_key is null
    ),
    made as (
        select order_key, arg_max(production_no, (days_late, production_no)) as production_no,
            arg_max(item_no, (days_late, production_no)) as item_no
        from held group by order_key
    ),
    lacking as (
        select order_key, item_no from short union select order_key, item_no from held
    ),
    coming as (
        select supplier_no, arg_max(purchase_no, (days_late, purchase_no)) as purchase_no,
            arg_max(requester_no, (days_late, purchase_no)) as requester_no
        from core.fct_purchase where status = 'ordered' and days_late > 0 group by supplier_no
    ),
    bought as (
        select lacking.order_key, min(lacking.item_no) as item_no,
            arg_min(coming.purchase_no, lacking.item_no) as purchase_no,
            arg_min(coming.supplier_no, lacking.item_no) as supplier_no,
            arg_min(coming.requester_no, lacking.item_no) as requester_no
        from lacking
        join items on items.item_no = lacking.item_no
        join coming on coming.supplier_no = items.supplier_no
        group by lacking.order_key
    ),
    missing as (select order_key, arg_min(item_no, (available, item_no)) as item_no from short group by order_key),
    caused as (
        select
            orders.*, bought.purchase_no, bought.supplier_no, bought.requester_no, made.production_no,
            bought.item_no as bought_item_no, made.item_no as made_item_no, missing.item_no as missing_item_no,
            case
                when orders.state in ('approval_wanted', 'approval_refused')
                    or orders.approval_status in ('wanted', 'refused') then 'approval'
                when orders.sales_order_no is null then 'booking'
                when bought.purchase_no is not null then 'purchase'
                when made.production_no is not null then 'production'
                when missing.item_no is not null or orders.is_waiting_for_stock then 'stock'
                when orders.payment_status is distinct from 'paid' then 'payment'
                else 'release'
            end as cause
        from orders
        left join bought on bought.order_key = orders.order_key
        left join made on made.order_key = orders.order_key
        left join missing on missing.order_key = orders.order_key
    ),
    told as (
        select
            order_key, account_no, wanted_on, days_late, amount, state, cause,
            case cause when 'purchase' then bought_item_no when 'production' then made_item_no
                when 'stock' then missing_item_no end as item_no,
            case cause when 'purchase' then purchase_no when 'production' then production_no end as document_no,
            case cause when 'purchase' then supplier_no end as supplier_no,
            case when cause = 'purchase' then requester_no
                when cause in ('booking', 'payment', 'approval') then owner_no end as owner_no
        from caused
    )
    select
        told.*, items.name as item_name, suppliers.name as supplier_name, people.name as owner_name,
        (select list(item_no) from lines where lines.order_key = told.order_key) as items
    from told
    left join items on items.item_no = told.item_no
    left join core.dim_supplier as suppliers on suppliers.supplier_no = told.supplier_no
    left join core.dim_employee as people on people.employee_no = told.owner_no and people.is_current"""
TABLES = (
    "core.fct_order", "core.fct_order_line", "core.fct_production", "core.fct_purchase", "core.dim_item",
    "core.dim_supplier", "core.dim_employee", "core.dim_date", "marts.mart_supply",
)  # fmt: skip
OF_ITEM = "list_contains(items, $item)"


def late(look: Look) -> Mapping[str, Any]:
    """Late orders by cause, the longest late first, and the largest cause; what the page says of them."""
    item = look.asked.get("item")
    only = f" where {OF_ITEM}" if item else ""
    values = {"item": item} if item else {}
    causes = look.rows(
        f"""select cause, count(*) as orders, sum(amount) as amount, max(days_late) as days_late
        from ({LATE}){only} group by cause order by orders desc, cause""",
        **values,
    )
    who, names = "null", ""
    if look.sees("core.dim_customer"):
        who = "customers.name"
        names = """left join core.dim_customer as customers
            on customers.account_no = found.account_no and customers.is_current"""
    asked, requests = "null as request_no, null as approver_name", ""
    if look.sees("core.fct_approval"):
        asked, requests = (
            "requests.request_no, approvers.name as approver_name",
            """left join core.fct_approval as requests
                on requests.source_key = found.order_key and requests.status in ('requested', 'pending')
            left join core.dim_employee as approvers
                on approvers.employee_no = requests.pending_approver_no and approvers.is_current""",
        )
    orders = look.rows(
        f"""select found.*, {who} as account_name, {asked}
        from (select * from ({LATE}){only}) as found {names} {requests}
        order by days_late desc, amount desc nulls last, order_key limit {SHOWN}""",
        **values,
    )
    total = sum(row["orders"] for row in causes)
    amounts = [row["amount"] for row in causes if row["amount"] is not None]
    return {
        "causes": causes,
        "orders": orders,
        "total": total,
        "amount": sum(amounts) if amounts else None,
        "rest": total - len(orders),
        "top": max((row["orders"] for row in causes), default=0),
    }
