"""Plants the faults of ``stores.seed.faults`` and the last days' work that nothing has moved yet.

A planter in, rows out; each function plants one system's. What is planted in leads, requests and accounts
goes into the lists that are written with all others.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from stores.seed import faults
from stores.seed.goods import Goods
from stores.seed.leads import Lead
from stores.seed.markets import CREDIT_TERMS, Account
from stores.seed.people import Person
from stores.seed.plan import BEN, BOMLESS_ITEM, IN_STOCK_ITEM, JOE, NURIA, SOLD_OUT_ITEM, Plan, units
from stores.seed.planted import Planter
from stores.seed.requests import Request, Step
from stores.seed.supply import Supply

NEW_HIRE, NEW_ACCOUNT = "E-0061", "A-0005"
DISCOUNT_NUMBERS, TRIP_NUMBERS, PURCHASE_NUMBERS = (71, 72), (73, 74), (75, 76)
WANTED_DISCOUNT_PERCENT = 25
SKIPPED_DAYS, SOLD_OUT_DAYS, WON_DAYS = 9, 7, 20
SOLD_OUT_QUANTITY, SKIPPED_QUANTITY, BOMLESS_QUANTITY = 4, 3, 2


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


def plant_people(planter: Planter, people: dict[str, Person]) -> None:
    """Two who were hired lately: CRM and ERP have not heard of them, and one has a malformed address."""
    like = people[NURIA]
    company, end = planter.plan.days.company, planter.plan.days.end
    for number, name, email, working_days_ago in (
        (NEW_HIRE, "Marco Salgado", "marco.salgado@triada.example", 1),
        (faults.BAD_EMAIL_EMPLOYEE, "Lucía Ferrer", faults.BAD_EMAIL, 3),
    ):
        hired = company.before(end, working_days_ago)
        person = replace(
            like,
            employee_no=number,
            name=name,
            email=email,
            role="staff",
            department_no="D-LOG",
            job_title="Dispatcher",
            manager_no="E-0012",
            hired_on=planter.plan.days.dates[hired],
        )
        planter.load.add("oa.employees", **asdict(person), updated_at=company.at(hired, 5))


def plant_crm(planter: Planter) -> None:
    """The CRM orders of the last days: faulty ones, and two that want a discount approved."""
    order, sound = planter.crm_order, faults.SOUND_ACCOUNT
    order(faults.UNKNOWN_ITEM_NUMBER, sound, item_no=faults.UNKNOWN_ITEM)
    order(faults.NEGATIVE_NUMBER, sound, quantity=-2)
    order(faults.WRONG_TOTAL_NUMBER, sound, total_amount=Decimal("1010.10"))
    order(faults.PROSPECT_NUMBER, faults.PROSPECT_ACCOUNT)
    order(faults.HOLD_NUMBER, faults.HOLD_ACCOUNT)
    order(faults.NO_COUNTRY_NUMBER, faults.NO_COUNTRY_ACCOUNT)
    order(faults.BOMLESS_NUMBER, sound, item_no=BOMLESS_ITEM, quantity=BOMLESS_QUANTITY)
    for number in DISCOUNT_NUMBERS:
        order(
            number,
            sound,
            quantity=number - 60,
            percent=WANTED_DISCOUNT_PERCENT,
            approval_status="wanted",
            approval_kind="discount",
        )


def plant_erp(planter: Planter, accounts: list[Account], supply: Supply) -> None:
    """Paid orders that have not left: one skipped by everybody, one waiting for goods that are late."""
    days, sound = planter.plan.days, accounts[3]
    paid_at = days.company.at(days.company.before(days.end - SKIPPED_DAYS + 1), 120)
    ordered_at = days.company.at(days.company.before(days.end - SKIPPED_DAYS - 5), 60)
    planter.erp_order(
        faults.SKIPPED_NUMBER,
        sound,
        item_no=IN_STOCK_ITEM,
        quantity=SKIPPED_QUANTITY,
        at=ordered_at,
        paid_at=paid_at,
    )
    supply.reserved[IN_STOCK_ITEM] += SKIPPED_QUANTITY
    paid_at = days.company.at(days.company.before(days.end - SOLD_OUT_DAYS + 1), 150)
    planter.erp_order(
        faults.SOLD_OUT_NUMBER,
        sound,
        item_no=SOLD_OUT_ITEM,
        quantity=SOLD_OUT_QUANTITY,
        at=ordered_at,
        paid_at=paid_at,
    )
    supply.reserved[SOLD_OUT_ITEM] = SOLD_OUT_QUANTITY
    key = planter.number(faults.SOLD_OUT_NUMBER)
    asked = paid_at + dt.timedelta(minutes=40)
    planter.load.add(
        "erp.shipments",
        shipment_no=f"SH-{key}",
        sales_order_no=f"SO-{key}",
        release_key=f"SO-{key}",
        status="waiting",
        requested_at=asked,
        refusal_reason=f"waits for stock of {SOLD_OUT_ITEM}",
        updated_at=asked,
    )
    started = days.company.before(days.end - SKIPPED_DAYS - 3)
    planter.load.add(
        "erp.production_orders",
        production_no=f"MO-{key}-1",
        plan_key=f"SO-{key}:{SOLD_OUT_ITEM}",
        sales_order_no=f"SO-{key}",
        item_no=SOLD_OUT_ITEM,
        quantity=units(SOLD_OUT_QUANTITY),
        bom_level=0,
        starts_on=days.dates[started],
        due_on=days.dates[days.company.on_or_after(started, 4)],
        status="released",
        updated_at=days.opens_at(started),
    )
    for number in PURCHASE_NUMBERS:
        _purchase(planter, number)


def _purchase(planter: Planter, number: int) -> None:
    """A purchase that is large enough to want approval."""
    key, at = f"PO-{planter.number(number)}", planter.at(1, number)
    part = planter.goods.items[f"IT-{826 + number:04d}"]
    quantity = 600
    row: dict[str, Any] = {
        "purchase_no": key,
        "supplier_no": f"S-{(part.supplier or 0) + 1:03d}",
        "requester_no": "E-0013",
        "status": "draft",
        "approval_status": "wanted",
        "ordered_at": at,
        "total_amount": Decimal(quantity * part.cost_cents).scaleb(-2),
        "currency": "EUR",
        "updated_at": at,
    }
    planter.load.add("erp.purchases", **row)
    cost = Decimal(part.cost_cents).scaleb(-2)
    planter.load.put("erp.purchase_lines", (f"{key}:1", key, 1, part.item_no, units(quantity), cost, at))
