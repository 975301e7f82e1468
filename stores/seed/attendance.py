"""When people are away: leave, illness and, once decided, trips; and who was there lately.

People and calendars in, days out; days of leave that are yet to come are planned. A year's holidays
are the calendars' matter.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random

from stores.seed.load import Load
from stores.seed.people import Person
from stores.seed.plan import ANNA, BEN, CFO, FANNY, JOE, NURIA, Plan

PRESENCE_DAYS = 60
PLANNED_DAYS = 90
CAST = (JOE, BEN, ANNA, FANNY, NURIA, CFO)
# The cast is at work around the story.
STORY_DAYS_BEFORE, STORY_DAYS_AFTER = 30, 45
DAY_HOURS = Decimal(8)


class Attendance:
    """Every person's days away, by kind; ``book`` adds a trip."""

    def __init__(self, plan: Plan, people: dict[str, Person]) -> None:
        self._plan, self._people = plan, people
        self._story = _story(plan)
        random = plan.random("attendance")
        self._away: dict[str, dict[int, str]] = {
            person.employee_no: _leave(person, plan, random) for person in people.values()
        }

    def is_away(self, employee_no: str, day: int) -> bool:
        """Whether the person is on leave, ill or on a trip that day."""
        return day in self._away[employee_no]

    def book(self, employee_no: str, days: list[int]) -> bool:
        """Take days for a trip unless one of them is taken, or kept for the story."""
        away = self._away[employee_no]
        if any(day in away or (employee_no in CAST and day in self._story) for day in days):
            return False
        away.update(dict.fromkeys(days, "business_trip"))
        return True

    def free(self, employee_no: str, days: list[int]) -> None:
        """Give back the days of a trip that was not approved."""
        for day in days:
            del self._away[employee_no][day]

    def put(self, load: Load, *, story_days: dict[str, tuple[int, ...]]) -> None:
        """Leave, illness and lately presence; trips are put with their requests. Story trips stay free."""
        plan, days = self._plan, self._plan.days
        for person in self._people.values():
            calendar = days.calendars[person.country]
            away = self._away[person.employee_no]
            last = days.number(person.left_on) if person.left_on else days.end + PLANNED_DAYS
            for day, kind in sorted(away.items()):
                if kind != "business_trip" and day <= last:
                    status = "actual" if day < days.end else "planned"
                    self._row(load, person, day, kind=kind, status=status)
            free = story_days.get(person.employee_no, ())
            for day in range(plan.days.end - PRESENCE_DAYS, min(days.end, last + 1)):
                if calendar.works(day) and day not in away and day not in free:
                    self._row(load, person, day, kind="present", status="actual")

    def _row(self, load: Load, person: Person, day: int, *, kind: str, status: str) -> None:
        days = self._plan.days
        load.add(
            "oa.attendance",
            attendance_no=f"{person.employee_no}:{days.dates[day]}",
            employee_no=person.employee_no,
            on_date=days.dates[day],
            kind=kind,
            hours=DAY_HOURS,
            status=status,
            updated_at=days.opens_at(min(day, days.end - 1)),
        )


def _leave(person: Person, plan: Plan, random: Random) -> dict[int, str]:
    days, away = plan.days, dict[int, str]()
    calendar = days.calendars[person.country]
    first = max(days.start, days.number(person.hired_on))
    last = days.end + PLANNED_DAYS
    for year in range(days.dates[days.start].year, days.dates[last].year + 1):
        summer = dt.date(year, 7, 1) + dt.timedelta(days=random.randrange(50))
        winter = dt.date(year, 12, 20)
        spells = [(summer, 10, "leave"), (winter, random.randrange(2, 5), "leave")]
        for kind, how_many, longest in (("leave", 3, 4), ("sick", 2, 5)):
            for _ in range(random.randrange(how_many + 1)):
                begins = dt.date(year, 1, 7) + dt.timedelta(days=random.randrange(340))
                spells.append((begins, random.randrange(1, longest), kind))
        for begins, length, kind in spells:
            day = days.number(begins)
            if not first <= day < last - 20 or (kind == "sick" and day + 10 > days.end):
                continue
            for more in range(length):
                away.setdefault(calendar.on_or_after(day, more), kind)
    if person.employee_no in CAST:
        story = _story(plan)
        away = {day: kind for day, kind in away.items() if day not in story}
    return {day: kind for day, kind in away.items() if day < last}


def _story(plan: Plan) -> range:
    return range(plan.days.end - STORY_DAYS_BEFORE, plan.days.end + STORY_DAYS_AFTER)
