"""Both sides edit: different fields both survive; of one field the owner's stays and the loss is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from flows.catalogue import CATALOGUE
from flows.customers import CUSTOMERS
from flows.orders import ORDERS
from hub.memory import Memory
from tests.promises.world_company import AT, ITEM, ON, Company, account, order, order_line

pytestmark = pytest.mark.slow

LOSS = ("flow", "step", "stream", "key", "field", "owner", "lost", "kept")


def losses(company: Company) -> list[tuple[Any, ...]]:
    return company.memory("conflicts", *LOSS)


def customer_of_one(company: Company, *columns: str) -> tuple[Any, ...]:
    (row,) = company.rows("erp.customers", *columns)
    return row


@pytest.fixture
def registered(any_company: Company) -> Company:
    """An account that is a customer, on both sides as the other left it."""
    any_company.put("crm.accounts", account(1))
    any_company.run(CUSTOMERS)
    any_company.run(CUSTOMERS)
    return any_company


def test_edits_of_different_fields_on_both_sides_both_survive(registered: Company) -> None:
    registered.sql("crm", "update accounts set name = 'New name', sector = 'toys'")
    registered.sql("erp", "update customers set credit_limit = '5000.0000', credit_status = 'watch'")
    registered.run(CUSTOMERS)
    ours = ("New name", Decimal(5000), "watch")
    assert customer_of_one(registered, "name", "credit_limit", "credit_status") == ours
    assert registered.rows("crm.accounts", "name", "credit_limit", "credit_status", "sector") == [
        (*ours, "toys")
    ]
    assert losses(registered) == []


def test_of_one_field_edited_on_both_sides_the_owners_value_stays_and_the_loss_is_told(
    registered: Company,
) -> None:
    registered.sql("crm", "update accounts set name = 'By the CRM'")
    registered.sql("erp", "update customers set name = 'By the ERP'")
    registered.run(CUSTOMERS)
    assert customer_of_one(registered, "name") == ("By the CRM",)
    told = ("customers", "register", "erp.customers", "A-000001", "name", "crm", "By the ERP", "By the CRM")
    assert losses(registered) == [told]


def test_it_is_so_the_other_way_round_too(registered: Company) -> None:
    registered.sql("crm", "update accounts set credit_limit = '1.0000'")
    registered.sql("erp", "update customers set credit_limit = '7.5000'")
    registered.run(CUSTOMERS)
    assert registered.rows("crm.accounts", "credit_limit") == [(Decimal("7.5"),)]
    told = ("customers", "credit", "crm.accounts", "A-000001", "credit_limit", "erp", "1", "7.5")
    assert losses(registered) == [told]


def test_an_edit_of_a_foreign_field_is_told_when_it_is_overwritten(registered: Company) -> None:
    registered.sql("erp", "update customers set city = null")
    registered.sql("crm", "update accounts set name = 'Other'")
    registered.run(CUSTOMERS)
    assert customer_of_one(registered, "name", "city") == ("Other", "Vigo")
    assert [row[4:] for row in losses(registered)] == [("city", "crm", None, "Vigo")]


def test_a_change_at_the_owner_alone_is_no_conflict(registered: Company) -> None:
    for name, city in (("One", "Lugo"), ("Two", None), ("Three", "Vigo")):
        registered.sql("crm", "update accounts set name = :name, city = :city", name=name, city=city)
        registered.run(CUSTOMERS)
        assert customer_of_one(registered, "name", "city") == (name, city)
    for limit in ("100.0000", "0.0000", "99999999999999.9999"):
        registered.sql("erp", "update customers set credit_limit = :limit", limit=limit)
        registered.run(CUSTOMERS)
        assert registered.rows("crm.accounts", "credit_limit") == [(Decimal(limit),)]
    assert losses(registered) == []


def test_what_the_target_does_with_its_own_columns_is_no_conflict(registered: Company) -> None:
    registered.sql("erp", "update customers set kind = 'prospect', payment_terms_days = 60")
    registered.sql("crm", "update accounts set name = 'Other'")
    registered.run(CUSTOMERS)
    assert customer_of_one(registered, "name", "kind", "payment_terms_days") == ("Other", "prospect", 60)
    assert losses(registered) == []


def test_the_same_edit_on_both_sides_is_no_conflict_now_or_later(registered: Company) -> None:
    registered.sql("crm", "update accounts set name = 'Both'")
    registered.sql("erp", "update customers set name = 'Both'")
    registered.run(CUSTOMERS)
    registered.sql("crm", "update accounts set name = 'Later'")
    registered.run(CUSTOMERS)
    assert customer_of_one(registered, "name") == ("Later",)
    assert losses(registered) == []


def test_a_worker_that_died_before_it_remembered_makes_no_conflict(
    registered: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    registered.sql("crm", "update accounts set name = 'Written'")
    with monkeypatch.context() as patch:
        patch.setattr(Memory, "remember", killed)
        with pytest.raises(KeyboardInterrupt):
            registered.run(CUSTOMERS)
    assert customer_of_one(registered, "name") == ("Written",)
    registered.run(CUSTOMERS)
    registered.sql("crm", "update accounts set name = 'Later'")
    registered.run(CUSTOMERS)
    assert customer_of_one(registered, "name") == ("Later",)
    assert losses(registered) == []


def test_two_steps_that_write_one_field_are_no_conflict(any_company: Company) -> None:
    stock = {"stock_no": "S-1", "item_no": "IT-0001", "on_hand": Decimal(10), "reserved": Decimal(0)}
    any_company.put("erp.items", ITEM)
    any_company.put("erp.stock", {k: v for k, v in stock.items() if k != "stock_no"})
    any_company.run(CATALOGUE)
    any_company.sql("erp", "update stock set on_hand = '5.0000'")
    any_company.run(CATALOGUE)
    assert any_company.rows("crm.products", "available_quantity") == [(Decimal(5),)]
    any_company.sql("erp", "update stock set on_hand = '7.0000'")
    any_company.sql("erp", "update items set name = 'Wheel, big'")
    any_company.run(CATALOGUE)
    assert any_company.rows("crm.products", "name", "available_quantity") == [("Wheel, big", Decimal(7))]
    assert losses(any_company) == []


@pytest.fixture
def booked(any_company: Company) -> Company:
    """An order that is booked in the ERP."""
    any_company.put("erp.items", ITEM)
    any_company.put("crm.accounts", account(1))
    any_company.put("crm.orders", order(1))
    any_company.put("crm.order_lines", order_line(1))
    any_company.run(CUSTOMERS)
    any_company.run(ORDERS)
    assert any_company.rows("erp.sales_orders", "status") == [("requested",)]
    return any_company


def test_a_value_of_any_type_changed_at_its_owner_alone_is_no_conflict(booked: Company) -> None:
    for day in (1, 2):
        booked.sql(
            "crm", "update orders set ordered_at = :at, requested_on = :day, total_amount = '10.0000'",
            at=(AT + timedelta(days=day, microseconds=7)).replace(tzinfo=None), day=ON + timedelta(days=day),
        )  # fmt: skip
        booked.run(ORDERS)
        assert booked.rows("erp.sales_orders", "ordered_at", "requested_on") == [
            (AT + timedelta(days=day, microseconds=7), ON + timedelta(days=day))
        ]
    assert losses(booked) == []


def test_a_document_edited_on_both_sides_keeps_both_edits(booked: Company) -> None:
    booked.sql("crm", "update orders set requested_on = '2026-12-24'")
    booked.sql("erp", "update sales_orders set promised_on = '2026-12-23', payment_status = 'paid'")
    booked.run(ORDERS)
    assert booked.rows("erp.sales_orders", "requested_on", "promised_on", "payment_status") == [
        (ON.replace(month=12, day=24), ON.replace(month=12, day=23), "paid")
    ]
    assert booked.rows("crm.orders", "requested_on", "promised_on", "fulfilment") == [
        (ON.replace(month=12, day=24), ON.replace(month=12, day=23), "paid")
    ]
    assert losses(booked) == []


def test_a_preview_tells_of_no_conflict_for_good(registered: Company) -> None:
    registered.sql("crm", "update accounts set name = 'By the CRM'")
    registered.sql("erp", "update customers set name = 'By the ERP'")
    registered.preview(CUSTOMERS, "register")
    assert losses(registered) == []
