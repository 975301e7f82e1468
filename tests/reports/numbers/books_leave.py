"""Who of those who decide is away in the coming weeks, counted from the OA's own attendance.

Approvals ─▶ runs of working days away, what waits with each person and from when the substitute is there.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from tests.reports.numbers.books import Row
from tests.reports.numbers.books_approvals import Approvals, Step

AHEAD, LOOKED = 28, 56
"""Days that leave is shown for, and days in which somebody may be back."""
Run = tuple[dt.date, ...]


@dataclass(frozen=True)
class Leave:
    """The coming leave of approvers, by the company's calendar and each one's own days away."""

    approvals: Approvals

    @cached_property
    def people(self) -> Mapping[str, Row]:
        return {row["employee_no"]: row for row in self.approvals.books.rows("oa.employees")}

    @cached_property
    def span(self) -> list[dt.date]:
        return [self.approvals.books.today + dt.timedelta(n) for n in range(LOOKED + 1)]

    def works(self, country: str, on: dt.date) -> bool:
        opens, closes = self.approvals.books.open_hours(country, on)
        return closes > opens

    def away(self, number: str | None) -> set[dt.date]:
        """The working days of a person's own country that they are away."""
        rows = (row for row in self.approvals.books.rows("oa.attendance") if row["employee_no"] == number)
        kept = (row for row in rows if row["kind"] != "present" and row["status"] != "cancelled")
        days = {dt.date.fromisoformat(row["on_date"]) for row in kept} & set(self.span)
        return {on for on in days if self.works(self.people[number or ""]["country"], on)}

    @cached_property
    def company_days(self) -> set[dt.date]:
        """The working days of the country that most people work in."""
        countries = Counter(row["country"] for row in self.people.values())
        home = max(countries, key=lambda country: (countries[country], country))
        return {on for on in self.span if self.works(home, on)}

    def runs(self, number: str) -> Iterable[tuple[Run, dt.date | None]]:
        """Days away one after another that begin within those shown, and the first day back."""
        away, run = self.away(number), list[dt.date]()
        for on in [*sorted(self.company_days | away), None]:
            if on in away and on is not None:
                run.append(on)
            elif run:
                if run[0] <= self.span[AHEAD]:
                    yield tuple(run), on
                run = []

    def all(self) -> set[tuple[str, Run, dt.date | None, dt.date | None, int, Decimal]]:
        """Person, days, first day back and first day of the substitute; what waits and what will come."""
        pending = Counter(step.row["approver_no"] for step in self.approvals.pending)
        decided = Counter(step.row["approver_no"] for step in self.approvals.decided_steps)
        found = set()
        for number in self.people.keys() & {*pending, *decided}:
            stands_in = self.people[number]["substitute_no"]
            week = (Decimal(decided[number]) * 7 / self.approvals.days).quantize(
                Decimal("0.1"), ROUND_HALF_UP
            )
            for run, back in self.runs(number):
                there = [on for on in run if on not in self.away(stands_in)]
                found.add((number, run, back, min(there, default=None), pending[number], week * len(run) / 5))
        return found

    def held(self) -> list[Step]:
        """The steps that wait with somebody who is away from a day until next week's Sunday on."""
        today = self.approvals.books.today
        until = today - dt.timedelta(today.weekday()) + dt.timedelta(13)
        gone = {number for number in self.people if any(run[0] <= until for run, _ in self.runs(number))}
        return [step for step in self.approvals.pending if step.row["approver_no"] in gone]
