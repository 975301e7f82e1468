"""Defects planted at the source: each is caught by the gate meant for it, with its rows, and by no other."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import models
from connectors.errors import Refused
from flows import warehouse as flow
from settings import Settings
from stores.seed import seed
from tests.warehouse.company import at, make_stores, put, run_sql, settings_at
from tests.warehouse.conftest import ask_build, build_all
from tests.warehouse.story import tell
from warehouse import changes
from warehouse.build import core, marts
from warehouse.build_file import open_build
from warehouse.extract import extract
from warehouse.gates import gate
from warehouse.publish import publish
from warehouse.status import read_status

pytestmark = pytest.mark.slow


def alarms(settings: Settings) -> dict[str, tuple[str, str]]:
    """By gate that did not pass in the last run: its outcome and severity; not what follows from another."""
    found = ask_build(
        settings,
        """select gate, outcome, severity from quality.results where outcome <> 'passed' and follows is null
        and run_id = (select max(run_id) from quality.results)""",
    )
    return {gate: (outcome, severity) for gate, outcome, severity in found}


def followers(settings: Settings) -> set[str]:
    """Gates that did not pass in the last run because of another one."""
    found = ask_build(
        settings,
        """select gate from quality.results where follows is not null
        and run_id = (select max(run_id) from quality.results)""",
    )
    return {gate for (gate,) in found}


def failing(settings: Settings, name: str) -> list[dict[str, Any]]:
    """All rows that break a gate, by key."""
    rows = ask_build(
        settings,
        f"""select failing_row from quality.failures where gate = '{name}'
        and run_id = (select max(run_id) from quality.results) order by row_key, failing_row""",
    )
    return [json.loads(row) for (row,) in rows]


def without_its_key(settings: Settings, stream: str, *statements: str) -> None:
    """The stream's table made again without constraints, as a real system's may be; then the statements."""
    system, _, table = stream.partition(".")
    run_sql(
        settings,
        system,
        "pragma legacy_alter_table = on",  # triggers of other tables may name it meanwhile
        f"create table copied as select * from {table}",
        f"drop table {table}",
        f"alter table copied rename to {table}",
        *statements,
    )


def test_the_story_alarms_nobody(told: Settings) -> None:
    assert alarms(told) == {}


def test_a_duplicated_key(published: Settings) -> None:
    columns = ", ".join(column.name for column in models.stream_table("erp.payments").columns)
    twice = columns.replace("recorded_by", "'E-0003'")
    without_its_key(
        published,
        "erp.payments",
        f"insert into payments ({columns}) select {twice} from payments where payment_no = 'PA-2026-00003'",
    )
    assert build_all(published)["state"] == "stale"
    assert alarms(published) == {"key:erp.payments": ("failed", "error")}
    assert failing(published, "key:erp.payments") == [{"payment_no": "PA-2026-00003", "rows": "2"}]
    assert "grain:core.fct_payment" in followers(published)


def test_a_key_that_is_single_again_clears_it(published: Settings) -> None:
    without_its_key(published, "erp.receivables", "insert into receivables select * from receivables")
    assert build_all(published)["failed_checks"][0] == "key:erp.receivables"
    run_sql(published, "erp", "delete from receivables where rowid > 1")
    assert (build_all(published)["state"], alarms(published)) == ("fresh", {})


def test_a_line_of_no_order(published: Settings) -> None:
    line = {"order_line_no": "CO-2026-77777:1", "order_no": "CO-2026-77777", "unit_price": "5"}
    put(published, "crm.order_lines", line | {"line_amount": "5"})
    assert build_all(published)["state"] == "stale"
    assert alarms(published) == {"belongs:crm.order_lines.order_no": ("failed", "error")}
    assert failing(published, "belongs:crm.order_lines.order_no") == [
        {"order_line_no": "CO-2026-77777:1", "order_no": "CO-2026-77777"}
    ]
    # Its five euros cannot reach the facts: that follows, and is said to.
    assert followers(published) == {"kept_rows:core.fct_order_line:crm.order_lines", "order_lines_money"}


def test_a_payment_of_no_order(published: Settings) -> None:
    put(
        published,
        "erp.payments",
        {"payment_no": "PA-2026-00009", "sales_order_no": "SO-2026-77777", "amount": "12"}
        | {"paid_on": "2026-06-08", "recorded_at": at("06-08 09:00")},
    )
    assert build_all(published)["state"] == "fresh"
    assert alarms(published) == {"belongs:erp.payments.sales_order_no": ("failed", "warn")}
    assert failing(published, "belongs:erp.payments.sales_order_no") == [
        {"payment_no": "PA-2026-00009", "sales_order_no": "SO-2026-77777"}
    ]


def test_a_rate_of_nothing(published: Settings) -> None:
    without_its_key(published, "erp.exchange_rates", "update exchange_rates set rate = '0.00000000'")
    assert build_all(published)["state"] == "stale"
    assert alarms(published) == {"rate_is_positive": ("failed", "error")}
    assert failing(published, "rate_is_positive")[0] == {
        "currency": "USD",
        "on_date": "2026-05-01",
        "rate": "0.00000000",
    }


def test_a_negative_quantity(published: Settings) -> None:
    without_its_key(
        published,
        "crm.order_lines",
        "update order_lines set quantity = '-3.0000' where order_line_no = 'CO-2026-00003:1'",
    )
    assert build_all(published)["state"] == "fresh"
    assert alarms(published) == {"quantity_is_positive": ("failed", "warn")}
    assert failing(published, "quantity_is_positive") == [
        {"order_line_no": "CO-2026-00003:1", "quantity": "-3.0000"}
    ]


def test_a_swapped_currency_of_an_order(published: Settings) -> None:
    run_sql(
        published, "erp", "update sales_orders set currency = 'USD' where sales_order_no = 'SO-2026-00005'"
    )
    assert build_all(published)["state"] == "fresh"
    assert alarms(published) == {
        "crm_and_erp_agree_on_currency": ("failed", "warn"),
        "owed_in_the_orders_currency": ("failed", "warn"),
        "paid_in_the_orders_currency": ("failed", "warn"),
    }
    assert failing(published, "crm_and_erp_agree_on_currency") == [
        {"order_no": "CO-2026-00005", "sales_order_no": "SO-2026-00005"}
        | {"crm_currency": "EUR", "erp_currency": "USD"}
    ]


def test_a_swapped_currency_of_a_payment(published: Settings) -> None:
    run_sql(published, "erp", "update payments set currency = 'USD' where payment_no = 'PA-2026-00003'")
    assert build_all(published)["state"] == "fresh"
    assert alarms(published) == {"paid_in_the_orders_currency": ("failed", "warn")}
    assert failing(published, "paid_in_the_orders_currency") == [
        {"payment_no": "PA-2026-00003", "sales_order_no": "SO-2026-00004"}
        | {"payment_currency": "USD", "order_currency": "EUR"}
    ]


def test_a_stale_stream(published: Settings) -> None:
    run_sql(
        published,
        "erp",
        "drop trigger payments_touch",
        "update payments set updated_at = '2026-06-08 11:59:59.000000'",
    )
    published.build_file.unlink()
    assert build_all(published)["state"] == "fresh"
    assert alarms(published) == {"fresh:erp.payments": ("failed", "warn")}
    assert failing(published, "fresh:erp.payments") == [
        {"stream": "erp.payments", "last_changed_at": "2026-06-08 11:59:59+00"}
    ]


def test_lines_that_are_a_cent_off_their_order(published: Settings) -> None:
    run_sql(
        published,
        "crm",
        "update order_lines set line_amount = '600.0600' where order_line_no = 'CO-2026-00001:1'",
    )
    assert build_all(published)["state"] == "fresh"
    assert alarms(published) == {"lines_add_up": ("failed", "warn")}
    # 600.06 + 400.05 of an order of 1000.10
    assert failing(published, "lines_add_up") == [
        {"order_key": "CO-2026-00001", "order_amount": "1000.1000", "lines_amount": "1000.1100"}
    ]


def test_a_warehouse_that_is_a_cent_off_its_source(published: Settings) -> None:
    with open_build(published) as build:
        build.execute("update raw.erp_payments set amount = amount + 0.01 where payment_no = 'PA-2026-00004'")
        changes.note_whole(build, "raw.erp_payments", tick=changes.next_tick(build))
    core(published)
    marts(published)
    gate(published)
    assert publish(published)["state"] == "stale"
    assert alarms(published) == {
        "sum:erp.payments.amount": ("failed", "error"),
        "kept_money:core.fct_payment.payment_amount": ("failed", "error"),
    }
    # 1000 + 0.10 + 40 + 25
    assert failing(published, "sum:erp.payments.amount") == [
        {"source_total": "1065.1000", "raw_total": "1065.1100"}
    ]
    assert failing(published, "kept_money:core.fct_payment.payment_amount") == [
        {"currency": "EUR", "status": "", "source_total": "1065.1000", "table_total": "1065.1100"}
    ]


def test_a_dropped_column(published: Settings) -> None:
    before = published.published_file.read_bytes()
    without_its_key(published, "crm.leads", "alter table leads drop column expected_amount")
    with pytest.raises(Refused, match=r"crm\.leads"):
        flow.extract(published)
    assert alarms(published) == {"columns:crm.leads": ("failed", "error")}
    assert failing(published, "columns:crm.leads") == [
        {"column_name": "expected_amount", "data_type": "decimal(18, 4)", "problem": "missing"}
    ]
    status = read_status(published)
    assert (status["state"], status["failed_checks"]) == ("stale", ["columns:crm.leads"])
    assert "the source has no expected_amount" in status["reasons"]["columns:crm.leads"]
    assert published.published_file.read_bytes() == before
    assert publish(published)["state"] == "stale"
    page = published.report_file.parent / "quality" / "columns-crm-leads.html"
    assert "expected_amount" in page.read_text()


def test_a_column_that_is_back_clears_it(published: Settings) -> None:
    run_sql(published, "crm", "alter table leads rename column expected_amount to hoped_amount")
    with pytest.raises(Refused):
        flow.extract(published)
    run_sql(published, "crm", "alter table leads rename column hoped_amount to expected_amount")
    assert build_all(published)["state"] == "fresh"
    assert (alarms(published), read_status(published)["reasons"]) == ({}, {})


def test_a_source_that_refuses_for_another_reason_could_not_be_checked(published: Settings) -> None:
    run_sql(
        published, "crm", "alter table leads rename to people", "create view leads as select * from people"
    )
    run_sql(published, "crm", "drop table people")
    with pytest.raises(Refused):
        flow.extract(published)
    assert alarms(published) == {"columns:crm.leads": ("could_not_check", "error")}
    assert read_status(published)["state"] == "stale"


def test_of_the_seeded_company_only_its_planted_faults_alarm(tmp_path: Path) -> None:
    company = settings_at(tmp_path / "home")
    make_stores(company)
    engines = {system: sa.create_engine(company.url(system)) for system in models.SYSTEMS}
    # A small company is not busy on every day: on this one each of its streams had moved lately.
    today = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
    seed(engines, as_of=today.date(), fraction=0.1)
    for engine in engines.values():
        engine.dispose()
    extract(company, as_of=today)
    core(company)
    marts(company)
    gate(company)
    assert publish(company)["state"] == "fresh"
    assert alarms(company) == {
        "points:core.fct_order_line.item_no": ("failed", "warn"),
        "quantity_is_positive": ("failed", "warn"),
        "lines_add_up": ("failed", "warn"),
    }
    kept = ask_build(company, "select gate, row_key from quality.failures order by gate")
    assert [(name, key[:13]) for name, key in kept] == [
        ("lines_add_up", f"CO-{today.year}-00053"),
        ("points:core.fct_order_line.item_no", f"CO-{today.year}-00051"),
        ("quantity_is_positive", f"CO-{today.year}-00052"),
    ]


def test_the_same_defects_in_postgresql(new_postgresql: Callable[[], str], tmp_path: Any) -> None:
    erp = new_postgresql()
    company = settings_at(tmp_path / "home", erp_url=erp)
    make_stores(company)
    tell(company)
    build_all(company)
    assert alarms(company) == {}
    with sa.create_engine(erp, isolation_level="AUTOCOMMIT").connect() as store:
        rules = store.exec_driver_sql(
            """select conrelid::regclass::text, conname from pg_constraint
            where connamespace = 'public'::regnamespace and contype in ('f', 'p', 'u', 'c')
            order by contype = 'p'"""
        ).fetchall()
        for table, name in rules:
            store.exec_driver_sql(f'alter table {table} drop constraint "{name}" cascade')
        store.exec_driver_sql("update payments set currency = 'USD' where payment_no = 'PA-2026-00003'")
        store.exec_driver_sql(
            "update payments set sales_order_no = 'SO-2026-77777' where payment_no = 'PA-2026-00004'"
        )
        store.exec_driver_sql(
            "update sales_orders set total_amount = 40.01 where sales_order_no = 'SO-2026-00004'"
        )
        store.exec_driver_sql(
            "create temp table twice as select * from stock_moves where stock_move_no = 'SM-2'"
        )
        store.exec_driver_sql("update twice set kind = 'opening'")
        store.exec_driver_sql("insert into stock_moves select * from twice")
    build_all(company)
    assert alarms(company) == {
        "key:erp.stock_moves": ("failed", "error"),
        "belongs:erp.payments.sales_order_no": ("failed", "warn"),
        "paid_in_the_orders_currency": ("failed", "warn"),
        "crm_and_erp_agree": ("failed", "warn"),
    }
    assert failing(company, "key:erp.stock_moves") == [{"stock_move_no": "SM-2", "rows": "2"}]
    assert failing(company, "crm_and_erp_agree") == [
        {"order_key": "CO-2026-00004", "order_amount": "40.0000", "sales_amount": "40.0100"}
    ]
