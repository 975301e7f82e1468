"""Every number on the pages is the sources' own: counted again from the stores' tables, to the last digit.

For the seeded company, and for Northwind as it is imported; ``books`` counts without the warehouse.
"""

from __future__ import annotations

import datetime as dt
import html
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest

from reports.look import Look
from reports.web.serve import site_of
from settings import Settings
from tests.reports.numbers.book_gaps import document, gaps, stuck
from tests.reports.numbers.books import Books

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def metrics(look: Look) -> dict[str, Decimal | None]:
    return {row["metric"]: row["value"] for row in look.rows("select metric, value from marts.mart_metric")}


def test_the_six_numbers_are_the_sources(look: Look, books: Books) -> None:
    month = dt.timedelta(days=30)
    stopped = look.rows("select kind, document_stream, document_no from marts.mart_handoff_gaps")
    assert metrics(look) == {
        "revenue_30d": books.revenue(after=books.today - month, until=books.today),
        "open_orders": books.open_orders()[1],
        "overdue_receivables": books.overdue(),
        "win_rate": books.win_rate(),
        "approval_hours": books.approval_hours(),
        "stuck_in_gaps": stuck(books, (tuple(row.values()) for row in stopped)),
    }


def test_the_revenue_before_is_the_sources(look: Look, books: Books) -> None:
    month = dt.timedelta(days=30)
    before = look.one("select previous_value from marts.mart_metric where metric = 'revenue_30d'")
    assert before["previous_value"] == books.revenue(after=books.today - 2 * month, until=books.today - month)


def test_gaps_by_kind_and_each_document_s_money_are_the_sources(look: Look, books: Books) -> None:
    counted = gaps(books)
    rows = look.rows("select kind, document_stream, document_no, amount from marts.mart_handoff_gaps")
    shown: Counter[str] = Counter(row["kind"] for row in rows)
    told = {"won_without_order", "paid_not_shipped", "shipped_crm_open", "done_on_paper"}
    assert {kind: n for kind, n in shown.items() if kind in told} == {
        kind: n for kind, (n, _) in counted.items()
    }
    for kind, (_, worth) in counted.items():
        assert sum(row["amount"] or 0 for row in rows if row["kind"] == kind) == worth, kind
    for row in rows:
        said = document(books, row["document_stream"], row["document_no"], kind=row["kind"])
        assert row["amount"] == said, row


def test_the_pipeline_is_the_sources(look: Look, books: Books) -> None:
    rows = look.rows(
        "select stage, cast(sum(leads) as bigint) as leads, sum(expected_amount) as worth,"
        " sum(weighted_amount) as weighted from marts.mart_pipeline group by stage"
    )
    assert {row["stage"]: (row["leads"], row["worth"], row["weighted"]) for row in rows} == books.pipeline()


def test_open_orders_are_the_sources(look: Look, books: Books) -> None:
    row = look.one(
        "select count(*) as orders, coalesce(sum(amount), 0) as worth from core.fct_order"
        " where is_revenue and state not in ('shipped', 'cancelled', 'refused')"
    )
    assert (row["orders"], row["worth"]) == books.open_orders()


def test_sales_by_month_are_the_sources(look: Look, books: Books) -> None:
    rows = look.rows(
        "select month_on, sum(revenue_amount) as worth, sum(quantity) as quantity"
        " from marts.mart_sales group by month_on"
    )
    assert rows
    assert {row["month_on"]: (row["worth"], row["quantity"]) for row in rows} == books.sales_by_month()


def test_money_received_by_week_is_the_sources(look: Look, books: Books) -> None:
    rows = look.rows("select week_on, actual_in_amount from marts.mart_cash where actual_in_amount <> 0")
    assert {row["week_on"]: row["actual_in_amount"] for row in rows} == books.cash_by_week()
    overdue = look.one("select coalesce(sum(overdue_amount), 0) as overdue from marts.mart_cash")
    assert overdue["overdue"] == books.overdue()


def test_stock_is_the_sources(look: Look, books: Books) -> None:
    rows = look.rows("select item_no, available from marts.mart_supply where on_hand <> 0 or reserved <> 0")
    held = {item: available for item, available in books.stock().items() if available}
    assert {row["item_no"]: row["available"] for row in rows if row["available"]} == held


def test_approvals_are_the_sources(look: Look, books: Books) -> None:
    rows = look.rows("select kind, status, count(*) as n from core.fct_approval group by kind, status")
    assert {(row["kind"], row["status"]): row["n"] for row in rows} == books.approvals()
    steps = look.rows("select decision, count(*) as n from core.fct_approval_step group by decision")
    assert {row["decision"]: row["n"] for row in steps} == books.decisions()
    counted = look.rows(
        "select cast(coalesce(sum(decided), 0) as bigint) as decided,"
        " cast(coalesce(sum(pending), 0) as bigint) as pending"
        " from marts.mart_approval_times where breakdown = 'step'"
    )
    decisions = books.decisions()
    assert counted[0]["pending"] == decisions["pending"]
    assert counted[0]["decided"] == sum(decisions.values()) - decisions["pending"]


PAGES: dict[str, Callable[[Look, Books], list[str]]] = {
    "morning": lambda look, books: [
        look.reader.money(books.revenue(after=books.today - dt.timedelta(days=30), until=books.today)),
        look.reader.money(books.open_orders()[1]),
        look.reader.money(books.overdue()),
        look.reader.percent(books.win_rate(), 1),
    ],
    "hand-offs": lambda look, books: [look.reader.money(worth) for _, worth in gaps(books).values() if worth],
    "pipeline": lambda look, books: [
        look.reader.money(worth)
        for stage, (_, worth, _) in books.pipeline().items()
        if stage not in ("won", "lost")
    ],
    "supply": lambda look, books: [look.reader.money(books.overdue())],
}
"""Figures that a page must say, as its reader's language writes them."""


@pytest.mark.parametrize("key", PAGES)
def test_the_page_says_the_sources_numbers(settings: Settings, look: Look, books: Books, key: str) -> None:
    text = html.unescape(site_of(settings).page(look, key, {}))
    assert not [said for said in PAGES[key](look, books) if said not in text]
