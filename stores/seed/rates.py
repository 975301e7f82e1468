"""What foreign currencies were worth: a rate for every day, wandering around its middle.

A plan in, rows of the ERP out: company currency for one unit. Every day has one, holidays too.
"""

from __future__ import annotations

from decimal import Decimal

from stores.seed.load import Load
from stores.seed.plan import Plan

MIDDLE = {"USD": 0.92, "GBP": 1.16}
PULL, STEP = 0.01, 0.003


def put_rates(load: Load, plan: Plan) -> None:
    """A rate a day for each currency."""
    random = plan.random("rates")
    for currency, middle in MIDDLE.items():
        rate = middle
        for day in range(plan.days.end):
            rate += (middle - rate) * PULL + random.gauss(0, STEP)
            load.add(
                "erp.exchange_rates",
                rate_no=f"{currency}:{plan.days.dates[day]}",
                currency=currency,
                on_date=plan.days.dates[day],
                rate=Decimal(round(rate * 10**8)).scaleb(-8),
                updated_at=plan.days.opens_at(day),
            )
