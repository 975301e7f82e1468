"""What the market wants: which days, which buyers, which lines, with seasons, growth and holidays.

Accounts and the catalogue in, orders out, one at a time. Amounts are whole ten-thousandths until they are
written. What becomes of an order is ``stores.seed.orders``.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from stores.seed.days import Days
from stores.seed.goods import Goods
from stores.seed.leads import Lead
from stores.seed.markets import Account
from stores.seed.plan import SET_ASIDE, Plan

# Share of a usual month, January first: cooling is bought before summer, heating before winter.
SEASONS = {
    "Cooling": (0.5, 0.6, 0.9, 1.2, 1.6, 1.9, 1.7, 1.1, 0.7, 0.6, 0.6, 0.6),
    "Heating": (1.3, 1.1, 0.9, 0.7, 0.5, 0.4, 0.5, 0.8, 1.4, 1.7, 1.5, 1.2),
    "Controls": (1.0, 1.0, 1.1, 1.0, 1.0, 1.0, 0.8, 0.6, 1.1, 1.2, 1.2, 1.0),
}
WEEKDAYS = (1.25, 1.15, 1.0, 0.95, 0.75)
YEARLY_GROWTH = 0.16
DISCOUNTS = ((0, 55), (5, 22), (10, 15), (15, 8))


@dataclass(slots=True)
class Line:
    """A line; ``cents`` is the price before discount, ``amount`` ten-thousandths."""

    item: int
    quantity: int
    cents: int
    percent: int

    @property
    def amount(self) -> int:
        return self.quantity * self.cents * (100 - self.percent)


@dataclass(slots=True)
class Order:
    """An order as the CRM has it, and what became of it in the ERP (``booked`` and what follows)."""

    account: Account
    day: int
    ordered_at: dt.datetime
    lines: list[Line]
    number: str = ""
    total: int = 0
    lead: Lead | None = None
    status: str = "confirmed"
    approval: str = "none"
    approval_kind: str | None = None
    requested: int | None = None
    channel: str = "system"
    # Day numbers; ``None`` until it happens.
    booked: int | None = None
    promised: int | None = None
    shipped: int | None = None
    refusal: str | None = None
    payments: list[tuple[int, int]] | None = None
    changed_at: dt.datetime | None = None

    @property
    def paid(self) -> int:
        return sum(amount for _day, amount in self.payments or ())

    @property
    def crm_no(self) -> str:
        return f"CO-{self.number}"

    @property
    def erp_no(self) -> str:
        return f"SO-{self.number}"

    def shipped_at(self, days: Days) -> dt.datetime:
        """When the goods left, in the afternoon of the day they were shipped."""
        return days.company.at(self.shipped or 0, 300 + int(self.number[5:]) % 170)


class Market:
    """Draws days, buyers and lines."""

    def __init__(self, plan: Plan, accounts: list[Account], goods: Goods) -> None:
        self.goods, self.random, self._plan = goods, plan.random("orders"), plan
        self.items = [item for item in goods.finished() if item.item_no not in SET_ASIDE]
        self._months = {
            month: list(accumulate(item.weight * SEASONS[item.category][month - 1] for item in self.items))
            for month in range(1, 13)
        }
        self.buyers = [account for account in accounts if account.status in ("active", "dormant")]
        self._buying = list(accumulate(account.weight for account in self.buyers))
        self._prices: dict[tuple[int, int, str], int] = {}

    def days(self, how_many: int) -> list[int]:
        """The days of so many orders, in order."""
        days = self._plan.days
        weights = []
        for day in range(days.start, days.end):
            date = days.dates[day]
            growth = (1 + YEARLY_GROWTH) ** ((day - days.start) / 365)
            season = sum(season[date.month - 1] for season in SEASONS.values())
            weekday = WEEKDAYS[date.weekday()] if days.company.works(day) else 0.0
            weights.append(growth * season * weekday)
        return sorted(self.random.choices(range(days.start, days.end), weights, k=how_many))

    def buyer(self, day: int) -> Account:
        """Someone who buys then."""
        while True:
            account = self.buyers[bisect(self._buying, self.random.random() * self._buying[-1])]
            if account.created <= day < account.last_day:
                return account

    def order(self, account: Account, day: int, *, at: dt.datetime | None = None) -> Order:
        """An order of that day, with its lines."""
        random, days = self.random, self._plan.days
        ordered_at = at or days.company.at(day, random.randrange(20, 440))
        lines = self._lines(account, day, random)
        wanted = days.company.on_or_after(day + random.randrange(6, 22)) if random.random() < 0.7 else None
        total = sum(line.amount for line in lines)
        return Order(account, day, ordered_at, lines, total=total, requested=wanted)

    def _lines(self, account: Account, day: int, random: Random) -> list[Line]:
        date = self._plan.days.dates[day]
        weights = self._months[date.month]
        count = 1 + bisect((0.52, 0.79, 0.94), random.random())
        percent = DISCOUNTS[bisect((0.55, 0.77, 0.92), random.random())][0]
        chosen: dict[int, int] = {}
        while len(chosen) < count:
            position = bisect(weights, random.random() * weights[-1])
            chosen.setdefault(position, 1 + int(random.expovariate(0.22)))
        return [
            Line(position, quantity, self._cents(position, date.year, account.currency), percent)
            for position, quantity in chosen.items()
        ]

    def _cents(self, position: int, year: int, currency: str) -> int:
        key = (position, year, currency)
        known = self._prices.get(key)
        if known is None:
            known = self.goods.price_cents(self.items[position], year, currency=currency)
            self._prices[key] = known
        return known
