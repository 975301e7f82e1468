"""Orders that are late, and why: one cause an order, by the first step of its way that is not done.

orders, their lines, production, purchases and stock ─▶ one select, whose rows are counted on the page and
listed behind it. It tells nobody's name but the employees'.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.look import Look
from reports.pages.late_orders import IN_APPROVAL, LATE_ORDERS

SHOWN = 8

# A short item is one of which more is reserved than there is, or less is there than the order wants.
LATE = f"""
    with orders as ({LATE_ORDERS}),
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
    missing as (
        select order_key, arg_min(item_no, (available, item_no)) as item_no from short group by order_key
    ),
    caused as (
        select
            orders.*, bought.purchase_no, bought.supplier_no, bought.requester_no, made.production_no,
            bought.item_no as bought_item_no, made.item_no as made_item_no,
            missing.item_no as missing_item_no,
            case
                when {IN_APPROVAL} then 'approval'
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
            case cause when 'purchase' then purchase_no
                when 'production' then production_no end as document_no,
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
    """Late orders by cause, the longest late first, and the first of the commonest cause."""
    item = look.asked.get("item")
    only, values = (f"where {OF_ITEM}", {"item": item}) if item else ("", {})
    rows = look.rows(_named(look, _placed(only)), **values)
    causes = sorted(
        (row for row in rows if row["place_in_cause"] == 1),
        key=lambda row: (-row["cause_orders"], row["cause"]),
    )
    amounts = [row["cause_amount"] for row in causes if row["cause_amount"] is not None]
    return {
        "causes": causes,
        "orders": [row for row in rows if row["place"] <= SHOWN],
        "first": causes[0] if causes else None,
        "total": sum(row["cause_orders"] for row in causes),
        "amount": sum(amounts) if amounts else None,
        "top": causes[0]["cause_orders"] if causes else 0,
    }


def _placed(only: str) -> str:
    """The first orders of all and of each cause, with what their cause comes to: asked for once."""
    order = "order by days_late desc, amount desc nulls last, order_key"
    return f"""
        select *, row_number() over ({order}) as place,
            row_number() over (partition by cause {order}) as place_in_cause,
            count(*) over (partition by cause) as cause_orders,
            sum(amount) over (partition by cause) as cause_amount,
            max(days_late) over (partition by cause) as cause_days_late
        from ({LATE}) {only}
        qualify place <= {SHOWN} or place_in_cause = 1"""


def _named(look: Look, late_orders: str) -> str:
    """Late orders with the customer's name and who is to decide, where the viewer sees those."""
    columns, joins = ["found.*"], [f"from ({late_orders}) as found"]
    if look.sees("core.dim_customer"):
        columns.append("customers.name as account_name")
        joins.append("""left join core.dim_customer as customers
            on customers.account_no = found.account_no and customers.is_current""")
    else:
        columns.append("null as account_name")
    if look.sees("core.fct_approval"):
        columns.append("requests.request_no, approvers.name as approver_name")
        joins.append("""left join (
                select source_key, max(request_no) as request_no,
                    arg_max(pending_approver_no, request_no) as pending_approver_no
                from core.fct_approval where status in ('requested', 'pending') group by source_key
            ) as requests on requests.source_key = found.order_key
            left join core.dim_employee as approvers
                on approvers.employee_no = requests.pending_approver_no and approvers.is_current""")
    else:
        columns.append("null as request_no, null as approver_name")
    return f"select {', '.join(columns)} {' '.join(joins)} order by place"
