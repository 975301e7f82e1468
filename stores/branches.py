"""The story's two branches: a trip that is refused, and work done on paper, past the systems.

Acts like those of ``stores.story``, which plays them.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa

from models import erp, erp_supply, oa
from stores import erp as erp_rules
from stores import oa as oa_rules
from stores.engines import writing
from stores.records import add, find
from stores.scene import Engines, Scene, Told, met, played, scene
from stores.seed.faults import SOUND_CUSTOMER
from stores.seed.plan import ANNA, BEN, IN_STOCK_ITEM, JOE, KEN_COMPANY, NURIA, PAPER_NUMBER, REFUSED_NUMBER

REFUSED_AMOUNT, PAPER_TRIP_AMOUNT, PAPER_QUANTITY = Decimal(2150), Decimal(780), Decimal(6)


def trip_refused(engines: Engines) -> Told:
    """The first branch: Joe asks for a second trip, and Ben refuses."""
    play = scene(engines)
    number = play.key("AR", REFUSED_NUMBER)
    ahead = [play.days.company.on_or_after(play.days.end + 20, more) for more in (0, 1)]
    with writing(engines["oa"]) as connection:
        if find(connection, oa.approval_requests, number) is not None:
            return played(play.day("paid"), "Ben", number)
        oa_rules.file_trip(
            connection,
            employee_no=JOE,
            subject=f"Celebrate with {KEN_COMPANY}",
            destination="Lisboa",
            starts_on=play.days.dates[ahead[0]],
            ends_on=play.days.dates[ahead[1]],
            amount=REFUSED_AMOUNT,
            currency="EUR",
            at=play.at("planned", 60),
            lead_no=play.lead_no,
            request_no=number,
        )
        oa_rules.refuse(
            connection, request_no=number, by_no=BEN, at=play.at("paid", 30), comment="A call will do"
        )
    text = f"refuses Joe's second trip to Lisboa, {REFUSED_AMOUNT} EUR ({number}): “A call will do”"
    return Told(play.day("paid"), "Ben", text)


def done_on_paper(engines: Engines) -> Told:
    """The second branch: a trip signed on paper, and an order keyed into the ERP by hand, past the CRM."""
    play = scene(engines)
    request_no, order_no = play.key("AR", PAPER_NUMBER), play.key("SO", PAPER_NUMBER)
    with writing(engines["oa"]) as connection:
        if find(connection, oa.approval_requests, request_no) is None:
            _sign_trip(connection, play, request_no)
    with writing(engines["erp"]) as connection:
        if find(connection, erp.sales_orders, order_no) is not None:
            return played(play.day("paid"), "Nuria", order_no)
        amount = _key_order(connection, play, order_no)
    text = (
        f"had a trip signed on paper ({request_no}) and an order of {amount:.2f} EUR keyed into the ERP by "
        f"hand ({order_no}): the CRM knows nothing of it"
    )
    return Told(play.day("paid"), "Nuria", text)


def _sign_trip(connection: sa.Connection, play: Scene, request_no: str) -> None:
    """The form went from desk to desk; the OA heard of it when it was signed."""
    asked_at, decided_at = play.at("filed", 20), play.at("planned", 380)
    add(
        connection,
        oa.approval_requests,
        request_no=request_no,
        kind="trip",
        requester_no=NURIA,
        subject="Trip to Porto, signed on paper",
        amount=PAPER_TRIP_AMOUNT,
        currency="EUR",
        status="approved",
        destination="Porto",
        starts_on=play.day("leaves"),
        ends_on=play.day("returns"),
        requested_at=asked_at,
        decided_at=decided_at,
        channel="paper",
    )
    add(
        connection,
        oa.approval_steps,
        step_no=f"{request_no}:1",
        request_no=request_no,
        sequence=1,
        step_name="manager",
        requester_no=NURIA,
        approver_no=BEN,
        asked_at=asked_at,
        decided_at=decided_at,
        decision="approved",
        comment_text="signed on paper",
    )


def _key_order(connection: sa.Connection, play: Scene, order_no: str) -> Decimal:
    """The customer ordered by telephone; the note was keyed in, accepted and paid days later."""
    item = met(connection, erp_supply.items, IN_STOCK_ITEM, after="seeding the stores")
    amount = Decimal(PAPER_QUANTITY * item["unit_price"])
    add(
        connection,
        erp.sales_orders,
        sales_order_no=order_no,
        customer_no=SOUND_CUSTOMER,
        status="requested",
        payment_status="unpaid",
        ordered_at=play.at("filed", 90),
        currency=item["currency"],
        total_amount=amount,
        paid_amount=Decimal(0),
        channel="paper",
    )
    add(
        connection,
        erp.sales_order_lines,
        sales_order_line_no=f"{order_no}:1",
        sales_order_no=order_no,
        line_no=1,
        item_no=IN_STOCK_ITEM,
        quantity=PAPER_QUANTITY,
        unit_price=item["unit_price"],
        discount_rate=Decimal(0),
        line_amount=amount,
    )
    _accept_and_pay(connection, play, order_no, amount)
    return amount


def _accept_and_pay(connection: sa.Connection, play: Scene, order_no: str, amount: Decimal) -> None:
    at = play.at("paid", 300)
    erp_rules.accept_order(connection, sales_order_no=order_no, at=at)
    erp_rules.record_payment(
        connection,
        sales_order_no=order_no,
        amount=amount,
        by_no=ANNA,
        at=at + dt.timedelta(minutes=10),
        paid_on=play.day("leaves"),
        payment_no=play.key("PA", PAPER_NUMBER, word="paid"),
        channel="paper",
    )
