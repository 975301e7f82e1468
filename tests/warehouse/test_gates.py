"""Gates: what fails holds or marks the publication, and what could not be checked never counts as passed."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from checks.sql_gate import SqlGate
from settings import Settings
from tests.warehouse.company import AS_OF, put, run_sql
from tests.warehouse.conftest import ask_build, build_all
from warehouse.build import core, marts
from warehouse.build_file import open_build
from warehouse.extract import extract
from warehouse.gates import gate, judge, load_gates
from warehouse.publish import publish
from warehouse.status import read_status


def test_a_sound_company_passes_every_gate(told: Settings) -> None:
    assert ask_build(told, "select gate, message from quality.latest where outcome <> 'passed'") == []
    assert ask_build(told, "select count(distinct layer) from quality.latest") == [(3,)]


def test_a_failing_gate_keeps_the_last_good_file(published: Settings) -> None:
    before = published.published_file.read_bytes()
    good = read_status(published)
    with duckdb.connect(str(published.build_file)) as build:
        build.execute("insert into core.fct_payment select * from core.fct_payment limit 1")
    found = gate(published)
    assert "grain:core.fct_payment" in found["holding"]
    assert publish(published)["state"] == "stale"
    status = read_status(published)
    assert (status["state"], status["published_at"]) == ("stale", good["published_at"])
    assert status["stale_since"]
    assert "grain:core.fct_payment" in status["failed_checks"]
    assert published.published_file.read_bytes() == before


def test_publication_goes_on_when_the_fault_is_gone(published: Settings) -> None:
    with duckdb.connect(str(published.build_file)) as build:
        build.execute("drop table core.fct_payment")
    gate(published)
    assert publish(published)["state"] == "stale"
    since = read_status(published)["stale_since"]
    assert publish(published)["state"] == "stale"
    assert read_status(published)["stale_since"] == since
    core(published)
    gate(published)
    assert publish(published)["state"] == "fresh"
    assert read_status(published) | {"stale_since": None, "failed_checks": []} == read_status(published)


def test_what_could_not_be_checked_holds_the_publication(published: Settings) -> None:
    with duckdb.connect(str(published.build_file)) as build:
        build.execute("drop table marts.mart_trip_roi")
    with open_build(published) as build:
        outcomes = {verdict.gate.name: verdict.outcome for verdict in judge(build)}
    assert outcomes["grain:marts.mart_trip_roi"] == "could_not_check"
    assert publish(published)["state"] == "stale"


def test_a_build_without_its_gates_is_not_published(published: Settings) -> None:
    extract(published, as_of=AS_OF)
    assert publish(published)["failed_checks"] == ["gates have not run on this build"]


def test_a_fault_of_a_source_marks_its_number_and_does_not_hold_it(published: Settings) -> None:
    run_sql(published, "crm", "update order_lines set item_no = 'IT-9999' where order_no = 'CO-2026-00003'")
    assert build_all(published)["state"] == "fresh"
    assert read_status(published)["marked_checks"] == ["points:core.fct_order_line.item_no"]
    with duckdb.connect(str(published.published_file), read_only=True) as file:
        health = "select checks_failed from marts.mart_data_health where stream = 'crm.order_lines'"
        assert file.execute(health).fetchall() == [(1,)]
        marked = "select metric from marts.mart_metric where checks_failed > 0 order by 1"
        assert ("revenue_30d",) in file.execute(marked).fetchall()
        assert ("approval_hours",) not in file.execute(marked).fetchall()


def test_every_failing_row_is_kept(company: Settings) -> None:
    put(company, "crm.accounts", {"account_no": "A-0001", "name": "Acme"})
    orders = [
        {"order_no": f"CO-{number:04}", "ordered_at": AS_OF, "total_amount": "1"} for number in range(300)
    ]
    put(company, "crm.orders", *orders)
    build_all(company)
    rows = ask_build(company, "select failing_row from quality.failures where gate = 'has_lines'")
    assert {json.loads(row)["order_key"] for (row,) in rows} == {order["order_no"] for order in orders}


def test_rows_the_warehouse_lost_do_not_reconcile(published: Settings) -> None:
    with duckdb.connect(str(published.build_file)) as build:
        build.execute("delete from raw.crm_orders where order_no = 'CO-2026-00003'")
    core(published)
    marts(published)
    holding = gate(published)["holding"]
    assert {
        "rows:crm.orders",
        "sum:crm.orders.total_amount",
        "kept_rows:core.fct_order:crm.orders",
        "kept_money:core.fct_order.order_amount",
        "kept_money:marts.mart_lead_to_cash.order_amount",
    } <= set(holding)


def test_a_cent_too_much_does_not_reconcile(published: Settings) -> None:
    with duckdb.connect(str(published.build_file)) as build:
        build.execute(
            """update core.fct_payment set payment_amount = payment_amount + 0.01
            where payment_no = 'PA-2026-00001'"""
        )
    assert gate(published)["holding"] == ["kept_money:core.fct_payment.payment_amount"]


def test_an_address_among_names_holds_the_publication(published: Settings) -> None:
    run_sql(
        published, "crm", "update accounts set name = 'Jane jane.doe@example.com' where account_no = 'A-0001'"
    )
    assert "no_personal_data:core.dim_customer" in build_all(published)["failed_checks"]


def test_a_source_that_stands_still_is_said_to(published: Settings) -> None:
    run_sql(
        published,
        "crm",
        "drop trigger orders_touch",
        "update orders set updated_at = '2026-05-01 00:00:00.000000'",
        "delete from tombstones",
    )
    published.build_file.unlink()
    assert build_all(published)["state"] == "fresh"
    assert "fresh:crm.orders" in read_status(published)["marked_checks"]
    with duckdb.connect(str(published.published_file), read_only=True) as file:
        states = dict(file.execute("select stream, state from marts.mart_data_health").fetchall())
    assert (states["crm.orders"], states["crm.leads"], states["crm.campaigns"]) == ("stale", "fresh", "empty")


def test_results_keep_their_history(published: Settings) -> None:
    build_all(published)
    runs = ask_build(published, "select run_id, count(*) from quality.results group by 1 order by 1")
    assert [run for run, _ in runs] == [1, 2]
    assert runs[0][1] == runs[1][1] == len(load_gates())


def test_gates_have_names_of_their_own() -> None:
    names = [one.name for one in load_gates()]
    assert len(names) == len(set(names))


def test_a_rule_the_database_does_not_understand_is_not_passed(tmp_path: Path) -> None:
    rule = SqlGate("nonsense", "shape", "raw.build", "warn", "nothing", "select nothing from nowhere")
    from tests.warehouse.company import settings_at

    with open_build(settings_at(tmp_path)) as build:
        build.execute("insert into raw.run values (1, now())")
        (verdict,) = judge(build, [rule])
    assert (verdict.outcome, verdict.holds) == ("could_not_check", False)
    assert "nowhere" in verdict.message
