"""What the morning page says to HR, and to people who see their own requests alone.

Attendance, trips and requests as the viewer may see them ─▶ sentences. It ranks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from reports.look import Look
from reports.pages.morning_said import Said, Urgency
from reports.reader import NOTHING

BOTH_AWAY = """
    with away as (
        select distinct employee_no, on_date
        from core.fct_attendance
        where kind <> 'present' and status <> 'cancelled' and is_working_day
            and on_date >= $today and on_date <= $today + 14
    )
    select
        people.employee_no, people.name, substitute.name as substitute_name, manager.name as manager_name,
        min(away.on_date) as first_on, count(*) as days, count(*) over () as pairs
    from away
    join core.dim_employee as people on people.employee_no = away.employee_no and people.is_current
    join away as other on other.employee_no = people.substitute_no and other.on_date = away.on_date
    join core.dim_employee as substitute
        on substitute.employee_no = people.substitute_no and substitute.is_current
    left join core.dim_employee as manager on manager.employee_no = people.manager_no and manager.is_current
    where people.left_on is null
    group by all
    order by first_on, days desc, people.employee_no
    limit 1"""
FULLEST = """
    select
        people.department_no, people.department_name, count(distinct away.employee_no) as people,
        count(*) as days, sum(count(*)) over () as all_days
    from core.fct_attendance as away
    join core.dim_employee as people on people.employee_no = away.employee_no and people.is_current
    where away.kind <> 'present' and away.status <> 'cancelled' and away.is_working_day
        and away.on_date > $today and away.on_date <= $today + 7
    group by all
    order by days desc, people.department_no
    limit 1"""
TRIPS = """
    select
        trips.request_no, people.name as employee_name, trips.starts_on, trips.working_h,
        approver.name as approver_name, count(*) over () as trips
    from core.fct_trip as trips
    left join core.fct_approval as requests on requests.request_no = trips.request_no
    left join core.dim_employee as people on people.employee_no = trips.employee_no and people.is_current
    left join core.dim_employee as approver
        on approver.employee_no = requests.pending_approver_no and approver.is_current
    where trips.status in ('requested', 'pending')
    order by trips.starts_on nulls last, trips.request_no
    limit 1"""
OWN = """
    select
        requests.request_no, requests.kind, requests.working_h, approver.name as approver_name,
        substitute.name as substitute_name, count(*) over () as requests
    from core.fct_approval as requests
    left join core.dim_employee as approver
        on approver.employee_no = requests.pending_approver_no and approver.is_current
    left join core.dim_employee as substitute
        on substitute.employee_no = approver.substitute_no and substitute.is_current
    where requests.status in ('requested', 'pending') and requests.requester_no = $me
    order by requests.working_h desc nulls last, requests.request_no
    limit 1"""


def of_people(look: Look) -> Iterator[Said]:
    """HR: trips that wait, people whose substitute is away on the same day, where most are away."""
    reader = look.reader
    for row in look.rows(TRIPS):
        text = reader.text(
            "morning.people.trips",
            row["trips"],
            employee=row["employee_name"] or NOTHING,
            on=reader.day(row["starts_on"]),
            hours=reader.hours(row["working_h"]),
        )
        link = look.rows_of("trip-requests", state="open")
        action = reader.text("morning.waits.do")
        yield Said(text, link, Urgency.STOPS_OTHERS, row["approver_name"] or NOTHING, action)
    for row in look.rows(BOTH_AWAY, today=look.today):
        text = reader.text(
            "morning.people.both",
            row["pairs"],
            name=row["name"],
            substitute=row["substitute_name"],
            on=reader.day(row["first_on"]),
        )
        action = reader.text("morning.people.both_do", name=row["name"])
        link = look.rows_of("away", since=row["first_on"], person=row["employee_no"])
        yield Said(text, link, Urgency.LATE, row["manager_name"] or row["name"], action)
    for row in look.rows(FULLEST, today=look.today):
        text = reader.text(
            "morning.people.fullest",
            int(row["all_days"]),
            department=row["department_name"],
            people=reader.number(row["people"]),
            days=reader.days(row["days"]),
        )
        yield Said(text, look.rows_of("away", since=look.today, part=row["department_no"]), Urgency.AHEAD)


def own(look: Look) -> Iterator[Said]:
    """The viewer's own requests that wait, by the one that waits longest."""
    reader = look.reader
    for row in look.rows(OWN, me=look.viewer.employee_no):
        text = reader.text(
            "morning.own.waits",
            row["requests"],
            document=row["request_no"],
            kind=reader.word("kind", row["kind"]),
            approver=row["approver_name"] or NOTHING,
            hours=reader.hours(row["working_h"]),
        )
        action = reader.text(
            "morning.own.do" if row["substitute_name"] else "morning.own.do_alone",
            document=row["request_no"],
            substitute=row["substitute_name"] or "",
        )
        link = look.rows_of("decisions", state="open")
        yield Said(text, link, Urgency.LATE, row["approver_name"] or NOTHING, action)
