"""People, catalogue, customers and payments: plain movements, each field from its owner."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from flows.catalogue import availability, product
from flows.customers import credit, customer
from flows.payments import release, shipped
from flows.people import staff_member
from tests.flows.rows import NOW, booked, look


@pytest.mark.parametrize(("left_on", "active"), [(None, True), (dt.date(2026, 1, 31), False)])
def test_who_has_left_is_no_longer_active(left_on: dt.date | None, active: bool) -> None:
    employee = dict.fromkeys(
        ("employee_no", "name", "email", "job_title", "department_no", "manager_no"), "x"
    ) | {"left_on": left_on, "timezone": "Europe/Madrid"}
    member = staff_member(employee, look())
    assert isinstance(member, dict)
    assert member["is_active"] is active
    assert "timezone" not in member


def test_available_is_what_is_free_and_never_negative() -> None:
    stock = {"item_no": "IT-0101", "on_hand": Decimal(3), "reserved": Decimal(5)}
    item = dict.fromkeys(("item_no", "name", "category", "unit_price", "currency", "is_active"), "x")
    shown = product(
        item | {"item_no": "IT-0101"}, look(stock={"IT-0101": [stock | {"reserved": Decimal(1)}]})
    )
    assert isinstance(shown, dict)
    assert shown["available_quantity"] == Decimal(2)
    finished = look(items={"IT-0101": [{"kind": "finished"}]})
    assert availability(stock, finished) == {"item_no": "IT-0101", "available_quantity": Decimal(0)}


def test_parts_are_not_in_the_catalogue() -> None:
    parts = look(items={"IT-0101": [{"kind": "component"}]})
    assert availability({"item_no": "IT-0101", "on_hand": 1, "reserved": 0}, parts) is None


def test_an_account_becomes_the_customer_of_the_same_number() -> None:
    account = {"account_no": "A-0012", "name": "Ken", "country": "ES", "city": None, "currency": "EUR"}
    made = customer(account, look())
    assert isinstance(made, dict)
    assert (made["customer_no"], made["kind"], made["credit_limit"]) == ("C-0012", "customer", Decimal(0))


def test_only_the_erp_speaks_about_credit() -> None:
    told = credit({"crm_account_no": "A-0012", "credit_status": "hold", "credit_limit": Decimal(9)}, look())
    assert told == {"account_no": "A-0012", "credit_status": "hold", "credit_limit": Decimal(9)}


def test_a_paid_order_asks_for_one_shipment() -> None:
    asked = release(booked(payment_status="paid"), look())
    assert isinstance(asked, dict)
    assert (asked["release_key"], asked["shipment_no"]) == ("SO-2026-00412", "SH-2026-00412")
    assert (asked["status"], asked["requested_at"]) == ("requested", NOW)


def test_goods_that_left_are_told_to_their_crm_order() -> None:
    sent = {"sales_order_no": "SO-2026-00412"}
    assert shipped(sent, look(sales_orders={"SO-2026-00412": [booked()]})) == {
        "order_no": "CO-2026-00412",
        "fulfilment": "shipped",
    }
    assert shipped(sent, look(sales_orders={"SO-2026-00412": [booked(crm_order_no=None)]})) is None
