"""What the morning page says of goods and of what lies ahead: what runs out, what is made late, next month.

Stock, production, purchases, forecasts and the pipeline ─▶ sentences. It ranks nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from reports.look import Look
from reports.pages import pipeline_leads, supply_stock
from reports.pages.morning_said import Said, Urgency
from reports.reader import NOTHING, capital

SOON_DAYS = 14

# First what has to be made or bought, then what is gone or will be before more can come, then what is asked
# for most.
RUNS_OUT = f"""
    select
        *, days_of_cover <= 0 as is_gone, count(*) over () as items,
        count(*) filter (where is_too_late and to_order > 0) over () as too_late
    from ({supply_stock.STOCK})
    where runs_out_on <= $until
    order by to_order > 0 desc, runs_out_on, monthly_demand desc, item_no
    limit 1"""
LATE = """
    select
        production.production_no, items.name as item_name, production.quantity, production.order_key,
        $today - production.due_on as days_late, count(*) over () as orders
    from core.fct_production as production
    left join core.dim_item as items on items.item_no = production.item_no and items.is_current
    where production.done_at is null and production.status <> 'cancelled' and production.due_on < $today
    order by production.due_on, production.production_no
    limit 1"""
WAITING = """
    select order_key, promised_on, count(*) over () as orders
    from core.fct_order
    where is_waiting_for_stock and state not in ('shipped', 'cancelled', 'refused')
    order by promised_on nulls last, order_key
    limit 1"""
PURCHASES = """
    select
        purchases.purchase_no, suppliers.name as supplier_name, people.name as owner_name,
        $today - purchases.expected_on as days_late, count(*) over () as purchases
    from core.fct_purchase as purchases
    left join core.dim_supplier as suppliers on suppliers.supplier_no = purchases.supplier_no
    left join core.dim_employee as people on people.employee_no = purchases.requester_no and people.is_current
    where purchases.status not in ('draft', 'cancelled') and purchases.received_on is null
        and purchases.expected_on < $today
    order by purchases.expected_on, purchases.purchase_no
    limit 1"""
MAKER = """
    select name from core.dim_employee
    where role = 'production' and is_current and left_on is null
    order by employee_no
    limit 1"""
AHEAD = """
    select period_on, forecast, naive
    from marts.mart_forecast
    where series_kind = 'sales_total' and is_forecast and period_on > $today
    order by period_on
    limit 1"""
PIPELINE = f"""
    select sum(weighted_amount) as weighted, sum(expected_amount) as expected, count(*) as leads
    from ({pipeline_leads.LEADS})
    having count(*) > 0"""


def supply(look: Look) -> Iterator[Said]:
    """The items that run out within two weeks."""
    reader = look.reader
    for row in look.rows(RUNS_OUT, until=look.today + dt.timedelta(days=SOON_DAYS)):
        text = reader.text(
            "morning.supply.gone" if row["is_gone"] else "morning.supply.said",
            row["items"],
            days=reader.days(SOON_DAYS),
            item=row["item_name"],
            on=reader.day(row["runs_out_on"]),
            lead=reader.days(row["lead_time_days"]),
            late=reader.number(row["too_late"]),
        )
        how = "buy" if row["supplier_name"] else "make"
        if not row["to_order"]:
            how = "wait" if row["under_way"] else "watch"
        action = reader.text(
            f"morning.supply.{how}",
            quantity=reader.number(row["to_order"] or row["under_way"]),
            item=row["item_name"],
            supplier=row["supplier_name"] or "",
            ready=reader.day(row["ready_on"]),
        )
        link = look.rows_of("running-out", until=look.today + dt.timedelta(days=SOON_DAYS))
        urgency = Urgency.LATE if row["too_late"] else Urgency.DRIFTS
        yield Said(text, link, urgency, maker(look), action)


def making(look: Look) -> Iterator[Said]:
    """Production orders after their day, orders that wait for goods, purchases that have not come."""
    reader, owner = look.reader, maker(look)
    for row in look.rows(LATE, today=look.today):
        text = reader.text(
            "morning.making.late",
            row["orders"],
            document=row["production_no"],
            item=row["item_name"] or NOTHING,
            age=reader.days(row["days_late"]),
        )
        action = (
            reader.text("morning.making.late_do", order=row["order_key"])
            if row["order_key"]
            else reader.text("morning.making.late_do_alone")
        )
        link = look.rows_of("production-orders", late=look.today)
        yield Said(text, link, Urgency.STOPS_OTHERS, owner, action)
    for row in look.rows(WAITING):
        text = reader.text(
            "morning.making.waiting", row["orders"], order=row["order_key"], on=reader.day(row["promised_on"])
        )
        action = reader.text("morning.making.waiting_do", order=row["order_key"])
        yield Said(text, look.rows_of("waiting-for-stock"), Urgency.STOPS_OTHERS, owner, action)
    for row in look.rows(PURCHASES, today=look.today):
        text = reader.text(
            "morning.making.purchases",
            row["purchases"],
            document=row["purchase_no"],
            supplier=row["supplier_name"] or NOTHING,
            age=reader.days(row["days_late"]),
        )
        action = reader.text("morning.making.purchases_do", supplier=row["supplier_name"] or NOTHING)
        link = look.rows_of("overdue-purchases")
        yield Said(text, link, Urgency.LATE, row["owner_name"] or owner, action)


def ahead(look: Look) -> Iterator[Said]:
    """What next month is expected to bring, or what the open leads are worth."""
    reader = look.reader
    if look.sees("marts.mart_forecast", "marts.mart_cash"):
        for row in look.rows(AHEAD, today=look.today):
            rate = (row["forecast"] - row["naive"]) / row["naive"] if row["naive"] else None
            way = "same" if rate is None else "more" if rate > 0 else "less"
            text = reader.text(
                f"morning.ahead.{way}",
                month=capital(reader.month(row["period_on"])),
                forecast=reader.money(row["forecast"]),
                change=reader.percent(abs(rate or Decimal(0))),
            )
            yield Said(text, look.page("supply"), Urgency.AHEAD, money=Decimal(row["forecast"] or 0))
    elif look.sees(*pipeline_leads.TABLES):
        for row in look.rows(PIPELINE):
            text = reader.text(
                "morning.ahead.pipeline",
                int(row["leads"]),
                expected=reader.money(row["expected"]),
                weighted=reader.money(row["weighted"]),
            )
            yield Said(text, look.page("pipeline"), Urgency.AHEAD, money=Decimal(row["weighted"] or 0))


def maker(look: Look) -> str:
    """Who has to see that goods are there: the head of production, as the OA has it."""
    found = look.rows(MAKER)
    return found[0]["name"] if found else str(look.reader.text("gaps.nobody"))
