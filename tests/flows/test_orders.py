"""An order is booked under a number that a repeat finds, waits for its customer, and reports back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from flows.booking import cancellation, sales_order
from flows.orders import fulfilment, order_status, production, promise
from hub.words import MissingDependency, RecordRejected
from tests.flows.rows import booked, look, order

ITEM = {
    "item_no": "IT-0101", "kind": "finished", "lead_time_days": 2, "supplier_no": None, "is_active": True
}  # fmt: skip
KNOWN: dict[str, Any] = {
    "booked": {},
    "customers": {"A-0012": [{"customer_no": "C-0012"}]},
    "items": {"IT-0101": [ITEM]},
}


def test_an_order_is_booked_with_its_lines_under_its_own_number() -> None:
    made = sales_order(order(), look(**KNOWN))
    assert isinstance(made, dict)
    assert (made["sales_order_no"], made["crm_order_no"], made["status"]) == (
        "SO-2026-00412", "CO-2026-00412", "requested",
    )  # fmt: skip
    assert [line["sales_order_line_no"] for line in made["lines"]] == ["SO-2026-00412:1"]
    assert made["lines"][0]["line_amount"] == Decimal("27.00")


def test_an_order_before_its_customer_waits() -> None:
    with pytest.raises(MissingDependency, match="A-0012"):
        sales_order(order(), look(**{**KNOWN, "customers": {}}))


def test_an_unknown_item_is_refused_by_name() -> None:
    with pytest.raises(RecordRejected, match="IT-0101") as refused:
        sales_order(order(), look(**{**KNOWN, "items": {}}))
    assert refused.value.rule == "item_in_erp"


@pytest.mark.parametrize("status", ["open", "planned", "shipped"])
def test_a_change_of_what_the_erp_accepted_is_refused_with_what_changed(status: str) -> None:
    accepted = booked(status=status, customer_no="C-0012", currency="EUR", total_amount=Decimal("27.00"))
    tables = {**KNOWN, "booked": {"CO-2026-00412": [accepted]}}
    assert sales_order(order(), look(**tables)) is not None
    with pytest.raises(RecordRejected, match=r"total_amount 27\.00 to 30"):
        sales_order(order(total_amount=Decimal(30)), look(**tables))


@pytest.mark.parametrize(
    ("status", "expected"), [("open", True), ("planned", True), ("shipped", None), (None, None)]
)
def test_a_cancelled_order_asks_the_erp_to_cancel_what_has_not_left(
    status: str | None, expected: bool | None
) -> None:
    rows = {"CO-2026-00412": [booked(status=status)]} if status else {}
    made = cancellation(order(), look(sales_orders=rows))
    assert (made["cancel_requested"] if isinstance(made, dict) else None) == expected


def test_what_is_short_is_produced_and_promised() -> None:
    accepted = booked(lines=order()["lines"], ordered_at=order()["ordered_at"], requested_on=None)
    part = {"item_no": "IT-0901", "kind": "component", "lead_time_days": 1, "supplier_no": "S-001"}
    bom = {"parent_item_no": "IT-0101", "component_item_no": "IT-0901", "quantity": Decimal(1)}
    supply: dict[str, Any] = {
        "items": {"IT-0101": [ITEM], "IT-0901": [part]},
        "bom": {"IT-0101": [bom]},
        "stock": {},
        "holidays": {},
    }
    rows = production(accepted, look(**supply))
    assert isinstance(rows, list)
    assert [(row["plan_key"], row["quantity"]) for row in rows] == [("SO-2026-00412:IT-0101", Decimal(3))]
    promised = promise(accepted, look(**supply, production={"SO-2026-00412": rows}))
    assert isinstance(promised, dict)
    assert promised["promised_on"] > rows[0]["due_on"]


def test_a_promise_is_given_once() -> None:
    assert promise(booked(promised_on=dt.date(2026, 12, 1)), look()) is None


@pytest.mark.parametrize(
    ("status", "payment", "word"),
    [
        ("requested", "unpaid", "booked"),
        ("open", "unpaid", "booked"),
        ("planned", "partly", "planned"),
        ("planned", "paid", "paid"),
        ("shipped", "unpaid", "shipped"),
        ("refused", "unpaid", "refused"),
    ],
)
def test_the_crm_hears_how_far_an_order_is(status: str, payment: str, word: str) -> None:
    assert fulfilment(booked(status=status, payment_status=payment)) == word


def test_an_order_keyed_in_by_hand_reports_to_no_crm_order() -> None:
    assert order_status(booked(crm_order_no=None), look()) is None
