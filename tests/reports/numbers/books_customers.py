"""Customers: what they bought, what they are worth next year, who goes quiet; from the sources' own tables.

Books ─▶ a row for each account, and what each year's new customers bought in the years since. After
docs/marts.md and what the page pipeline says of itself.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from tests.reports.numbers.books import FOUR, NOTHING, Books, total
from tests.reports.numbers.books_leads import open_leads, rank
from tests.reports.numbers.books_supply import owed

YEAR, LOST_DAYS, ENOUGH_DAYS = dt.timedelta(days=365), 365, 4
Bought = list[tuple[dt.date, Decimal | None]]


def bought(books: Books) -> dict[str, Bought]:
    """The confirmed orders of each account: day and worth."""
    found: dict[str, Bought] = defaultdict(list)
    for one in books.orders:
        if one["revenue"] and one["account_no"]:
            found[one["account_no"]].append((one["on"], one["worth"]))
    return dict(found)


def recency(orders: Bought, on: dt.date) -> str | None:
    """How recently somebody had bought by a day; ``None`` who had not."""
    days = min(((on - day).days for day, _ in orders if day <= on), default=None)
    if days is None:
        return None
    return next((name for most, name in ((90, "active"), (180, "quiet"), (365, "at_risk")) if days <= most),
                "lost")  # fmt: skip


def spent(orders: Bought, *, after: dt.date, until: dt.date) -> Decimal:
    return total(worth for on, worth in orders if after < on <= until)


def kept(books: Books) -> dict[str, Decimal]:
    """What customers then bought in a year, of what they had bought in the year before, by recency."""
    ago = books.today - YEAR
    before: dict[str, Decimal] = defaultdict(Decimal)
    after: dict[str, Decimal] = defaultdict(Decimal)
    for orders in bought(books).values():
        group = recency(orders, ago)
        if group:
            before[group] += spent(orders, after=ago - YEAR, until=ago)
            after[group] += spent(orders, after=ago, until=books.today)
    return {group: (after[group] / before[group]).quantize(FOUR, ROUND_HALF_UP)
            for group in before if before[group]}  # fmt: skip


def customers(books: Books) -> dict[str, dict[str, Any]]:
    """Each account that was not merged into another one."""
    orders, rates, overdue = bought(books), kept(books), owed(books)[1]
    asked: dict[str, int] = defaultdict(int)
    for lead in open_leads(books).values():
        asked[lead["account_no"]] += 1
    found = {}
    for row in books.rows("crm.accounts"):
        account = row["account_no"]
        if row["status"] != "merged":
            mine = orders.get(account, [])
            found[account] = {
                "owner_no": row["owner_no"], "orders": len(mine),
                "revenue_amount": total(worth for _, worth in mine),
                "overdue_amount": overdue.get(account, NOTHING), "open_leads": asked[account],
                **_bought(books, mine, rates),
            }  # fmt: skip
    return found


def _bought(books: Books, orders: Bought, rates: Mapping[str, Decimal]) -> dict[str, Any]:
    days, group = sorted({on for on, _ in orders}), recency(orders, books.today)
    year = spent(orders, after=books.today - YEAR, until=books.today)
    rate = rates.get(group or "", NOTHING if group == "lost" else Decimal(1))
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    usual, longest = (rank(gaps, 5), rank(gaps, 9)) if len(days) >= ENOUGH_DAYS else (None, None)
    last = max((on for on in days if on <= books.today), default=None)
    since = (books.today - last).days if last else None
    return {
        "revenue_12m_amount": year, "score": (year * rate).quantize(Decimal(1), ROUND_HALF_UP),
        "last_order_on": last, "days_since_order": since, "usual_days": usual, "longest_days": longest,
        "cohort": days[0].year if days else None,
        "is_quiet": longest is not None and since is not None and longest < since <= LOST_DAYS,
    }  # fmt: skip


def action(customer: Mapping[str, Any]) -> str:
    """What to do about a customer first."""
    if customer["overdue_amount"]:
        return "collect"
    if customer["open_leads"]:
        return "lead"
    usual = customer["usual_days"]
    return "order" if usual is not None and customer["days_since_order"] > usual else "keep"


def cohorts(books: Books) -> dict[tuple[int, int], tuple[int, Decimal]]:
    """Customers that bought and for how much, by the year of their first order and the order's own."""
    cells: dict[tuple[int, int], dict[str, Decimal]] = defaultdict(dict)
    for account, orders in bought(books).items():
        first = min(on for on, _ in orders).year
        for on, worth in orders:
            cell = cells[first, on.year]
            cell[account] = cell.get(account, NOTHING) + (worth or NOTHING)
    return {years: (len(cell), sum(cell.values(), NOTHING)) for years, cell in cells.items()}
