"""Rows of a time series made regular: whole periods only, no gaps, exact, and with a fingerprint.

Observed rows (any days, any order) in; one value per month or week from the first that was seen to the last
that is over, out. What is not recorded did not happen: a missing period is 0. It does not forecast.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Literal

from connectors.protocol import Row

Freq = Literal["MS", "W-MON"]
SeriesId = tuple[str, str]
SEASONS: Mapping[str, int] = {"MS": 12, "W-MON": 52}
UNIT = Decimal("0.0001")
MONTHS = 12


@dataclass(frozen=True)
class Series:
    """Values of consecutive periods; the last is the one before ``next_on``, the running period."""

    kind: str
    key: str
    freq: Freq
    next_on: date
    values: tuple[Decimal, ...]

    @property
    def season(self) -> int:
        """Periods in a year."""
        return SEASONS[self.freq]

    def history(self) -> Iterator[tuple[date, Decimal]]:
        """Each period's first day and value."""
        for back, value in zip(range(len(self.values), 0, -1), self.values, strict=True):
            yield move(self.next_on, -back, freq=self.freq), value

    def fingerprint(self, *more: object) -> str:
        """A hash that changes when a value, a period or one of ``more`` does."""
        parts = (self.kind, self.key, self.freq, self.next_on, *self.values, *more)
        return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def regular(rows: Iterable[Mapping[str, Any]], *, as_of: date, freq: Freq) -> list[Series]:
    """The series in rows of ``series_kind, series_key, period_on, value``, ordered by kind and key.

    Rows of one period are added up. The period in which ``as_of`` lies is not over, so it and what is dated
    after it are left out; a series seen only there has no values. ``ValueError`` for a value that is not a
    finite number, naming the series and the day.
    """
    running = period_of(as_of, freq)
    seen: dict[SeriesId, dict[date, Decimal]] = {}
    for row in rows:
        periods = seen.setdefault((row["series_kind"], row["series_key"]), {})
        period = period_of(row["period_on"], freq)
        if period < running:
            periods[period] = periods.get(period, Decimal(0)) + _value(row)
    return [
        Series(kind, key, freq, running, tuple(_filled(periods, running, freq=freq)))
        for (kind, key), periods in sorted(seen.items())
    ]


def exact(value: float | Decimal) -> Decimal:
    """To four digits, half to even; where statistics end and numbers of the company begin."""
    return (value if isinstance(value, Decimal) else Decimal(repr(value))).quantize(UNIT, ROUND_HALF_EVEN)


def period_of(day: date, freq: Freq) -> date:
    """First day of the month, or the Monday, of the period a day lies in."""
    if freq == "MS":
        return date(day.year, day.month, 1)
    return date.fromordinal(day.toordinal() - day.weekday())


def move(period: date, count: int, *, freq: Freq) -> date:
    """The period that many periods later; earlier when negative."""
    if freq == "W-MON":
        return period + timedelta(weeks=count)
    months = period.year * MONTHS + period.month - 1 + count
    return date(months // MONTHS, months % MONTHS + 1, 1)


def _filled(periods: Mapping[date, Decimal], running: date, *, freq: Freq) -> Iterator[Decimal]:
    period = min(periods, default=running)
    while period < running:
        yield exact(periods.get(period, Decimal(0)))
        period = move(period, 1, freq=freq)


def _value(row: Mapping[str, Any]) -> Decimal:
    value = Decimal(0) if row["value"] is None else Decimal(str(row["value"]))
    if not value.is_finite():
        raise ValueError(
            f"series {row['series_kind']}:{row['series_key']} on {row['period_on']}: value {row['value']} "
            "came, expected a finite number; correct the query that made the series"
        )
    return value


def rows_of(table: Any) -> list[Row]:
    """The rows of an Arrow table or a pandas frame, with days as ``date``."""
    import pyarrow as pa

    arrow = table if isinstance(table, pa.Table) else pa.Table.from_pandas(table, preserve_index=False)
    index = arrow.schema.get_field_index("period_on")
    return list(arrow.set_column(index, "period_on", arrow["period_on"].cast(pa.date32())).to_pylist())
