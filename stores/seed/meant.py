"""The planted accounts, lead and trips, to be lived and written with all others.

A plan in, the same objects out as the drawn ones; their keys are those of ``stores.seed.faults``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stores.seed import faults
from stores.seed.goods import Goods
from stores.seed.leads import Lead
from stores.seed.markets import CREDIT_TERMS, Account
from stores.seed.plan import BEN, JOE, NURIA, Plan
from stores.seed.requests import Request, Step

TRIP_NUMBERS = (73, 74)
WON_DAYS = 20


def planted_accounts(plan: Plan) -> list[Account]:
    """The accounts that carry planted rows; the first five numbers."""
    sound = Account(
        number=4,
        name=faults.SOUND_COMPANY,
        sector="facilities",
        country="PT",
        city="Porto",
        currency="EUR",
        owner_no=JOE,
        status="active",
        created=plan.days.start,
        last_day=plan.days.end,
        weight=0.0,
        terms=CREDIT_TERMS[0],
        has_credit=True,
        credit_status="ok",
        late_days=2,
        employees=35,
        largest=5_000 * 10_000,
        changed=plan.days.start,
        is_customer=True,
    )
    lately: dict[str, Any] = {
        "created": plan.days.cut - 4,
        "changed": plan.days.company.before(plan.days.end),
        "is_customer": False,
    }
    return [
        replace(sound, number=1, name="Sotavento Catering S.L.", country="", city="Cádiz", **lately),
        replace(sound, number=2, name="Ponte Velha Retalho Lda", status="prospect", **lately),
        replace(
            sound, number=3, name="Gavilán Obras S.L.", country="ES", city="Bilbao", credit_status="hold"
        ),
        sound,
        replace(sound, number=5, name="Marismas Frío S.L.", country="ES", city="Huelva", **lately),
    ]


def planted_lead(plan: Plan, goods: Goods, account: Account) -> Lead:
    """A lead that was won, and nobody wrote the order."""
    won = plan.days.company.before(plan.days.end - WON_DAYS)
    stages = (("new", 30), ("engaged", 24), ("qualified", 16), ("proposal", 8), ("won", 0))
    expected = goods.items["IT-0107"].cents * 100 * 9
    return Lead(
        lead_no=f"L-{faults.year(plan.as_of)}-{faults.WON_LEAD_NUMBER:04d}",
        account=account,
        owner_no=JOE,
        item_no="IT-0107",
        source="partner",
        campaign_no=None,
        expected=expected,
        currency="EUR",
        entered=[(stage, plan.days.company.at(won - ago, 200)) for stage, ago in stages],
        won=expected,
        contact="Sara Almeida",
    )


def planted_requests(plan: Plan, leads: list[Lead]) -> list[Request]:
    """Trips decided yesterday: two that are sound, one of no amount."""
    open_leads = [lead for lead in leads if lead.stage in ("engaged", "proposal") and lead.owner_no != JOE]
    trips = (
        (TRIP_NUMBERS[0], NURIA, 980, 8),
        (TRIP_NUMBERS[1], JOE, 1_240, 13),
        (faults.ZERO_TRIP_NUMBER, NURIA, 0, 18),
    )
    requests: list[Request] = []
    company = plan.days.company
    for number, requester_no, euros, days_ahead in trips:
        lead = open_leads[-1 - len(requests)] if len(open_leads) > len(requests) else None
        first = company.on_or_after(plan.days.end + days_ahead)
        asked, decided = (company.at(company.before(plan.days.end, ago), number) for ago in (2, 1))
        requests.append(
            Request(
                kind="trip",
                requester_no=requester_no,
                subject=f"Trip to {lead.account.city if lead and lead.account else 'Porto'}",
                amount=euros * 10_000,
                currency="EUR",
                asked_at=asked,
                lead_no=lead.lead_no if lead else None,
                destination=lead.account.city if lead and lead.account else "Porto",
                starts=first,
                ends=first,
                status="approved",
                decided_at=decided,
                steps=[Step("manager", BEN, asked, decided_at=decided, decision="approved")],
                request_no=f"AR-{faults.year(plan.as_of)}-{number:05d}",
            )
        )
    return requests
