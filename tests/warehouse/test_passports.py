"""A number's passport: of which sources and when, what is set aside of them, how much that could change."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from flows import FLOWS
from models import state
from settings import Settings
from tests.warehouse.company import AS_OF, settings_at
from tests.warehouse.conftest import ask_build
from tests.warehouse.hub_state import aside, comparison, remember
from warehouse.build import core, marts
from warehouse.extract import extract

D = Decimal
EURO = {"currency": "EUR"}
BOOK, ASK = "orders.book", "approvals.ask_order"


def order(number: int, amount: Any, day: str = "06-10", currency: str = "EUR") -> dict[str, Any]:
    at = f"2026-{day}T08:00:00Z"
    return {
        "order_no": f"CO-2026-{number:05d}",
        "total_amount": amount,
        "currency": currency,
        "ordered_at": at,
    }


def entries() -> list[dict[str, Any]]:
    def booked(number: int, row: Any, **more: Any) -> dict[str, Any]:
        return aside(BOOK, "crm.orders", f"CO-2026-{number:05d}", row, **more)

    return [
        booked(3, order(3, "80.0000")),
        booked(99, order(99, "100.0000", currency="USD")),  # 0.92 in June
        booked(1, order(1, "1000.1000", day="05-04")),  # of before the 30 days
        booked(98, order(98, "twelve")),  # nobody can read how much
        booked(97, order(97, "-20.0000")),
        booked(96, "", state="resolved", resolved_at=AS_OF),
        booked(2, order(2, "70.0000"), state="waiting"),
        aside(ASK, "crm.orders", "CO-2026-00002", order(2, "70.0000")),  # the same document again
        aside("payments.release", "erp.sales_orders", "SO-2026-00004", {"total_amount": "40.0000"} | EURO)
        | {"state": "waiting"},
        aside("people.to_crm", "oa.employees", "E-0003", {"email": "joe(at)example"}),
        aside("import_shop.erp.receivables", "import.erp.receivables", "RE-7", {"amount": "55.5"} | EURO)
        | {"flow": "import_shop", "step": "erp.receivables"},
    ]


@pytest.fixture(scope="module")
def held(told: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The story with rows set aside and its orders compared; only to be read."""
    home = tmp_path_factory.mktemp("held") / "home"
    shutil.copytree(told.home, home)
    settings = settings_at(home)
    remember(settings, state.quarantine, *entries())
    compared = comparison("report_back", "crm.orders", "06-14 02:00", equal=5, different=1)
    remember(settings, state.reconciliations, compared)
    extract(settings, as_of=AS_OF)
    core(settings)
    marts(settings)
    return settings


# metric: documents that would change it, of those waiting, their money in EUR, documents of unknown money
SET_ASIDE = {
    "revenue_30d": (4, 0, D("192.0000"), 1),  # 80 + 92 + 20; what waits is counted already
    "open_orders": (6, 1, D("1232.1000"), 1),  # and 1,000.10, and 40 that a shipment would take away
    "stuck_in_gaps": (7, 1, D("1302.1000"), 1),  # and 70, once
    "approval_hours": (1, 0, None, None),  # CO-2026-00002 was never asked for
    "win_rate": (0, 0, None, None),
    "overdue_receivables": (1, 0, D("55.5000"), 0),
}


@pytest.mark.parametrize("metric", SET_ASIDE)
def test_a_number_says_which_rows_set_aside_would_change_it_and_how_much(held: Settings, metric: str) -> None:
    columns = "quarantined_rows, waiting_rows, quarantined_amount, unknown_rows"
    asked = f"select {columns} from marts.mart_metric where metric = '{metric}'"
    assert ask_build(held, asked) == [SET_ASIDE[metric]]


def test_the_streams_of_a_number_add_up_to_it(held: Settings) -> None:
    columns = ("quarantined_rows", "waiting_rows", "quarantined_amount", "unknown_rows")
    sums = ", ".join(f"cast(sum({name}) as decimal(18, 4))" for name in columns)
    own = ", ".join(f"cast({name} as decimal(18, 4))" for name in columns)
    assert ask_build(
        held, f"select metric, {sums} from marts.mart_metric_source group by metric order by metric"
    ) == ask_build(held, f"select metric, {own} from marts.mart_metric order by metric")


def test_every_stream_says_when_it_was_read_and_last_changed(held: Settings) -> None:
    found = ask_build(
        held,
        """select stream, read_at, last_changed_at, rows, state, compared_at::date::varchar
        from marts.mart_metric_source where metric = 'overdue_receivables' order by stream""",
    )
    known = ask_build(
        held,
        """select s.stream, read_at, last_changed_at from raw.streams s where stream in ('erp.receivables',
        'erp.payments', 'erp.sales_orders', 'erp.exchange_rates') order by stream""",
    )
    assert [row[:3] for row in found if row[0].startswith("erp.")] == known
    rows = {row[0]: row[3:] for row in found}
    assert rows["erp.payments"] == (4, "fresh", None)
    assert rows["import.erp.receivables" if "import.erp.receivables" in rows else "erp.receivables"][0] in (
        0,
        1,
    )


def test_a_number_is_as_old_as_its_oldest_source(held: Settings) -> None:
    assert ask_build(
        held,
        """select m.metric from marts.mart_metric m join (
            select metric, min(read_at) as read_at from marts.mart_metric_source group by metric
        ) s on s.metric = m.metric where m.read_at is distinct from s.read_at or m.read_at is null""",
    ) == []  # fmt: skip
    compared = """select compared_at::varchar from marts.mart_metric_source
        where metric = 'revenue_30d' and stream = 'crm.orders'"""
    assert ask_build(held, compared) == [("2026-06-14 02:00:00+00",)]


def test_a_check_that_could_not_run_is_told_apart(held: Settings, told: Settings) -> None:
    asked = """select checks_failed, checks_unchecked from marts.mart_metric where metric = 'win_rate'"""
    assert ask_build(told, asked) == [(0, 0)]
    settings = settings_at(held.home.parent / "unchecked")
    shutil.copytree(held.home, settings.home)
    with duckdb.connect(str(settings.build_file)) as build:
        build.execute("update quality.results set outcome = 'could_not_check' where gate = 'rows:crm.leads'")
    marts(settings)
    assert ask_build(settings, asked) == [(1, 1)]
    by_source = """select checks_failed, checks_unchecked from marts.mart_metric_source
        where metric = 'win_rate' and stream = 'crm.leads'"""
    assert ask_build(settings, by_source) == [(0, 1)]


def test_nothing_of_a_row_set_aside_is_kept_but_its_money_and_day(held: Settings) -> None:
    columns = {row[0] for row in ask_build(held, "describe raw.hub_quarantine")}
    assert not columns & {"payload", "reason", "resolution", "resolved_by"}
    assert {"amount", "currency", "happened_at"} <= columns
    texts = ask_build(held, "select to_json(q)::varchar from raw.hub_quarantine q")
    assert not [text for (text,) in texts if "joe(at)" in text or "twelve" in text]


# What these steps set aside changes none of the six numbers: they copy people, prices and scores, plan
# production, or bring leads that are not closed yet.
CHANGES_NONE = {
    *("people.to_crm", "people.to_erp", "catalogue.list", "catalogue.availability"),
    *("customers.register", "customers.credit", "leads.capture", "leads.prospects", "approvals.tell_lead"),
    *("orders.plan", "orders.promise", "forecasts.adopt", "forecasts.score"),
}


def test_every_step_of_every_flow_is_said_to_change_a_number_or_none(held: Settings) -> None:
    said = ask_build(held, "select distinct flow || '.' || step from marts.int_metric_effect")
    steps = {f"{flow.name}.{step.name}" for flow in FLOWS for step in flow.steps}
    changing = {step for (step,) in said}
    assert changing | CHANGES_NONE == steps
    assert changing & CHANGES_NONE == set()
