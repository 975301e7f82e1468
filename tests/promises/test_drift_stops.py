"""A column more is told and left alone; one less, renamed or of another type stops the flow at once."""

from __future__ import annotations

import pytest

import settings
from commands.run import run
from connectors.errors import Refused
from flows.customers import CUSTOMERS
from flows.orders import ORDERS
from tests.promises.world_company import Company, account

RETYPE = (
    "alter table {table} rename column {column} to old_{column}",
    "alter table {table} add column {column} {type}",
    "alter table {table} drop column old_{column}",
)


@pytest.fixture
def moving(company: Company) -> Company:
    """A customer, and an account that the next run would register."""
    company.put("crm.accounts", account(1))
    company.run(CUSTOMERS)
    company.put("crm.accounts", account(2))
    return company


def alter(company: Company, system: str, *statements: str) -> None:
    for statement in statements:
        company.sql(system, statement)


def refused(company: Company, step: str = "register") -> str:
    """Why the step was refused; nothing is written by it, and the cursor stays."""
    before = company.rows("erp.customers", "crm_account_no"), company.memory("cursors", "step", "position")
    with pytest.raises(Refused) as told:
        company.run(CUSTOMERS, step)
    after = company.rows("erp.customers", "crm_account_no"), company.memory("cursors", "step", "position")
    assert after == before
    state, error = company.memory("runs", "state", "error")[-1]
    assert (state, error) == ("failed", f"Refused: {told.value}")
    return str(told.value)


def test_a_column_added_at_the_source_is_told_and_ignored(moving: Company) -> None:
    alter(moving, "crm", "alter table accounts add column loyalty varchar(10) default 'gold'")
    (report,) = moving.run(CUSTOMERS, "register")
    assert report.written == 1
    (note,) = report.notes
    assert "crm.accounts" in note
    assert "loyalty" in note
    assert moving.rows("erp.customers", "crm_account_no") == [("A-000001",), ("A-000002",)]


def test_a_column_added_at_the_target_is_told_and_left_alone(moving: Company) -> None:
    alter(moving, "erp", "alter table customers add column rating integer default 5")
    (report,) = moving.run(CUSTOMERS, "register")
    assert (report.written, len(report.notes)) == (1, 1)
    assert "erp.customers" in report.notes[0]
    assert moving.sql("erp", "select rating from customers") == [(5,), (5,)]


def test_a_column_removed_at_the_source_stops_the_flow(moving: Company) -> None:
    alter(moving, "crm", "alter table accounts drop column city")
    told = refused(moving)
    assert "crm.accounts" in told
    assert "city" in told
    assert "model" in told


def test_a_column_renamed_at_the_target_stops_the_flow_and_the_new_name_is_guessed(moving: Company) -> None:
    alter(moving, "erp", "alter table customers rename column city to town")
    told = refused(moving)
    assert "erp.customers" in told
    assert "city" in told
    assert "was it renamed to town?" in told


@pytest.mark.parametrize(
    ("system", "table", "column", "type_"),
    [
        ("crm", "accounts", "created_on", "integer"),
        ("crm", "accounts", "employees", "varchar(20)"),
        ("erp", "customers", "payment_terms_days", "varchar(20)"),
    ],
)
def test_a_column_of_another_type_stops_the_flow(
    moving: Company, system: str, table: str, column: str, type_: str
) -> None:
    if column == "created_on":
        moving.sql("crm", "drop trigger if exists accounts_touch")
    alter(moving, system, *(each.format(table=table, column=column, type=type_) for each in RETYPE))
    told = refused(moving)
    assert f"{system}.{table}" in told
    assert column in told


def test_a_table_that_is_only_looked_up_in_stops_the_flow_too(company: Company) -> None:
    alter(company, "erp", "alter table items rename column unit_price to price")
    with pytest.raises(Refused, match=r"erp\.items"):
        company.run(ORDERS, "book")
    assert company.memory("cursors", "step") == []


def test_the_command_tells_what_nobody_declared_and_what_stopped(
    moving: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    for system, url in moving.urls.items():
        monkeypatch.setenv(f"TRIADA_{system.upper()}_URL", url)
    monkeypatch.setenv("TRIADA_HOME", str(moving.home))
    alter(moving, "crm", "alter table accounts add column loyalty varchar(10)")
    settings.load.cache_clear()
    try:
        told = run("customers", direct=True, quiet=True)
        assert told.ok
        (note,) = told.notes
        assert "loyalty" in note
        alter(moving, "crm", "alter table accounts drop column city")
        told = run("customers", direct=True, quiet=True)
    finally:
        settings.load.cache_clear()
    assert not told.ok
    (problem,) = told.problems
    assert problem.startswith("customers stopped: crm.accounts")
    assert "city" in problem


def test_a_preview_stops_as_a_run_would(moving: Company) -> None:
    alter(moving, "crm", "alter table accounts drop column city")
    with pytest.raises(Refused, match=r"crm\.accounts"):
        moving.preview(CUSTOMERS, "register")


def test_once_mended_the_flow_goes_on_where_it_was(moving: Company) -> None:
    alter(moving, "erp", "alter table customers rename column city to town")
    refused(moving)
    alter(moving, "erp", "alter table customers rename column town to city")
    (report,) = moving.run(CUSTOMERS, "register")
    assert (report.written, report.quarantined, report.notes) == (1, 0, [])


def test_a_flow_stops_before_any_of_its_steps_writes(moving: Company) -> None:
    alter(moving, "crm", "alter table accounts rename column credit_limit to allowance")
    with pytest.raises(Refused, match="credit_limit"):
        moving.run(CUSTOMERS)
    assert moving.rows("erp.customers", "crm_account_no") == [("A-000001",)]
