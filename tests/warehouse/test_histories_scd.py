"""A person, a customer and an item have one state at any instant, whatever the stamps of its changes say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest

from settings import Settings
from tests.warehouse.company import put, run_sql
from tests.warehouse.conftest import ask_build, build_all
from warehouse.build_file import open_build
from warehouse.extract import extract
from warehouse.runner import build

pytestmark = pytest.mark.slow

FIRST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
MADE = (
    "core.int_calendar",
    "core.dim_employee",
    "core.dim_item",
    "core.int_customer_span",
    "core.int_customer_version",
    "core.dim_customer",
)


def bring_up(settings: Settings) -> dt.datetime:
    """Read all, also what has an old stamp, and make the histories; when it was read."""
    extract(settings, full=True)
    with open_build(settings) as connection:
        build(connection, "core", only=MADE)
    ((read_at,),) = ask_build(settings, "select read_at from raw.run")
    return utc(read_at)


def history(settings: Settings, table: str, columns: str, key: str) -> list[tuple[Any, ...]]:
    """(valid from, valid to, columns…) of one key, oldest first."""
    where = f"{key.partition('=')[0]} = '{key.partition('=')[2]}'"
    rows = ask_build(
        settings, f"select valid_from, valid_to, {columns} from core.{table} where {where} order by 1"
    )
    return [(utc(start), end and utc(end), *more) for start, end, *more in rows]


def utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC)


def on(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2026, 6, day, hour, tzinfo=dt.UTC)


def stamp(settings: Settings, system: str, table: str, change: str, moment: dt.datetime) -> None:
    """A change by somebody whose clock says ``moment``."""
    run_sql(
        settings,
        system,
        f"drop trigger if exists {table}_touch",
        f"update {table} set {change.replace('{at}', f'{moment:%Y-%m-%d %H:%M:%S.000000}')}",
    )


def test_a_customer_read_after_a_later_change_of_its_account_starts_when_it_was_read(
    company: Settings,
) -> None:
    put(company, "crm.accounts", {"account_no": "A-0001", "name": "one"})
    bring_up(company)
    stamp(company, "crm", "accounts", "name = 'uno', updated_at = '{at}'", on(10, 12))
    bring_up(company)
    put(company, "erp.customers", {"customer_no": "C-0001", "crm_account_no": "A-0001", "name": "one"})
    stamp(company, "erp", "customers", "updated_at = '{at}'", on(10, 11))
    read_at = bring_up(company)
    assert history(company, "dim_customer", "name, customer_no", "account_no=A-0001") == [
        (FIRST, on(10, 12), "one", None),
        (on(10, 12), read_at, "uno", None),
        (read_at, None, "uno", "C-0001"),
    ]


@pytest.mark.parametrize("hour", [12, 9], ids=["a change without a new stamp", "a stamp set back"])
def test_an_item_whose_stamp_is_not_later_starts_when_it_was_read(company: Settings, hour: int) -> None:
    put(company, "erp.items", {"item_no": "IT-1", "name": "one"})
    bring_up(company)
    stamp(company, "erp", "items", "name = 'two', updated_at = '{at}'", on(10, 12))
    bring_up(company)
    stamp(company, "erp", "items", "name = 'three', updated_at = '{at}'", on(10, hour))
    read_at = bring_up(company)
    assert history(company, "dim_item", "name", "item_no=IT-1") == [
        (FIRST, on(10, 12), "one"),
        (on(10, 12), read_at, "two"),
        (read_at, None, "three"),
    ]


def test_a_person_whose_stamp_is_set_back_starts_when_it_was_read(company: Settings) -> None:
    put(company, "oa.employees", {"employee_no": "E-1", "name": "one"})
    bring_up(company)
    stamp(company, "oa", "employees", "name = 'two', updated_at = '{at}'", on(10, 12))
    bring_up(company)
    stamp(company, "oa", "employees", "name = 'three', updated_at = '{at}'", on(10, 9))
    read_at = bring_up(company)
    assert history(company, "dim_employee", "name", "employee_no=E-1") == [
        (FIRST, on(10, 12), "one"),
        (on(10, 12), read_at, "two"),
        (read_at, None, "three"),
    ]


def test_states_read_at_an_instant_that_is_over_start_one_microsecond_apart(company: Settings) -> None:
    """The machine that builds has had its clock set back to a day before the stamps."""
    put(company, "erp.items", {"item_no": "IT-1", "name": "one"})
    bring_up(company)
    for name in ("two", "three", "four"):
        stamp(company, "erp", "items", f"name = '{name}', updated_at = '{{at}}'", on(10, 12))
        bring_up(company)
    with duckdb.connect(str(company.build_file)) as connection:
        connection.execute(
            "update raw.erp_items_versions set _read_at = timestamptz '2026-06-09 00:00:00+00'"
        )
    with open_build(company) as connection:
        build(connection, "core", only=MADE, full=True)
    micro = dt.timedelta(microseconds=1)
    assert history(company, "dim_item", "name", "item_no=IT-1") == [
        (FIRST, on(10, 12), "one"),
        (on(10, 12), on(10, 12) + micro, "two"),
        (on(10, 12) + micro, on(10, 12) + 2 * micro, "three"),
        (on(10, 12) + 2 * micro, None, "four"),
    ]


def test_the_last_person_of_a_country_moves_and_keeps_having_been_there(company: Settings) -> None:
    put(company, "oa.employees", {"employee_no": "E-1", "name": "one", "country": "FR"})
    bring_up(company)
    stamp(company, "oa", "employees", "country = 'ES', updated_at = '{at}'", on(10, 12))
    bring_up(company)
    assert history(company, "dim_employee", "country, timezone", "employee_no=E-1") == [
        (FIRST, on(10, 12), "FR", company.timezone),
        (on(10, 12), None, "ES", company.timezone),
    ]


def test_the_last_person_of_a_country_is_deleted_and_keeps_having_been_there(company: Settings) -> None:
    put(
        company,
        "oa.employees",
        {"employee_no": "E-1", "name": "one", "country": "FR"},
        {"employee_no": "E-2", "name": "two"},
    )
    bring_up(company)
    run_sql(company, "oa", "delete from employees where employee_no = 'E-1'")
    read_at = bring_up(company)
    assert history(company, "dim_employee", "country, timezone", "employee_no=E-1") == [
        (FIRST, read_at, "FR", company.timezone),
    ]
    # Whose days count is decided by the people there are.
    assert ask_build(company, "select country from core.int_calendar where is_default") == [("ES",)]


@pytest.fixture
def linked(company: Settings) -> Settings:
    """Two accounts, the first with a customer, built."""
    put(
        company,
        "crm.accounts",
        {"account_no": "A-0001", "name": "one"},
        {"account_no": "A-0002", "name": "two"},
    )
    put(
        company,
        "erp.customers",
        {"customer_no": "C-0001", "crm_account_no": "A-0001", "name": "one", "credit_limit": "500"},
    )
    bring_up(company)
    return company


def test_a_customer_that_moves_leaves_its_old_account(linked: Settings) -> None:
    stamp(linked, "erp", "customers", "crm_account_no = 'A-0002', updated_at = '{at}'", on(10, 12))
    bring_up(linked)
    assert history(linked, "dim_customer", "customer_no, credit_limit", "account_no=A-0001") == [
        (FIRST, on(10, 12), "C-0001", 500),
        (on(10, 12), None, None, None),
    ]
    assert history(linked, "dim_customer", "customer_no, credit_limit", "account_no=A-0002") == [
        (FIRST, on(10, 12), None, None),
        (on(10, 12), None, "C-0001", 500),
    ]


def test_an_account_whose_customer_is_deleted_has_no_credit_from_then_on(linked: Settings) -> None:
    run_sql(linked, "erp", "delete from customers")
    read_at = bring_up(linked)
    assert history(linked, "dim_customer", "customer_no, credit_limit", "account_no=A-0001") == [
        (FIRST, read_at, "C-0001", 500),
        (read_at, None, None, None),
    ]


def test_an_account_known_by_its_customer_alone_ends_with_it(linked: Settings) -> None:
    """C-0009 takes the place of C-0001, which goes."""
    put(linked, "erp.customers", {"customer_no": "C-0009", "crm_account_no": "A-0009", "name": "nine"})
    bring_up(linked)
    run_sql(linked, "erp", "delete from customers where customer_no = 'C-0001'")
    stamp(linked, "erp", "customers", "crm_account_no = 'A-0001', updated_at = '{at}'", on(10, 12))
    read_at = bring_up(linked)
    assert history(linked, "dim_customer", "customer_no", "account_no=A-0009") == [
        (FIRST, on(10, 12), "C-0009")
    ]
    assert history(linked, "dim_customer", "customer_no", "account_no=A-0001") == [
        (FIRST, read_at, "C-0001"),
        (read_at, None, "C-0009"),
    ]


def test_a_lost_build_file_is_told_to_have_lost_what_was(
    published: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    lost = "build.duckdb is new, and core.{} as published has states that are over, {} of them"
    build_all(published)
    past = "select country from core.dim_customer where account_no = 'A-0001' order by valid_from"
    (was,) = ask_build(published, past)
    ((states,),) = ask_build(published, "select count(*) from core.dim_customer where not is_current")
    run_sql(published, "crm", "update accounts set country = 'PT' where account_no = 'A-0001'")
    build_all(published)
    assert ask_build(published, past) == [was, ("PT",)]
    assert "build.duckdb is new" not in caplog.text
    published.build_file.unlink()
    extract(published)
    assert lost.format("dim_customer", states + 1) in caplog.text


def test_a_first_build_has_lost_nothing(company: Settings, caplog: pytest.LogCaptureFixture) -> None:
    build_all(company)
    company.build_file.unlink()
    extract(company)
    assert "build.duckdb is new" not in caplog.text
