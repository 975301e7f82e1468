"""Who is away on coming working days, until when, and from when their substitute can sign.

Days away and working days ─▶ each person's coming absences. Pure functions; a reason is never asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Absence:
    """Working days away in a row: back on ``back_on``, ``None`` when that lies beyond what was looked at."""

    days: tuple[dt.date, ...]
    back_on: dt.date | None

    @property
    def starts_on(self) -> dt.date:
        """The first day away."""
        return self.days[0]

    @property
    def ends_on(self) -> dt.date:
        """The last day away."""
        return self.days[-1]

    def signed_from(self, substitute_away: Collection[dt.date]) -> dt.date | None:
        """The first of these days on which the substitute is there; ``None`` when on no day."""
        return next((day for day in self.days if day not in substitute_away), None)


def absences(away: Collection[dt.date], working: Sequence[dt.date]) -> list[Absence]:
    """The runs of days away among the working days of a person's country, in order."""
    found: list[Absence] = []
    run: list[dt.date] = []
    for day in sorted(working):
        if day in away:
            run.append(day)
        elif run:
            found.append(Absence(tuple(run), day))
            run = []
    if run:
        found.append(Absence(tuple(run), None))
    return found


def end_of_next_week(today: dt.date) -> dt.date:
    """The Sunday that ends next week."""
    return today + dt.timedelta(days=13 - today.weekday())
