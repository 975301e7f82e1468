"""The days of the seeded years as numbers, with each country's working days and opening hours.

Dates and the ``holidays`` package in, arrays out: the seed asks millions of times for the next working day.
The first day is number 0; instants are aware UTC.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

YEARS_OF_HISTORY = 3
DAYS_BEFORE, DAYS_AFTER = 120, 240
OPENS, CLOSES = "09:00", "17:00"
DAY_MINUTES = 480
# Country: its zone, and the part whose holidays count.
COUNTRIES = {
    "ES": ("Europe/Madrid", "MD"),
    "PT": ("Europe/Lisbon", None),
    "DE": ("Europe/Berlin", "BE"),
    "GB": ("Europe/London", "ENG"),
}
HALF_DAYS = ((12, 24, "Christmas Eve"), (12, 31, "New Year's Eve"))


@dataclass
class Calendar:
    """One country's days: ``opens[day]`` is the instant work starts, ``worked`` the working days in order."""

    country: str
    zone: str
    opens: list[dt.datetime]
    worked: list[int]
    holidays: list[tuple[dt.date, str, str]]
    _rank: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rank = [bisect_left(self.worked, day) for day in range(len(self.opens))]

    def works(self, day: int) -> bool:
        """Whether the country works that day."""
        return self.worked[self._rank[day]] == day

    def on_or_after(self, day: int, more: int = 0) -> int:
        """The first working day from ``day`` on, or that many working days later."""
        return self.worked[self._rank[day] + more]

    def before(self, day: int, how_many: int = 1) -> int:
        """The last working day before ``day``, or one further back."""
        return self.worked[self._rank[day] - how_many]

    def at(self, day: int, minutes: int) -> dt.datetime:
        """The instant so many minutes after opening."""
        return self.opens[day] + dt.timedelta(minutes=minutes)


class Days:
    """Day numbers of the history up to ``as_of``, which is the first day not lived yet."""

    def __init__(self, as_of: dt.date) -> None:
        self.as_of = as_of
        self.first = as_of - dt.timedelta(days=365 * YEARS_OF_HISTORY + DAYS_BEFORE)
        self.start = DAYS_BEFORE
        self.end = (as_of - self.first).days
        self.dates = [self.first + dt.timedelta(days=n) for n in range(self.end + DAYS_AFTER)]
        self.calendars = {country: _calendar(country, self.dates) for country in COUNTRIES}
        self.company = self.calendars["ES"]
        # From here on nothing has been moved between the systems yet.
        self.cut = self.company.before(self.end, 3)
        self.ends_at = dt.datetime.combine(as_of, dt.time(), dt.UTC)

    def number(self, day: dt.date) -> int:
        """The number of a date."""
        return (day - self.first).days

    def opens_at(self, day: int) -> dt.datetime:
        """The instant the company opens."""
        return self.company.opens[day]

    def of(self, instant: dt.datetime) -> int:
        """The number of an instant's day in UTC; working hours never cross midnight there."""
        return (instant.date() - self.first).days

    def later(self, country: str, instant: dt.datetime, minutes: int) -> dt.datetime:
        """The instant after so many working minutes."""
        calendar = self.calendars[country]
        day = calendar.on_or_after(self.of(instant))
        done = int((instant - calendar.opens[day]).total_seconds() // 60)
        minutes += min(max(done, 0), DAY_MINUTES)
        more, rest = divmod(minutes, DAY_MINUTES)
        return calendar.at(calendar.on_or_after(day, more), rest)


def _calendar(country: str, dates: list[dt.date]) -> Calendar:
    import holidays  # loads slowly, and only seeding needs it

    zone_name, part = COUNTRIES[country]
    zone = ZoneInfo(zone_name)
    years = range(dates[0].year, dates[-1].year + 1)
    known: Any = holidays.country_holidays(
        country, subdiv=part, years=years, language=None if country == "GB" else "en_US"
    )
    full = {day: name for day, name in known.items() if day.weekday() < 5}
    half = {
        day: name
        for year in years
        for month, number, name in HALF_DAYS
        if (day := dt.date(year, month, number)).weekday() < 5 and day not in full
    }
    opening = dt.time.fromisoformat(OPENS)
    return Calendar(
        country=country,
        zone=zone_name,
        opens=[dt.datetime.combine(day, opening, zone).astimezone(dt.UTC) for day in dates],
        worked=[n for n, day in enumerate(dates) if day.weekday() < 5 and day not in full],
        holidays=sorted(
            [(day, name, "full") for day, name in full.items()]
            + [(day, name, "half") for day, name in half.items()]
        ),
    )
