"""How the seeded orders were fulfilled: a day-by-day run of stock, production, payment and shipping.

Orders booked in the ERP in, with their promised, paid and shipped days out, and every stock move and
production order behind them. Stock never goes below nothing; what is short is made, and the order waits.
Parts are bought afterwards, by ``stores.seed.purchases``, to what was used.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict, deque
from dataclasses import dataclass

from stores.seed.demand import Market, Order
from stores.seed.paying import payments
from stores.seed.plan import IN_STOCK_ITEM, NEW_ITEM, SET_ASIDE, Plan
from stores.seed.workshop import Move, Work, Workshop

REVIEW_DAYS = 28
LOT_BELOW, LOT_OF, LOT_STEP = 0.7, 1.2, 5
# The story orders this item; so much of it lies there whatever is sold.
STORY_STOCK, NEW_STOCK = 150, 5
HOLD_DAYS = 45


@dataclass
class Supply:
    """What happened to goods: moves, works, what lies there, and which parts were used on which day."""

    moves: list[Move]
    works: list[Work]
    on_hand: dict[str, int]
    reserved: dict[str, int]
    used: dict[str, dict[int, int]]


class Run:
    """The days from the first to the last, once; items by their position in the market."""

    def __init__(self, plan: Plan, market: Market, orders: list[Order]) -> None:
        self._days, self._items = plan.days, market.items
        self._random = plan.random("supply")
        self._workshop = Workshop(plan, market.goods.items)
        self._moves = self._workshop.moves
        self._booked: dict[int, list[Order]] = defaultdict(list)
        for order in orders:
            if order.booked is not None:
                self._booked[order.booked].append(order)
        expected = _expected(orders, len(self._items), plan)
        self._on_hand = [LOT_STEP * (quantity // LOT_STEP + 2) for quantity in expected]
        self._reserved, self._incoming = [0] * len(self._items), [0] * len(self._items)
        # What was sold on each of the last days, and their sum.
        self._sold: deque[list[int]] = deque(maxlen=REVIEW_DAYS)
        self._month = [0] * len(self._items)
        self._ready: dict[int, list[Order]] = defaultdict(list)
        self._positions = {item.item_no: position for position, item in enumerate(self._items)}

    def run(self) -> Supply:
        """Live through all days."""
        self._open()
        waiting: list[Order] = []
        for day in range(self._days.start, self._days.end):
            for item, quantity in self._workshop.finish(day):
                self._on_hand[self._positions[item.item_no]] += quantity
                self._incoming[self._positions[item.item_no]] -= quantity
            today = [0] * len(self._items)
            for order in self._booked.get(day, ()):
                self._accept(order, day, today)
            self._remember(today)
            waiting += self._ready.pop(day, ())
            if waiting and day < self._days.cut and self._days.company.works(day):
                waiting = [order for order in waiting if not self._ship(order, day)]
            if self._days.dates[day].weekday() == 0:
                self._review(day)
        on_hand = dict.fromkeys(SET_ASIDE, 0) | {NEW_ITEM: NEW_STOCK}
        on_hand |= dict(zip(self._positions, self._on_hand, strict=True))
        on_hand[IN_STOCK_ITEM] += STORY_STOCK
        reserved = dict(zip(self._positions, self._reserved, strict=True))
        return Supply(self._moves, self._workshop.works, on_hand, reserved, self._workshop.used)

    def _open(self) -> None:
        at = self._days.opens_at(self._days.start) - dt.timedelta(hours=2)
        for item_no, position in self._positions.items():
            spare = STORY_STOCK if item_no == IN_STOCK_ITEM else 0
            self._moves.append((at, item_no, self._on_hand[position] + spare, "opening", None))
        launched = self._days.opens_at(self._days.company.before(self._days.end, 20))
        self._moves.append((launched, NEW_ITEM, NEW_STOCK, "adjustment", None))

    def _remember(self, today: list[int]) -> None:
        if len(self._sold) == REVIEW_DAYS:
            self._month = [month - old for month, old in zip(self._month, self._sold[0], strict=True)]
        self._sold.append(today)
        self._month = [month + new for month, new in zip(self._month, today, strict=True)]

    def _free(self, position: int) -> int:
        """On hand and on its way, less what is promised."""
        return self._on_hand[position] + self._incoming[position] - self._reserved[position]

    def _accept(self, order: Order, day: int, today: list[int]) -> None:
        account, company = order.account, self._days.company
        if account.credit_status == "hold" and day >= self._days.end - HOLD_DAYS:
            order.refusal = f"customer {account.customer_no} is on credit hold; finance must lift it first"
            return
        short: dict[int, int] = {}
        for line in order.lines:
            free = self._free(line.item)
            self._reserved[line.item] += line.quantity
            today[line.item] += line.quantity
            if line.quantity > free:
                short[line.item] = line.quantity - max(free, 0)
        promised = company.on_or_after(day, 3)
        if short:
            for position, quantity in short.items():
                self._incoming[position] += quantity
            made = [(self._items[position], quantity) for position, quantity in short.items()]
            promised = company.on_or_after(self._workshop.make_for(order.erp_no, made, day=day), 2)
        order.promised = max(promised, order.requested or 0)
        order.payments = payments(order, day, days=self._days, random=self._random)
        self._ready[self._ready_day(order, order.payments, day)].append(order)

    def _ready_day(self, order: Order, paid: list[tuple[int, int]], day: int) -> int:
        """The day from which the order may leave: near the wanted day on credit, else once it is paid."""
        company = self._days.company
        if order.account.has_credit:
            soon = company.on_or_after(day, 1 + self._random.randrange(3))
            return max(soon, company.before(order.requested, 2) if order.requested else 0)
        last = paid[-1][0]
        if last >= self._days.cut:
            return company.on_or_after(last + 1)
        # Released the working day after the money came; nothing has been released since the cut.
        return max(day, min(company.on_or_after(last + 1), company.before(self._days.cut)))

    def _ship(self, order: Order, day: int) -> bool:
        needed = [(line.item, line.quantity) for line in order.lines]
        if any(self._on_hand[item] < quantity for item, quantity in needed):
            return False
        order.shipped = day
        at, document = order.shipped_at(self._days), f"SH-{order.number}"
        for item, quantity in needed:
            self._on_hand[item] -= quantity
            self._reserved[item] -= quantity
            self._moves.append((at, self._items[item].item_no, -quantity, "shipment", document))
        return True

    def _review(self, day: int) -> None:
        """Make a lot of what runs low against the last weeks' sales."""
        for position, item in enumerate(self._items):
            free, sold = self._free(position), self._month[position]
            if free < LOT_BELOW * sold:
                quantity = max(int(LOT_OF * sold - free) // LOT_STEP, 1) * LOT_STEP
                self._incoming[position] += quantity
                self._workshop.make_lot(item, quantity, day=day)


def _expected(orders: list[Order], count: int, plan: Plan) -> list[int]:
    """What the first weeks will sell, so that history starts with stock."""
    sold = [0] * count
    for order in orders:
        if order.booked is not None and order.booked < plan.days.start + REVIEW_DAYS:
            for line in order.lines:
                sold[line.item] += line.quantity
    return sold
