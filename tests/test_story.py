"""The story from the first trip request to the goods that left, through the real flows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

import models
from flows import FLOWS
from flows.warehouse import WAREHOUSE
from hub import quarantine
from hub.desk import Desk, open_desk
from hub.run import run_flow
from models import crm, erp, erp_supply, oa
from settings import Settings
from stores.engines import create_stores, open_stores
from stores.seed import seed, write_inbox
from stores.seed.faults import faults
from stores.story import ACTS
from stores.worker import work
from tests.connectors.stores_api import serving

pytestmark = pytest.mark.slow

AS_OF = dt.date(2026, 11, 20)
MOST_ROUNDS = 6


class Company:
    """A seeded company in which the story was played, with its hub; ``urls`` are its stores' databases."""

    def __init__(self, settings: Settings, urls: Mapping[str, str]) -> None:
        self.settings = settings
        self.engines = open_stores(urls)
        create_stores(self.engines)
        seed(self.engines, as_of=AS_OF, fraction=0.1)
        write_inbox(Path(self.settings.url("files")), AS_OF)

    def settle(self, desk: Desk) -> int:
        """Run the flows and the stores' workers until nothing moves; rows written."""
        written = 0
        for _ in range(MOST_ROUNDS):
            moved = sum(report.written for flow in FLOWS for report in run_flow(desk, flow))
            handled = work(self.engines, at=dt.datetime.now(dt.UTC))
            written += moved
            if not moved and not handled:
                return written
        raise AssertionError(f"something still moves after {MOST_ROUNDS} rounds")

    def row(self, table: sa.Table, **key: Any) -> Mapping[str, Any]:
        """The one row with that key."""
        (found,) = self.rows(table, **key)
        return found

    def rows(self, table: sa.Table, **key: Any) -> list[Mapping[str, Any]]:
        """All rows with that key."""
        ((column, value),) = key.items()
        system = next(name for name, metadata in models.SYSTEMS.items() if metadata is table.metadata)
        with self.engines[system].connect() as connection:
            return [
                dict(row)
                for row in connection.execute(sa.select(table).where(table.c[column] == value)).mappings()
            ]


MIXES = {
    "all SQLite": {"oa": "sqlite", "crm": "sqlite", "erp": "sqlite"},
    "all PostgreSQL": {"oa": "postgresql", "crm": "postgresql", "erp": "postgresql"},
    "MariaDB CRM, PostgreSQL ERP, HTTP OA": {"oa": "http", "crm": "mariadb", "erp": "postgresql"},
}


@pytest.fixture(
    scope="module",
    params=[pytest.param(mix, marks=() if mix == "all SQLite" else pytest.mark.slow) for mix in MIXES],
)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The story, played once for all tests of this file on each mix of systems."""
    home, mix = tmp_path_factory.mktemp("story"), MIXES[request.param]
    urls = {
        system: f"sqlite:///{home / system}.db"
        if kind in ("sqlite", "http")
        else request.getfixturevalue(f"new_{kind}")()
        for system, kind in mix.items()
    }
    with ExitStack() as open_now:
        reached: dict[str, Any] = {f"{system}_url": url for system, url in urls.items()}
        played = Company(Settings(home=home), urls)
        for engine in played.engines.values():
            open_now.callback(engine.dispose)
        for system in (system for system, kind in mix.items() if kind == "http"):
            served = open_now.enter_context(serving(system, urls[system]))
            reached |= {f"{system}_url": served.url, f"{system}_token": SecretStr(served.token)}
        played.settings = played.settings.model_copy(update=reached)
        with open_desk(played.settings) as desk:
            for act in ACTS:
                act.play(played.engines)
                work(played.engines, at=dt.datetime.now(dt.UTC))
                played.settle(desk)
        for stage in WAREHOUSE.stages:
            stage.run(played.settings)
        yield played


def mart(company: Company, query: str) -> list[dict[str, Any]]:
    """Rows of a query over the published warehouse."""
    with duckdb.connect(str(company.settings.published_file), read_only=True) as connection:
        found = connection.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_an_approved_trip_is_booked_in_all_three_systems(company: Company) -> None:
    trip = company.row(oa.approval_requests, request_no="AR-2026-00042")
    assert trip["status"] == "approved"
    fund = company.row(erp.funds, request_no="AR-2026-00042")
    assert (fund["amount"], fund["status"]) == (trip["amount"], "booked")
    days = company.rows(oa.attendance, request_no="AR-2026-00042")
    assert days and all(trip["starts_on"] <= day["on_date"] <= trip["ends_on"] for day in days)
    activity = company.row(crm.activities, request_no="AR-2026-00042")
    assert (activity["lead_no"], activity["outcome"], activity["cost_amount"]) == (
        trip["lead_no"], "approved", trip["amount"],
    )  # fmt: skip


def test_an_order_becomes_an_erp_order_and_a_production_plan(company: Company) -> None:
    order = company.row(crm.orders, order_no="CO-2026-00042")
    booked = company.row(erp.sales_orders, crm_order_no="CO-2026-00042")
    assert booked["total_amount"] == order["total_amount"]
    assert order["promised_on"] == booked["promised_on"] is not None
    plan = company.rows(erp_supply.production_orders, sales_order_no=booked["sales_order_no"])
    assert [work["status"] for work in plan] == ["done"]


def test_a_payment_lets_the_goods_leave_and_the_crm_knows(company: Company) -> None:
    shipment = company.row(erp.shipments, release_key="SO-2026-00042")
    assert shipment["status"] == "shipped"
    lines = company.rows(erp.shipment_lines, shipment_no=shipment["shipment_no"])
    moves = company.rows(erp_supply.stock_moves, document_no=shipment["shipment_no"])
    assert sum(move["quantity"] for move in moves) == -sum(line["quantity"] for line in lines)
    assert company.row(crm.orders, order_no="CO-2026-00042")["fulfilment"] == "shipped"


def test_a_refused_trip_books_nothing_and_the_lead_says_so(company: Company) -> None:
    assert company.rows(erp.funds, request_no="AR-2026-00044") == []
    assert company.rows(oa.attendance, request_no="AR-2026-00044") == []
    assert company.row(crm.activities, request_no="AR-2026-00044")["outcome"] == "refused"


def test_the_order_and_the_trips_cost_stand_beside_each_other(company: Company) -> None:
    (order,) = mart(company, "select * from marts.mart_lead_to_cash where order_no = 'CO-2026-00042'")
    assert order["lead_to_cash_days"] is not None
    assert order["trip_cost_amount"] == Decimal("640.0000")
    (trip,) = mart(company, "select * from marts.mart_trip_roi where request_no = 'AR-2026-00042'")
    assert (trip["cost_amount"], trip["revenue_amount"]) == (Decimal("640.0000"), order["amount"])


def test_what_was_done_on_paper_shows_with_its_money_age_and_time(company: Company) -> None:
    gaps = {
        gap["document_no"]: gap
        for gap in mart(company, "select * from marts.mart_handoff_gaps where kind = 'done_on_paper'")
    }
    order, trip = gaps["SO-2026-00043"], gaps["AR-2026-00043"]
    assert order["amount"] == company.row(erp.sales_orders, sales_order_no="SO-2026-00043")["total_amount"]
    assert order["age_working_days"] > 0
    assert trip["circulation_hours"] > 0


def test_every_planted_fault_of_the_flows_meets_its_answer(company: Company) -> None:
    with open_desk(company.settings) as desk:
        found = {
            (entry["key"], entry["rule"], state)
            for state in ("quarantined", "waiting")
            for entry in quarantine.entries(desk, waiting=state == "waiting")
        }
    expected = {
        (key, fault.rule, fault.answer)
        for fault in faults(AS_OF)
        if fault.answer in ("quarantined", "waiting")
        for key in fault.keys
    }
    assert expected - found == set()
    assert found - expected == set(), "something is put aside that nobody planted"


def test_running_everything_again_moves_nothing(company: Company) -> None:
    with open_desk(company.settings) as desk:
        # The forecasts flow hears of the publication made after the acts; once it has, all is at rest.
        company.settle(desk)
        assert company.settle(desk) == 0
