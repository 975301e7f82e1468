"""Sales, demand and cash as they were and as they are expected, each with its band and the naive line.

forecasts and what came true ─▶ points, a chart and the numbers of its sentence. It forecasts nothing itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reports.charts import Point, draw
from reports.drawings import spark
from reports.look import Look
from reports.publication import Row

ITEMS, DEBTORS = 8, 5
WEEKS_BACK, WEEKS_AHEAD = dt.timedelta(weeks=26), dt.timedelta(weeks=13)
"""Weeks of cash shown: half a year back at most, and as far as the forecast reaches."""

SALES = """
    select month_on, sum(revenue_amount) as amount from marts.mart_sales
    where month_on >= $since and ($item is null or item_no = $item) group by month_on order by month_on"""
SERIES = """
    select period_on, is_forecast, actual, forecast, lower_80, upper_80, naive, model_error, naive_error,
        beats_naive
    from marts.mart_forecast
    where series_kind = $kind and series_key = $series and period_on >= $since order by period_on"""
# What sold most in a year comes first: by money where amounts are seen, else by number.
DEMAND = """
    with series as (
        select series_key, list(actual order by period_on) filter (where not is_forecast) as actuals,
            max(period_on) filter (where not is_forecast) as last_on,
            arg_max(actual, period_on) filter (where not is_forecast) as last_actual,
            arg_min(forecast, period_on) filter (where is_forecast and period_on > $month) as forecast,
            arg_min(lower_80, period_on) filter (where is_forecast and period_on > $month) as lower_80,
            arg_min(upper_80, period_on) filter (where is_forecast and period_on > $month) as upper_80,
            max(model_error) as model_error, max(naive_error) as naive_error,
            bool_or(beats_naive) as beats_naive
        from marts.mart_forecast where series_kind = 'demand_item' group by series_key
    ),
    sold as (
        select item_no, sum(amount) as amount, sum(quantity) as quantity from core.fct_order_line
        where is_revenue and ordered_on > $today - 365 group by item_no
    )
    select series.*, items.name as item_name, sold.amount, sold.quantity
    from series
    join sold on sold.item_no = series.series_key
    left join core.dim_item as items on items.item_no = series.series_key and items.is_current
    where series.forecast is not null
    order by sold.amount desc nulls last, sold.quantity desc, series.series_key"""
DEBTS = """
    select values.account_no, values.account_name, values.overdue_amount, people.name as owner_name
    from marts.mart_customer_value as values
    left join core.dim_employee as people on people.employee_no = values.owner_no and people.is_current
    where values.overdue_amount > 0 order by values.overdue_amount desc, values.account_no"""


def sales(look: Look) -> Mapping[str, Any] | None:
    """Months sold and expected: money of the whole company, or an item's quantity; ``None`` without any."""
    item = look.asked.get("item")
    since, month = look.since.replace(day=1), look.today.replace(day=1)
    if item is None and not look.sees("marts.mart_sales"):
        return None
    kind, key = ("demand_item", item) if item else ("sales_total", "total")
    series = look.rows(SERIES, kind=kind, series=key, since=since)
    ahead = [row for row in series if row["is_forecast"]]
    first = ahead[0]["period_on"] if ahead else month
    if item:
        past = [(row["period_on"], row["actual"]) for row in series if not row["is_forecast"]]
        so_far = None
    else:
        sold = {row["month_on"]: row["amount"] for row in look.rows(SALES, since=since, item=None)}
        past = [(on, amount) for on, amount in sold.items() if on < first]
        so_far = sold.get(month)
    if not past and not ahead:
        return None
    points = [Point(on, actual=amount) for on, amount in past] + [_ahead(row) for row in ahead]
    coming = [row for row in ahead if row["period_on"] > month]
    return {
        "points": points[::-1],
        "chart": draw(points, look.reader, name="sales", money=item is None),
        "ahead": bool(ahead),
        "now": next((row for row in ahead if row["period_on"] == month), None),
        "next": coming[0] if coming else None,
        "so_far": so_far,
        "past": past[-1] if past else None,
        "series": {"kind": kind, "series": key},
        "money": item is None,
    }


def _ahead(row: Row) -> Point:
    return Point(
        row["period_on"], None, None, row["forecast"], row["lower_80"], row["upper_80"], naive=row["naive"]
    )


def demand(look: Look) -> Mapping[str, Any] | None:
    """The items that sold most in a year with their months and the next one; ``None`` without a forecast."""
    found = look.rows(DEMAND, month=look.today.replace(day=1), today=look.today)
    if not found:
        return None
    rows = [{**row, "spark": spark(row["actuals"][-12:])} for row in found[:ITEMS]]
    judged = [row for row in found if row["naive_error"] is not None]
    month = (look.today.replace(day=1) + dt.timedelta(days=31)).replace(day=1)
    better = sum(bool(row["beats_naive"]) for row in judged)
    return {"rows": rows, "judged": len(judged), "better": better, "month": month}


def cash(look: Look) -> Mapping[str, Any] | None:
    """Weeks of money in, received and expected, and who is overdue; ``None`` where it is not seen."""
    if look.asked.get("item") or not look.sees("marts.mart_cash"):
        return None
    monday = look.today - dt.timedelta(days=look.today.weekday())
    weeks = look.rows("select * from marts.mart_cash order by week_on")
    since = max(look.since - dt.timedelta(days=look.since.weekday()), monday - WEEKS_BACK)
    shown = [row for row in weeks if since <= row["week_on"] <= monday + WEEKS_AHEAD]
    points = [_week(row, monday) for row in shown]
    if not any(point.actual or point.expected or point.forecast for point in points):
        return None
    coming = [point.forecast for point in points if point.forecast is not None]
    due = [point.expected for point in points if point.expected is not None]
    debts = look.rows(DEBTS)
    return {
        "points": points[::-1],
        "chart": draw(points, look.reader, name="cash", bars=True),
        "ahead": bool(coming),
        "weeks": len(coming or due),
        "amount": _sum(coming or due),
        "due": _sum(due),
        "overdue": _sum([row["overdue_amount"] for row in weeks if row["overdue_amount"] is not None]),
        "debts": debts[:DEBTORS],
        "debtors": len(debts),
    }


def _week(row: Row, monday: dt.date) -> Point:
    """Before this week only what came counts: what was due then and did not come is overdue, not expected."""
    over, open_amount = row["week_on"] < monday, row["expected_in_amount"] or Decimal(0)
    return Point(
        row["week_on"],
        actual=row["actual_in_amount"] if over or row["actual_in_amount"] else None,
        expected=None if over else open_amount - (row["overdue_amount"] or Decimal(0)),
        forecast=row["forecast_amount"],
        lower=row["lower_80"],
        upper=row["upper_80"],
        naive=row["naive_amount"],
    )


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
