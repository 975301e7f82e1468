"""Rows become regular series: whole periods, no gaps, exact sums."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.series import exact, move, period_of, regular, rows_of

TODAY = date(2026, 11, 20)


def row(day: date, value: Any, key: str = "IT-0101") -> dict[str, Any]:
    return {"series_kind": "demand_item", "series_key": key, "period_on": day, "value": value}


def test_the_running_month_is_left_out_and_comes_next() -> None:
    (one,) = regular([row(date(2026, 10, 1), 5), row(date(2026, 11, 1), 99)], as_of=TODAY, freq="MS")
    assert list(one.history()) == [(date(2026, 10, 1), Decimal(5))]
    assert one.next_on == date(2026, 11, 1)


def test_the_running_week_is_left_out_even_on_its_last_day() -> None:
    sunday = date(2026, 11, 22)
    (one,) = regular([row(date(2026, 11, 9), 5), row(date(2026, 11, 16), 99)], as_of=sunday, freq="W-MON")
    assert list(one.history()) == [(date(2026, 11, 9), Decimal(5))]
    assert one.next_on == date(2026, 11, 16)


def test_months_without_rows_are_zero_up_to_the_last_whole_month() -> None:
    (one,) = regular([row(date(2026, 6, 1), 5), row(date(2026, 8, 1), 7)], as_of=TODAY, freq="MS")
    assert one.values == tuple(map(Decimal, (5, 0, 7, 0, 0)))


def test_rows_of_one_period_are_added_up_exactly() -> None:
    rows = [row(date(2026, 10, day), Decimal("0.1")) for day in (1, 2, 30)]
    (one,) = regular(rows, as_of=TODAY, freq="MS")
    assert one.values == (Decimal("0.3"),)


def test_a_null_is_nothing_and_a_nan_is_refused_with_its_place() -> None:
    (one,) = regular([row(date(2026, 10, 1), None)], as_of=TODAY, freq="MS")
    assert one.values == (Decimal(0),)
    with pytest.raises(ValueError, match=r"demand_item:IT-0101 on 2026-10-01: value nan"):
        regular([row(date(2026, 10, 1), float("nan"))], as_of=TODAY, freq="MS")


def test_a_fingerprint_follows_values_period_and_method() -> None:
    (one,) = regular([row(date(2026, 10, 1), 5)], as_of=TODAY, freq="MS")
    (same,) = regular([row(date(2026, 10, 9), 5)], as_of=date(2026, 11, 1), freq="MS")
    (later,) = regular([row(date(2026, 10, 1), 5)], as_of=date(2026, 12, 1), freq="MS")
    (other,) = regular([row(date(2026, 10, 1), 6)], as_of=TODAY, freq="MS")
    assert one.fingerprint(1) == same.fingerprint(1)
    assert len({one.fingerprint(1), one.fingerprint(2), later.fingerprint(1), other.fingerprint(1)}) == 4


def test_arrow_timestamps_and_pandas_days_are_read_as_dates() -> None:
    table = pa.table(
        {
            "series_kind": ["cash_in"],
            "series_key": ["total"],
            "period_on": pa.array([date(2026, 11, 9)]).cast(pa.timestamp("us")),
            "value": [1.5],
        }
    )
    assert rows_of(table) == rows_of(table.to_pandas()) == [row_of_cash()]


def row_of_cash() -> dict[str, Any]:
    return {"series_kind": "cash_in", "series_key": "total", "period_on": date(2026, 11, 9), "value": 1.5}


def test_floats_are_rounded_half_to_even_as_they_are_written() -> None:
    assert exact(2.00005) == Decimal("2.0000")
    assert exact(0.1) == Decimal("0.1000")


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(-600, 600), st.sampled_from(("MS", "W-MON")))
def test_moving_there_and_back_is_the_same_period(day: date, count: int, freq: Any) -> None:
    period = period_of(day, freq)
    assert period <= day < move(period, 1, freq=freq)
    assert move(move(period, count, freq=freq), -count, freq=freq) == period
