"""What is in stock, how long it lasts and what to order; and which suppliers deliver late.

items, what is being made of them and who delivers them ─▶ one select, for the page and the rows behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.look import Look
from reports.pages.today import TODAY

SOON_DAYS = 30
"""Supply that lasts shorter than this runs out soon."""
FEW = 3
"""Suppliers with fewer deliveries than this in a year are not judged by them."""
SHOWN, SUPPLIERS = 10, 6

# What is being made counts against what is to be ordered; purchases name no items, so only their day is told.
STOCK = f"""
    with today as ({TODAY}),
    making as (
        select item_no, sum(quantity) as under_way, min(due_on) as ready_on
        from core.fct_production where status in ('requested', 'released') group by item_no
    ),
    coming as (
        select supplier_no, min(expected_on) as expected_on
        from core.fct_purchase where status = 'ordered' group by supplier_no
    )
    select
        supply.item_no, supply.item_name, supply.category, supply.kind, supply.on_hand, supply.reserved,
        supply.available, supply.monthly_demand, supply.days_of_cover, supply.runs_out_on,
        supply.lead_time_days, supply.runs_out_on - cast(supply.lead_time_days as integer) as order_by_on,
        supply.suggested_quantity, coalesce(making.under_way, 0) as under_way, making.ready_on,
        greatest(0, supply.suggested_quantity - coalesce(making.under_way, 0)) as to_order,
        supply.late_orders, items.supplier_no, suppliers.name as supplier_name, coming.expected_on,
        coalesce(supply.days_of_cover < {SOON_DAYS}, false) as is_soon,
        coalesce(supply.days_of_cover < supply.lead_time_days, false) as is_too_late, today.on_date
    from marts.mart_supply as supply
    cross join today
    left join core.dim_item as items on items.item_no = supply.item_no and items.is_current
    left join core.dim_supplier as suppliers on suppliers.supplier_no = items.supplier_no
    left join making on making.item_no = supply.item_no
    left join coming on coming.supplier_no = items.supplier_no"""
TABLES = (
    "marts.mart_supply", "core.dim_item", "core.dim_supplier", "core.fct_production", "core.fct_purchase",
    "core.dim_date",
)  # fmt: skip

# A year of deliveries: what came, and what should have come by now.
DELIVERIES = f"""
    with today as ({TODAY})
    select
        purchases.purchase_no, purchases.supplier_no, suppliers.name as supplier_name, purchases.status,
        purchases.ordered_on, purchases.expected_on, purchases.received_on, purchases.days_late,
        purchases.lines, purchases.amount, coalesce(purchases.days_late > 0, false) as is_late,
        purchases.expected_on > today.on_date - 365 and (
            purchases.received_on is not null or purchases.expected_on < today.on_date) as is_judged
    from core.fct_purchase as purchases
    cross join today
    left join core.dim_supplier as suppliers on suppliers.supplier_no = purchases.supplier_no
    where purchases.status in ('ordered', 'received')"""


def stock(look: Look) -> Mapping[str, Any] | None:
    """What runs out first, what to do about it, and how many items do; ``None`` without any item."""
    item = look.asked.get("item")
    only, values = ("item_no = $item", {"item": item}) if item else ("true", {})
    urgent = "is_too_late and to_order > 0"
    # Most urgent is what will be missing longest, even when it is ordered today.
    found = look.rows(
        f"""select *,
            row_number() over (order by days_of_cover nulls last, lead_time_days desc, item_no) as place,
            row_number() over (partition by {urgent} order by lead_time_days - days_of_cover desc, item_no)
                as urgent_place,
            count(*) filter (where is_soon) over () as soon, {urgent} as is_urgent,
            count(*) filter (where {urgent}) over () as too_late,
            max(lead_time_days) filter (where is_soon) over () as longest
        from ({STOCK}) where {only}
        qualify place <= {SHOWN} or (is_urgent and urgent_place = 1)
        order by place""",
        **values,
    )
    if not found:
        return None
    first = found[0]
    return {
        "rows": [row for row in found if row["place"] <= SHOWN and (row["is_soon"] or item)],
        "urgent": next((row for row in found if row["is_urgent"] and row["urgent_place"] == 1), None),
        "soon": first["soon"],
        "too_late": first["too_late"],
        "top": max(SOON_DAYS, first["longest"] or 0),
        "days": SOON_DAYS,
    }


def suppliers(look: Look) -> Mapping[str, Any] | None:
    """Suppliers by how often they were late in the last year; ``None`` where none delivered often enough."""
    rows = look.rows(
        f"""select supplier_no, any_value(supplier_name) as supplier_name, count(*) as deliveries,
            count(*) filter (where is_late) as late,
            cast(round(count(*) filter (where is_late) / count(*), 4) as decimal(18, 4)) as late_share,
            quantile_disc(days_late, 0.9) as days_late_90,
            count(*) filter (where status = 'ordered' and is_late) as open_late
        from ({DELIVERIES}) where is_judged group by supplier_no having count(*) >= {FEW}
        order by open_late desc, late_share desc, deliveries desc, supplier_no"""
    )
    if not rows:
        return None
    return {
        "rows": rows[:SUPPLIERS],
        "deliveries": sum(row["deliveries"] for row in rows),
        "late": sum(row["late"] for row in rows),
    }
