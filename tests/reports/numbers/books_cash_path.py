"""The way of orders from the first card to the money, counted from the sources' own tables.

Books ─▶ each order's instants, how long its legs took, what it waits for, and how far leads came.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from tests.reports.numbers.books import FOUR, NOTHING, STAGES, Books, Row, at
from tests.reports.numbers.books_approvals import Figures, rank

DAY_MS = 86_400_000
DAYS = 90
LEGS = {
    "lead_to_order": ("lead", "ordered"),
    "order_to_booking": ("ordered", "booked"),
    "order_to_ship": ("ordered", "shipped"),
    "order_to_cash": ("ordered", "paid"),
    "lead_to_cash": ("lead", "paid"),
}
ON_NO_WAY = ("draft", "cancelled", "refused")


@dataclass(frozen=True)
class Way:
    """An order as both systems have it, with its instants by name; none for what has not been."""

    one: Mapping[str, Any]
    state: str
    instants: Mapping[str, dt.datetime | None]

    @property
    def key(self) -> str:
        head: Row = self.one["order"] or self.one["sale"]
        return str(head.get("order_no") or head["crm_order_no"] or head["sales_order_no"])

    @property
    def lead_no(self) -> str | None:
        return self.one["order"]["lead_no"] if self.one["order"] else None

    def took(self, leg: str) -> Decimal | None:
        begin, end = (self.instants[name] for name in LEGS[leg])
        if begin is None or end is None or end < begin or self.state in ON_NO_WAY:
            return None
        return (Decimal((end - begin) // dt.timedelta(milliseconds=1)) / DAY_MS).quantize(FOUR, ROUND_HALF_UP)

    @property
    def waits_for(self) -> str | None:
        if self.state in (*ON_NO_WAY, "approval_refused"):
            return None
        if self.state == "approval_wanted":
            return "approval"
        if not self.instants["booked"]:
            return "booking"
        if not self.instants["shipped"]:
            return "release" if self.instants["paid"] else "goods"
        return None if self.instants["paid"] else "money"


@dataclass(frozen=True)
class CashPath:
    """The orders and leads of a company on their way."""

    books: Books

    @cached_property
    def since(self) -> dt.date:
        return self.books.today - dt.timedelta(DAYS)

    @cached_property
    def ways(self) -> list[Way]:
        shipments = self.books.by("erp.shipments", "sales_order_no")
        payments = self.books.by("erp.payments", "sales_order_no")
        leads = {row["lead_no"]: at(row["created_at"]) for row in self.books.rows("crm.leads")}
        found = []
        for one in self.books.orders:
            order, sale = one["order"], one["sale"]
            number = sale["sales_order_no"] if sale else ""
            sent = [at(row["shipped_at"]) for row in shipments.get(number, ()) if row["status"] == "shipped"]
            received = [at(row["recorded_at"]) for row in payments.get(number, ())]
            is_paid = sale is not None and sale["payment_status"] == "paid"
            instants = {
                "lead": leads.get(order["lead_no"]) if order else None,
                "ordered": at((order or sale)["ordered_at"]),
                "booked": min([at(sale["ordered_at"]), *sent, *received]) if sale else None,
                "shipped": max(sent) if one["gone"] else None,
                "paid": max(received, default=None) if is_paid else None,
            }
            found.append(Way(one, _state(order, sale, gone=one["gone"]), instants))
        return found

    def day(self, instant: dt.datetime | None) -> dt.date:
        """In the company's zone; long ago for what has not been."""
        return instant.astimezone(self.books.zone).date() if instant else dt.date.min

    def legs(self) -> dict[str, Figures]:
        """Orders whose leg ended in the period, and the days in which half and nine of ten came through."""
        found = {}
        for leg, (_, end) in LEGS.items():
            ended = [way.took(leg) for way in self.ways if self.day(way.instants[end]) >= self.since]
            days = [value for value in ended if value is not None]
            found[leg] = (len(days), rank(days, 5), rank(days, 9))
        return found

    @property
    def under_way(self) -> list[Way]:
        return [way for way in self.ways if way.waits_for]

    def days_since(self, way: Way) -> int:
        return (self.books.today - way.one["on"]).days  # type: ignore[no-any-return]

    def waits(self) -> dict[str, tuple[int, Decimal, int, int, Decimal]]:
        """By what it waits for: orders, worth, days of the oldest; those slower than nine of ten, worth."""
        usual, found = self.legs()["order_to_cash"][2], dict[str, tuple[int, Decimal, int, int, Decimal]]()
        for way in self.under_way:
            days, worth, waits = self.days_since(way), way.one["worth"] or NOTHING, way.waits_for or ""
            slow = usual is not None and days > usual
            n, money, oldest, slow_n, slow_money = found.get(waits, (0, NOTHING, days, 0, NOTHING))
            found[waits] = (n + 1, money + worth, max(oldest, days),
                            slow_n + slow, slow_money + (worth if slow else NOTHING))  # fmt: skip
        return found

    def leads(self) -> dict[str, tuple[int, int, Decimal]]:
        """By step: leads decided in the period that came so far, those lost there, and their worth."""
        of_lead = defaultdict(list)
        for way in self.ways:
            of_lead[way.lead_no].append(way)
        steps = {"created": 0, **{stage: n for n, stage in enumerate(STAGES) if n},
                 "won": 4, "ordered": 5, "paid": 6}  # fmt: skip
        came, lost, worth = ([NOTHING] * len(steps) for _ in range(3))
        for row in self.books.rows("crm.leads"):
            if not row["closed_at"] or self.books.day(row["closed_at"]) < self.since:
                continue
            reached = self._reached(row, of_lead[row["lead_no"]])
            for n in range(reached + 1):
                came[n] += 1
            if row["stage"] == "lost":
                lost[reached] += 1
                expected = self.books.worth(
                    row["expected_amount"], row["currency"], self.books.day(row["created_at"])
                )
                worth[reached] += expected or NOTHING
        return {step: (int(came[n]), int(lost[n]), worth[n]) for step, n in steps.items()}

    def _reached(self, row: Row, ways: list[Way]) -> int:
        if row["stage"] == "won":
            if any(way.instants["paid"] for way in ways):
                return 6
            return 5 if any(way.state not in ("draft", "cancelled") for way in ways) else 4
        been = (n for n, stage in enumerate(STAGES) if row["lead_no"] in self.books.been[stage])
        return max(been, default=0)


def _state(order: Row | None, sale: Row | None, *, gone: bool) -> str:
    if order and order["status"] in ("draft", "cancelled"):
        return str(order["status"])
    if sale:
        return _booked(sale, gone=gone)
    if order and order["approval_status"] in ("wanted", "refused"):
        return f"approval_{order['approval_status']}"
    return "confirmed"


def _booked(sale: Row, *, gone: bool) -> str:
    if sale["status"] in ("cancelled", "refused"):
        return str(sale["status"])
    if gone or sale["status"] == "shipped":
        return "shipped"
    if sale["payment_status"] == "paid":
        return "paid"
    return "planned" if sale["status"] == "planned" else "booked"
