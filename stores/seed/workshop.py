"""What the seeded company made: production orders for sales orders and for stock, with their assemblies.

What is short in, works with their days out; a finished work takes its parts and gives its item, assemblies
before what they go into. Which items are short is ``stores.seed.supply``'s to say.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from stores.seed.goods import Item
from stores.seed.plan import Plan

LATE_WORK_SHARE = 0.08
Move = tuple[dt.datetime, str, int, str, str | None]
Made = list[tuple[Item, int]]


@dataclass(slots=True)
class Work:
    """A production order; days as day numbers, ``done`` may lie ahead."""

    production_no: str
    plan_key: str
    sales_order_no: str | None
    item: Item
    quantity: int
    level: int
    starts: int
    due: int
    done: int


class Workshop:
    """Works by the day they are done; ``moves`` and ``used`` are what they did to goods and parts."""

    def __init__(self, plan: Plan, items: Mapping[str, Item]) -> None:
        self.works: list[Work] = []
        self.moves: list[Move] = []
        self.used: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._days, self._items, self._random = plan.days, items, plan.random("workshop")
        self._done: dict[int, list[list[Work]]] = defaultdict(list)
        self._lots: dict[int, int] = {}

    def make_for(self, sales_order_no: str, made: Made, *, day: int) -> int:
        """Make what an order is short of; gives the day it is due."""
        company = self._days.company
        due = company.on_or_after(day, max(item.lead_time_days for item, _quantity in made))
        number = f"MO-{sales_order_no.removeprefix('SO-')}"
        self._start(
            made, number, sales_order_no, for_order=sales_order_no, span=(company.on_or_after(day), due)
        )
        return due

    def make_lot(self, item: Item, quantity: int, *, day: int) -> None:
        """Make a lot for stock."""
        company, year = self._days.company, self._days.dates[day].year
        self._lots[year] = lot = self._lots.get(year, 0) + 1
        starts = company.on_or_after(day)
        span = starts, company.on_or_after(starts, item.lead_time_days + 3)
        number = f"{year}-S{lot:04d}"
        self._start([(item, quantity)], f"MO-{number}", f"STOCK-{number}", for_order=None, span=span)

    def finish(self, day: int) -> Made:
        """Finish what is done that day; gives the items sold that came in."""
        came: Made = []
        at = self._days.opens_at(day) + dt.timedelta(minutes=5)
        for works in self._done.pop(day, ()):
            for work in reversed(works):
                self._use(work, day, at)
                if work.level == 0:
                    came.append((work.item, work.quantity))
        return came

    def _use(self, work: Work, day: int, at: dt.datetime) -> None:
        # Assemblies are ready a minute before they are used.
        at += dt.timedelta(minutes=2 - work.level)
        for part, each in work.item.parts.items():
            self.moves.append((at, part, -each * work.quantity, "issue", work.production_no))
            if self._items[part].kind == "component":
                self.used[part][day] += each * work.quantity
        self.moves.append((at, work.item.item_no, work.quantity, "production", work.production_no))

    def _start(
        self, made: Made, number: str, plan_key: str, *, for_order: str | None, span: tuple[int, int]
    ) -> None:
        """Works for items sold and, one level down, their assemblies; all done on one day."""
        late = self._random.random() < LATE_WORK_SHARE
        done = self._days.company.on_or_after(span[1], self._random.randrange(4, 10) if late else 0)
        wanted = [(0, item, quantity) for item, quantity in made]
        wanted += [(1, item, quantity) for item, quantity in self._assemblies(made)]
        works = [
            Work(f"{number}-{n}", f"{plan_key}:{item.item_no}", for_order, item, quantity, level, *span, done)
            for n, (level, item, quantity) in enumerate(wanted, start=1)
        ]
        self.works += works
        self._done[done].append(works)

    def _assemblies(self, made: Made) -> Made:
        needed: dict[str, int] = defaultdict(int)
        for item, quantity in made:
            for part, each in item.parts.items():
                if self._items[part].kind == "assembly":
                    needed[part] += quantity * each
        return [(self._items[part], quantity) for part, quantity in needed.items()]
