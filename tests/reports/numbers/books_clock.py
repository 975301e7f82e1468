"""Working hours between two instants, by the calendar of the country that a person works in.

Books ─▶ each country's opening hours, day by day ─▶ the hours worked in between.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from tests.reports.numbers.books import FOUR, HOUR_S, Books

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Clock:
    """The calendars of a company; a day is looked up once."""

    books: Books
    _days: dict[tuple[str, dt.date], tuple[dt.datetime, dt.datetime]] = field(default_factory=dict)

    @cached_property
    def _country_of(self) -> dict[str, str]:
        return {row["employee_no"]: row["country"] for row in self.books.rows("oa.employees")}

    @cached_property
    def _usual(self) -> str:
        """Where most people work, the last by name of several: it counts where a system did something."""
        people = Counter(self._country_of.values())
        known = {"--", *people, *(row["country"] for row in self.books.rows("oa.calendars"))}
        return str(max(known, key=lambda country: (people[country], country)))

    def worked(self, person: str | None, since: dt.datetime, until: dt.datetime) -> Decimal:
        """The hours that the person's country was at work between two instants."""
        country = self._country_of.get(person or "", self._usual)
        seconds, on = 0, since.date() - DAY
        while on <= until.date() + DAY:
            opens, closes = self._open(country, on)
            begun, ended = (min(max(when, opens), closes) for when in (since, until))
            seconds += int((ended - opens).total_seconds()) - int((begun - opens).total_seconds())
            on += DAY
        return (Decimal(seconds) / HOUR_S).quantize(FOUR, ROUND_HALF_UP)

    def _open(self, country: str, on: dt.date) -> tuple[dt.datetime, dt.datetime]:
        if (country, on) not in self._days:
            self._days[country, on] = self.books.open_hours(country, on)
        return self._days[country, on]
