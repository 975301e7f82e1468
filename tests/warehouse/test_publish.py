"""The published file: whole, described, without personal data, the same for the same input."""

from __future__ import annotations

import threading

import duckdb
import pytest

from settings import Settings
from tests.warehouse.company import run_sql
from tests.warehouse.conftest import Ask, build_all
from warehouse.build_file import open_build
from warehouse.describe import free_text_columns, marts_markdown, personal_columns, publication, tables
from warehouse.model import models
from warehouse.publish import publish
from warehouse.status import read_status

pytestmark = pytest.mark.slow

DESIGN = """
dim_employee dim_customer dim_item dim_date fct_approval fct_approval_step fct_lead fct_activity fct_order
fct_order_line fct_payment fct_shipment fct_production fct_stock_daily fct_trip fct_attendance
fct_process_event mart_lead_to_cash mart_handoff_gaps mart_approval_times mart_pipeline mart_customer_value
mart_trip_roi mart_supply mart_sales mart_forecast mart_cash mart_data_health mart_metric
"""


def test_every_table_of_the_design_is_published_and_nothing_private(ask: Ask) -> None:
    found = ask("select schema_name, table_name from duckdb_tables()")
    assert {schema for schema, _ in found} == {"core", "marts"}
    names = {table for _, table in found}
    assert set(DESIGN.split()) <= names
    assert not [name for name in names if not name.startswith(("dim_", "fct_", "mart_"))]


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.relation)
def test_the_declared_grain_is_unique_and_every_column_described(ask: Ask, table: object) -> None:
    described = next(one for one in tables() if one is table)
    grain = ", ".join(described.grain)
    assert ask(f"select {grain} from {described.relation} group by all having count(*) > 1") == []
    schema, name = described.relation.split(".")
    columns = ask(
        f"""select column_name, comment, data_type from duckdb_columns()
        where schema_name = '{schema}' and table_name = '{name}' order by column_index"""
    )
    assert [column for column, _, _ in columns] == list(described.columns)
    assert all(comment for _, comment, _ in columns)
    assert not [column for column, _, kind in columns if kind in ("DOUBLE", "FLOAT", "TIMESTAMP")]


def test_money_is_exact_and_instants_know_their_zone(ask: Ask) -> None:
    types = ask("select column_name, data_type from duckdb_columns() where not internal")
    for name, kind in types:
        if name.endswith(("_amount", "_rate")) or name in ("amount", "value", "lower_80", "upper_80"):
            assert kind.startswith("DECIMAL"), name
        if name.endswith("_at"):
            assert kind == "TIMESTAMP WITH TIME ZONE", name
        if name.endswith("_on"):
            assert kind == "DATE", name


def test_every_published_model_is_described() -> None:
    assert {model.relation for model in models() if model.is_published} == {t.relation for t in tables()}


def test_no_personal_data_is_published(ask: Ask) -> None:
    columns = ask(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() where not internal"
    )
    assert not {column for _, _, column, _ in columns} & personal_columns()
    for schema, table, column, kind in columns:
        if kind == "VARCHAR":
            leaked = (
                f"select count(*) from {schema}.{table} where {column} like '%@%' or {column} like '%+34%'"
            )
            assert ask(leaked) == [(0,)], f"{schema}.{table}.{column}"


def test_free_text_that_is_searched_is_published() -> None:
    assert free_text_columns() <= {name for table in tables() for name in table.columns}


def test_the_page_of_tables_says_every_column() -> None:
    page = marts_markdown()
    for table in tables():
        assert f"## {table.relation}" in page
        assert all(f"| `{name}` | {says} |" in page for name, says in table.columns.items())


WHEN = {"read_at", "checked_at", "checked_run_id", "failing_since", "seconds"}
"""What tells one run from another of the same content; the history of checks tells nothing else."""


def contents(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Every published table, but for when the streams were read and checked."""
    with duckdb.connect(str(settings.published_file), read_only=True) as file:
        rows = {}
        for table in tables():
            if table.relation == "marts.mart_check_history":
                continue
            columns = ", ".join(name for name in table.columns if name not in WHEN)
            rows[table.relation] = file.execute(f"select {columns} from {table.relation}").fetchall()
    return rows


def test_the_file_says_which_publication_it_is(ask: Ask, told: Settings) -> None:
    about = publication()
    schema, name = about.relation.split(".")
    columns = ask(
        f"""select column_name, comment from duckdb_columns()
        where schema_name = '{schema}' and table_name = '{name}' order by column_index"""
    )
    assert [(column, comment) for column, comment in columns] == list(about.columns.items())
    ((published_at, as_of, content, marked),) = ask(f"from {about.relation}")
    status = read_status(told)
    assert (published_at.isoformat(), content) == (status["published_at"], status["content"])
    assert (as_of.isoformat(), marked) == (status["as_of"], status["marked_checks"])


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.relation)
def test_rows_lie_in_the_order_of_their_grain(ask: Ask, table: object) -> None:
    described = next(one for one in tables() if one is table)
    grain = ", ".join(described.grain)
    assert ask(f"from {described.relation}") == ask(f"from {described.relation} order by {grain}")


def test_a_table_made_in_another_order_is_published_the_same(published: Settings) -> None:
    """As an incremental build makes it: what changed comes last."""
    first = contents(published)
    with open_build(published) as build:
        for table in tables():
            build.execute(f"create or replace table shuffled as from {table.relation} order by random()")
            build.execute(f"delete from {table.relation}")
            build.execute(f"insert into {table.relation} from shuffled")
    assert publish(published)["written"] == 0
    assert contents(published) == first


def test_building_twice_changes_nothing(published: Settings) -> None:
    first = contents(published)
    assert build_all(published)["written"] == 0
    assert contents(published) == first
    run_sql(published, "crm", "update accounts set name = 'Acme & Co' where account_no = 'A-0001'")
    assert build_all(published)["written"] == len(tables())


def test_a_build_from_nothing_says_the_same_as_one_step_by_step(published: Settings) -> None:
    run_sql(published, "crm", "update orders set total_amount = '81.0000' where order_no = 'CO-2026-00003'")
    run_sql(
        published, "crm", "update order_lines set line_amount = '81.0000' where order_no = 'CO-2026-00003'"
    )
    run_sql(published, "erp", "delete from payments where payment_no = 'PA-2026-00004'")
    build_all(published)
    stepwise = contents(published)
    published.build_file.unlink()
    build_all(published)
    assert contents(published) == stepwise


def test_an_empty_company_is_published_too(company: Settings) -> None:
    assert read_status(company)["state"] == "missing"
    assert build_all(company)["state"] == "fresh"
    assert len(contents(company)["marts.mart_metric"]) == 6
    assert contents(company)["marts.mart_handoff_gaps"] == []


def test_readers_are_never_locked_out_and_never_see_half(published: Settings) -> None:
    stop, seen, errors = threading.Event(), set(), []

    def read() -> None:
        while not stop.is_set():
            try:
                with duckdb.connect(str(published.published_file), read_only=True) as file:
                    row = file.execute("select count(*) from marts.mart_metric").fetchone()
                    seen.add(row)
            except duckdb.Error as error:
                errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(5):
            publish(published)
    finally:
        stop.set()
        reader.join()
    assert (seen, errors) == ({(6,)}, [])


def test_nothing_is_left_beside_the_published_file(told: Settings) -> None:
    names = {path.name for path in told.published_file.parent.iterdir()}
    assert names == {"build.duckdb", "build.lock", "status.json", "triada.duckdb"}
