"""The story that the demo plays: Joe's trip, Ken's order, and what happens when somebody skips the system.

Each act is one thing that people do in one store, at its day, with keys that are always the same; the flows
between the acts carry it on. An act that was played already does nothing and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from models import crm, erp, erp_supply, oa
from stores import crm as crm_rules
from stores import erp as erp_rules
from stores import erp_supply as supply_rules
from stores import oa as oa_rules
from stores.branches import done_on_paper, trip_refused
from stores.engines import writing
from stores.records import find, rows
from stores.scene import Engines, Told, met, played, scene
from stores.seed.plan import ANNA, BEN, IN_STOCK_ITEM, JOE, KEN_ACCOUNT, KEN_COMPANY, NEW_ITEM, STORY_NUMBER

__all__ = ["ACTS", "Act", "Told", "done_on_paper", "trip_refused"]

TRIP_AMOUNT = Decimal(640)
# The first item lies in stock; of the second five do, and three are made.
ORDERED = ((IN_STOCK_ITEM, Decimal(12)), (NEW_ITEM, Decimal(8)))


@dataclass(frozen=True)
class Act:
    """An act and the flows that carry it on, in order; the stores' worker runs after each of them."""

    title: str
    play: Callable[[Engines], Told]
    flows: tuple[str, ...]


def trip_filed(engines: Engines) -> Told:
    """Joe asks to visit Ken."""
    play = scene(engines)
    number = play.key("AR", STORY_NUMBER)
    with writing(engines["oa"]) as connection:
        if find(connection, oa.approval_requests, number) is not None:
            return played(play.day("filed"), "Joe", number)
        oa_rules.file_trip(
            connection,
            employee_no=JOE,
            subject=f"Visit {KEN_COMPANY} in Lisboa",
            destination="Lisboa",
            starts_on=play.day("leaves"),
            ends_on=play.day("returns"),
            amount=TRIP_AMOUNT,
            currency="EUR",
            at=play.at("filed", 35),
            lead_no=play.lead_no,
            request_no=number,
        )
    text = f"asks for a trip to {KEN_COMPANY} in Lisboa, {TRIP_AMOUNT} EUR ({number})"
    return Told(play.day("filed"), "Joe", text)


def trip_approved(engines: Engines) -> Told:
    """Ben approves it."""
    play = scene(engines)
    number = play.key("AR", STORY_NUMBER)
    with writing(engines["oa"]) as connection:
        request = met(connection, oa.approval_requests, number, after="trip_filed")
        if request["status"] == "approved":
            return played(play.day("approved"), "Ben", number)
        oa_rules.approve(
            connection,
            request_no=number,
            by_no=BEN,
            at=play.at("approved", 150),
            comment="Bring an order home",
        )
    return Told(play.day("approved"), "Ben", f"approves {number}: “Bring an order home”")


def order_placed(engines: Engines) -> Told:
    """Ken orders; Joe writes it in the CRM and wins the lead."""
    play = scene(engines)
    number = play.key("CO", STORY_NUMBER, word="ordered")
    at = play.at("ordered", 75)
    with writing(engines["crm"]) as connection:
        if find(connection, crm.orders, number) is not None:
            return played(play.day("ordered"), "Ken", number)
        crm_rules.add_order(
            connection,
            account_no=KEN_ACCOUNT,
            owner_no=JOE,
            lines=[crm_rules.Line(item_no, quantity) for item_no, quantity in ORDERED],
            at=at,
            lead_no=play.lead_no,
            order_no=number,
        )
        crm_rules.confirm_order(connection, order_no=number, at=at)
        crm_rules.win_lead(connection, lead_no=play.lead_no, order_no=number, by_no=JOE, at=at)
        total = met(connection, crm.orders, number, after="order_placed")["total_amount"]
    what = " and ".join(f"{quantity} {item_no}" for item_no, quantity in ORDERED)
    return Told(play.day("ordered"), "Ken", f"orders {what} for {total:.2f} EUR ({number})")


def goods_made(engines: Engines) -> Told:
    """Production makes what the plan released for Ken's order."""
    play = scene(engines)
    number = play.key("SO", STORY_NUMBER, word="ordered")
    works = erp_supply.production_orders.c
    with writing(engines["erp"]) as connection:
        met(connection, erp.sales_orders, number, after="order_placed, and the flow orders")
        released = rows(
            connection,
            erp_supply.production_orders,
            works.sales_order_no == number,
            works.status == "released",
        )
        # What goes in first is made first.
        for work in sorted(released, key=lambda row: (-row["bom_level"], row["production_no"])):
            supply_rules.finish_production(
                connection, production_no=work["production_no"], at=play.at("planned", 200)
            )
    if not released:
        return played(play.day("planned"), "Rui", number)
    made = ", ".join(f"{row['quantity']:.0f} {row['item_no']}" for row in released)
    return Told(play.day("planned"), "Rui", f"reports as made for {number}: {made}")


def payment_recorded(engines: Engines) -> Told:
    """Anna records Ken's payment."""
    play = scene(engines)
    order_no, number = play.key("SO", STORY_NUMBER, word="ordered"), play.key("PA", STORY_NUMBER, word="paid")
    with writing(engines["erp"]) as connection:
        order = met(connection, erp.sales_orders, order_no, after="order_placed, and the flow orders")
        if find(connection, erp.payments, number) is not None:
            return played(play.day("paid"), "Anna", number)
        erp_rules.record_payment(
            connection,
            sales_order_no=order_no,
            amount=order["total_amount"],
            by_no=ANNA,
            at=play.at("paid", 45),
            payment_no=number,
        )
    text = f"records {order['total_amount']:.2f} EUR for {order_no} ({number})"
    return Told(play.day("paid"), "Anna", text)


ACTS = (
    Act("Joe asks for a trip", trip_filed, ()),
    Act("Ben approves it", trip_approved, ("approvals",)),
    Act("Ken orders", order_placed, ("customers", "orders", "orders", "orders")),
    Act("Production makes what is short", goods_made, ("catalogue", "orders")),
    Act("Anna records the payment", payment_recorded, ("orders", "payments", "payments", "orders")),
    Act("Ben refuses a second trip", trip_refused, ("approvals",)),
    Act("Somebody skips the system", done_on_paper, ("approvals", "payments", "payments")),
)
