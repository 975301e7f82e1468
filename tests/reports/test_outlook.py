"""What lies ahead is told apart from what was, and never taken for more than it is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from reports import outlook
from reports.reader import Reader
from reports.tables import Row, read

EN = Reader(Locale("en"), ZoneInfo("Europe/Madrid"), "EUR")
THIS_WEEK = dt.date(2026, 11, 16)


@pytest.fixture
def tables(warehouse: Path) -> dict[str, Any]:
    return dict(read(warehouse))


def test_an_unfinished_month_is_not_shown_as_a_bad_one(tables: dict[str, Any]) -> None:
    tables["sales"] = [*tables["sales"], {"month_on": dt.date(2026, 11, 1), "actual": Decimal(5)}]
    found = outlook.sales(tables, EN)
    assert found is not None
    november = next(point for point in found[2]["points"] if point.on == dt.date(2026, 11, 1))
    assert november.actual is None
    assert november.forecast == tables["sales_forecast"][0]["forecast"]


def test_sales_without_a_forecast_still_show_their_history(tables: dict[str, Any]) -> None:
    found = outlook.sales({**tables, "sales_forecast": []}, EN)
    assert found is not None
    assert found[0] == f"October 2026: {EN.money(tables['sales'][-1]['actual'])} sold"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "the model’s error was 0.71, the naive one’s 0.92"),
        ({"beats_naive": False}, "no model beat repeating the same month of last year (error 0.92)"),
        ({"naive_error": None, "model_error": None}, "too little history to test a model"),
    ],
)
def test_the_forecast_says_how_it_did_on_the_past(
    tables: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    first, *later = tables["sales_forecast"]
    found = outlook.sales({**tables, "sales_forecast": [{**first, **change}, *later]}, EN)
    assert found is not None
    assert said in found[1]


def test_what_was_due_before_this_week_is_overdue_not_expected(tables: dict[str, Any]) -> None:
    found = outlook.cash(tables, EN)
    assert found is not None
    points = found[2]["points"]
    assert all(point.expected is None for point in points if point.on < THIS_WEEK)
    assert all(point.expected is not None for point in points if point.on >= THIS_WEEK)
    assert found[0].endswith("€97,120 is overdue")


def test_half_a_year_back_and_a_quarter_ahead_is_shown(tables: dict[str, Any]) -> None:
    row = tables["cash"][0]
    far: list[Row] = [{**row, "week_on": THIS_WEEK + dt.timedelta(weeks=n)} for n in (-90, 90)]
    found = outlook.cash({**tables, "cash": [far[0], *tables["cash"], far[1]]}, EN)
    assert found is not None
    assert len(found[2]["points"]) == len(tables["cash"])


def test_cash_without_a_forecast_tells_what_is_due(tables: dict[str, Any]) -> None:
    weeks: list[Row] = [{**row, "forecast_amount": None} for row in tables["cash"]]
    found = outlook.cash({**tables, "cash": weeks}, EN)
    assert found is not None
    assert "of open invoices is due over the next 8 weeks" in found[0]


def test_without_money_there_is_no_cash_to_show(tables: dict[str, Any]) -> None:
    empty = {name: Decimal(0) for name in tables["cash"][0] if name != "week_on"}
    weeks: list[Row] = [{**empty, "week_on": THIS_WEEK, "forecast_amount": None}]
    assert outlook.cash({**tables, "cash": weeks}, EN) is None


def test_the_running_month_is_left_out_even_without_a_forecast(tables: dict[str, Any]) -> None:
    running: Row = {"month_on": dt.date(2026, 11, 1), "actual": Decimal(5)}
    found = outlook.sales({**tables, "sales": [*tables["sales"], running], "sales_forecast": []}, EN)
    assert found is not None
    assert found[0].startswith("October 2026")
    alone = outlook.sales({**tables, "sales": [running], "sales_forecast": []}, EN)
    assert alone is not None
    assert alone[0] == "November 2026: €5 sold"
