"""The people of the seeded company, with their departments, managers and substitutes.

A plan in, people by number out. Their rows are ``stores.seed.people_rows``, when they are away is
``stores.seed.attendance``.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from typing import Any

from stores.seed.days import COUNTRIES
from stores.seed.names import FIRST, LAST
from stores.seed.plan import ANNA, BEN, CEO, CFO, FANNY, JOE, NURIA, Plan

# Department: name, one above, country, its head, how many people.
DEPARTMENTS: dict[str, tuple[str, str | None, str, str, int]] = {
    "D-EXEC": ("Management", None, "ES", CEO, 3),
    "D-SALES": ("Sales South", "D-EXEC", "ES", BEN, 10),
    "D-NORTH": ("Sales North", "D-EXEC", "DE", "E-0005", 8),
    "D-MKT": ("Marketing", "D-EXEC", "ES", "E-0010", 4),
    "D-FIN": ("Finance", "D-EXEC", "ES", CFO, 5),
    "D-HR": ("People", "D-EXEC", "PT", FANNY, 3),
    "D-IT": ("IT", "D-FIN", "ES", "E-0011", 4),
    "D-PROD": ("Production", "D-EXEC", "PT", "E-0009", 9),
    "D-LOG": ("Logistics", "D-PROD", "PT", "E-0012", 4),
    "D-BUY": ("Purchasing", "D-PROD", "ES", "E-0013", 3),
    "D-QA": ("Quality", "D-PROD", "PT", "E-0014", 3),
    "D-ENG": ("Engineering", "D-EXEC", "DE", "E-0015", 4),
}
# The first of the staff list: who, what, where.
CAST = {
    CEO: ("Marta Ibáñez", "Chief executive", "D-EXEC"),
    CFO: ("Luis Figueroa", "Chief financial officer", "D-FIN"),
    "E-0003": ("Petra Lindqvist", "Chief operating officer", "D-EXEC"),
    BEN: ("Ben Carter", "Head of sales", "D-SALES"),
    "E-0005": ("Greta Baumann", "Head of sales", "D-NORTH"),
    FANNY: ("Fanny Duarte", "Head of people", "D-HR"),
    JOE: ("Joe Marín", "Sales engineer", "D-SALES"),
    ANNA: ("Anna Weiss", "Accountant", "D-FIN"),
    "E-0009": ("Rui Tavares", "Head of production", "D-PROD"),
    "E-0010": ("Clara Montes", "Head of marketing", "D-MKT"),
    "E-0011": ("Iván Prieto", "Head of IT", "D-IT"),
    "E-0012": ("Sónia Matos", "Head of logistics", "D-LOG"),
    "E-0013": ("Jorge Luna", "Head of purchasing", "D-BUY"),
    "E-0014": ("Teresa Vaz", "Head of quality", "D-QA"),
    "E-0015": ("Klaus Engel", "Head of engineering", "D-ENG"),
    "E-0016": ("Pilar Sanz", "Assistant", "D-EXEC"),
    NURIA: ("Nuria Soler", "Sales engineer", "D-SALES"),
}
SUBSTITUTES = {CEO: CFO, CFO: ANNA, BEN: "E-0005", "E-0005": BEN, "E-0009": "E-0012", "E-0012": "E-0009"}
TITLES = {
    "D-SALES": "Sales engineer",
    "D-NORTH": "Sales engineer",
    "D-FIN": "Accountant",
    "D-PROD": "Production planner",
    "D-LOG": "Dispatcher",
    "D-BUY": "Buyer",
}
ROLES = {"D-EXEC": "executive", "D-FIN": "finance", "D-PROD": "production", "D-HR": "hr"}
# A second country for some departments: two of three people work in the first.
SECOND = {"D-SALES": "PT", "D-NORTH": "GB"}
# These take this many times longer to decide than others.
SLOW = {"E-0005": 4.0, CFO: 2.5, "E-0009": 3.0}
LEFT = 3


@dataclass
class Person:
    """A person as ``oa.employees`` keeps them."""

    employee_no: str
    name: str
    email: str
    job_title: str
    role: str
    department_no: str
    manager_no: str | None
    substitute_no: str
    country: str
    timezone: str
    hired_on: dt.date
    left_on: dt.date | None = None

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


def hire(plan: Plan) -> dict[str, Person]:
    """Everyone by number; three left during the history."""
    random = plan.random("people")
    slots = [(number, *cast) for number, cast in CAST.items()]
    for department, (_name, _parent, _country, _head, size) in DEPARTMENTS.items():
        there = sum(slot[3] == department for slot in slots)
        title = TITLES.get(department, "Specialist")
        for _ in range(size - there):
            # 7 has no factor in common with the names' number, so that no two people share a name.
            n = len(slots)
            name = f"{FIRST[n * 7 % len(FIRST)]} {LAST[(n * 7 + n // len(FIRST) * 5) % len(LAST)]}"
            slots.append((f"E-{n + 1:04d}", name, title, department))
    people = {
        slot[0]: _person(slot, hired_on=plan.as_of - dt.timedelta(days=random.randrange(1200, 5000)))
        for slot in slots
    }
    for department in DEPARTMENTS:
        team = [person for person in people.values() if person.department_no == department]
        for person, neighbour in zip(team, team[1:] + team[:1], strict=True):
            person.substitute_no = SUBSTITUTES.get(person.employee_no, neighbour.employee_no)
    for number in random.sample([slot[0] for slot in slots[20:] if slot[3] != "D-PROD"], LEFT):
        people[number].left_on = plan.as_of - dt.timedelta(days=random.randrange(60, 700))
    return people


def _person(slot: tuple[str, str, str, str], *, hired_on: dt.date) -> Person:
    number, name, title, department = slot
    _, parent, country, head, _ = DEPARTMENTS[department]
    above = DEPARTMENTS[parent][3] if parent else None
    role = ROLES.get(department, "staff")
    if department in SECOND:
        role = "sales_manager" if number == head else "sales"
        country = SECOND[department] if int(number[2:]) % 3 == 0 else country
    return Person(
        employee_no=number,
        name=name,
        email=f"{_ascii(name).lower().replace(' ', '.')}@triada.example",
        job_title=title,
        role=role,
        department_no=department,
        manager_no=above if number == head else head,
        substitute_no="",
        country=country,
        timezone=COUNTRIES[country][0],
        hired_on=hired_on,
    )


def _ascii(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
