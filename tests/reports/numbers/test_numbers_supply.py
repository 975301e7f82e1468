"""The numbers of the page Sales, supply and cash are the sources' own, and its forecast is of their past."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reports.filters import read
from reports.look import Look
from reports.pages import supply as page
from reports.rows import RowSet
from reports.web.serve import site_of
from settings import Settings
from tests.reports.numbers import books_forecast as series
from tests.reports.numbers import books_supply as counted
from tests.reports.numbers.books import NOTHING, Books, Row, total

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def made(look: Look) -> Mapping[str, Any]:
    """What the page shows to whoever asks nothing."""
    shown = page.make(replace(look, asked=read(page.PAGE.filters, {})))
    assert shown
    return shown


@pytest.fixture(scope="module")
def planned(books: Books) -> list[dict[str, Any]]:
    """What planning makes of the recounted history."""
    return series.planned(books)


def rows_of(look: Look, rows: RowSet) -> list[Row]:
    return look.rows(rows.statement({})[0])


def named(name: str) -> RowSet:
    return next(one for one in page.ROWS if one.name == name)


def test_the_forecast_s_history_is_the_sources(look: Look, books: Books) -> None:
    rows = look.rows("select * from marts.mart_forecast where not is_forecast")
    shown: series.Series = {}
    for row in rows:
        shown.setdefault((row["series_kind"], row["series_key"]), {})[row["period_on"]] = row["actual"]
    past = {key: series.history(books, key[0], values) for key, values in series.sold(books).items()}
    assert shown == {key: values for key, values in past.items() if values}
    assert ("sales_total", "total") in shown


def test_the_naive_line_is_the_same_period_of_last_year(look: Look, books: Books) -> None:
    shown: series.Series = {}
    for row in look.rows("select * from marts.mart_forecast where is_forecast"):
        shown.setdefault((row["series_kind"], row["series_key"]), {})[row["period_on"]] = row["naive"]
    past = {key: series.history(books, key[0], values) for key, values in series.sold(books).items()}
    assert shown == {key: series.naive(books, key[0], values) for key, values in past.items()}


def test_the_forecast_is_what_planning_makes_of_the_sources(
    look: Look, planned: list[dict[str, Any]]
) -> None:
    shown = look.rows("select * from marts.mart_forecast where is_forecast")
    key = ("series_kind", "series_key", "period_on")
    values = ("forecast", "lower_80", "upper_80", "naive", "model_error", "naive_error", "beats_naive")
    made = {tuple(row[name] for name in key): [row[name] for name in values] for row in planned}
    assert {tuple(row[name] for name in key): [row[name] for name in values] for row in shown} == made
    assert all(0 <= row["lower_80"] <= row["forecast"] <= row["upper_80"] for row in shown)


def test_the_page_s_months_and_what_the_running_one_brought_are_the_sources(
    made: Mapping[str, Any], books: Books
) -> None:
    sales, months = made["sales"], books.sales_by_month()
    running, since = books.today.replace(day=1), (books.today - dt.timedelta(days=730)).replace(day=1)
    shown = {point.on: point.actual for point in sales["points"] if point.actual is not None}
    assert shown == {on: worth for on, (worth, _) in months.items() if since <= on < running}
    assert (sales["so_far"] or 0) == months.get(running, (NOTHING, NOTHING))[0]


def test_the_items_that_sold_most_in_a_year_are_the_sources(
    books: Books, made: Mapping[str, Any], planned: list[dict[str, Any]]
) -> None:
    sold, month = counted.sold_in_a_year(books), series.following(books.today)
    ahead = {row["series_key"]: row for row in planned
             if row["series_kind"] == "demand_item" and row["period_on"] == month}  # fmt: skip
    first = sorted(sold, key=lambda item: (-sold[item], item))[:8]
    shown = made["demand"]["rows"] if made["demand"] else []
    assert [(row["series_key"], row["amount"]) for row in shown] == [(item, sold[item]) for item in first]
    past = series.sold(books)
    for row in shown:
        item = row["series_key"]
        *_, last = series.history(books, "demand_item", past["demand_item", item]).values()
        assert row["last_actual"] == last
        for name in ("forecast", "lower_80", "upper_80", "model_error", "naive_error"):
            assert row[name] == ahead[item][name]
    if shown:
        judged = [ahead[item] for item in sold if ahead[item]["naive_error"] is not None]
        assert made["demand"]["judged"] == len(judged)
        assert made["demand"]["better"] == sum(row["beats_naive"] for row in judged)


def test_stock_cover_and_what_to_order_are_the_sources(
    look: Look, books: Books, made: Mapping[str, Any], planned: list[dict[str, Any]]
) -> None:
    month = series.following(books.today)
    ahead = (row for row in planned if row["series_kind"] == "demand_item" and row["period_on"] == month)
    expected = counted.supply(books, {row["series_key"]: row["forecast"] for row in ahead})
    shown = {row["item_no"]: row for row in rows_of(look, named("supply-items"))}
    assert set(shown) == set(expected)
    for item, row in expected.items():
        assert {name: shown[item][name] for name in row} == row, item
    soon = {item: row for item, row in expected.items()
            if row["days_of_cover"] is not None and row["days_of_cover"] < 30}  # fmt: skip
    late = [row for row in expected.values() if row["days_of_cover"] is not None
            and row["days_of_cover"] < row["lead_time_days"] and row["to_order"]]  # fmt: skip
    assert (made["stock"]["soon"], made["stock"]["too_late"]) == (len(soon), len(late))
    first = sorted(soon, key=lambda item: (soon[item]["days_of_cover"], -soon[item]["lead_time_days"], item))
    assert [row["item_no"] for row in made["stock"]["rows"]] == first[:10]


def test_late_orders_with_their_days_worth_and_cause_are_the_sources(
    look: Look, books: Books, made: Mapping[str, Any]
) -> None:
    expected = counted.late_orders(books)
    shown = {row["order_key"]: row for row in rows_of(look, named("late-orders"))}
    assert {key: {name: row[name] for name in ("wanted_on", "days_late", "amount", "cause")}
            for key, row in shown.items()} == expected  # fmt: skip
    late = made["late"]
    assert (late["total"], late["amount"] or 0) == (
        len(expected), total(row["amount"] for row in expected.values()))  # fmt: skip
    causes: dict[str, list[dict[str, Any]]] = {}
    for row in expected.values():
        causes.setdefault(row["cause"], []).append(row)
    assert {
        row["cause"]: (row["cause_orders"], row["cause_days_late"], row["cause_amount"])
        for row in late["causes"]
    } == {
        cause: (len(of), max(row["days_late"] for row in of), total(row["amount"] for row in of))
        for cause, of in causes.items()
    }


def test_money_expected_by_week_and_who_is_overdue_are_the_sources(
    books: Books, made: Mapping[str, Any]
) -> None:
    weeks, accounts = counted.owed(books)
    cash, this = made["cash"], series.monday(books.today)
    if cash is None:
        assert not (weeks or accounts or books.rows("erp.payments"))
        return
    shown = {point.on: point.expected for point in cash["points"] if point.expected}
    until = this + 13 * series.WEEK
    assert shown == {on: amount for on, amount in weeks.items() if this <= on <= until}
    assert cash["due"] == sum(shown.values(), NOTHING)
    assert (cash["overdue"], cash["debtors"]) == (sum(accounts.values(), NOTHING), len(accounts))
    largest = sorted(accounts.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
    assert [(row["account_no"], row["overdue_amount"]) for row in cash["debts"]] == largest
    came = {point.on: point.actual for point in cash["points"] if point.actual}
    paid = books.cash_by_week()
    assert came == {on: paid[on] for on in paid if min(p.on for p in cash["points"]) <= on and paid[on]}


def test_the_page_says_what_was_counted(
    settings: Settings, look: Look, books: Books, planned: list[dict[str, Any]]
) -> None:
    reader, late = look.reader, counted.late_orders(books)
    text = html.unescape(site_of(settings).page(look, "supply", {}))
    month = series.following(books.today)
    (sales,) = (row for row in planned if (row["series_kind"], row["period_on"]) == ("sales_total", month))
    worst = sorted(late.values(), key=lambda row: row["days_late"])[-1:]
    debts = sorted(counted.owed(books)[1].values())[-5:]
    said: list[Decimal | str] = [
        *(reader.money(sales[name]) for name in ("forecast", "lower_80", "upper_80", "naive")),
        str(reader.text("supply.find_late", len(late)) if late else reader.text("supply.find_late_none")),
        *(reader.money(total(row["amount"] for row in late.values())) for _ in worst),
        *(reader.days(row["days_late"]) for row in worst),
        *map(reader.money, debts),
    ]
    assert not [one for one in said if str(one) not in text]
