"""The trips and expenses of the seeded company, and what followed from them in the other systems.

Leads, people and the desk that decides in, requests out; an approved trip has its funds in the ERP, its days
in attendance and a word on the lead, as the hub would have written them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from random import Random

from stores.seed.attendance import Attendance
from stores.seed.leads import Lead
from stores.seed.load import Load
from stores.seed.names import CITIES
from stores.seed.people import Person
from stores.seed.plan import Plan, exact
from stores.seed.requests import Desk, Request

TRIP_SHARE, CANCELLED_SHARE, PAPER_SHARE = 0.5, 0.03, 0.025
TRIES = 6
LEAD_DAYS = 45
# Some expenses are asked for in the last days, so that some are still pending.
LATELY_SHARE, LATELY_DAYS = 0.04, 6
Created = list[tuple[int, Lead]]
EXPENSES = ("Tools", "Training", "Software licence", "Client dinner", "Office chairs", "Trade journal")


def ask_for_trips(
    plan: Plan, people: dict[str, Person], *, leads: list[Lead], attendance: Attendance, desk: Desk
) -> None:
    """Trips and expenses until the plan's number of requests is reached."""
    random = plan.random("trips")
    staff = [person for person in people.values() if not person.left_on and person.manager_no]
    sellers = [person for person in staff if person.role == "sales"]
    open_leads: dict[str, Created] = defaultdict(list)
    for lead in leads:
        open_leads[lead.owner_no].append((plan.days.of(lead.entered[0][1]), lead))
    for _ in range(max(plan.requests - len(desk.requests), 0)):
        first = plan.days.end - LATELY_DAYS if random.random() < LATELY_SHARE else plan.days.start
        day = plan.days.company.on_or_after(random.randrange(first, plan.days.end - 3))
        person = random.choice(sellers)
        request = None
        if random.random() < TRIP_SHARE:
            request = _trip(
                plan,
                person,
                min(day, plan.days.cut - 12),
                random=random,
                leads=open_leads[person.employee_no],
                attendance=attendance,
            )
        if request is None:
            request = _expense(plan, random.choice(staff), day, random)
        _decide(request, plan, random, attendance, desk)


def _trip(
    plan: Plan, person: Person, day: int, *, random: Random, leads: Created, attendance: Attendance
) -> Request | None:
    """A trip on days in a row that are free; ``None`` when there are none."""
    calendar = plan.days.calendars[person.country]
    for _ in range(TRIES):
        length = random.choice((1, 2, 2, 3))
        days = [calendar.on_or_after(day + random.randrange(7, 25))]
        days += [calendar.on_or_after(days[0], more) for more in range(1, length)]
        in_a_row = days[-1] - days[0] == length - 1
        if in_a_row and attendance.book(person.employee_no, days):
            break
    else:
        return None
    near = [lead for created, lead in leads if created <= day < created + LEAD_DAYS]
    lead = random.choice(near) if near else None
    account = lead.account if lead else None
    city = account.city if account else random.choice(random.choice(list(CITIES.values())))
    return Request(
        kind="trip",
        requester_no=person.employee_no,
        subject=f"Trip to {city}" + (f": {account.name}" if account else ""),
        amount=(random.randrange(180, 420) * len(days) + random.randrange(60, 700)) * 10_000,
        currency="EUR",
        asked_at=plan.days.calendars[person.country].at(calendar.on_or_after(day), random.randrange(10, 460)),
        lead_no=lead.lead_no if lead else None,
        destination=city,
        starts=days[0],
        ends=days[-1],
    )


def _expense(plan: Plan, person: Person, day: int, random: Random) -> Request:
    calendar = plan.days.calendars[person.country]
    return Request(
        kind="expense",
        requester_no=person.employee_no,
        subject=random.choice(EXPENSES),
        amount=int(random.lognormvariate(5.4, 0.9) * 100) * 100,
        currency="EUR",
        asked_at=calendar.at(calendar.on_or_after(day), random.randrange(10, 460)),
    )


def _decide(request: Request, plan: Plan, random: Random, attendance: Attendance, desk: Desk) -> None:
    desk.decide(request)
    if random.random() < PAPER_SHARE:
        request.channel = "paper"
    days = trip_days(request)
    if request.status == "approved" and days and random.random() < CANCELLED_SHARE and request.decided_at:
        later = plan.days.later("ES", request.decided_at, 300)
        if plan.days.of(later) < min(plan.days.cut, days[0]):
            request.status, request.decided_at = "cancelled", later
    if request.status not in ("approved", "cancelled") and days:
        attendance.free(request.requester_no, days)


def trip_days(request: Request) -> list[int]:
    """The days of a trip, all of them worked."""
    if request.starts is None or request.ends is None:
        return []
    return list(range(request.starts, request.ends + 1))


def put_outcomes(load: Load, plan: Plan, *, desk: Desk) -> None:
    """What followed from the trips and expenses whose decision has been moved."""
    for request in desk.requests:
        decided = request.decided_at
        if decided is None or not desk.moved(request) or request.kind not in ("trip", "expense"):
            continue
        if request.status in ("approved", "cancelled"):
            _put_funds(load, request, decided)
            _put_days(load, plan, request, decided)
        if request.lead_no:
            _put_activity(load, request, decided)


def _put_funds(load: Load, request: Request, decided: dt.datetime) -> None:
    load.add(
        "erp.funds",
        fund_no=f"FU-{request.request_no.removeprefix('AR-')}",
        request_no=request.request_no,
        employee_no=request.requester_no,
        kind=request.kind,
        amount=exact(request.amount),
        currency=request.currency,
        status="reversed" if request.status == "cancelled" else "booked",
        booked_on=decided.date(),
        updated_at=decided,
    )


def _put_days(load: Load, plan: Plan, request: Request, decided: dt.datetime) -> None:
    for day in trip_days(request):
        date = plan.days.dates[day]
        load.add(
            "oa.attendance",
            attendance_no=f"{request.requester_no}:{date}",
            employee_no=request.requester_no,
            on_date=date,
            kind="business_trip",
            hours=Decimal(8),
            status="cancelled" if request.status == "cancelled" else "planned",
            request_no=request.request_no,
            updated_at=decided,
        )


def _put_activity(load: Load, request: Request, decided: dt.datetime) -> None:
    approved = request.status == "approved"
    load.add(
        "crm.activities",
        activity_no=f"AC-{request.request_no}",
        lead_no=request.lead_no,
        employee_no=request.requester_no,
        kind="trip",
        subject=request.subject,
        outcome=request.status,
        happened_at=decided,
        cost_amount=exact(request.amount) if approved else None,
        currency=request.currency if approved else None,
        request_no=request.request_no,
        updated_at=decided,
    )
