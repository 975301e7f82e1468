"""The ERP decides about an order that the CRM cancelled: what has left stays sold, the rest is taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from models import erp, erp_supply
from stores import erp as erp_rules
from stores import erp_shipments as shipping_rules
from stores.engines import writing
from stores.records import add, change, need, rows
from stores.seed.plan import IN_STOCK_ITEM
from stores.worker import work
from tests.stores.conftest import Engines
from tests.stores.test_rules import AT, ask_to_ship, book, pay


def reserved(connection: sa.Connection) -> Decimal:
    return Decimal(need(connection, erp_supply.stock, IN_STOCK_ITEM)["reserved"])


def owed(connection: sa.Connection, number: str) -> list[dict[str, Any]]:
    return rows(connection, erp.receivables, erp.receivables.c.sales_order_no == number)


def want_made(connection: sa.Connection, number: str, status: str) -> str:
    production_no = f"MO-{number}-{status}"
    add(
        connection,
        erp_supply.production_orders,
        production_no=production_no,
        plan_key=production_no,
        sales_order_no=number,
        item_no=IN_STOCK_ITEM,
        quantity=Decimal(1),
        bom_level=0,
        starts_on=AT.date(),
        due_on=AT.date(),
        status=status,
    )
    return production_no


def test_a_cancelled_order_gives_back_what_was_reserved_and_is_owed_no_more(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        before = reserved(connection)
        number = book(connection)
        erp_rules.accept_order(connection, sales_order_no=number, at=AT)
        assert reserved(connection) == before + 4
        works = {
            status: want_made(connection, number, status) for status in ("requested", "released", "done")
        }
        for _ in range(2):
            assert erp_rules.cancel_order(connection, sales_order_no=number, at=AT) == "cancelled"
        assert reserved(connection) == before
        assert [row["open_amount"] for row in owed(connection, number)] == [0]
        statuses = {
            status: need(connection, erp_supply.production_orders, key)["status"]
            for status, key in works.items()
        }
        assert statuses == {"requested": "cancelled", "released": "cancelled", "done": "done"}


def test_an_order_never_accepted_reserved_nothing_to_give_back(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        before = reserved(connection)
        number = book(connection)
        assert erp_rules.cancel_order(connection, sales_order_no=number, at=AT) == "cancelled"
        assert reserved(connection) == before
        assert owed(connection, number) == []


def test_a_shipped_order_is_not_cancelled(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        number = book(connection)
        erp_rules.accept_order(connection, sales_order_no=number, at=AT)
        pay(connection, number, 400)
        shipping_rules.release_shipment(connection, shipment_no=ask_to_ship(connection, number), at=AT)
        before = need(connection, erp.sales_orders, number), reserved(connection)
        assert erp_rules.cancel_order(connection, sales_order_no=number, at=AT) == "shipped"
        assert (need(connection, erp.sales_orders, number), reserved(connection)) == before
        change(connection, erp.sales_orders, number, cancel_requested=True)
    assert work(own, at=AT) == 0


def test_what_was_paid_before_stays_recorded_and_opens_nothing_again(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        number = book(connection)
        erp_rules.accept_order(connection, sales_order_no=number, at=AT)
        pay(connection, number, 100)
        erp_rules.cancel_order(connection, sales_order_no=number, at=AT)
        add(
            connection,
            erp.payments,
            payment_no="PA-2026-99998",
            sales_order_no=number,
            amount=Decimal(-100),
            currency="EUR",
            paid_on=AT.date(),
            recorded_at=AT,
            recorded_by="E-0008",
            channel="system",
        )
        assert need(connection, erp.sales_orders, number)["paid_amount"] == 100
    assert work(own, at=AT) == 1
    with own["erp"].connect() as connection:
        assert need(connection, erp.sales_orders, number)["paid_amount"] == 0
        assert [row["open_amount"] for row in owed(connection, number)] == [0]


@pytest.mark.parametrize("status", ["requested", "open", "planned"])
def test_the_worker_cancels_what_the_crm_wants_cancelled_once(own: Engines, status: str) -> None:
    with writing(own["erp"]) as connection:
        before = reserved(connection)
        number = book(connection)
        if status != "requested":
            erp_rules.accept_order(connection, sales_order_no=number, at=AT)
            want_made(connection, number, "requested")
            shipment_no = ask_to_ship(connection, number)
        change(connection, erp.sales_orders, number, status=status, cancel_requested=True)
    # A shipment that was asked for meanwhile is refused in the same round.
    assert work(own, at=AT) == (1 if status == "requested" else 2)
    assert work(own, at=AT) == 0
    with own["erp"].connect() as connection:
        assert need(connection, erp.sales_orders, number)["status"] == "cancelled"
        assert reserved(connection) == before
        if status != "requested":
            assert need(connection, erp.shipments, shipment_no)["status"] == "refused"


def test_an_order_that_nobody_cancelled_is_accepted(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        number = book(connection)
        assert need(connection, erp.sales_orders, number)["cancel_requested"] is False
    assert work(own, at=AT) == 1
    with own["erp"].connect() as connection:
        assert need(connection, erp.sales_orders, number)["status"] == "open"
