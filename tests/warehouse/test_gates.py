"""Gates: what fails holds or marks the publication, and what could not be checked never counts as passed."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from checks.sql_gate import SqlGate
from settings import Settings
from tests.warehouse.company import AS_OF, put, run_sql, settings_at
from tests.warehouse.conftest import ask_build, build_all
from warehouse import changes
from warehouse.build import core, marts
from warehouse.build_file import open_build
from warehouse.extract import extract
from warehouse.gates import counting, gate, judge, kept, load_gates
from warehouse.publish import publish
from warehouse.status import read_status

pytestmark = pytest.mark.slow


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
    (reason,) = read_status(published)["reasons"].values()
    assert "run `./triada build`" in reason


def test_a_line_that_counts_when_its_order_does_not_holds_the_publication(published: Settings) -> None:
    with open_build(published) as build:
        build.execute("update core.fct_order set is_revenue = false where order_no = 'CO-2026-00003'")
        noted(build, "core.fct_order")
        holding = [verdict.gate.name for verdict in judge(build) if verdict.holds]
        rows = build.execute("select row_key from quality.failures").fetchall()
    assert "lines_count_as_their_order" in holding
    assert ("CO-2026-00003:1",) in rows


def test_money_under_another_status_does_not_reconcile(published: Settings) -> None:
    """Every sum per currency is still right."""
    with open_build(published) as build:
        build.execute("update core.fct_order set order_status = 'draft' where order_no = 'CO-2026-00003'")
        holding = [verdict.gate.name for verdict in judge(build) if verdict.holds]
    assert holding == ["kept_money:core.fct_order.order_amount"]


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


def test_a_value_that_could_not_be_read_is_told_with_where_and_what_to_do(company: Settings) -> None:
    put(company, "crm.accounts", {"account_no": "A-0001", "name": "Acme"})
    run_sql(company, "crm", "update accounts set credit_limit = 'NaN'")
    build_all(company)
    name = "readable:crm.accounts"
    assert ask_build(company, f"select message from quality.latest where gate = '{name}'") == [("1 row",)]
    assert ask_build(company, f"select row_key, reason from quality.failures where gate = '{name}'") == [
        (
            "A-0001",
            "every number, date and instant of crm.accounts can be read as one: account_no A-0001, problem "
            "credit_limit is 'NaN', expected a decimal; correct it in crm.accounts",
        )
    ]


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
    with open_build(published) as build:
        build.execute("delete from raw.crm_orders where order_no = 'CO-2026-00003'")
        noted(build, "raw.crm_orders")
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
    with open_build(settings_at(tmp_path)) as build:
        build.execute("insert into raw.run values (1, now())")
        (verdict,) = judge(build, [rule])
    assert (verdict.outcome, verdict.holds) == ("could_not_check", False)
    assert "nowhere" in verdict.message


def test_a_failing_row_is_kept_with_its_key_and_reason(published: Settings) -> None:
    run_sql(published, "crm", "update order_lines set item_no = 'IT-9999' where order_no = 'CO-2026-00003'")
    build_all(published)
    kept_rows = "select gate, run_id, on_table, severity, row_key, reason from quality.failures"
    reason = "order_line_no CO-2026-00003:1, points_to IT-9999"
    assert ask_build(published, kept_rows) == [
        (
            *("points:core.fct_order_line.item_no", 2, "core.fct_order_line", "warn", "CO-2026-00003:1"),
            f"every item_no of core.fct_order_line is in core.dim_item: {reason}",
        )
    ]


def test_a_reason_tells_nothing_personal(published: Settings) -> None:
    rule = SqlGate(
        "told", "shape", "raw.crm_leads", "warn", "told", "select lead_no, email from raw.crm_leads"
    )
    with open_build(published) as build:
        judge(build, [rule])
        reasons = build.execute("select distinct reason from quality.failures").fetchall()
    assert ("told: lead_no L-2026-0001",) in reasons
    assert not [reason for (reason,) in reasons if "@" in reason]


def test_a_failing_gate_runs_its_sql_once(published: Settings) -> None:
    with open_build(published) as build:
        build.execute("create sequence raw.calls")
        rule = SqlGate("calls", "shape", "raw.run", "warn", "none", "select nextval('raw.calls') as call")
        (verdict,) = judge(build, [rule])
        assert (verdict.outcome, verdict.violations) == ("failed", 1)
        assert build.execute("select currval('raw.calls')").fetchone() == (1,)


def test_a_stream_that_was_never_read_could_not_be_checked(published: Settings) -> None:
    with open_build(published) as build:
        build.execute("delete from raw.streams where stream in ('crm.orders', 'hub.runs')")
        outcomes = {verdict.gate.name: verdict for verdict in judge(build)}
    assert outcomes["rows:crm.orders"].outcome == "could_not_check"
    assert "crm.orders was not read" in outcomes["rows:crm.orders"].message
    # Before the hub's first run there is nothing of it to read.
    assert outcomes["rows:hub.runs"].outcome == "passed"


def test_when_great_expectations_breaks_nothing_has_passed(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no judgement today")

    monkeypatch.setattr("checks.sql_gate.validate", broken)
    found = gate(published)
    assert (found["passed"], found["could_not_check"]) == (0, len(load_gates()))


def test_a_probe_never_passes_what_the_sql_would_fail(published: Settings) -> None:
    """Tables doubled and spoilt: each gate says the same by its SQL alone as with its probe."""
    with open_build(published) as build:
        for table in ("core.fct_order_line", "core.fct_payment", "raw.crm_orders", "raw.erp_payments"):
            build.execute(f"insert into {table} select * from {table}")
        build.execute("update core.fct_order_line set quantity = -quantity, discount_rate = 2")
        build.execute("update core.dim_customer set name = 'me@example.com'")
        build.execute("update raw.crm_leads set lead_no = null, _unreadable = 'created_at'")
        counting.start(build)
        gates = [one for one in load_gates() if one.probe]
        sound = counting.probe(build, gates)
        counts = {one.name: counting.count(build, one) for one in gates}
    assert sound.keys() <= {name for name, rows in counts.items() if rows == 0}
    broken = {name.partition(":")[0] for name, rows in counts.items() if rows}
    assert {"key", "grain", "readable", "rows", "sum", "kept_rows", "no_personal_data"} <= broken


def noted(build: duckdb.DuckDBPyConnection, *relations: str) -> None:
    tick = changes.next_tick(build)
    for relation in relations:
        changes.note_whole(build, relation, tick=tick)


def test_what_has_not_changed_is_not_looked_at_again_and_says_so(published: Settings) -> None:
    with open_build(published) as build:
        noted(build, "core.fct_payment", "core.fct_order")
        build.execute("update raw.run set run_id = 7")
        judge(build)
        build.execute("update raw.run set run_id = 8")
        skipped = {verdict.gate.name: verdict for verdict in judge(build) if verdict.run_id is not None}
        assert {"grain:core.fct_payment", "points:core.fct_payment.order_key"} <= skipped.keys()
        assert skipped["grain:core.fct_payment"].run_id == 7
        assert skipped["grain:core.dim_date"].run_id == 1  # nothing of it changed since the first run
        # The sums are looked at every time.
        assert not any(name.startswith(("kept_rows:", "kept_money:", "rows:", "sum:")) for name in skipped)
        said = "select outcome, run_id, checked_run_id from quality.results where gate = ? order by run_id"
        assert build.execute(said, ["grain:core.fct_payment"]).fetchall()[-1] == ("passed", 8, 7)
        build.execute("update core.fct_payment set payment_no = 'PA-2026-00001'")
        noted(build, "core.fct_payment")
        outcomes = {verdict.gate.name: verdict.outcome for verdict in judge(build)}
    assert outcomes["grain:core.fct_payment"] == "failed"


def test_a_row_that_came_past_the_runner_is_seen(published: Settings) -> None:
    with open_build(published) as build:
        noted(build, "core.fct_payment")
        judge(build)
        build.execute("insert into core.fct_payment select * from core.fct_payment limit 1")
        outcomes = {verdict.gate.name: verdict.outcome for verdict in judge(build)}
    assert outcomes["grain:core.fct_payment"] == "failed"


def test_a_gate_that_failed_is_looked_at_again(published: Settings) -> None:
    with open_build(published) as build:
        build.execute("update core.fct_order_line set quantity = -1")
        noted(build, "core.fct_order_line")
        for _ in range(2):
            found = {verdict.gate.name: verdict for verdict in judge(build)}
            assert found["quantity_is_positive"].outcome == "failed"


def test_results_and_failing_rows_are_kept_for_a_bounded_time(published: Settings) -> None:
    with open_build(published) as build:
        build.execute("update core.fct_order_line set quantity = -1")
        noted(build, "core.fct_order_line")
        for run in (2, 2 + kept.KEEP_FAILING_RUNS, 2 + kept.KEEP_RUNS):
            build.execute("update raw.run set run_id = ?", [run])
            judge(build)
        runs = "select list(distinct run_id order by run_id) from "
        assert build.execute(f"{runs} quality.failures").fetchone() == ([62],)
        assert build.execute(f"{runs} quality.results where outcome = 'passed'").fetchone() == ([12, 62],)
        # What did not pass is remembered longer.
        assert build.execute(f"{runs} quality.results where outcome <> 'passed'").fetchone() == ([2, 12, 62],)


def test_the_mart_says_since_when_a_check_fails(published: Settings) -> None:
    run_sql(published, "crm", "update order_lines set item_no = 'IT-9999' where order_no = 'CO-2026-00003'")
    build_all(published)
    build_all(published)
    with duckdb.connect(str(published.published_file), read_only=True) as file:
        history = """select run_id, result, violations from marts.mart_check_history
            where check_name = 'points:core.fct_order_line.item_no' order by run_id"""
        assert file.execute(history).fetchall() == [(1, "passed", 0), (2, "failed", 1), (3, "failed", 1)]
        latest = """select c.severity, c.holds, c.streams like '%crm.order_lines%',
                c.failing_since = (select checked_at from marts.mart_check_history h
                    where h.check_name = c.check_name and h.run_id = 2)
            from marts.mart_check c where c.result <> 'passed'"""
        assert file.execute(latest).fetchall() == [("warn", False, True, True)]
        assert file.execute("select count(*) from marts.mart_check").fetchone() == (len(load_gates()),)
