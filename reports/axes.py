"""The axes of charts: round amounts to the side, months at the foot, in the reader's words.

Numbers and days come in, parts of a Vega-Lite description go out. It draws nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from reports.reader import Reader

TICKS = 5
STEPS = [int(n * 10**power) for power in range(15) for n in (1, 2, 2.5, 5) if n * 10**power >= 1]
"""Distances between grid lines that read well; the smallest is taken that needs no more than ``TICKS``."""
LABEL_PX = 52
"""Room that a month and its year take."""


def ticks(top: float) -> list[int]:
    """Round amounts from nothing to just above the highest point."""
    step = next((step for step in STEPS if top / step <= TICKS), STEPS[-1])
    return [n * step for n in range(max(1, math.ceil(top / step)) + 1)]


def amounts(values: list[int], reader: Reader, *, money: bool) -> dict[str, Any]:
    """The side of a chart: money as €200K, a quantity grouped."""
    labels = {
        str(value): reader.compact(Decimal(value)) if money else reader.number(value) for value in values
    }
    return {"values": values, "labelExpr": f"{json.dumps(labels)}[datum.value]"}


def dates(days: Sequence[dt.date], reader: Reader, *, width: int) -> dict[str, Any]:
    """The foot of a chart: the first of the days in each month, as many as fit, the year where it changes."""
    firsts = [day for before, day in pairwise([None, *days]) if day and _begins(before, day)]
    each = next((n for n in (1, 2, 3, 6, 12, 24) if len(firsts) / n * LABEL_PX <= width), 36)
    kept = [on for on in firsts if (on.month - 1) % min(each, 12) == 0][:: max(1, each // 12)]
    labels = {
        str(int(dt.datetime(on.year, on.month, on.day, tzinfo=dt.UTC).timestamp() * 1000)): [
            reader.short_month(on),
            str(on.year) if on.month <= each or on is kept[0] else "",
        ]
        for on in kept
    }
    values = [{"year": on.year, "month": on.month, "date": on.day, "utc": True} for on in kept]
    return {"values": values, "labelExpr": f"{json.dumps(labels)}[time(datum.value)]", "grid": False}


def _begins(before: dt.date | None, day: dt.date) -> bool:
    return day.day == 1 if before is None else before.month != day.month
