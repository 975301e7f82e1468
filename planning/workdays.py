"""Counting in working days: Monday to Friday without the given holidays.

A day and a set of holidays in, a day out. It is not a country's calendar: the caller brings the holidays.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta

SATURDAY = 5
LONGEST_CLOSURE_DAYS = 366


def is_workday(day: date, holidays: Set[date]) -> bool:
    """Whether people work on ``day``."""
    return day.weekday() < SATURDAY and day not in holidays


def on_or_after(day: date, holidays: Set[date]) -> date:
    """``day`` itself when it is worked, else the first working day after it."""
    return _walk(day, 1, holidays=holidays)


def on_or_before(day: date, holidays: Set[date]) -> date:
    """``day`` itself when it is worked, else the last working day before it."""
    return _walk(day, -1, holidays=holidays)


def shift(day: date, workdays: int, *, holidays: Set[date]) -> date:
    """The working day that many working days after (or, negative, before) ``day``.

    A day that is not worked counts as the next working day going forward and the last one going back.
    """
    step = 1 if workdays >= 0 else -1
    day = _walk(day, step, holidays=holidays)
    for _ in range(abs(workdays)):
        day = _walk(day + timedelta(days=step), step, holidays=holidays)
    return day


def _walk(day: date, step: int, *, holidays: Set[date]) -> date:
    for days in range(LONGEST_CLOSURE_DAYS):
        candidate = day + timedelta(days=step * days)
        if is_workday(candidate, holidays):
            return candidate
    raise ValueError(
        f"no working day within {LONGEST_CLOSURE_DAYS} days of {day}: "
        f"{len(holidays)} holidays came, expected a calendar with working days; correct the holidays"
    )
