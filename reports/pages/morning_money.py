"""What the morning page says of money: what changed and where, what is overdue, which orders are late.

The rows that the viewer sees ─▶ sentences. It ranks nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from reports.look import Look
from reports.numbers import STILL, Number
from reports.pages import late_orders, supply_late
from reports.pages.morning_said import Said, Urgency
from reports.publication import Row
from reports.reader import NOTHING

# What changed, by what was sold where; a customer counts on its own.
MOVED = """
    with lines as (
        select
            lines.*,
            case when lines.ordered_on > $today - 30 then lines.amount else -lines.amount end as change
        from core.fct_order_line as lines
        where lines.is_revenue and lines.ordered_on > $today - 60 and lines.ordered_on <= $today
    ),
    placed as (
        select lines.*, orders.account_country as country
        from lines
        join core.fct_order as orders on orders.order_key = lines.order_key
    ),
    parts as (
        select 'part' as kind, item_category, country, null as account_no, sum(change) as change
        from placed
        where item_category is not null and country is not null
        group by item_category, country
        union all
        select 'account', null, null, account_no, sum(change)
        from placed
        where account_no is not null
        group by account_no
    )
    select parts.*, customers.name as account_name, owner.name as owner_name
    from parts
    left join core.dim_customer as customers
        on customers.account_no = parts.account_no and customers.is_current
    left join core.dim_employee as owner on owner.employee_no = customers.owner_no and owner.is_current
    where sign(parts.change) = $way
    qualify row_number() over (
        partition by kind
        order by abs(change) desc, parts.item_category, parts.country, parts.account_no) = 1"""
OVERDUE = """
    select
        customers.name as account_name, orders.account_no, owner.name as owner_name,
        sum(orders.open_amount) as amount, min(orders.due_on) as due_on,
        sum(sum(orders.open_amount)) over () as total, count(*) over () as customers
    from core.fct_order as orders
    left join core.dim_customer as customers
        on customers.account_no = orders.account_no and customers.is_current
    left join core.dim_employee as owner on owner.employee_no = customers.owner_no and owner.is_current
    where orders.due_on < $today and orders.open_amount > 0
    group by all
    order by amount desc, orders.account_no
    limit 1"""
_LARGEST_LATE = """
    select
        late.order_key, late.amount, late.account_no, late.cause, customers.name as account_name,
        owner.name as owner_name, count(*) over () as orders, sum(late.amount) over () as total
    from ({late}) as late
    join core.fct_order as orders on orders.order_key = late.order_key
    left join core.dim_customer as customers
        on customers.account_no = late.account_no and customers.is_current
    left join core.dim_employee as owner on owner.employee_no = orders.owner_no and owner.is_current
    order by late.amount desc nulls last, late.order_key
    limit 1"""


def of_money(look: Look, revenue: Number | None) -> Iterator[Said]:
    """Revenue that moved, money overdue, orders past their promised day."""
    if revenue is not None:
        yield from _changed(look, revenue)
    for row in look.rows(OVERDUE, today=look.today):
        yield _overdue(look, row)
    looks_further = look.sees(*supply_late.TABLES)
    late = supply_late.LATE if looks_further else late_orders.CAUSED
    for row in look.rows(_LARGEST_LATE.format(late=late)):
        yield _late(look, row, look.rows_of("late-orders" if looks_further else "late-own"))


def _changed(look: Look, revenue: Number) -> Iterator[Said]:
    if revenue.change is None or abs(revenue.change) <= STILL:
        return
    found = {
        row["kind"]: row for row in look.rows(MOVED, today=look.today, way=1 if revenue.change > 0 else -1)
    }
    if len(found) < 2:
        return
    part, account = found["part"], found["account"]
    way = "rose" if revenue.change > 0 else "fell"
    reader = look.reader
    text = reader.text(
        f"morning.changed.{way}",
        change=reader.percent(abs(revenue.change)),
        value=reader.money(revenue.value),
        part=part["item_category"],
        country=country(look, part["country"]),
        by=reader.money(abs(part["change"])),
        customer=account["account_name"] or account["account_no"],
        less=reader.money(abs(account["change"])),
    )
    link = look.rows_of(
        "revenue",
        since=look.today - dt.timedelta(days=59),
        until=look.today,
        category=part["item_category"],
        country=part["country"],
    )
    action = reader.text(
        f"morning.changed.{way}_do", customer=account["account_name"] or account["account_no"]
    )
    owner = account["owner_name"] or str(reader.text("gaps.nobody"))
    money = abs((revenue.value or Decimal(0)) - (revenue.previous or Decimal(0)))
    if way == "rose":
        yield Said(text, link, Urgency.GOOD, money=money, always=True)
    else:
        yield Said(text, link, Urgency.DRIFTS, owner, action, money, always=True)


def _overdue(look: Look, row: Row) -> Said:
    reader = look.reader
    text = reader.text(
        "morning.overdue.said",
        row["customers"],
        amount=reader.money(row["total"]),
        customer=row["account_name"] or row["account_no"] or NOTHING,
        most=reader.money(row["amount"]),
        age=reader.days((look.today - row["due_on"]).days),
    )
    action = reader.text("morning.overdue.do", customer=row["account_name"] or row["account_no"] or NOTHING)
    return Said(text, look.rows_of("overdue"), Urgency.LATE, _owner(look, row), action, _money(row["total"]))


def _late(look: Look, row: Row, link: str | None) -> Said:
    reader = look.reader
    customer = row["account_name"] or row["account_no"] or NOTHING
    text = reader.text(
        "morning.late.said",
        row["orders"],
        amount=reader.money(row["total"]),
        order=row["order_key"],
        customer=customer,
        cause=reader.word("late_cause", row["cause"]),
    )
    action = reader.text(f"morning.late.do_{row['cause']}", customer=customer, order=row["order_key"])
    return Said(text, link, Urgency.LATE, _owner(look, row), action, _money(row["total"]))


def country(look: Look, code: str) -> str:
    """A country's name in the reader's language."""
    return str(look.reader.locale.territories.get(code, code))


def _owner(look: Look, row: Row) -> str:
    return str(row["owner_name"] or look.reader.text("gaps.nobody"))


def _money(value: Any) -> Decimal:
    return Decimal(value or 0)
