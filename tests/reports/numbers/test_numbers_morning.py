"""What the morning's sentences count is the sources' own: how many, how much, for how long."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest

from reports.look import Look
from reports.numbers import STILL, numbers
from reports.pages import morning_money, morning_stock, morning_waits
from reports.pages.morning_said import Said
from tests.reports.numbers import books_forecast as series
from tests.reports.numbers import books_supply as counted
from tests.reports.numbers.book_gaps import gaps
from tests.reports.numbers.books import NOTHING, Books, total
from tests.reports.numbers.books_approvals import Approvals

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MONTH = dt.timedelta(days=30)
TOLD_GAPS = ("won_without_order", "paid_not_shipped", "shipped_crm_open")
"""Gaps of which one sentence tells, that are counted again; of them all, the one with most money is told."""


def the(key: str, said: Iterable[Said]) -> Said | None:
    """The sentence that leads to the rows of this name."""
    return next((one for one in said if one.link and one.link.partition("?")[0] == f"/rows/{key}"), None)


def says(look: Look, said: Said, *, money: Iterable[Decimal] = (), counts: Iterable[int] = ()) -> bool:
    """Whether the sentence says all of these, as its reader reads them and not as parts of other figures."""
    wanted = [look.reader.money(one) for one in money] + [look.reader.number(one) for one in counts]
    return all(re.search(rf"(?<![\d,.]){re.escape(one)}(?!\d|[,.]\d)", said.plain) for one in wanted)


@pytest.fixture(scope="module")
def next_month(books: Books) -> list[dict[str, Any]]:
    """What planning makes of the recounted history for the month that comes."""
    month = series.following(books.today)
    return [row for row in series.planned(books) if row["period_on"] == month]


@pytest.fixture(scope="module")
def of_money(look: Look) -> list[Said]:
    revenue = next(one for one in numbers(look) if one.metric.key == "revenue_30d")
    return list(morning_money.of_money(look, revenue))


def test_what_moved_the_revenue_is_the_sources(look: Look, books: Books, of_money: list[Said]) -> None:
    countries = {row["account_no"]: row["country"] for row in books.rows("crm.accounts")}
    categories = {row["item_no"]: row["category"] for row in books.rows("erp.items")}
    parts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    customers: dict[str, Decimal] = defaultdict(Decimal)
    for one in books.orders:
        if one["revenue"] and books.today - 2 * MONTH < one["on"] <= books.today:
            account = one["account_no"] or ""
            for line, worth in one["lines"]:
                change = (worth or NOTHING) * (1 if one["on"] > books.today - MONTH else -1)
                parts[categories.get(line["item_no"], ""), countries.get(account, "")] += change
                customers[account] += change
    now = books.revenue(after=books.today - MONTH, until=books.today)
    before = books.revenue(after=books.today - 2 * MONTH, until=books.today - MONTH)
    said = the("revenue", of_money)
    if not before or abs(now / before - 1) <= STILL:
        assert said is None
        return
    assert said is not None
    most: Callable[..., Decimal] = max if now > before else min
    assert said.money == abs(now - before)
    assert says(look, said, money=(now, abs(most(parts.values())), abs(most(customers.values()))))


def test_what_is_overdue_is_the_sources(look: Look, books: Books, of_money: list[Said]) -> None:
    _, owed = counted.owed(books)
    said = the("overdue", of_money)
    assert (said.money if said else NOTHING) == books.overdue() == total(owed.values())
    if said:
        assert says(look, said, money=(books.overdue(), max(owed.values())), counts=[len(owed)])


def test_how_many_orders_are_late_and_their_worth_are_the_sources(
    look: Look, books: Books, of_money: list[Said]
) -> None:
    late = counted.late_orders(books)
    said = the("late-orders", of_money)
    assert (said.money if said else NOTHING) == total(one["amount"] for one in late.values())
    if said:
        assert says(look, said, counts=[len(late)])


def test_what_runs_out_within_two_weeks_is_the_sources(
    look: Look, books: Books, next_month: list[dict[str, Any]]
) -> None:
    ahead = (row for row in next_month if row["series_kind"] == "demand_item")
    expected = {row["series_key"]: row["forecast"] for row in ahead}
    until = books.today + dt.timedelta(days=morning_stock.SOON_DAYS)
    stock = counted.supply(books, expected).values()
    soon = [row for row in stock if row["runs_out_on"] and row["runs_out_on"] <= until]
    late = [row for row in soon if row["days_of_cover"] < row["lead_time_days"] and row["to_order"] > 0]
    said = the("running-out", morning_stock.supply(look))
    assert (said is not None) == bool(soon)
    if said:
        assert says(look, said, counts=[len(soon), len(late)])


def test_what_is_made_and_delivered_late_is_the_sources(look: Look, books: Books) -> None:
    today = books.today.isoformat()
    making = [
        row["due_on"] for row in books.rows("erp.production_orders")
        if not row["done_at"] and row["status"] != "cancelled" and row["due_on"] < today
    ]  # fmt: skip
    bought = [
        row["expected_on"] for row in books.rows("erp.purchases")
        if row["status"] not in ("draft", "cancelled") and not row["received_on"]
        and row["expected_on"] and row["expected_on"] < today
    ]  # fmt: skip
    waiting = {row["sales_order_no"] for row in books.rows("erp.shipments") if row["status"] == "waiting"}
    held = [one for one in books.orders
            if one["sale"] and one["sale"]["sales_order_no"] in waiting and not one["closed"]]  # fmt: skip
    told = list(morning_stock.making(look))
    for key, due in (("production-orders", making), ("overdue-purchases", bought)):
        said = the(key, told)
        assert (said is not None) == bool(due), key
        if said:
            assert says(look, said, counts=[len(due)]), key
            age = (books.today - dt.date.fromisoformat(min(due))).days
            assert look.reader.days(age) in said.plain, key
    said = the("waiting-for-stock", told)
    assert (said is not None) == bool(held)
    assert said is None or says(look, said, counts=[len(held)])


def test_who_is_waited_for_is_the_sources(look: Look, books: Books) -> None:
    pending = [step for step in Approvals(books).steps if step.row["decision"] == "pending"]
    asked: dict[str, dict[str, tuple[Decimal | None, bool]]] = defaultdict(dict)
    for step in pending:
        who = step.row["acting_no"] or step.row["approver_no"]
        late = asked[who].get(step.row["request_no"], (None, False))[1] or step.is_late
        asked[who][step.row["request_no"]] = (step.worth, late)
    shown = {
        row["approver_no"]: (row["requests"], row["amount"], row["late"])
        for row in look.rows(morning_waits.WAITING)
    }
    assert shown == {
        who: (
            len(found),
            total(worth for worth, _ in found.values())
            if any(w is not None for w, _ in found.values())
            else None,
            sum(late for _, late in found.values()),
        )
        for who, found in asked.items()
    }


def test_the_gap_with_most_money_and_the_paper_are_the_sources(look: Look, books: Books) -> None:
    counts = gaps(books)
    for said in morning_waits.gaps(look):
        assert said.link is not None
        kind = said.link.partition("kind=")[2]
        if kind in (*TOLD_GAPS, "done_on_paper"):
            many, worth = counts[kind]
            assert said.money == worth, kind
            assert says(look, said, money=[worth], counts=[many]), kind
    if "done_on_paper" in counts:
        assert any("kind=done_on_paper" in (said.link or "") for said in morning_waits.gaps(look))


def test_next_month_beside_last_year_s_is_the_sources(look: Look, next_month: list[dict[str, Any]]) -> None:
    ahead = [row for row in next_month if row["series_kind"] == "sales_total"]
    said = list(morning_stock.ahead(look))
    assert len(said) == len(ahead)
    for row, one in zip(ahead, said, strict=True):
        assert one.money == row["forecast"]
        assert says(look, one, money=[row["forecast"]])
        if row["naive"]:
            share = abs((row["forecast"] - row["naive"]) / row["naive"])
            assert look.reader.percent(share) in one.plain
