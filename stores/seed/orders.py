"""What customers ordered, and which orders had to be approved first.

Won leads and the market's demand in, orders by day out, numbered and with their fate. How they were
fulfilled is ``stores.seed.supply``.
"""

from __future__ import annotations

import datetime as dt
from random import Random

from stores.seed.demand import Market, Order
from stores.seed.leads import Lead
from stores.seed.plan import FIRST_NUMBER, Plan
from stores.seed.requests import Desk, Request

# More than a sales person may give.
ASKED_DISCOUNTS = (22, 25, 28, 30)
ASKED_SHARE = {"discount": 0.034, "credit": 0.013}
CANCELLED_SHARE, PAPER_SHARE = 0.025, 0.006
# Nobody remembers a draft for long.
DRAFT_DAYS, DRAFT_SHARE = 20, 0.06


def take_orders(plan: Plan, market: Market, *, leads: list[Lead], desk: Desk) -> list[Order]:
    """All orders by day, numbered, the won leads' among them; those that needed it approved or refused."""
    won = [lead for lead in leads if lead.stage == "won"]
    orders = []
    for day in market.days(max(plan.orders - len(won), 0)):
        orders.append(market.order(market.buyer(day), day))
    for lead in won:
        at = lead.entered[-1][1]
        if lead.account is None:
            raise ValueError(f"{lead.lead_no} is won without an account")
        order = market.order(lead.account, plan.days.of(at), at=at)
        order.lead, lead.won = lead, order.total
        orders.append(order)
    orders.sort(key=lambda order: order.ordered_at)
    _number(orders, plan)
    for order in orders:
        _fate(order, plan, market.random, desk)
    return orders


def _number(orders: list[Order], plan: Plan) -> None:
    counted: dict[int, int] = {}
    for order in orders:
        year = plan.days.dates[order.day].year
        counted[year] = counted.get(year, FIRST_NUMBER - 1) + 1
        order.number = f"{year}-{counted[year]:05d}"


def _fate(order: Order, plan: Plan, random: Random, desk: Desk) -> None:
    """Whether the order stayed a draft, was cancelled, came on paper, or had to be approved."""
    days, account = plan.days, order.account
    draw = random.random()
    if order.lead is not None:
        draw = 0.5
    if order.day >= days.end - DRAFT_DAYS and draw < DRAFT_SHARE:
        order.status = "draft"
    elif order.day < days.cut:
        order.booked = order.day
        if draw < CANCELLED_SHARE:
            order.status, order.booked = "cancelled", None
        elif draw < CANCELLED_SHARE + PAPER_SHARE and order.day < days.end - 60:
            order.channel = "paper"
        elif order.lead is None and draw > 1 - ASKED_SHARE["discount"]:
            _ask(order, "discount", random, desk)
        elif order.lead is None and draw > 1 - sum(ASKED_SHARE.values()):
            _ask(order, "credit", random, desk)
    if order.status == "confirmed":
        account.largest = max(account.largest, order.total)


def _ask(order: Order, kind: str, random: Random, desk: Desk) -> None:
    if kind == "discount":
        percent = random.choice(ASKED_DISCOUNTS)
        for line in order.lines:
            line.percent = percent
        order.total = sum(line.amount for line in order.lines)
    request = desk.decide(
        Request(
            kind=kind,
            requester_no=order.account.owner_no,
            subject=f"{kind.capitalize()} for {order.crm_no}",
            amount=order.total,
            currency=order.account.currency,
            asked_at=order.ordered_at + dt.timedelta(minutes=12),
            source=("crm.orders", order.crm_no),
        )
    )
    order.approval_kind = kind
    order.changed_at = request.decided_at
    # The hub tells the CRM; what was decided in the last days has not been told yet.
    order.approval, order.booked = "wanted", None
    if not desk.moved(request) or request.decided_at is None:
        order.changed_at = None
        return
    order.approval = request.status
    if request.status == "approved":
        order.booked = desk.day_of(request.decided_at)
    else:
        order.status = "cancelled"
