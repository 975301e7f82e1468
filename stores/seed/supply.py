"""How the seeded orders were fulfilled: a day-by-day run of stock, production, payment and shipping.

Orders booked in the ERP in, with their promised, paid and shipped days out, and every stock move and
production order behind them. Stock never goes below nothing; what is short is made, and the order waits.
Parts are bought afterwards, by ``stores.seed.purchases``, to what was used.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict, deque
from dataclasses import dataclass, field

from stores.seed.demand import Market, Order
from stores.seed.goods import Item
from stores.seed.plan import IN_STOCK_ITEM, NEW_ITEM, SET_ASIDE, Plan

REVIEW_DAYS = 28
BATCH_BELOW, BATCH_OF = 0.7, 1.2
BATCH_STEP = 5
# The story orders this item; so much of it lies there whatever is sold.
STORY_STOCK, NEW_STOCK = 150, 5
HOLD_DAYS, UNPAID_HOLD_DAYS = 45, 90
LATE_WORK_SHARE, PARTLY_SHARE = 0.08, 0.06
VERY_LATE_SHARE, NEVER_SHARE, LATE_SHARE = 0.03, 0.012, 0.25


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


@dataclass
class Supply:
    """What happened to goods: moves (instant, item, quantity, kind, document), works, what lies there."""

    moves: list[tuple[dt.datetime, str, int, str, str | None]] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    on_hand: dict[str, int] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)
    used: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))


class Run:
    """The days from the first to the last, once."""

    def __init__(self, plan: Plan, market: Market, orders: list[Order]) -> None:
        self._plan, self._days, self._items = plan, plan.days, market.items
        self._blocks = market.goods.items
        self._random = plan.random("supply")
        self._booked: dict[int, list[Order]] = defaultdict(list)
        for order in orders:
            if order.booked is not None:
                self._booked[order.booked].append(order)
        count = len(self._items)
        expected = _expected(orders, count, plan)
        self._on_hand = [BATCH_STEP * (quantity // BATCH_STEP + 2) for quantity in expected]
        self._reserved, self._incoming = [0] * count, [0] * count
        self._sold: deque[list[int]] = deque(maxlen=REVIEW_DAYS)
        self._month = [0] * count
        self._due: dict[int, list[list[Work]]] = defaultdict(list)
        self._ready: dict[int, list[Order]] = defaultdict(list)
        self._positions = {item.item_no: position for position, item in enumerate(self._items)}
        self._batches: dict[int, int] = {}
        self.supply = Supply()

    def run(self) -> Supply:
        """Live through all days."""
        self._open()
        waiting: list[Order] = []
        for day in range(self._days.start, self._days.end):
            for works in self._due.pop(day, ()):
                self._finish(works, day)
            today = [0] * len(self._items)
            for order in self._booked.get(day, ()):
                self._accept(order, day, today)
            self._remember(today)
            waiting += self._ready.pop(day, ())
            if waiting and day < self._days.cut and self._days.company.works(day):
                waiting = [order for order in waiting if not self._ship(order, day)]
            if self._days.dates[day].weekday() == 0:
                self._review(day)
        for position, item in enumerate(self._items):
            spare = STORY_STOCK if item.item_no == IN_STOCK_ITEM else 0
            self.supply.on_hand[item.item_no] = self._on_hand[position] + spare
            self.supply.reserved[item.item_no] = self._reserved[position]
        for ahead in self._due.values():
            for works in ahead:
                self.supply.works += works
        return self.supply

    def _open(self) -> None:
        at = self._days.opens_at(self._days.start) - dt.timedelta(hours=2)
        for position, item in enumerate(self._items):
            spare = STORY_STOCK if item.item_no == IN_STOCK_ITEM else 0
            self.supply.moves.append((at, item.item_no, self._on_hand[position] + spare, "opening", None))
        launched = self._days.opens_at(self._days.company.before(self._days.end, 20))
        self.supply.moves.append((launched, NEW_ITEM, NEW_STOCK, "adjustment", None))
        self.supply.on_hand |= {**dict.fromkeys(SET_ASIDE, 0), NEW_ITEM: NEW_STOCK}

    def _remember(self, today: list[int]) -> None:
        if len(self._sold) == REVIEW_DAYS:
            self._month = [month - old for month, old in zip(self._month, self._sold[0], strict=True)]
        self._sold.append(today)
        self._month = [month + new for month, new in zip(self._month, today, strict=True)]

    def _accept(self, order: Order, day: int, today: list[int]) -> None:
        account, company = order.account, self._days.company
        if account.credit_status == "hold" and day >= self._days.end - HOLD_DAYS:
            order.refusal = f"customer {account.customer_no} is on credit hold; finance must lift it first"
            return
        short: dict[int, int] = {}
        for line in order.lines:
            free = self._on_hand[line.item] + self._incoming[line.item] - self._reserved[line.item]
            self._reserved[line.item] += line.quantity
            today[line.item] += line.quantity
            if line.quantity > free:
                short[line.item] = line.quantity - max(free, 0)
        promised = company.on_or_after(day, 3)
        if short:
            promised = company.on_or_after(self._make_for(order, day, short), 2)
        order.promised = max(promised, order.requested or 0)
        order.payments = self._payments(order, day)
        if account.has_credit:
            soon = company.on_or_after(day, 1 + self._random.randrange(3))
            order.ready = max(soon, company.before(order.requested, 2) if order.requested else 0)
        else:
            # Released the working day after the money came; nothing has been released since the cut.
            order.ready = company.on_or_after(self._paid_day(order) + 1)
            if self._paid_day(order) < self._days.cut:
                order.ready = max(day, min(order.ready, company.before(self._days.cut)))
        self._ready[order.ready].append(order)

    def _paid_day(self, order: Order) -> int:
        return order.payments[-1][0] if order.payments else self._days.end

    def _payments(self, order: Order, day: int) -> list[tuple[int, int]]:
        """Days and amounts of what comes in; days may lie ahead."""
        random, account, company = self._random, order.account, self._days.company
        draw = random.random()
        if not account.has_credit:
            paid = day + 1 + int(random.expovariate(0.28))
        else:
            due = day + account.terms
            if draw < NEVER_SHARE or (
                account.credit_status == "hold" and due > self._days.end - UNPAID_HOLD_DAYS
            ):
                return []
            if draw < NEVER_SHARE + VERY_LATE_SHARE:
                paid = due + random.randrange(50, 120)
            elif draw < NEVER_SHARE + VERY_LATE_SHARE + LATE_SHARE:
                paid = due + random.randrange(1, 2 + account.late_days)
            else:
                paid = due - random.randrange(-2, 6)
        paid = company.on_or_after(min(paid, self._days.end + 30))
        if random.random() < PARTLY_SHARE:
            half = order.total // 20_000 * 10_000
            if half:
                return [(paid, half), (company.on_or_after(paid, 4), order.total - half)]
        return [(paid, order.total)]

    def _ship(self, order: Order, day: int) -> bool:
        needed = [(line.item, line.quantity) for line in order.lines]
        if any(self._on_hand[item] < quantity for item, quantity in needed):
            return False
        order.shipped = day
        at = self.shipped_at(order)
        document = f"SH-{order.number}"
        for item, quantity in needed:
            self._on_hand[item] -= quantity
            self._reserved[item] -= quantity
            self.supply.moves.append((at, self._items[item].item_no, -quantity, "shipment", document))
        return True

    def shipped_at(self, order: Order) -> dt.datetime:
        """When the goods left, in the afternoon."""
        return self._days.company.at(order.shipped or 0, 300 + int(order.number[5:]) % 170)

    def _make_for(self, order: Order, day: int, short: dict[int, int]) -> int:
        """Production for an order and its assemblies; gives the day it is due."""
        company = self._days.company
        lead_time = max(self._items[item].lead_time_days for item in short)
        due = company.on_or_after(day, lead_time)
        self._start(
            [(self._items[item], quantity) for item, quantity in short.items()],
            f"MO-{order.number}",
            order.erp_no,
            sales_order_no=order.erp_no,
            days=(company.on_or_after(day), due),
        )
        return due

    def _review(self, day: int) -> None:
        """Make a lot of what runs low against the last weeks' sales."""
        for position, item in enumerate(self._items):
            free = self._on_hand[position] + self._incoming[position] - self._reserved[position]
            sold = self._month[position]
            if free >= BATCH_BELOW * sold:
                continue
            year = self._days.dates[day].year
            self._batches[year] = number = self._batches.get(year, 0) + 1
            start = self._days.company.on_or_after(day)
            quantity = max(int(BATCH_OF * sold - free) // BATCH_STEP, 1) * BATCH_STEP
            self._start(
                [(item, quantity)],
                f"MO-{year}-S{number:04d}",
                f"STOCK-{year}-S{number:04d}",
                sales_order_no=None,
                days=(start, self._days.company.on_or_after(start, item.lead_time_days + 3)),
            )

    def _start(
        self,
        made: list[tuple[Item, int]],
        number: str,
        plan_key: str,
        *,
        sales_order_no: str | None,
        days: tuple[int, int],
    ) -> None:
        """Works for items sold and, one level down, their assemblies; all done on one day."""
        starts, due = days
        late = self._random.random() < LATE_WORK_SHARE
        done = self._days.company.on_or_after(due, self._random.randrange(4, 10) if late else 0)
        levels = {0: made, 1: self._assemblies(made)}
        works = [
            Work(
                f"{number}-{position}",
                f"{plan_key}:{item.item_no}",
                sales_order_no,
                item,
                quantity,
                level,
                starts,
                due,
                done,
            )
            for position, (level, item, quantity) in enumerate(
                ((level, item, quantity) for level, wanted in levels.items() for item, quantity in wanted),
                start=1,
            )
        ]
        for item, quantity in made:
            self._incoming[self._positions[item.item_no]] += quantity
        self._due[done].append(works)

    def _assemblies(self, made: list[tuple[Item, int]]) -> list[tuple[Item, int]]:
        needed: dict[str, int] = defaultdict(int)
        for item, quantity in made:
            for part, each in item.parts.items():
                if self._blocks[part].kind == "assembly":
                    needed[part] += quantity * each
        return [(self._blocks[part], quantity) for part, quantity in needed.items()]

    def _finish(self, works: list[Work], day: int) -> None:
        """Assemblies first, then what they go into."""
        at = self._days.opens_at(day) + dt.timedelta(minutes=5)
        moves, used = self.supply.moves, self.supply.used
        for work in reversed(works):
            at += dt.timedelta(minutes=1)
            for part, each in work.item.parts.items():
                moves.append((at, part, -each * work.quantity, "issue", work.production_no))
                if self._blocks[part].kind == "component":
                    used[part][day] += each * work.quantity
            moves.append((at, work.item.item_no, work.quantity, "production", work.production_no))
            if work.level == 0:
                position = self._positions[work.item.item_no]
                self._on_hand[position] += work.quantity
                self._incoming[position] -= work.quantity
        self.supply.works += works


def _expected(orders: list[Order], count: int, plan: Plan) -> list[int]:
    """What the first weeks will sell, so that history starts with stock."""
    sold = [0] * count
    for order in orders:
        if order.booked is not None and order.booked < plan.days.start + REVIEW_DAYS:
            for line in order.lines:
                sold[line.item] += line.quantity
    return sold
