"""The hub as one more source: runs, what was set aside, what was compared; and the facts about supply."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from models import state
from settings import Settings
from tests.warehouse.company import AS_OF, at, put, settings_at
from tests.warehouse.conftest import ask_build, build_all
from tests.warehouse.gap_story import tell_gaps
from tests.warehouse.hub_state import aside, comparison, ran, remember
from warehouse.build import core, marts
from warehouse.extract import extract

pytestmark = pytest.mark.slow

D = Decimal


def make(settings: Settings) -> None:
    extract(settings, as_of=AS_OF)
    core(settings)
    marts(settings)


def change(settings: Settings, statement: Any) -> None:
    engine = sa.create_engine(settings.url("state"))
    with engine.begin() as connection:
        connection.execute(statement)
    engine.dispose()


def test_a_run_says_what_it_did_how_long_it_took_and_whether_it_adds_up(company: Settings) -> None:
    remember(
        company,
        state.runs,
        ran("book", "06-14 08:00", 1.5, read=10, written=4, unchanged=3, waiting=2, quarantined=1),
        ran("plan", "06-14 08:01", 0.25, read=10, written=9),
        ran("promise", "06-14 08:02", None),
    )
    make(company)
    asked = "select step, state, seconds, read, adds_up from core.fct_hub_run order by run_no"
    assert ask_build(company, asked) == [
        ("book", "done", D("1.5000"), 10, True),
        ("plan", "done", D("0.2500"), 10, False),
        ("promise", "running", None, 0, True),
    ]


def test_a_run_that_ended_since_and_one_that_was_forgotten_are_seen(company: Settings) -> None:
    remember(company, state.runs, ran("book", "06-14 08:00", 1), ran("plan", "06-14 09:00", None))
    extract(company, as_of=AS_OF)
    change(
        company,
        sa.update(state.runs).where(state.runs.c.step == "plan")
        .values(state="done", finished_at=at("06-14 09:30"), read=7, written=7),
    )  # fmt: skip
    change(company, sa.delete(state.runs).where(state.runs.c.step == "book"))
    remember(company, state.runs, ran("promise", "06-14 10:00", 2))
    make(company)
    asked = "select step, state, seconds, read from core.fct_hub_run order by run_no"
    assert ask_build(company, asked) == [
        ("plan", "done", D("1800.0000"), 7),
        ("promise", "done", D("2.0000"), 0),
    ]


def test_runs_alone_are_no_news_to_a_reader(published: Settings) -> None:
    remember(published, state.runs, ran("book", "06-14 08:00", 1))
    build_all(published)
    remember(published, state.runs, ran("book", "06-14 09:00", 1))
    remember(published, state.reconciliations, comparison("book", "erp.sales_orders", "06-14 02:00", equal=3))
    assert build_all(published)["written"] == 0
    assert ask_build(published, "select count(*) from core.fct_hub_run") == [(2,)]


def test_an_entry_is_known_by_rule_and_age_and_not_by_what_is_in_it(company: Settings) -> None:
    rate = {"rate_no": "USD:2026-06-01", "currency": "USD", "on_date": "2026-06-01", "rate": "0.9"}
    put(company, "erp.exchange_rates", rate)
    row = {"amount": "12.5", "currency": "USD", "paid_on": "2026-06-03", "name": "Jane Doe"}
    again = {"opened_at": at("06-12 08:00"), "last_seen_at": at("06-15 08:00"), "count": 4}
    done = {
        "state": "discarded",
        "resolved_at": at("06-14 10:00"),
        "resolved_by": "ana",
        "resolution": "a test",
    }
    remember(
        company,
        state.quarantine,
        aside("leads.capture", "files.leads", "jane@example.com", row | {"email": "jane@example.com"}),
        aside("orders.book", "crm.orders", "CO-2", row, **again),
        aside("orders.book", "crm.orders", "CO-3", "", first_seen_at=at("06-10 08:00"), **done),
    )
    acts = {"by": "ana", "why": "jane asked", "outcome": "it moved", "at": at("06-14 10:00")}
    remember(
        company,
        state.interventions,
        {"act": "replay", "entry": 3, **acts},
        {"act": "discard", "entry": 3, **acts},
        {"act": "forget", "entry": None, **acts},
    )
    make(company)
    assert ask_build(
        company,
        """select entry_no, record_key, state, is_open, rule, times_seen, age_days, interventions,
            happened_on::varchar, record_amount, amount from core.fct_quarantine order by entry_no""",
    ) == [
        (1, None, "quarantined", True, "a_rule", 1, 1, 0, "2026-06-03", D("12.5000"), D("11.2500")),
        (2, "CO-2", "quarantined", True, "a_rule", 4, 3, 0, "2026-06-03", D("12.5000"), D("11.2500")),
        (3, "CO-3", "discarded", False, "a_rule", 1, 4, 2, "2026-06-10", None, None),
    ]
    for table in ("raw.hub_quarantine", "raw.hub_interventions", "core.fct_quarantine"):
        (text,) = ask_build(company, f"select string_agg(to_json(t)::varchar, ' ') from {table} t")[0]
        kept = text.replace("jane@example.com", "", 1) if table == "raw.hub_quarantine" else text
        assert not [word for word in ("Jane", "jane", "ana") if word in kept], table


def test_health_says_what_was_compared_and_who_had_to_step_in(company: Settings) -> None:
    remember(
        company,
        state.reconciliations,
        comparison("book", "erp.sales_orders", "06-13 02:00", equal=1, missing=9),
        comparison("book", "erp.sales_orders", "06-14 02:00", equal=10, missing=2, repaired=2),
        comparison("promise", "erp.sales_orders", "06-15 02:00", equal=5, different=3, extra=1, repaired=3),
    )
    edit: dict[str, Any] = {"flow": "orders", "step": "promise", "stream": "erp.sales_orders", "key": "SO-1"}
    edit |= {
        "owner": "erp",
        "field": "promised_on",
        "lost": "old",
        "kept": "new",
        "seen_at": at("06-14 02:00"),
    }
    remember(company, state.conflicts, edit, edit)
    make(company)
    assert ask_build(
        company,
        "select step, compared, still_different from core.fct_reconciliation where is_latest order by 1",
    ) == [("book", 12, 0), ("promise", 9, 1)]
    assert ask_build(
        company,
        """select compared_at::varchar, compared, different, missing, extra, still_different, conflicts
        from marts.mart_data_health where stream = 'erp.sales_orders'""",
    ) == [("2026-06-14 02:00:00+00", 21, 3, 2, 1, 1, 2)]
    never = "select compared_at, compared, conflicts from marts.mart_data_health where stream = 'crm.leads'"
    assert ask_build(company, never) == [(None, None, 0)]


ODD = {
    "CO-1": '{"total_amount":"99999999999999.9999","currency":"EUR"}',
    "CO-2": '{"name":"Å\\u0000ß \\"quoted\\"","amount":"0.0001"}',
    "CO-3": '{"total_amount":null,"amount":7,"requested_at":"2026-06-01T23:30:00Z"}',
    "CO-4": '{"total_amount":',
    "CO-5": "",
    "CO-6": '{"total_amount":"1e999","currency":{"a":1}}',
}


@pytest.mark.parametrize("server", [None, "new_postgresql", "new_mariadb"])
def test_money_set_aside_is_read_the_same_from_every_database(
    company: Settings, request: pytest.FixtureRequest, server: str | None
) -> None:
    more = {"state_url": request.getfixturevalue(server)()} if server else {}
    settings = settings_at(company.home, **more)
    remember(settings, state.quarantine, *(aside("orders.book", "crm.orders", *odd) for odd in ODD.items()))
    make(settings)
    asked = "select key, amount, happened_at::varchar, _unreadable from raw.hub_quarantine order by key"
    assert ask_build(settings, asked) == [
        ("CO-1", D("99999999999999.9999"), None, ""),
        ("CO-2", D("0.0001"), None, ""),
        ("CO-3", D("7.0000"), "2026-06-01 23:30:00+00", ""),
        ("CO-4", None, None, ""),
        ("CO-5", None, None, ""),
        ("CO-6", None, None, ""),
    ]
    assert extract(settings, as_of=AS_OF)["hub.quarantine"] == 0
    # Half past eleven in the evening is the next day where the company sits.
    dated = "select happened_on::varchar from core.fct_quarantine where record_key = 'CO-3'"
    assert ask_build(settings, dated) == [("2026-06-02",)]


def test_a_purchase_says_how_long_it_was_to_take_and_took(company: Settings) -> None:
    tell_gaps(company)
    make(company)
    assert ask_build(
        company,
        """select purchase_no, request_no, lead_time_days, promised_days, actual_days, days_late, lines,
            amount
        from core.fct_purchase where purchase_no in ('PO-2026-00001', 'PO-2026-00003', 'PO-2026-00006')
        order by 1""",
    ) == [
        ("PO-2026-00001", None, 7, 7, None, 0, 0, D("25000.0000")),
        ("PO-2026-00003", None, 7, 7, None, None, 0, D("300.0000")),
        ("PO-2026-00006", "AR-P6", 7, 2, 4, 2, 1, D("600.0000")),
    ]
    funds = (
        "select fund_no, status, amount from core.fct_fund where request_no in ('AR-35', 'AR-36') order by 1"
    )
    assert ask_build(company, funds) == [
        ("FU-35", "booked", D("90.0000")),
        ("FU-36", "reversed", D("91.0000")),
    ]


def test_a_plan_stands_beside_what_was_ordered_since(company: Settings) -> None:
    put(company, "erp.items", {"item_no": "IT-0001", "name": "Pump"})
    put(company, "crm.accounts", {"account_no": "A-0001", "name": "Acme"})
    for number, (day, quantity) in enumerate((("05-31", "9"), ("06-01", "2"), ("06-30", "1.5"))):
        no = f"CO-{number}"
        order = {"order_no": no, "ordered_at": at(f"{day} 08:00"), "total_amount": "10"}
        put(company, "crm.orders", order)
        line = {"order_line_no": f"{no}:1", "order_no": no, "quantity": quantity}
        put(company, "crm.order_lines", line | {"unit_price": "1", "line_amount": "1"})
    plan = {"item_no": "IT-0001", "request_no": "AR-PLAN-2026-06", "share_of_year": "1"}
    for month, quantity in (("2026-06", "20"), ("2026-07", "4")):
        row = {"demand_plan_no": f"IT-0001:{month}", "month_on": f"{month}-01", "planned_quantity": quantity}
        put(company, "erp.demand_plan", plan | row | {"updated_at": at("06-10 08:00")})
    make(company)
    assert ask_build(
        company,
        """select month_on::varchar, planned_quantity, ordered_quantity, open_quantity, amount
        from core.fct_demand_plan order by 1""",
    ) == [
        ("2026-06-01", D("20.0000"), D("3.5000"), D("16.5000"), D("100.0000")),
        ("2026-07-01", D("4.0000"), D("0.0000"), D("4.0000"), D("20.0000")),
    ]


def test_documents_of_millions_are_converted_to_the_cent(company: Settings) -> None:
    rate = {"rate_no": "USD:2026-06-01", "currency": "USD", "on_date": "2026-06-01", "rate": "0.12345678"}
    put(company, "erp.exchange_rates", rate)
    put(company, "crm.accounts", {"account_no": "A-0001", "name": "Acme"})
    order = {"order_no": "CO-1", "ordered_at": at("06-10 08:00"), "currency": "USD"}
    put(company, "crm.orders", order | {"total_amount": "900000000.01"})
    make(company)
    # 900,000,000.01 * 0.12345678 = 111,111,102.0012345678
    assert ask_build(company, "select amount from core.fct_order") == [(D("111111102.0012"),)]
