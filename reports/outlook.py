"""The sections that look ahead: sales, demand and cash, each with its band and the naive line beside it.

Tables and a reader come in, a headline, a note and a chart go out. It forecasts nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from reports.charts import Point, draw
from reports.reader import Reader
from reports.tables import Row, Tables

Finding = tuple[Markup, Markup, Mapping[str, Any]]
"""What a section found: its headline, its note, and what its table needs beside the rows."""

BOUNDS = {"forecast": "forecast", "lower": "lower_80", "upper": "upper_80"}


def sales(tables: Tables, reader: Reader) -> Finding | None:
    """The next month's sales, after the history that carries them."""
    ahead = tables["sales_forecast"]
    # The month that the forecast begins with is not over: its sales so far are no month's sales.
    past = [row for row in tables["sales"] if not ahead or row["month_on"] < ahead[0]["period_on"]]
    if not past and not ahead:
        return None
    points = [Point(row["month_on"], actual=row["actual"]) for row in past]
    points += [_ahead(row, "period_on") for row in ahead]
    more = {"points": points[::-1], "chart": draw(points, reader, name="sales", bars=False)}
    if not ahead:
        last = past[-1]
        month, amount = reader.month(last["month_on"]), reader.money(last["actual"])
        return reader.text("sales.found_past", month=month, amount=amount), reader.text("sales.note_none"), more
    first = ahead[0]
    finding = reader.text(
        "sales.found",
        month=reader.month(first["period_on"]),
        **{name: reader.money(first[column]) for name, column in BOUNDS.items()},
    )
    errors = {name: reader.significant(first[f"{name}_error"]) for name in ("model", "naive")}
    return finding, reader.text("sales.note", error=errors["model"], naive=errors["naive"]), more


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
    if not weeks:
        return None
    points = [
        Point(
            row["week_on"], row["actual_in_amount"], row["expected_in_amount"], row["forecast_amount"],
            row["lower_80"], row["upper_80"], row["naive_amount"],
        )
        for row in weeks
    ]  # fmt: skip
    coming = [row for row in weeks if row["forecast_amount"] is not None]
    finding = reader.text(
        "cash.found",
        amount=reader.money(sum(row["forecast_amount"] for row in coming)),
        weeks=reader.number(len(coming)),
        overdue=reader.money(sum(row["overdue_amount"] or 0 for row in weeks)),
    )
    more = {"points": points[::-1], "chart": draw(points, reader, name="cash", bars=True)}
    return finding, reader.text("cash.note"), more


