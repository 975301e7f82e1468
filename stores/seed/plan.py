"""What is to be seeded: how much, from which seed, up to which day; and the cast that the story needs.

Everything random in the seed is drawn here, from the seed and a topic, so that one topic's change leaves the
others as they were. The clock is never read.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from random import Random

from stores.seed.days import Days

ORDERS, LEADS, ACCOUNTS, REQUESTS = 4_000, 900, 250, 600
# Numbers of a year below this one are the story's and the faults' own.
FIRST_NUMBER = 101

CEO, CFO, BEN, FANNY, JOE, ANNA = "E-0001", "E-0002", "E-0004", "E-0006", "E-0007", "E-0008"
NURIA = "E-0017"
KEN_ACCOUNT, KEN_CONTACT, KEN_NUMBER, KEN_COMPANY = "A-0012", "P-00012", 12, "Ken & Partners"
STORY_NUMBER, PAPER_NUMBER, REFUSED_NUMBER = 42, 43, 44
# Ken's lead was qualified at this instant's date, so the story finds its own days in the data.
KEN_QUALIFIED_DAYS_AGO = 14

# The story's days, in working days before the last day; the trips' days stay free in attendance.
DAYS_AGO = {
    "filed": 8,
    "approved": 7,
    "leaves": 5,
    "returns": 4,
    "ordered": 3,
    "planned": 2,
    "paid": 1,
}

IN_STOCK_ITEM, NEW_ITEM, BOMLESS_ITEM, REPRICED_ITEM, SOLD_OUT_ITEM = (
    "IT-0101",
    "IT-0160",
    "IT-0159",
    "IT-0110",
    "IT-0158",
)
# Items that only the story and the faults sell.
SET_ASIDE = (NEW_ITEM, BOMLESS_ITEM, SOLD_OUT_ITEM)


@dataclass(frozen=True)
class Plan:
    """How much of what, up to which day."""

    as_of: dt.date
    seed: int
    scale: int
    orders: int
    leads: int
    accounts: int
    requests: int

    @cached_property
    def days(self) -> Days:
        """The days up to ``as_of``."""
        return Days(self.as_of)

    def random(self, topic: str) -> Random:
        """The random numbers of one topic."""
        return Random(f"{self.seed}:{topic}")


def plan(*, scale: int, seed: int, as_of: dt.date, fraction: float = 1.0) -> Plan:
    """The plan at a scale; ``fraction`` makes a smaller company, for tests."""
    size = scale * fraction
    return Plan(
        as_of=as_of,
        seed=seed,
        scale=scale,
        orders=int(ORDERS * size),
        leads=int(LEADS * size),
        accounts=max(int(ACCOUNTS * size), 40),
        requests=int(REQUESTS * size),
    )


_QUANTITIES: dict[int, Decimal] = {}


def units(value: int) -> Decimal:
    """A whole number as a quantity."""
    known = _QUANTITIES.get(value)
    if known is None:
        known = _QUANTITIES[value] = Decimal(value).quantize(Decimal("0.0001"))
    return known


def exact(ten_thousandths: int) -> Decimal:
    """So many ten-thousandths as an amount."""
    return Decimal(ten_thousandths).scaleb(-4)
