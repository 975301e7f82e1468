"""The stores' decisions, and what they refuse."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from models import crm, erp, erp_supply, oa
from stores import crm as crm_rules
from stores import erp as erp_rules
from stores import erp_shipments as shipping_rules
from stores import erp_supply as supply_rules
from stores import oa as oa_rules
from stores.engines import writing
from stores.records import add, change, need, next_number, rows
from stores.refusals import Refusal
from stores.seed.plan import ANNA, BEN, BOMLESS_ITEM, CFO, IN_STOCK_ITEM, JOE, NEW_ITEM
from tests.stores.conftest import Engines

AT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
SOUND = "C-0004"


def file_trip(connection: sa.Connection, **instead: Any) -> str:
    values = {
        "employee_no": JOE,
        "subject": "Visit",
        "destination": "Porto",
        "starts_on": dt.date(2026, 12, 14),
        "ends_on": dt.date(2026, 12, 15),
        "amount": Decimal(500),
        "currency": "EUR",
        "at": AT,
    }
    return oa_rules.file_trip(connection, **{**values, **instead})


def steps(connection: sa.Connection, number: str) -> list[dict[str, Any]]:
    return rows(connection, oa.approval_steps, oa.approval_steps.c.request_no == number)


def refused(rule: str) -> Any:
    return pytest.raises(Refusal, check=lambda error: error.rule == rule)


def test_a_trip_is_asked_of_the_manager_and_the_last_approval_decides(own: Engines) -> None:
    with writing(own["oa"]) as connection:
        number = file_trip(connection)
        (step,) = steps(connection, number)
        assert (step["approver_no"], step["decision"]) == (BEN, "pending")
        assert oa_rules.approve(connection, request_no=number, by_no=BEN, at=AT) == "approved"
        request = need(connection, oa.approval_requests, number)
        assert (request["status"], request["decided_at"]) == ("approved", AT)


def test_a_costly_trip_goes_on_to_finance(own: Engines) -> None:
    with writing(own["oa"]) as connection:
        number = file_trip(connection, amount=Decimal(3000))
        assert oa_rules.approve(connection, request_no=number, by_no=BEN, at=AT) == "pending"
        assert [step["approver_no"] for step in steps(connection, number)] == [BEN, CFO]
        later = AT + dt.timedelta(hours=3)
        assert oa_rules.refuse(connection, request_no=number, by_no=CFO, at=later, comment="no") == "refused"
        assert need(connection, oa.approval_requests, number)["decided_at"] == later


def test_nobody_decides_their_own_request(own: Engines) -> None:
    with writing(own["oa"]) as connection:
        number = file_trip(connection, employee_no=BEN)
        assert steps(connection, number)[0]["approver_no"] != BEN
        with refused("never_ones_own"):
            oa_rules.approve(connection, request_no=number, by_no=BEN, at=AT)


def test_the_substitute_decides_only_while_the_approver_is_away(own: Engines) -> None:
    with writing(own["oa"]) as connection:
        substitute = need(connection, oa.employees, BEN)["substitute_no"]
        number = file_trip(connection)
        with refused("substitute_while_away"):
            oa_rules.approve(connection, request_no=number, by_no=substitute, at=AT)
        with refused("approver_or_substitute"):
            oa_rules.approve(connection, request_no=number, by_no=ANNA, at=AT)
        change(connection, oa.attendance, f"{BEN}:{AT.date()}", kind="leave")
        oa_rules.approve(connection, request_no=number, by_no=substitute, at=AT)
        (step,) = steps(connection, number)
        assert (step["approver_no"], step["acting_no"]) == (BEN, substitute)


def test_only_the_requester_cancels_and_only_once(own: Engines) -> None:
    with writing(own["oa"]) as connection:
        number = file_trip(connection)
        with refused("own"):
            oa_rules.cancel(connection, request_no=number, by_no=BEN, at=AT)
        oa_rules.cancel(connection, request_no=number, by_no=JOE, at=AT)
        assert steps(connection, number)[0]["decision"] == "cancelled"
        with refused("cancellable"):
            oa_rules.cancel(connection, request_no=number, by_no=JOE, at=AT)
        with refused("pending_only"):
            oa_rules.approve(connection, request_no=number, by_no=BEN, at=AT)


@pytest.mark.parametrize(
    ("instead", "rule"),
    [
        ({"amount": Decimal(0)}, "amount_is_positive"),
        ({"ends_on": dt.date(2026, 12, 1)}, "ends_after_start"),
        ({"employee_no": "E-9999"}, "record_exists"),
    ],
)
def test_a_trip_that_makes_no_sense_is_refused(own: Engines, instead: dict[str, Any], rule: str) -> None:
    with writing(own["oa"]) as connection, refused(rule):
        file_trip(connection, **instead)


def draft(connection: sa.Connection, *lines: crm_rules.Line, account_no: str = "A-0004") -> str:
    return crm_rules.add_order(connection, account_no=account_no, owner_no=JOE, lines=lines, at=AT)


def test_an_order_adds_up_and_a_large_discount_wants_approval(own: Engines) -> None:
    with writing(own["crm"]) as connection:
        price = need(connection, crm.products, IN_STOCK_ITEM)["unit_price"]
        number = draft(connection, crm_rules.Line(IN_STOCK_ITEM, Decimal(3), Decimal("0.25")))
        assert need(connection, crm.orders, number)["total_amount"] == price * 3 * Decimal("0.75")
        assert crm_rules.confirm_order(connection, order_no=number, at=AT) == "wanted"
        assert need(connection, crm.orders, number)["approval_kind"] == "discount"
        with refused("confirmed_once"):
            crm_rules.confirm_order(connection, order_no=number, at=AT)
        crm_rules.cancel_order(connection, order_no=number)
        with refused("cancellable"):
            crm_rules.cancel_order(connection, order_no=number)


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ([], "has_lines"),
        ([crm_rules.Line("IT-9999", Decimal(1))], "record_exists"),
        ([crm_rules.Line(IN_STOCK_ITEM, Decimal(0))], "line_makes_sense"),
        ([crm_rules.Line(IN_STOCK_ITEM, Decimal(1), Decimal(2))], "line_makes_sense"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(own: Engines, lines: list[Any], rule: str) -> None:
    with writing(own["crm"]) as connection, refused(rule):
        draft(connection, *lines)


def test_a_first_order_makes_the_prospect_active(own: Engines) -> None:
    with writing(own["crm"]) as connection:
        number = draft(connection, crm_rules.Line(IN_STOCK_ITEM, Decimal(1)), account_no="A-0002")
        assert crm_rules.confirm_order(connection, order_no=number, at=AT) == "none"
        assert need(connection, crm.accounts, "A-0002")["status"] == "active"


def test_leads_go_forward_only(own: Engines) -> None:
    with writing(own["crm"]) as connection:
        lead_no = "L-2026-0042"
        with refused("stages_go_forward"):
            crm_rules.qualify_lead(connection, lead_no=lead_no, by_no=JOE, at=AT)
        with refused("stage_is_known"):
            crm_rules.move_lead(connection, lead_no=lead_no, stage="maybe", by_no=JOE, at=AT)
        other = draft(connection, crm_rules.Line(IN_STOCK_ITEM, Decimal(1)))
        with refused("same_account"):
            crm_rules.win_lead(connection, lead_no=lead_no, order_no=other, by_no=JOE, at=AT)
        crm_rules.lose_lead(connection, lead_no=lead_no, by_no=JOE, at=AT)
        lead = need(connection, crm.leads, lead_no)
        assert (lead["stage"], lead["closed_at"]) == ("lost", AT)
        with refused("stages_go_forward"):
            crm_rules.move_lead(connection, lead_no=lead_no, stage="proposal", by_no=JOE, at=AT)


def book(
    connection: sa.Connection,
    quantity: int = 4,
    *,
    item_no: str = IN_STOCK_ITEM,
    customer_no: str = SOUND,
    off: int = 0,
) -> str:
    """A sales order as the hub would ask for it."""
    number = next_number(connection, erp.sales_orders.c.sales_order_no, prefix="SO", year=2026, width=5)
    amount = Decimal(100 * quantity)
    add(
        connection,
        erp.sales_orders,
        sales_order_no=number,
        customer_no=customer_no,
        status="requested",
        payment_status="unpaid",
        ordered_at=AT,
        currency="EUR",
        total_amount=amount + off,
        paid_amount=Decimal(0),
        channel="system",
    )
    add(
        connection,
        erp.sales_order_lines,
        sales_order_line_no=f"{number}:1",
        sales_order_no=number,
        line_no=1,
        item_no=item_no,
        quantity=Decimal(quantity),
        unit_price=Decimal(100),
        discount_rate=Decimal(0),
        line_amount=amount,
    )
    return number


def ask_to_ship(connection: sa.Connection, number: str) -> str:
    shipment_no = number.replace("SO-", "SH-")
    add(
        connection,
        erp.shipments,
        shipment_no=shipment_no,
        sales_order_no=number,
        release_key=number,
        status="requested",
        requested_at=AT,
    )
    return shipment_no


def pay(connection: sa.Connection, number: str, amount: int, *, by_no: str = ANNA) -> str:
    return erp_rules.record_payment(
        connection, sales_order_no=number, amount=Decimal(amount), by_no=by_no, at=AT
    )


def test_accepting_reserves_goods_and_opens_the_receivable(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        before = need(connection, erp_supply.stock, IN_STOCK_ITEM)
        number = book(connection)
        assert erp_rules.accept_order(connection, sales_order_no=number, at=AT) == "open"
        after = need(connection, erp_supply.stock, IN_STOCK_ITEM)
        assert after["reserved"] - before["reserved"] == 4
        assert after["on_hand"] == before["on_hand"]
        receivable = need(connection, erp.receivables, number.replace("SO-", "RE-"))
        assert receivable["open_amount"] == Decimal(400)
        assert receivable["due_on"] == dt.date(2026, 12, 20)
        with refused("decided_once"):
            erp_rules.accept_order(connection, sales_order_no=number, at=AT)


@pytest.mark.parametrize(
    ("instead", "reason"),
    [
        ({"customer_no": "C-0003"}, "credit hold"),
        ({"off": 1}, "not the sum of the lines"),
        ({"item_no": "IT-0901"}, "is not sold"),
    ],
)
def test_the_erp_refuses_with_a_reason(own: Engines, instead: dict[str, Any], reason: str) -> None:
    with writing(own["erp"]) as connection:
        number = book(connection, **instead)
        assert erp_rules.accept_order(connection, sales_order_no=number, at=AT) == "refused"
        order = need(connection, erp.sales_orders, number)
        assert order["status"] == "refused"
        assert reason in order["refusal_reason"]
        with refused("order_accepted"):
            pay(connection, number, 100)


def test_payments_settle_the_order_step_by_step(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        number = book(connection)
        erp_rules.accept_order(connection, sales_order_no=number, at=AT)
        with refused("by_finance"):
            pay(connection, number, 100, by_no=JOE)
        with refused("amount_is_owed"):
            pay(connection, number, 401)
        pay(connection, number, 150)
        assert need(connection, erp.sales_orders, number)["payment_status"] == "partly"
        pay(connection, number, 250)
        assert need(connection, erp.sales_orders, number)["payment_status"] == "paid"
        receivable = need(connection, erp.receivables, number.replace("SO-", "RE-"))
        assert (receivable["open_amount"], receivable["settled_on"]) == (0, AT.date())


def test_nothing_leaves_without_payment_or_credit(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        change(connection, erp.customers, SOUND, credit_limit=Decimal(0))
        number = book(connection)
        erp_rules.accept_order(connection, sales_order_no=number, at=AT)
        shipment_no = ask_to_ship(connection, number)
        assert shipping_rules.release_shipment(connection, shipment_no=shipment_no, at=AT) == "refused"
        assert (
            "neither paid nor within credit" in need(connection, erp.shipments, shipment_no)["refusal_reason"]
        )
        change(connection, erp.customers, SOUND, credit_limit=Decimal(100_000))
        assert shipping_rules.release_shipment(connection, shipment_no=shipment_no, at=AT) == "shipped"


def test_shipping_takes_the_goods_out_of_stock_once(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        before = need(connection, erp_supply.stock, IN_STOCK_ITEM)
        number = book(connection)
        erp_rules.accept_order(connection, sales_order_no=number, at=AT)
        pay(connection, number, 400)
        shipment_no = ask_to_ship(connection, number)
        assert shipping_rules.release_shipment(connection, shipment_no=shipment_no, at=AT) == "shipped"
        after = need(connection, erp_supply.stock, IN_STOCK_ITEM)
        assert before["on_hand"] - after["on_hand"] == 4
        assert after["reserved"] == before["reserved"]
        assert need(connection, erp.sales_orders, number)["status"] == "shipped"
        with refused("shipped_once"):
            shipping_rules.release_shipment(connection, shipment_no=shipment_no, at=AT)


def release(connection: sa.Connection, item_no: str, quantity: int) -> tuple[str, str]:
    number = book(connection, quantity, item_no=item_no)
    erp_rules.accept_order(connection, sales_order_no=number, at=AT)
    production_no = f"MO-{number.removeprefix('SO-')}-1"
    add(
        connection,
        erp_supply.production_orders,
        production_no=production_no,
        plan_key=f"{number}:{item_no}",
        sales_order_no=number,
        item_no=item_no,
        quantity=Decimal(quantity),
        bom_level=0,
        starts_on=AT.date(),
        due_on=AT.date(),
        status="requested",
    )
    return number, production_no


def test_production_takes_parts_and_gives_the_item_and_the_waiting_shipment_leaves(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        number, production_no = release(connection, NEW_ITEM, 9)
        pay(connection, number, 900)
        shipment_no = ask_to_ship(connection, number)
        assert shipping_rules.release_shipment(connection, shipment_no=shipment_no, at=AT) == "waiting"
        with refused("released_first"):
            supply_rules.finish_production(connection, production_no=production_no, at=AT)
        assert supply_rules.release_production(connection, sales_order_no=number) == 1
        assert need(connection, erp.sales_orders, number)["status"] == "planned"
        supply_rules.finish_production(connection, production_no=production_no, at=AT)
        for line in rows(connection, erp_supply.bom_lines, erp_supply.bom_lines.c.parent_item_no == NEW_ITEM):
            moves = erp_supply.stock_moves.c
            (move,) = rows(
                connection,
                erp_supply.stock_moves,
                moves.document_no == production_no,
                moves.item_no == line["component_item_no"],
            )
            assert move["quantity"] == -9 * line["quantity"]
        assert shipping_rules.release_shipment(connection, shipment_no=shipment_no, at=AT) == "shipped"


def test_production_without_parts_or_bill_of_materials_is_refused(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        number, production_no = release(connection, NEW_ITEM, 900)
        supply_rules.release_production(connection, sales_order_no=number)
        with refused("components_in_stock"):
            supply_rules.finish_production(connection, production_no=production_no, at=AT)
        number, _ = release(connection, BOMLESS_ITEM, 1)
        with refused("bom_is_there"):
            supply_rules.release_production(connection, sales_order_no=number)


def test_the_database_keeps_ones_own_approval_out_even_for_sql(own: Engines) -> None:
    with writing(own["oa"]) as connection:
        number = file_trip(connection)
    with pytest.raises(sa.exc.IntegrityError), writing(own["oa"]) as connection:
        change(
            connection, oa.approval_steps, f"{number}:1", decision="approved", decided_at=AT, acting_no=JOE
        )


def test_an_act_needs_an_instant_with_a_zone(own: Engines) -> None:
    with writing(own["oa"]) as connection, pytest.raises(ValueError, match="no time zone"):
        file_trip(connection, at=dt.datetime(2026, 11, 20, 9, 0))  # noqa: DTZ001 (the point of the test)
