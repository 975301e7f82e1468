"""How customers pay: before shipping or on terms, early, late, in halves, or not at all.

An accepted order in, the days and amounts of what comes in out; days may lie ahead of the last day.
"""

from __future__ import annotations

from random import Random

from stores.seed.days import Days
from stores.seed.demand import Order

UNPAID_HOLD_DAYS = 90
NEVER_SHARE, VERY_LATE_SHARE, LATE_SHARE, PARTLY_SHARE = 0.012, 0.03, 0.25, 0.06
USUALLY_PREPAID_DAYS = 3.5


def payments(order: Order, day: int, *, days: Days, random: Random) -> list[tuple[int, int]]:
    """Day numbers and ten-thousandths; empty when the customer never pays."""
    paid = _day(order, day, days=days, random=random)
    if paid is None:
        return []
    paid = days.company.on_or_after(min(paid, days.end + 30))
    half = order.total // 20_000 * 10_000
    if half and random.random() < PARTLY_SHARE:
        return [(paid, half), (days.company.on_or_after(paid, 4), order.total - half)]
    return [(paid, order.total)]


def _day(order: Order, day: int, *, days: Days, random: Random) -> int | None:
    account, draw = order.account, random.random()
    if not account.has_credit:
        return day + 1 + int(random.expovariate(1 / USUALLY_PREPAID_DAYS))
    due = day + account.terms
    held_back = account.credit_status == "hold" and due > days.end - UNPAID_HOLD_DAYS
    if held_back or draw < NEVER_SHARE:
        return None
    if draw < NEVER_SHARE + VERY_LATE_SHARE:
        return due + random.randrange(50, 120)
    if draw < NEVER_SHARE + VERY_LATE_SHARE + LATE_SHARE:
        return due + random.randrange(1, 2 + account.late_days)
    return due - random.randrange(-2, 6)
