"""The story's acts, each at its day with its key; what the hub does between them is done here by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from models import crm, erp, erp_supply, oa
from stores.engines import create_stores, writing
from stores.records import add, change, need, rows
from stores.refusals import Refusal
from stores.scene import scene
from stores.seed.plan import BEN, IN_STOCK_ITEM, JOE, KEN_ACCOUNT, NEW_ITEM, NURIA
from stores.story import (
    ACTS,
    done_on_paper,
    goods_made,
    order_placed,
    payment_recorded,
    trip_approved,
    trip_filed,
    trip_refused,
)
from stores.worker import work
from tests.stores.conftest import AS_OF, Engines, open_folder

AT = dt.datetime(2026, 11, 20, 15, 0, tzinfo=dt.UTC)


def hub_books_kens_order(own: Engines) -> None:
    with own["crm"].connect() as connection:
        order = need(connection, crm.orders, "CO-2026-00042")
        lines = rows(connection, crm.order_lines, crm.order_lines.c.order_no == "CO-2026-00042")
    with writing(own["erp"]) as connection:
        add(
            connection,
            erp.sales_orders,
            sales_order_no="SO-2026-00042",
            crm_order_no="CO-2026-00042",
            customer_no="C-0012",
            status="requested",
            payment_status="unpaid",
            ordered_at=order["ordered_at"],
            currency=order["currency"],
            total_amount=order["total_amount"],
            paid_amount=Decimal(0),
            channel="system",
        )
        kept = ("line_no", "item_no", "quantity", "unit_price", "discount_rate", "line_amount")
        for line in lines:
            add(
                connection,
                erp.sales_order_lines,
                sales_order_line_no=f"SO-2026-00042:{line['line_no']}",
                sales_order_no="SO-2026-00042",
                **{name: line[name] for name in kept},
            )


def hub_plans_kens_order(own: Engines) -> None:
    with writing(own["erp"]) as connection:
        there = need(connection, erp_supply.stock, NEW_ITEM)
        add(
            connection,
            erp_supply.production_orders,
            production_no="MO-2026-00042-1",
            plan_key=f"SO-2026-00042:{NEW_ITEM}",
            sales_order_no="SO-2026-00042",
            item_no=NEW_ITEM,
            quantity=there["reserved"] - there["on_hand"],
            bom_level=0,
            starts_on=AS_OF,
            due_on=AS_OF,
            status="requested",
        )


def test_joes_trip_is_filed_and_approved_on_days_lived(own: Engines) -> None:
    filed, approved = trip_filed(own), trip_approved(own)
    assert filed.day < approved.day < AS_OF
    with own["oa"].connect() as connection:
        request = need(connection, oa.approval_requests, "AR-2026-00042")
        (step,) = rows(connection, oa.approval_steps, oa.approval_steps.c.request_no == "AR-2026-00042")
        trip_days = rows(
            connection,
            oa.attendance,
            oa.attendance.c.employee_no == JOE,
            oa.attendance.c.on_date.between(request["starts_on"], request["ends_on"]),
        )
    assert (request["requester_no"], request["status"], step["approver_no"]) == (JOE, "approved", BEN)
    assert approved.day < request["starts_on"] <= request["ends_on"] < AS_OF
    assert trip_days == [], "the days of the trip are free for the hub to book"


def test_kens_order_is_made_paid_and_shipped(own: Engines) -> None:
    order_placed(own)
    hub_books_kens_order(own)
    assert work(own, at=AT) == 1
    hub_plans_kens_order(own)
    assert work(own, at=AT) == 1
    assert NEW_ITEM in goods_made(own).text
    payment_recorded(own)
    with writing(own["erp"]) as connection:
        assert need(connection, erp.sales_orders, "SO-2026-00042")["payment_status"] == "paid"
        add(
            connection,
            erp.shipments,
            shipment_no="SH-2026-00042",
            sales_order_no="SO-2026-00042",
            release_key="SO-2026-00042",
            status="requested",
            requested_at=AT,
        )
    assert work(own, at=AT) == 1
    with own["erp"].connect() as connection:
        assert need(connection, erp.shipments, "SH-2026-00042")["status"] == "shipped"
        assert need(connection, erp_supply.stock, NEW_ITEM)["on_hand"] == 0
        assert need(connection, erp.customers, "C-0012")["kind"] == "customer"


def test_the_cast_is_free_on_the_days_of_the_story(company: Engines) -> None:
    play = scene(company)
    with company["oa"].connect() as connection:
        taken = rows(
            connection,
            oa.attendance,
            oa.attendance.c.employee_no.in_((JOE, NURIA)),
            oa.attendance.c.on_date.between(play.day("leaves"), play.day("returns")),
        )
    assert taken == []


def test_ken_finds_the_first_item_in_stock(company: Engines) -> None:
    with company["erp"].connect() as connection:
        there = need(connection, erp_supply.stock, IN_STOCK_ITEM)
    assert there["on_hand"] - there["reserved"] >= 40


def test_ordering_wins_the_lead_and_makes_the_account_active(own: Engines) -> None:
    order_placed(own)
    with own["crm"].connect() as connection:
        lead, order = (
            need(connection, crm.leads, "L-2026-0042"),
            need(connection, crm.orders, "CO-2026-00042"),
        )
        assert need(connection, crm.accounts, KEN_ACCOUNT)["status"] == "active"
    assert (lead["stage"], lead["won_amount"]) == ("won", order["total_amount"])
    assert (order["status"], order["lead_no"]) == ("confirmed", "L-2026-0042")


def test_ben_refuses_and_nothing_else_happens(own: Engines) -> None:
    told = trip_refused(own)
    assert told.who == "Ben"
    with own["oa"].connect() as connection:
        assert need(connection, oa.approval_requests, "AR-2026-00044")["status"] == "refused"


def test_paper_leaves_an_order_the_crm_never_saw_and_a_late_signature(own: Engines) -> None:
    done_on_paper(own)
    with own["oa"].connect() as connection:
        request = need(connection, oa.approval_requests, "AR-2026-00043")
    assert (request["requester_no"], request["channel"], request["status"]) == (NURIA, "paper", "approved")
    assert request["decided_at"] - request["requested_at"] > dt.timedelta(days=3)
    with own["erp"].connect() as connection:
        order = need(connection, erp.sales_orders, "SO-2026-00043")
        payment = need(connection, erp.payments, "PA-2026-00043")
    assert (order["channel"], order["crm_order_no"], order["payment_status"]) == ("paper", None, "paid")
    assert payment["channel"] == "paper"
    assert payment["recorded_at"].date() > payment["paid_on"]


def test_an_act_played_again_changes_nothing_and_says_so(own: Engines) -> None:
    for act in (trip_filed, trip_approved, order_placed, trip_refused, done_on_paper):
        first, again = act(own), act(own)
        assert "already" not in first.text
        assert "already" in again.text
    hub_books_kens_order(own)
    work(own, at=AT)
    payment_recorded(own)
    assert "already" in payment_recorded(own).text
    assert "already" in goods_made(own).text


def test_acts_out_of_order_say_what_comes_first(own: Engines) -> None:
    with pytest.raises(Refusal, match="first comes trip_filed"):
        trip_approved(own)
    with pytest.raises(Refusal, match="flow orders"):
        payment_recorded(own)


def test_every_act_names_flows_in_words(own: Engines) -> None:
    known = {"people", "catalogue", "customers", "leads", "approvals", "orders", "payments"}
    assert len(ACTS) == 7
    for act in ACTS:
        assert act.title
        assert set(act.flows) <= known
    with own["crm"].begin() as connection:
        change(connection, crm.leads, "L-2026-0042", company_name="Somebody else")
    with pytest.raises(Refusal, match="seed"):
        scene(own)


def test_no_story_without_a_seeded_company(tmp_path: Path) -> None:
    engines = open_folder(tmp_path)
    create_stores(engines)
    with pytest.raises(Refusal, match="seed"):
        trip_filed(engines)
    for engine in engines.values():
        engine.dispose()
