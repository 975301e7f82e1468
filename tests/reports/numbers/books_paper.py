"""Which hand-offs went through the systems and which on paper, counted from the sources' own tables.

Books ─▶ requests, orders of the ERP and payments of twelve months: by month and by sort.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from tests.reports.numbers.books import FOUR, HOUR_S, Books, at, total
from tests.reports.numbers.books_approvals import rank
from tests.reports.numbers.books_cash_path import CashPath


@dataclass(frozen=True)
class Document:
    """A hand-off: its day, and from when until when it took; no end while it is open."""

    sort: str
    channel: str
    on: dt.date
    begun: dt.datetime
    ended: dt.datetime | None
    kind: str = ""

    @property
    def hours(self) -> Decimal | None:
        if self.ended is None:
            return None
        took = (self.ended - self.begun) / dt.timedelta(microseconds=1)
        return (Decimal(int(took)) / 1_000_000 / HOUR_S).quantize(FOUR, ROUND_HALF_UP)


def every(books: Books) -> list[Document]:
    return [*_requests(books), *_orders(books), *_payments(books)]


def documents(books: Books) -> list[Document]:
    """Those of the twelve months that end with this one, up to today."""
    last = books.today.year * 12 + books.today.month - 1
    since = dt.date((last - 11) // 12, (last - 11) % 12 + 1, 1)
    return [one for one in every(books) if since <= one.on <= books.today]


def by_month(found: list[Document]) -> dict[dt.date, tuple[int, int, int, int, int]]:
    """By first day: documents, those on paper, and of these the requests, orders and payments."""
    all_of = Counter(one.on.replace(day=1) for one in found)
    paper = Counter((one.on.replace(day=1), one.sort) for one in found if one.channel == "paper")
    sorts = ("request", "order", "payment")
    counted = {month: tuple(paper[month, sort] for sort in sorts) for month in all_of}
    return {month: (all_of[month], sum(n), *n) for month, n in counted.items()}  # type: ignore[misc]


def by_sort(found: list[Document]) -> dict[str, tuple[int, int, Decimal | None, Decimal | None]]:
    """Documents, those on paper, and the hours that half took at most in the system and on paper."""
    rows = {}
    for sort in {one.sort for one in found}:
        own = [one for one in found if one.sort == sort]
        hours = [
            rank((one.hours for one in own if one.channel == channel), 5) for channel in ("system", "paper")
        ]
        rows[sort] = (len(own), sum(one.channel == "paper" for one in own), hours[0], hours[1])
    return rows


def still_on_paper(books: Books) -> tuple[int, Decimal, Decimal]:
    """Documents on paper that are open or of the last 90 days; what they took, and take in the system."""
    system, paper = defaultdict(list), []
    for one in every(books):
        until = replace(one, ended=max(one.begun, one.ended or books.as_of))
        if one.channel == "system" and one.ended:
            system[one.sort, one.kind].append(until.hours)
        is_listed = one.ended is None or one.begun > books.as_of - dt.timedelta(days=90)
        if one.channel == "paper" and is_listed:
            paper.append(until)
    compared = [one for one in paper if (one.sort, one.kind) in system]
    usual = total(rank(system[one.sort, one.kind], 5) for one in compared)
    return len(compared), total(one.hours for one in compared), usual


def _requests(books: Books) -> Iterator[Document]:
    for row in books.rows("oa.approval_requests"):
        decided = at(row["decided_at"]) if row["decided_at"] else None
        on = books.day(row["requested_at"])
        yield Document("request", row["channel"], on, at(row["requested_at"]), decided, row["kind"])


def _orders(books: Books) -> Iterator[Document]:
    for way in CashPath(books).ways:
        sale, ordered = way.one["sale"], way.instants["ordered"]
        if sale and ordered and way.state not in ("cancelled", "refused"):
            yield Document("order", sale["channel"], way.one["on"], ordered, way.instants["shipped"])


def _payments(books: Books) -> Iterator[Document]:
    for row in books.rows("erp.payments"):
        on = dt.date.fromisoformat(row["paid_on"])
        begun = dt.datetime.combine(on, dt.time(), books.zone).astimezone(dt.UTC)
        yield Document("payment", row["channel"], on, begun, at(row["recorded_at"]))
