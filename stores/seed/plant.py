"""Plants the faults of ``stores.seed.faults`` and the last days' work that nothing has moved yet.

A planter in, rows out; each function plants one system's. Planted accounts, leads and trips are
``stores.seed.meant``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from stores.seed import faults
from stores.seed.markets import Account
from stores.seed.people import Person
from stores.seed.plan import BOMLESS_ITEM, IN_STOCK_ITEM, NURIA, SOLD_OUT_ITEM, units
from stores.seed.planted import Planter
from stores.seed.supply import Supply

NEW_HIRE = "E-0061"
DISCOUNT_NUMBERS, PURCHASE_NUMBERS = (71, 72), (75, 76)
WANTED_DISCOUNT_PERCENT = 25
SKIPPED_DAYS, SOLD_OUT_DAYS = 9, 7
SOLD_OUT_QUANTITY, SKIPPED_QUANTITY, BOMLESS_QUANTITY = 4, 3, 2


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
    _sell_out(planter, sound, supply, ordered_at=ordered_at)
    for number in PURCHASE_NUMBERS:
        _purchase(planter, number)


def _sell_out(planter: Planter, sound: Account, supply: Supply, *, ordered_at: dt.datetime) -> None:
    days = planter.plan.days
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
