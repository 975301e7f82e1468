"""What the morning page says of people who are waited for, and of work that stands between two systems.

Steps that wait, leave, substitutes, gaps ─▶ sentences with who can act today. It ranks nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal

from markupsafe import Markup

from reports.access.scope import group_of
from reports.look import Look
from reports.pages.morning_said import Said, Urgency
from reports.publication import Row
from reports.reader import NOTHING

SOON_DAYS = 3
"""Somebody who leaves within these days is told of what waits before leaving."""
LONGEST_DAYS = 120
"""As far ahead as somebody's return is looked for."""
GONE = 2
"""People who are away and waited for, in sentences of their own; of those who are here, the one who lets most
wait."""

Away = Mapping[str, frozenset[dt.date]]
"""The coming days on which people are away, by person."""

WAITING = """
    select
        steps.decided_by_no as approver_no, approver.name as approver_name, approver.country,
        substitute.employee_no as substitute_no, substitute.name as substitute_name,
        manager.name as manager_name,
        count(*) as requests, sum(requests.amount) as amount,
        max(steps.working_h) as oldest_h, count(case when steps.is_late then 1 end) as late,
        sum(case when steps.is_late then requests.amount end) as late_amount
    from (
        -- a request that waits for somebody in two steps is one request, with one amount
        select decided_by_no, request_no, max(working_h) as working_h, bool_or(is_late) as is_late
        from core.fct_approval_step
        where is_pending
        group by decided_by_no, request_no) as steps
    left join core.fct_approval as requests on requests.request_no = steps.request_no
    join core.dim_employee as approver on approver.employee_no = steps.decided_by_no and approver.is_current
    left join core.dim_employee as substitute
        on substitute.employee_no = approver.substitute_no and substitute.is_current
    left join core.dim_employee as manager
        on manager.employee_no = approver.manager_no and manager.is_current
    group by all
    order by late desc, late_amount desc nulls last, amount desc nulls last, steps.decided_by_no"""
AWAY = """
    select employee_no, on_date
    from core.fct_attendance
    where on_date >= $today and on_date <= $until and kind is distinct from 'present'
        and status is distinct from 'cancelled'"""
WORKING = """
    select on_date from core.dim_date
    where country = $country and is_working_day and on_date >= $today and on_date <= $until"""
GAPS = """
    select
        kind, document_no, party_name, amount, age_working_days, owner_name, next_action, circulation_hours,
        sum(amount) over (partition by kind) as total, count(*) over (partition by kind) as gaps,
        sum(circulation_hours) over (partition by kind) as hours,
        sum(system_median_hours) over (partition by kind) as usual_hours
    from marts.mart_handoff_gaps
    qualify row_number() over (partition by kind order by amount desc nulls last, gap_key) = 1"""


def waits(look: Look) -> Iterator[Said]:
    """Who is waited for: the reader, then those who are away or leave soon, or else who lets most wait."""
    found = look.rows(WAITING)
    mine = [row for row in found if row["approver_no"] == look.viewer.employee_no]
    # Of their own requests staff are told otherwise.
    others = [row for row in found if row not in mine and group_of(look.viewer.role) != "staff"]
    away = absences(look) if look.sees("core.fct_attendance") else {}
    gone = [row for row in others if _until(look, row, away)]
    rest = [row for row in others if row not in gone]
    for row in mine + (gone[:GONE] or rest[:1]):
        yield _waits(look, row, away)


def absences(look: Look) -> Away:
    """The coming days on which people are away, by person."""
    days: dict[str, set[dt.date]] = {}
    for row in look.rows(AWAY, today=look.today, until=_horizon(look)):
        days.setdefault(row["employee_no"], set()).add(row["on_date"])
    return {person: frozenset(found) for person, found in days.items()}


def _until(look: Look, row: Row, away: Away) -> tuple[dt.date, dt.date] | None:
    """The first day away and the day of return, of somebody who is away or soon will be."""
    days = away.get(row["approver_no"], frozenset())
    soon = [day for day in days if day <= look.today + dt.timedelta(days=SOON_DAYS)]
    if not soon:
        return None
    first = min(soon)
    working = look.rows(WORKING, country=row["country"], today=look.today, until=_horizon(look))
    back = (one["on_date"] for one in working if one["on_date"] > first and one["on_date"] not in days)
    return first, min(back, default=max(days) + dt.timedelta(days=1))


def _horizon(look: Look) -> dt.date:
    return look.today + dt.timedelta(days=LONGEST_DAYS)


def _waits(look: Look, row: Row, away: Away) -> Said:
    reader, until = look.reader, _until(look, row, away)
    who = _case(look, row, until, away)
    # What is not late yet is nobody's fault: where some are, those alone are told, with their money.
    is_late = who in ("you_late", "they_late")
    amount = row["late_amount" if is_late else "amount"]
    text = reader.text(
        f"morning.waits.{who}",
        row["late" if is_late else "requests"],
        worth=reader.text("morning.waits.worth", amount=reader.money(amount)) if amount else "",
        approver=row["approver_name"],
        oldest=reader.hours(row["oldest_h"]),
        leaves=reader.day(until[0]) if until else "",
        back=reader.day(until[1]) if until else "",
        substitute=row["substitute_name"] or NOTHING,
    )
    owner, action = row["approver_name"], reader.text("morning.waits.do")
    if who == "away":
        owner = row["substitute_name"]
        action = reader.text("morning.waits.do_substitute", approver=row["approver_name"])
    if who == "away_alone":
        owner = row["manager_name"] or row["approver_name"]
        action = reader.text("morning.waits.do_name", approver=row["approver_name"])
    link = look.rows_of("waiting-decisions", approver=row["approver_no"], late="yes" if is_late else None)
    stops = until is not None or bool(row["late"])
    urgency = Urgency.STOPS_OTHERS if stops else Urgency.LATE if who == "you" else Urgency.DRIFTS
    if who == "you_late":
        urgency = Urgency.YOURS
    return Said(text, link, urgency, owner, action, Decimal(amount or 0))


def _case(look: Look, row: Row, until: tuple[dt.date, dt.date] | None, away: Away) -> str:
    """Which of the sentences is true; a substitute who is away too signs nothing."""
    if row["approver_no"] == look.viewer.employee_no:
        return "you_late" if row["late"] else "you"
    if until is None:
        return "they_late" if row["late"] else "they"
    if until[0] > look.today:
        return "leaves"
    is_there = row["substitute_no"] and look.today not in away.get(row["substitute_no"], ())
    return "away" if is_there else "away_alone"


def gaps(look: Look) -> Iterator[Said]:
    """The kind of gap with most money, and what goes around the systems on paper."""
    kinds = {row["kind"]: row for row in look.rows(GAPS)}
    # What waits for a decision is said of who decides.
    stuck = [row for kind, row in kinds.items() if kind not in ("done_on_paper", "order_without_approval")]
    if stuck:
        yield _stuck(look, max(stuck, key=lambda row: (row["total"] or 0, row["kind"])))
    if "done_on_paper" in kinds:
        yield _paper(look, kinds["done_on_paper"])


def _stuck(look: Look, row: Row) -> Said:
    reader = look.reader
    text = reader.text(
        "morning.gaps.said",
        row["gaps"],
        amount=reader.money(row["total"]),
        what=reader.word("gap_said", row["kind"]),
        document=row["document_no"],
        party=row["party_name"] or NOTHING,
        age=reader.working_days(row["age_working_days"]),
    )
    owner = row["owner_name"] or str(reader.text("gaps.nobody"))
    link = look.rows_of("gaps", kind=row["kind"])
    action = _action(look, row)
    return Said(text, link, Urgency.LATE, owner, action, Decimal(row["total"] or 0))


def _paper(look: Look, row: Row) -> Said:
    reader = look.reader
    said = "paper" if row["usual_hours"] else "paper_alone"
    text = reader.text(
        f"morning.gaps.{said}",
        row["gaps"],
        amount=reader.money(row["total"]),
        hours=reader.hours(row["hours"]),
        usual=reader.hours(row["usual_hours"]),
    )
    owner = row["owner_name"] or str(reader.text("gaps.nobody"))
    action = _action(look, row)
    link = look.rows_of("gaps", kind="done_on_paper")
    return Said(text, link, Urgency.DRIFTS, owner, action, Decimal(row["total"] or 0))


def _action(look: Look, row: Row) -> Markup:
    said = look.reader.action(row["next_action"])
    return Markup.escape(said[:1].lower() + said[1:])
