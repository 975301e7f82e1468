"""Working days skip weekends and holidays in both directions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import workdays

FRIDAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 23)
DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 12, 31))
HOLIDAYS = st.frozensets(DAYS, max_size=30)


def test_the_day_after_friday_is_monday() -> None:
    assert workdays.shift(FRIDAY, 1, holidays=frozenset()) == MONDAY


def test_a_holiday_on_monday_moves_it_to_tuesday() -> None:
    assert workdays.shift(FRIDAY, 1, holidays=frozenset({MONDAY})) == date(2026, 11, 24)


def test_going_back_skips_the_weekend_too() -> None:
    assert workdays.shift(MONDAY, -1, holidays=frozenset()) == FRIDAY


def test_saturday_counts_as_monday_forward_and_friday_backward() -> None:
    saturday = date(2026, 11, 21)
    assert workdays.on_or_after(saturday, frozenset()) == MONDAY
    assert workdays.on_or_before(saturday, frozenset()) == FRIDAY
    assert workdays.shift(saturday, 0, holidays=frozenset()) == MONDAY


@given(day=DAYS, count=st.integers(0, 40), holidays=HOLIDAYS)
def test_there_and_back_is_the_same_day(day: date, count: int, holidays: frozenset[date]) -> None:
    begin = workdays.on_or_after(day, holidays)
    there = workdays.shift(begin, count, holidays=holidays)
    assert workdays.is_workday(there, holidays)
    assert workdays.shift(there, -count, holidays=holidays) == begin


def test_a_calendar_without_working_days_is_refused() -> None:
    closed = frozenset(MONDAY + timedelta(days=offset) for offset in range(400))
    with pytest.raises(ValueError, match="no working day within 366 days of 2026-11-23"):
        workdays.shift(MONDAY, 1, holidays=closed)
