"""The parts the seeded company bought: every month, from each supplier, what production went on to use.

What was used per day in, purchases with their receipts out, so that parts never run out; the large ones
were approved first. One more per supplier is on its way.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from stores.seed.goods import Goods
from stores.seed.load import Load
from stores.seed.people import Person
from stores.seed.plan import FIRST_NUMBER, Plan, units
from stores.seed.requests import Desk, Request
from stores.seed.supply import Supply

# Larger purchases are approved first, in ten-thousandths of a euro.
APPROVED_FROM = 22_000 * 10_000
RECEIPT_DAYS_BEFORE, APPROVAL_DAYS = 6, 10
SAFETY, LOT = 60, 10
# One of so many suppliers has a delivery on its way at the end.
ON_ITS_WAY = 3


@dataclass(slots=True)
class Purchase:
    """A purchase; ``lines`` are part, quantity and cents, days are numbers, ``received`` may lie ahead."""

    supplier: int
    requester_no: str
    ordered: int
    expected: int
    received: int
    lines: list[tuple[str, int, int]]
    purchase_no: str = ""
    approval: str = "none"

    @property
    def total(self) -> int:
        return sum(quantity * cents for _part, quantity, cents in self.lines) * 100


def buy(plan: Plan, goods: Goods, *, supply: Supply, desk: Desk, people: dict[str, Person]) -> list[Purchase]:
    """All purchases in the order they were written; fills stock and moves of parts and assemblies."""
    random = plan.random("purchases")
    buyers = [p.employee_no for p in people.values() if p.department_no == "D-BUY" and not p.left_on]
    months = _months(plan)
    purchases = []
    for (month, supplier), lines in sorted(_wanted(plan, goods, supply, months=months).items()):
        company = plan.days.company
        received = company.on_or_after(months[month][0] - RECEIPT_DAYS_BEFORE)
        lead = goods.suppliers[supplier][2]
        purchases.append(
            Purchase(
                supplier,
                random.choice(buyers),
                ordered=company.before(received - lead - APPROVAL_DAYS),
                expected=company.on_or_after(received - random.choice((0, 0, 0, 1, 3))),
                received=received,
                lines=lines,
            )
        )
    purchases += _on_its_way(plan, goods, buyers)
    purchases.sort(key=lambda purchase: (purchase.ordered, purchase.supplier))
    _number(purchases, plan)
    for purchase in purchases:
        _approve(purchase, plan, desk)
        _receive(purchase, plan, supply)
    return purchases


def _wanted(
    plan: Plan, goods: Goods, supply: Supply, *, months: list[tuple[int, int]]
) -> dict[tuple[int, int], list[tuple[str, int, int]]]:
    """Lines by month and supplier: what each month went on to use; the first month starts with it."""
    opening_at = plan.days.opens_at(plan.days.start) - dt.timedelta(hours=2)
    wanted: dict[tuple[int, int], list[tuple[str, int, int]]] = defaultdict(list)
    for item in goods.items.values():
        if item.kind == "finished":
            continue
        opening, bought = SAFETY, 0
        used = supply.used[item.item_no] if item.kind == "component" else {}
        for month, (first, last) in enumerate(months):
            need = sum(quantity for day, quantity in used.items() if first <= day < last)
            if month == 0:
                opening += need
            elif need:
                lot = -(-need // LOT) * LOT
                bought += lot
                wanted[month, item.supplier or 0].append((item.item_no, lot, item.cost_cents))
        supply.moves.append((opening_at, item.item_no, opening, "opening", None))
        supply.on_hand[item.item_no] = opening + bought - sum(used.values())
    return wanted


def _months(plan: Plan) -> list[tuple[int, int]]:
    """First and next first day number of each month of the history."""
    days = plan.days
    firsts = [n for n in range(days.start + 20, days.end) if days.dates[n].day == 1]
    edges = [days.start, *firsts, days.end]
    return list(pairwise(edges))


def _on_its_way(plan: Plan, goods: Goods, buyers: list[str]) -> list[Purchase]:
    days = plan.days
    parts = [item for item in goods.items.values() if item.supplier is not None]
    return [
        Purchase(
            supplier,
            buyers[0],
            ordered=days.company.before(days.cut, 2 + supplier % 5),
            expected=days.company.on_or_after(days.end + 5 + supplier),
            received=days.end + 5 + supplier,
            lines=[(part.item_no, 2 * LOT, part.cost_cents) for part in parts if part.supplier == supplier],
        )
        for supplier in range(0, len(goods.suppliers), ON_ITS_WAY)
    ]


def _number(purchases: list[Purchase], plan: Plan) -> None:
    counted: dict[int, int] = {}
    for purchase in purchases:
        year = plan.days.dates[purchase.ordered].year
        counted[year] = counted.get(year, FIRST_NUMBER - 1) + 1
        purchase.purchase_no = f"PO-{year}-{counted[year]:05d}"


def _approve(purchase: Purchase, plan: Plan, desk: Desk) -> None:
    if purchase.total < APPROVED_FROM or purchase.received >= plan.days.end:
        return
    request = desk.decide(
        Request(
            kind="purchase",
            requester_no=purchase.requester_no,
            subject=f"Purchase for {purchase.purchase_no}",
            amount=purchase.total,
            currency="EUR",
            asked_at=plan.days.company.at(purchase.ordered, 60),
            source=("erp.purchases", purchase.purchase_no),
        ),
        # What was refused was never bought, and this was.
        may_refuse=False,
    )
    purchase.approval = request.status if desk.moved(request) else "wanted"


def _receive(purchase: Purchase, plan: Plan, supply: Supply) -> None:
    if purchase.received >= plan.days.end:
        return
    at = plan.days.opens_at(purchase.received)
    for part, quantity, _cents in purchase.lines:
        supply.moves.append((at, part, quantity, "receipt", purchase.purchase_no))


def put_purchases(load: Load, plan: Plan, *, purchases: list[Purchase]) -> None:
    """Purchases and their lines."""
    days = plan.days
    for purchase in purchases:
        received = purchase.received < days.end
        changed = days.opens_at(purchase.received if received else purchase.ordered)
        load.add(
            "erp.purchases",
            purchase_no=purchase.purchase_no,
            supplier_no=f"S-{purchase.supplier + 1:03d}",
            requester_no=purchase.requester_no,
            status="received" if received else "ordered",
            approval_status=purchase.approval,
            ordered_at=days.company.at(purchase.ordered, 50),
            expected_on=days.dates[purchase.expected],
            received_on=days.dates[purchase.received] if received else None,
            total_amount=Decimal(purchase.total).scaleb(-4),
            currency="EUR",
            updated_at=changed,
        )
        for number, (part, quantity, cents) in enumerate(purchase.lines, start=1):
            load.add(
                "erp.purchase_lines",
                purchase_line_no=f"{purchase.purchase_no}:{number}",
                purchase_no=purchase.purchase_no,
                line_no=number,
                item_no=part,
                quantity=units(quantity),
                unit_cost=Decimal(cents).scaleb(-2),
                updated_at=changed,
            )
