"""The sections that look ahead: sales, demand and cash, each with its band and the naive line beside it.

Tables and a reader come in, a headline, a note and a chart go out. It forecasts nothing itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from reports.charts import Point, draw
from reports.reader import Reader, capital
from reports.tables import Row, Tables

Finding = tuple[Markup, Markup, Mapping[str, Any]]
"""What a section found: its headline, its note, and what its table needs beside the rows."""

PAST, AHEAD = dt.timedelta(weeks=26), dt.timedelta(weeks=13)
"""Weeks of cash shown: half a year back, and as far as the forecast reaches."""


def sales(tables: Tables, reader: Reader) -> Finding | None:
    """The next month's sales, after the history that carries them."""
    ahead = tables["sales_forecast"]
    # The month that is not over yet is no month's sales; alone, it is better than nothing.
    now = ahead[0]["period_on"] if ahead else _today(tables, reader).replace(day=1)
    past = [row for row in tables["sales"] if row["month_on"] < now] or tables["sales"]
    if not past and not ahead:
        return None
    points = [Point(row["month_on"], actual=row["actual"]) for row in past]
    points += [_ahead(row, "period_on") for row in ahead]
    more = {"points": points[::-1], "ahead": bool(ahead)}
    more["chart"] = draw(points, reader, name="sales", bars=False)
    if not ahead:
        last = past[-1]
        month, amount = capital(reader.month(last["month_on"])), reader.money(last["actual"])
        return (
            reader.text("sales.found_past", month=month, amount=amount),
            reader.text("sales.note_none"),
            more,
        )
    first = ahead[0]
    finding = reader.text(
        "sales.found",
        month=capital(reader.month(first["period_on"])),
        forecast=reader.money(first["forecast"]),
        lower=reader.money(first["lower_80"]),
        upper=reader.money(first["upper_80"]),
    )
    return finding, _tested(first, reader), more


def _tested(row: Row, reader: Reader) -> Markup:
    """How far the sales forecast can be trusted, by what it would have said in the past."""
    if row["naive_error"] is None:
        return reader.text("sales.note_short")
    error, naive = reader.number(row["model_error"], 2), reader.number(row["naive_error"], 2)
    if row["beats_naive"]:
        return reader.text("sales.note", error=error, naive=naive)
    return reader.text("sales.note_naive", naive=naive)


def _ahead(row: Row, on: str) -> Point:
    return Point(
        row[on], None, None, row["forecast"], lower=row["lower_80"], upper=row["upper_80"], naive=row["naive"]
    )


def demand(tables: Tables, reader: Reader) -> Finding | None:
    """How far the item forecasts can be trusted."""
    if not tables["demand"]:
        return None
    score = tables["demand_score"][0]
    finding = reader.text("demand.found", score["series"], better=reader.number(score["better"]))
    return finding, reader.text("demand.note"), {"month": reader.month(tables["demand"][0]["period_on"])}


def cash(tables: Tables, reader: Reader) -> Finding | None:
    """What comes in by week, and what is overdue."""
    weeks = tables["cash"]
    if not any(value for row in weeks for name, value in row.items() if name != "week_on"):
        return None
    today = _today(tables, reader)
    now = today - dt.timedelta(days=today.weekday())
    points = [_week(row, now) for row in weeks if now - PAST <= row["week_on"] <= now + AHEAD]
    coming = [point.forecast for point in points if point.forecast is not None]
    due = [point.expected for point in points if point.expected is not None]
    finding = reader.text(
        "cash.found" if coming else "cash.found_due",
        len(coming or due),
        amount=reader.money(sum(coming or due)),
        overdue=reader.money(sum(row["overdue_amount"] or 0 for row in weeks)),
    )
    more = {"points": points[::-1], "ahead": bool(coming)}
    more["chart"] = draw(points, reader, name="cash", bars=True)
    return finding, reader.text("cash.note"), more


def _today(tables: Tables, reader: Reader) -> dt.date:
    known = [row["as_of"] for row in tables["metrics"] if row["as_of"]]
    last = [row[on] for name, on in (("cash", "week_on"), ("sales", "month_on")) for row in tables[name]]
    today: dt.date = max(known).astimezone(reader.zone).date() if known else max(last, default=dt.date.min)
    return today


def _week(row: Row, now: dt.date) -> Point:
    """Before this week only what came counts: what was due then and did not come is overdue, not expected."""
    over, open_amount = row["week_on"] < now, row["expected_in_amount"] or Decimal(0)
    return Point(
        row["week_on"],
        actual=row["actual_in_amount"] if over or row["actual_in_amount"] else None,
        expected=None if over else open_amount - (row["overdue_amount"] or Decimal(0)),
        forecast=row["forecast_amount"],
        lower=row["lower_80"],
        upper=row["upper_80"],
        naive=row["naive_amount"],
    )
