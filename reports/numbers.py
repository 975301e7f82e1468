"""The six numbers of a role: what they mean, what they are made of, and how they came out.

mart_metric where the viewer sees the whole company, else the selects beside this module over the rows that
the viewer sees ─▶ six ``Number``. A test proves that both ways give the same. It writes no sentence.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from reports.access.scope import group_of
from reports.look import Look
from reports.numbers_declared import METRICS, Metric
from reports.publication import Row

ME = "me"
"""Stands for the viewer among what a metric asks its rows for."""
DATES = frozenset({"since", "until", "late"})
"""Filters that are days; a metric declares them as days from today."""
SELECTS = Path(__file__).with_name("selects")
STILL = Decimal("0.02")
"""Within two percent nothing has changed, as in ``mart_metric``."""


@dataclass(frozen=True)
class Number:
    """A metric as it came out: ``change`` is a share of ``previous``, ``verdict`` good, bad or neutral.

    ``failed`` and ``held`` are checks and rows set aside as ``mart_metric`` counts them; where the viewer
    does not see that, data sets with a failed check, and ``None``.
    """

    metric: Metric
    value: Decimal | None
    previous: Decimal | None
    change: Decimal | None
    verdict: str
    unit: str
    read_at: dt.datetime | None
    failed: int
    held: int | None = None
    held_amount: Decimal | None = None
    is_stale: bool = False

    @property
    def of_company(self) -> bool:
        """Whether ``mart_metric`` says it, with what its checks and rows set aside come to."""
        return self.held is not None

    @property
    def said_verdict(self) -> str:
        """The verdict as it is put in words: what is neither good nor bad may have moved all the same."""
        moved = self.previous is not None and self.value != self.previous
        is_small = self.change is not None and abs(self.change) <= STILL
        return "moved" if self.verdict == "neutral" and moved and not is_small else self.verdict


def numbers(look: Look) -> list[Number]:
    """The viewer's numbers in their order; none before anything was published for this role."""
    found = _of_company(look) if look.sees("marts.mart_metric") else _of_rows(look)
    health = {
        row["stream"]: row
        for row in look.rows("select stream, read_at, state, checks_failed from marts.mart_data_health")
    }
    return [
        _number(look, metric, found[metric.key], health) for metric in declared(look) if metric.key in found
    ]


def number(look: Look, key: str) -> Number | None:
    """One of the viewer's numbers; ``None`` when it is none of them."""
    return next((one for one in numbers(look) if one.metric.key == key), None)


def declared(look: Look) -> Sequence[Metric]:
    """The metrics of the viewer's role, in the order of the page."""
    return METRICS[group_of(look.viewer.role)]


def behind(look: Look, metric: Metric) -> str | None:
    """The address of the rows that a metric is counted from."""
    week_day = look.today.weekday()
    days = {"monday": -week_day, "sunday": 6 - week_day}
    me = look.viewer.employee_no
    if me is None and ME in dict(metric.asked).values():
        return None
    asked = dict(metric.asked) | {name: me for name, value in metric.asked if value == ME}
    for name in DATES & asked.keys():
        asked[name] = look.today + dt.timedelta(days=days.get(asked[name], asked[name]))
    return look.rows_of(metric.rows, **asked)


def passport(look: Look, metric: Metric) -> str | None:
    """The address of a metric's own page."""
    return look.addresses(f"/numbers/{metric.key}", {})


def judge(metric: Metric, value: Decimal | None, previous: Decimal | None) -> tuple[Decimal | None, str]:
    """The change against the value before, and the verdict, by the rule of ``mart_metric``."""
    change = None
    if value is not None and previous:
        change = Decimal(str(round(float(value - previous) / float(previous), 4)))
    if metric.better == "none_is_best":
        return change, "bad" if value else "good"
    if metric.better == "neutral" or value is None or change is None or abs(change) <= STILL:
        return change, "neutral"
    return change, "good" if (change > 0) == (metric.better == "up") else "bad"


def _of_company(look: Look) -> Mapping[str, Row]:
    return {row["metric"]: row for row in look.rows("select * from marts.mart_metric")}


def _of_rows(look: Look) -> Mapping[str, Row]:
    found: dict[str, Row] = {}
    for name in dict.fromkeys(metric.select for metric in declared(look)):
        found |= {row["metric"]: row for row in of_select(look, name)}
    return found


def of_select(look: Look, name: str) -> list[Row]:
    """The rows of one select: metric, value and previous_value, of what the viewer sees."""
    values: Mapping[str, Any] = {
        "as_on": look.today,
        "as_of": look.as_of,
        "zone": str(look.reader.zone),
        "me": look.viewer.employee_no,
    }
    text, names = _select(name)
    return look.rows(text, **{one: values[one] for one in names})


@lru_cache(maxsize=16)
def _select(name: str) -> tuple[str, frozenset[str]]:
    text = (SELECTS / f"{name}.sql").read_text("utf-8")
    return text, frozenset(re.findall(r"\$(\w+)", text))


def _number(look: Look, metric: Metric, row: Row, health: Mapping[str, Row]) -> Number:
    sources = [health[stream] for stream in metric.streams if stream in health]
    read = [source["read_at"] for source in sources if source["read_at"]]
    change, verdict = row.get("change_rate"), row.get("verdict")
    if verdict is None:
        change, verdict = judge(metric, row["value"], row["previous_value"])
    failing = sum(1 for source in sources if source["checks_failed"])
    return Number(
        metric=metric,
        value=row["value"],
        previous=row["previous_value"],
        change=change,
        verdict=verdict,
        unit=look.reader.currency if metric.unit == "money" else metric.unit,
        read_at=min(read, default=None),
        failed=row.get("checks_failed", failing),
        held=row.get("quarantined_rows"),
        held_amount=row.get("quarantined_amount"),
        is_stale=any(source["state"] == "stale" for source in sources),
    )
