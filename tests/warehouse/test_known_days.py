"""How far the calendar and the rates reach back, what lacks a rate is said, and streams that stopped."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from settings import Settings
from tests.warehouse.company import AS_OF, at, put, run_sql
from tests.warehouse.conftest import ask_build, build_all
from tests.warehouse.test_planted_defects import alarms, failing
from warehouse.build import core
from warehouse.build_file import open_build
from warehouse.extract import extract
from warehouse.gates import gate
from warehouse.gates.declared import load_gates

pytestmark = pytest.mark.slow

D = Decimal
LONG_AGO = dt.datetime(2017, 3, 1, 9, tzinfo=dt.UTC)
OLD_ROWS: dict[str, dict[str, Any]] = {
    "crm.activities": {"activity_no": "AC-51", "lead_no": "L-2026-0001", "employee_no": "E-0003"}
    | {
        "subject": "a visit",
        "kind": "visit",
        "happened_at": LONG_AGO,
        "cost_amount": "10",
        "currency": "USD",
    },
    "erp.funds": {"fund_no": "FU-51", "request_no": "AR-2026-00011", "employee_no": "E-0003"}
    | {"kind": "trip", "amount": "10", "currency": "USD", "status": "booked", "booked_on": "2017-03-01"},
    "erp.purchases": {"purchase_no": "PO-51", "supplier_no": "S-051", "requester_no": "E-0004"}
    | {"status": "received", "approval_status": "none", "total_amount": "10", "currency": "USD"}
    | {"ordered_at": LONG_AGO, "expected_on": "2017-03-08"},
    "erp.shipments": {"shipment_no": "SH-51", "sales_order_no": "SO-2026-00004", "release_key": "SH-51"}
    | {"status": "waiting", "requested_at": LONG_AGO},
    "erp.production_orders": {"production_no": "MO-51", "plan_key": "MO-51", "item_no": "IT-0001"}
    | {"quantity": "1", "bom_level": 0, "status": "done", "done_at": LONG_AGO}
    | {"starts_on": "2017-02-27", "due_on": "2017-03-01"},
}
MONEY = {
    "crm.activities": "select cost_amount from core.fct_activity where activity_no = 'AC-51'",
    "erp.funds": "select amount from core.fct_fund where fund_no = 'FU-51'",
    "erp.purchases": "select amount from core.fct_purchase where purchase_no = 'PO-51'",
}


@pytest.mark.parametrize("stream", OLD_ROWS)
def test_the_days_reach_back_to_the_oldest_row_of_every_stream(published: Settings, stream: str) -> None:
    rate = {"rate_no": "USD:2017-01-01", "currency": "USD", "on_date": "2017-01-01", "rate": "0.5"}
    put(published, "erp.exchange_rates", rate)
    if stream == "erp.purchases":
        put(published, "erp.suppliers", {"supplier_no": "S-051", "name": "Kupfer", "lead_time_days": 7})
    put(published, stream, OLD_ROWS[stream])
    extract(published, as_of=AS_OF)
    core(published)
    assert ask_build(published, "select min(on_date) from core.dim_date") == [(dt.date(2017, 1, 1),)]
    if stream in MONEY:
        assert ask_build(published, MONEY[stream]) == [(D("5.0000"),)]


def test_money_without_a_rate_is_said_wherever_it_stands(published: Settings) -> None:
    francs = {"currency": "CHF"}
    activity = OLD_ROWS["crm.activities"] | {"happened_at": at("06-10 09:00")}
    put(published, "crm.activities", activity | francs)
    put(published, "erp.funds", OLD_ROWS["erp.funds"] | {"booked_on": "2026-06-10"} | francs)
    run_sql(published, "crm", "update orders set currency = 'CHF' where order_no = 'CO-2026-00003'")
    run_sql(published, "erp", "update items set currency = 'CHF' where item_no = 'IT-0002'")
    published.build_file.unlink()  # so that the item was never known in euros
    build_all(published)
    without = {name for name in alarms(published) if name.startswith("has_rate:")}
    assert without == {
        "has_rate:core.fct_activity",
        "has_rate:core.fct_fund",
        "has_rate:core.fct_trip",
        "has_rate:core.fct_order",
        "has_rate:core.fct_order_line",
        "has_rate:core.fct_order_line.cost",
    }
    assert failing(published, "has_rate:core.fct_trip") == [
        {"request_no": "AR-2026-00011", "fund_no": "FU-51", "fund_amount": "10.0000", "fund_currency": "CHF"}
    ]
    assert failing(published, "has_rate:core.fct_activity") == [
        {"activity_no": "AC-51", "activity_cost_amount": "10.0000"}
    ]
    assert failing(published, "has_rate:core.fct_order_line") == [
        {"order_line_no": "CO-2026-00003:1", "line_amount": "80.0000"}
    ]
    # The story's one line of this item.
    assert failing(published, "has_rate:core.fct_order_line.cost") == [
        {"order_line_no": "CO-2026-00001:2", "cost_currency": "CHF"}
    ]


def test_a_stream_that_lost_all_its_rows_has_not_moved(published: Settings) -> None:
    run_sql(published, "erp", "delete from stock_moves")
    build_all(published)
    assert alarms(published)["fresh:erp.stock_moves"] == ("failed", "warn")
    assert failing(published, "fresh:erp.stock_moves") == [
        {"stream": "erp.stock_moves", "last_changed_at": None}
    ]


def test_a_stream_that_was_not_read_is_not_known_to_move(published: Settings) -> None:
    with open_build(published) as build:
        build.execute("delete from raw.streams where stream = 'erp.shipments'")
    gate(published)
    assert alarms(published)["fresh:erp.shipments"] == ("could_not_check", "warn")


def test_a_new_company_without_any_rows_alarms_nobody(company: Settings) -> None:
    assert build_all(company)["state"] == "fresh"
    assert alarms(company) == {}
    fresh = [one for one in load_gates() if one.name.startswith("fresh:")]
    passed = """select count(*) from quality.latest where gate like 'fresh:%' and outcome = 'passed'"""
    assert ask_build(company, passed) == [(len(fresh),)]
