"""The stores' worker handles what was left for it, once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa

from models import erp, erp_supply, oa
from stores import erp as erp_rules
from stores.engines import writing
from stores.records import add, change, need, rows
from stores.seed.plan import IN_STOCK_ITEM, JOE
from stores.worker import work
from tests.stores.conftest import Engines
from tests.stores.test_rules import AT, ask_to_ship, book, file_trip


def test_the_seeded_company_leaves_nothing_to_do(own: Engines) -> None:
    assert work(own, at=AT) == 0


def test_requests_are_routed_and_what_nobody_may_decide_stays(own: Engines) -> None:
    with writing(own["oa"]) as connection:
        number = file_trip(connection)
        request = need(connection, oa.approval_requests, number)
        for kind, key in (("credit", "AR-CO-2026-00099"), ("plan", "AR-PLAN-2026-12")):
            add(
                connection,
                oa.approval_requests,
                **{**request, "request_no": key, "kind": kind, "status": "requested"},
            )
        connection.execute(sa.delete(oa.approval_policies).where(oa.approval_policies.c.kind == "plan"))
    assert work(own, at=AT) == 1
    assert work(own, at=AT) == 0
    with own["oa"].connect() as connection:
        assert need(connection, oa.approval_requests, "AR-CO-2026-00099")["status"] == "pending"
        assert need(connection, oa.approval_requests, "AR-PLAN-2026-12")["status"] == "requested"


def test_an_order_goes_from_requested_to_shipped_without_anyone_calling_a_rule(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        number = book(connection)
    assert work(own, at=AT) == 1
    with writing(own["erp"]) as connection:
        assert need(connection, erp.sales_orders, number)["status"] == "open"
        # Another program writes the payment with SQL, past ``record_payment``.
        add(
            connection,
            erp.payments,
            payment_no="PA-2026-99999",
            sales_order_no=number,
            amount=Decimal(400),
            currency="EUR",
            paid_on=AT.date(),
            recorded_at=AT,
            recorded_by=JOE,
            channel="system",
        )
        add(
            connection,
            erp_supply.production_orders,
            production_no="MO-2026-99999-1",
            plan_key=f"{number}:{IN_STOCK_ITEM}",
            sales_order_no=number,
            item_no=IN_STOCK_ITEM,
            quantity=Decimal(1),
            bom_level=0,
            starts_on=AT.date(),
            due_on=AT.date(),
            status="requested",
        )
    assert work(own, at=AT) == 2
    with writing(own["erp"]) as connection:
        order = need(connection, erp.sales_orders, number)
        assert (order["status"], order["payment_status"], order["paid_amount"]) == ("planned", "paid", 400)
        shipment_no = ask_to_ship(connection, number)
    assert work(own, at=AT) == 1
    assert work(own, at=AT) == 0
    with own["erp"].connect() as connection:
        assert need(connection, erp.shipments, shipment_no)["status"] == "shipped"


def test_a_shipment_refused_for_money_leaves_once_it_is_paid(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        change(connection, erp.customers, "C-0004", credit_limit=Decimal(0))
        number = book(connection)
        erp_rules.accept_order(connection, sales_order_no=number, at=AT)
        shipment_no = ask_to_ship(connection, number)
    assert work(own, at=AT) == 1
    assert work(own, at=AT) == 0
    with writing(own["erp"]) as connection:
        assert need(connection, erp.shipments, shipment_no)["status"] == "refused"
        erp_rules.record_payment(
            connection, sales_order_no=number, amount=Decimal(400), by_no="E-0008", at=AT
        )
    assert work(own, at=AT + dt.timedelta(hours=1)) == 1
    with own["erp"].connect() as connection:
        assert need(connection, erp.shipments, shipment_no)["status"] == "shipped"
        assert rows(connection, erp.shipment_lines, erp.shipment_lines.c.shipment_no == shipment_no)


def test_stores_not_given_are_left_alone(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        number = book(connection)
    assert work({"oa": own["oa"]}, at=AT) == 0
    with own["erp"].connect() as connection:
        assert need(connection, erp.sales_orders, number)["status"] == "requested"
