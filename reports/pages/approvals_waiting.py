"""What waits for a decision now: with whom, for how long, what it holds up, and what leave will delay.

Pending steps, coming days away and substitutes ─▶ rows with an owner and a next action, and the next
absences of those who decide. How long decisions took before is another module's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reports.look import Look
from reports.pages.approvals_away import Absence, absences, end_of_next_week
from reports.pages.approvals_rows import NAMED_STEPS, PEOPLE, STEPS_ASKED, narrowed
from reports.publication import Row

AHEAD_DAYS = 28
"""How far ahead leave is shown: what is planned later changes."""
LOOKED_DAYS = AHEAD_DAYS + 28
"""Looked at further, so that the day somebody is back is known."""
SHOWN = 12
"""Rows on the page; all of them are behind the link."""

STAFF = f"""
    select people.*, substitute.name as substitute_name
    from ({PEOPLE}) as people
    left join ({PEOPLE}) as substitute on substitute.employee_no = people.substitute_no
    order by people.employee_no"""
AWAY = """
    select employee_no, on_date from core.fct_attendance
    where coalesce(kind, 'away') <> 'present' and coalesce(status, 'planned') <> 'cancelled'
        and is_working_day and on_date between $today and $until
    group by employee_no, on_date"""
WORKING = """
    select country, on_date, is_default_country from core.dim_date
    where is_working_day and on_date between $today and $until order by country, on_date"""


def pending(look: Look) -> str:
    """The select of pending steps and what each holds up, from the tables that this viewer sees."""
    joins = ["left join core.fct_trip as trips on trips.request_no = waiting.request_no"]
    order_key, purchase_no, needed_on = "null", "null", "trips.starts_on"
    if look.sees("core.fct_order"):
        orders = "(select * from core.fct_order where approval_status = 'wanted')"
        joins.append(f"left join {orders} as orders on orders.order_no = waiting.source_key")
        order_key, needed_on = "orders.order_key", f"{needed_on}, orders.promised_on, orders.requested_on"
    if look.sees("core.fct_purchase"):
        joins.append("left join core.fct_purchase as purchases on purchases.purchase_no = waiting.source_key")
        purchase_no, needed_on = "purchases.purchase_no", f"{needed_on}, purchases.expected_on"
    return f"""
    select waiting.*, approver.country as approver_country, approver.substitute_no,
        substitute.name as substitute_name, trips.request_no as trip_no,
        {order_key} as order_key, {purchase_no} as purchase_no, coalesce({needed_on}) as needed_on
    from (select * from ({NAMED_STEPS}) as found where is_pending and {STEPS_ASKED}) as waiting
    left join ({PEOPLE}) as approver on approver.employee_no = waiting.approver_no
    left join ({PEOPLE}) as substitute on substitute.employee_no = approver.substitute_no
    {" ".join(joins)}
    order by is_late desc nulls last, amount desc nulls last, asked_at, step_no"""


@dataclass(frozen=True)
class Calendar:
    """Days away by person and working days by country, from today on; empty where attendance is not seen."""

    today: dt.date
    away: Mapping[str, frozenset[dt.date]] = field(default_factory=dict)
    working: Mapping[str | None, Sequence[dt.date]] = field(default_factory=dict)

    def coming(self, employee_no: str, country: str | None) -> list[Absence]:
        """A person's absences that begin within the days shown."""
        away = self.of(employee_no)
        working = self.working.get(country) or self.working.get(None, ())
        until = self.today + dt.timedelta(days=AHEAD_DAYS)
        # Whose country is not known to the viewer has the company's calendar, and their own days away in it.
        found = absences(away, sorted({*working, *away}))
        return [one for one in found if one.starts_on <= until]

    def of(self, employee_no: str | None) -> frozenset[dt.date]:
        """The days a person is away."""
        return self.away.get(employee_no or "", frozenset())


def calendar(look: Look) -> Calendar:
    """What the viewer may know of who is away when."""
    if not look.sees("core.fct_attendance", "core.dim_date"):
        return Calendar(look.today)
    span = {"today": look.today, "until": look.today + dt.timedelta(days=LOOKED_DAYS)}
    away: dict[str, set[dt.date]] = {}
    for row in look.rows(AWAY, **span):
        away.setdefault(row["employee_no"], set()).add(row["on_date"])
    working: dict[str | None, list[dt.date]] = {}
    for row in look.rows(WORKING, **span):
        for country in (row["country"], None) if row["is_default_country"] else (row["country"],):
            working.setdefault(country, []).append(row["on_date"])
    return Calendar(look.today, {person: frozenset(days) for person, days in away.items()}, working)


def waiting(look: Look, known: Calendar) -> Mapping[str, Any]:
    """Pending steps with what to do: the viewer's own first, then what is late, then the most money."""
    found = [
        with_action(row, known, look.viewer.employee_no) for row in look.rows(pending(look), **narrowed(look))
    ]
    found.sort(key=lambda row: not row["is_mine"])
    held = [row for row in found if row["absence"]]
    return {
        "rows": found[:SHOWN],
        "holds": holds(found),
        "total": len(found),
        "amount": total(once(found, "request_no")),
        "late": sum(1 for row in found if row["is_late"]),
        "mine": [row for row in found if row["is_mine"]],
        "held": held,
        "held_amount": total(once(held, "request_no")),
        "unsigned": [row for row in held if row["action"] == "nobody"],
        "until": end_of_next_week(known.today),
    }


def with_action(row: Row, known: Calendar, viewer_no: str | None) -> dict[str, Any]:
    """A pending step, who has to act next, and what they do.

    ``absence`` is the approver's, where it begins by the end of next week. Actions: ``decide``;
    ``decide_before`` the leave begins; ``substitute`` signs for one who is away; ``nobody`` can sign.
    """
    coming = known.coming(row["approver_no"], row["approver_country"])
    absence = next((one for one in coming if one.starts_on <= end_of_next_week(known.today)), None)
    action, owner = "decide", row["approver_name"]
    signed_from = None
    if absence:
        signed_from = absence.signed_from(known.of(row["substitute_no"])) if row["substitute_no"] else None
        if absence.starts_on > known.today:
            action = "decide_before"
        elif signed_from:
            action, owner = "substitute", row["substitute_name"]
        else:
            action = "nobody"
    return {
        **row,
        "absence": absence,
        "signed_from": signed_from,
        "action": action,
        "owner": owner or row["approver_no"],
        "is_mine": viewer_no is not None and row["decided_by_no"] == viewer_no,
    }


def holds(rows: Sequence[Row]) -> list[Row]:
    """What cannot go on until somebody decides: orders, purchases and trips, with their money."""
    found: list[Row] = []
    for what, number, record in (
        ("orders", "order_key", "order"),
        ("purchases", "purchase_no", "purchase"),
        ("trips", "trip_no", "request"),
    ):
        own = once([row for row in rows if row[number] is not None], number)
        days = [row["needed_on"] for row in own if row["needed_on"] is not None]
        if own:
            numbers = [row[number] for row in own]
            first = {"first_on": min(days, default=None), "record": record, "numbers": numbers}
            found.append({"what": what, "count": len(own), "amount": total(own), **first})
    return found


def once(rows: Sequence[Row], number: str) -> list[Row]:
    """Of several decisions about one document that about most money: it waits once, and its money too."""
    most = {row[number]: row for row in sorted(rows, key=lambda row: row["amount"] or 0)}
    return [row for row in rows if most[row[number]] is row]


def total(rows: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """The money of these rows; ``None`` where none is known or the viewer sees none."""
    amounts = [row["amount"] for row in rows if row["amount"] is not None]
    return sum(amounts, Decimal(0)) if amounts else None


def leave(look: Look, known: Calendar, approvers: Sequence[Row]) -> list[Row]:
    """The coming absences of those who decide, first one first, with what waits with them and will come."""
    load = {row["approver_no"]: row for row in approvers}
    found: list[Row] = []
    for person in look.rows(STAFF):
        own = load.get(person["employee_no"])
        if own is None:
            continue
        for absence in known.coming(person["employee_no"], person["country"]):
            is_next_week = absence.starts_on <= end_of_next_week(known.today)
            found.append(
                {
                    **person,
                    "absence": absence,
                    "signed_from": absence.signed_from(known.of(person["substitute_no"])),
                    "pending": own["pending"],
                    "usual": own["per_week"] * len(absence.days) / 5,
                    "is_next_week": is_next_week,
                    "is_first": bool(own["pending"]) or is_next_week,
                }
            )
    return sorted(found, key=lambda row: (row["absence"].starts_on, -row["pending"], row["employee_no"]))
