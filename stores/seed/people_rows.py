"""The rows about people: departments, employees, calendars, holidays, policies, and staff in CRM and ERP.

People and a plan in, rows out; the approval policies are declared here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from stores.seed.days import CLOSES, OPENS
from stores.seed.load import Load
from stores.seed.people import DEPARTMENTS, Person
from stores.seed.plan import ANNA, CFO, Plan


def policies() -> list[dict[str, Any]]:
    """Who decides what, from which amount on, in euros."""
    rules: list[tuple[str, int, int, str, str | None, str, int]] = [
        ("trip", 1, 0, "manager", None, "manager", 16),
        ("trip", 2, 2_500, "employee", CFO, "finance", 24),
        ("expense", 1, 0, "manager", None, "manager", 16),
        ("expense", 2, 1_000, "employee", ANNA, "finance", 24),
        ("discount", 1, 0, "manager", None, "manager", 8),
        ("discount", 2, 20_000, "employee", CFO, "finance", 16),
        ("credit", 1, 0, "employee", ANNA, "finance", 8),
        ("credit", 2, 50_000, "employee", CFO, "cfo", 16),
        ("purchase", 1, 0, "department_head", None, "department head", 16),
        ("purchase", 2, 25_000, "employee", CFO, "finance", 24),
        ("plan", 1, 0, "employee", "E-0009", "production", 16),
        ("plan", 2, 500_000, "employee", "E-0003", "operations", 24),
    ]
    names = ("kind", "level", "min_amount", "approver_rule", "approver_no", "step_name", "target_hours")
    return [
        {
            **dict(zip(names, rule, strict=True)),
            "policy_no": f"{rule[0]}:{rule[1]}",
            "min_amount": Decimal(rule[2]),
            "target_hours": Decimal(rule[6]),
            "currency": "EUR",
        }
        for rule in rules
    ]


def put_people(load: Load, plan: Plan, *, people: dict[str, Person]) -> None:
    """The rows of OA, CRM and ERP about people, stamped when they last changed."""
    stamp = plan.days.opens_at(plan.days.start)
    for number, (name, parent, country, _head, _size) in DEPARTMENTS.items():
        load.add(
            "oa.departments",
            department_no=number,
            name=name,
            parent_no=parent,
            country=country,
            updated_at=stamp,
        )
    for person in people.values():
        load.add("oa.employees", **asdict(person), updated_at=stamp)
        kept = ("employee_no", "name", "email", "job_title", "department_no", "manager_no")
        for system in ("crm", "erp"):
            load.add(
                f"{system}.staff",
                **{name: person[name] for name in kept},
                is_active=person.left_on is None,
                updated_at=stamp,
            )
    for policy in policies():
        load.add("oa.approval_policies", **policy, updated_at=stamp)
    _put_calendars(load, plan, stamp)


def _put_calendars(load: Load, plan: Plan, stamp: dt.datetime) -> None:
    for calendar in plan.days.calendars.values():
        load.add(
            "oa.calendars",
            country=calendar.country,
            timezone=calendar.zone,
            working_weekdays="12345",
            opens_at=OPENS,
            closes_at=CLOSES,
            updated_at=stamp,
        )
        for day, name, part in calendar.holidays:
            load.add(
                "oa.holidays",
                holiday_no=f"{calendar.country}-{day}",
                country=calendar.country,
                on_date=day,
                name=name,
                day_part=part,
                updated_at=stamp,
            )
