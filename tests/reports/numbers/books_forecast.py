"""What was sold and paid by whole months and weeks, from the sources' own tables, and what is made of it.

Books ─▶ regular series ─▶ their seasonal naive, and the forecasts that planning makes of them.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from statistics import fmean
from typing import Any

import pyarrow as pa

from planning.tables import plan
from tests.reports.numbers.books import FOUR, NOTHING, Books

Values = dict[dt.date, Decimal]
Series = dict[tuple[str, str], Values]
WEEK = dt.timedelta(weeks=1)


def monday(on: dt.date) -> dt.date:
    return on - dt.timedelta(days=on.weekday())


def following(on: dt.date) -> dt.date:
    return (on.replace(day=1) + dt.timedelta(days=31)).replace(day=1)


def sold(books: Books) -> Series:
    """All that was sold or paid, by series and period; the running period and later ones among them."""
    found: Series = {("cash_in", "total"): books.cash_by_week(), ("sales_total", "total"): {}}
    found["sales_total", "total"] = {on: worth for on, (worth, _) in books.sales_by_month().items()}
    for one in books.orders:
        for line, _ in one["lines"] if one["revenue"] else ():
            months = found.setdefault(("demand_item", line["item_no"]), {})
            month = one["on"].replace(day=1)
            months[month] = months.get(month, NOTHING) + Decimal(line["quantity"])
    return {key: values for key, values in found.items() if values}


def history(books: Books, kind: str, values: Values) -> Values:
    """Whole periods from the first that was seen; what is not recorded did not happen."""
    weekly = kind == "cash_in"
    running = monday(books.today) if weekly else books.today.replace(day=1)
    found, on = {}, min(values)
    while on < running:
        found[on] = values.get(on, NOTHING)
        on = on + WEEK if weekly else following(on)
    return found


def naive(books: Books, kind: str, past: Values) -> Values:
    """The same period of last year and never below 0; with less than a year of past, the past's mean."""
    periods, season, ahead = list(past.values()), *((52, 13) if kind == "cash_in" else (12, 12))
    mean = Decimal(repr(fmean(map(float, periods)))) if periods else NOTHING
    found, on = {}, monday(books.today) if kind == "cash_in" else books.today.replace(day=1)
    for step in range(ahead):
        said = periods[len(periods) - season + step] if len(periods) >= season else mean
        found[on] = max(said, NOTHING).quantize(FOUR, ROUND_HALF_EVEN)
        on = on + WEEK if kind == "cash_in" else following(on)
    return found


def planned(books: Books) -> list[dict[str, Any]]:
    """The forecasts that planning makes of what was sold and paid."""
    rows: dict[str, list[dict[str, Any]]] = {"demand_item": [], "sales_total": [], "cash_in": []}
    for (kind, key), values in sold(books).items():
        rows[kind] += [{"key": key, "on": on, "value": value} for on, value in values.items()]
    number = pa.decimal128(38, 4)
    columns = pa.schema([("key", pa.string()), ("on", pa.date32()), ("value", number)])
    demand, sales, cash = (pa.Table.from_pylist(of, schema=columns) for of in rows.values())
    inputs = {
        "demand": demand.rename_columns(["item_no", "month_on", "quantity"]),
        "sales": sales.drop_columns("key").rename_columns(["month_on", "revenue_amount"]),
        "cash_in": cash.drop_columns("key").rename_columns(["week_on", "amount"]),
    }
    made: list[dict[str, Any]] = plan(inputs, as_of=books.today)["forecast"].to_pylist()
    return [row for row in made if row["is_forecast"]]
