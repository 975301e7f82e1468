"""Every change of raw is noted as it was and as it is, or as too much to be told row by row."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import duckdb
import pytest

from connectors.errors import Misconfigured
from settings import Settings
from tests.warehouse.company import put, run_sql
from tests.warehouse.conftest import ask_build
from warehouse import changes
from warehouse.build_file import open_build, transaction
from warehouse.doubled import keep_doubled
from warehouse.extract import OVERLAP, extract
from warehouse.origins import origins
from warehouse.raw import load
from warehouse.readers import open_reader
from warehouse.replace import Load

pytestmark = pytest.mark.slow

MANY = 20
ACCOUNTS = next(origin for origin in origins() if origin.stream == "crm.accounts")


@pytest.fixture
def read(company: Settings) -> Settings:
    """A company of twenty accounts and one campaign, read once."""
    put(
        company,
        "crm.accounts",
        *({"account_no": f"A-{n:02}", "name": f"name {n}"} for n in range(MANY)),
    )
    extract(company)
    return company


def change_of(settings: Settings, relation: str) -> tuple[int, int]:
    """(tick of the last change, of the last one without its rows)."""
    ((tick, whole),) = ask_build(
        settings, f"select tick, whole_tick from delta.changes where relation = '{relation}'"
    )
    return tick, whole


def noted(settings: Settings, table: str = "crm_accounts") -> list[tuple[Any, ...]]:
    """(key, name, deleted, run) of each row noted, oldest tick first."""
    return ask_build(
        settings, f"select account_no, name, _deleted, _run_id from delta.raw_{table} order by _tick, 1, 4, 3"
    )


def test_a_first_load_is_noted_as_whole(read: Settings) -> None:
    tick, whole = change_of(read, "raw.crm_accounts")
    assert tick == whole > 0
    assert change_of(read, "raw.crm_accounts_versions") == (tick, tick)
    assert change_of(read, "raw.crm_campaigns") == (tick, tick)


def test_a_change_is_noted_as_it_was_and_as_it_is(read: Settings) -> None:
    run_sql(read, "crm", "update accounts set name = 'uno' where account_no = 'A-01'")
    put(read, "crm.accounts", {"account_no": "A-99", "name": "new"})
    extract(read)
    assert noted(read) == [
        ("A-01", "name 1", False, 1),
        ("A-01", "uno", False, 2),
        ("A-99", "new", False, 2),
    ]
    assert noted(read, "crm_accounts_versions") == [("A-01", "uno", False, 2), ("A-99", "new", False, 2)]
    tick, whole = change_of(read, "raw.crm_accounts")
    assert tick == whole + 1


@pytest.mark.parametrize("forget", ["", "delete from tombstones"])
def test_a_delete_is_noted_as_it_was_and_as_it_is_marked(read: Settings, forget: str) -> None:
    run_sql(read, "crm", "delete from accounts where account_no = 'A-01'", *filter(None, [forget]))
    extract(read)
    assert noted(read) == [("A-01", "name 1", False, 1), ("A-01", "name 1", True, 2)]
    assert noted(read, "crm_accounts_versions") == [("A-01", "name 1", True, 2)]


def test_nothing_changed_is_no_tick(read: Settings) -> None:
    before = ask_build(read, "select tick from delta.clock"), ask_build(read, "from delta.changes order by 1")
    extract(read)
    assert (
        ask_build(read, "select tick from delta.clock"),
        ask_build(read, "from delta.changes order by 1"),
    ) == before


def test_most_of_a_table_is_noted_as_whole(read: Settings) -> None:
    run_sql(read, "crm", "update accounts set name = 'uno'")
    extract(read)
    tick, whole = change_of(read, "raw.crm_accounts")
    assert (tick, whole) == (2, 2)


def test_a_new_column_is_noted_as_whole(read: Settings) -> None:
    with duckdb.connect(str(read.build_file)) as build:
        build.execute("alter table raw.crm_accounts drop column sector")
    extract(read)
    assert change_of(read, "raw.crm_accounts") == (2, 2)


def test_a_full_read_keeps_history_and_marks_what_is_gone(read: Settings) -> None:
    run_sql(read, "crm", "update accounts set name = 'uno' where account_no = 'A-01'")
    extract(read)
    run_sql(read, "crm", "delete from accounts where account_no = 'A-01'")
    assert extract(read, full=True)["crm.accounts"] == 1
    versions = (
        "select name, _deleted from raw.crm_accounts_versions where account_no = 'A-01' order by _run_id"
    )
    assert ask_build(read, versions) == [("name 1", False), ("uno", False), ("uno", True)]
    assert sum(extract(read, full=True).values()) == 0


def test_only_the_named_streams_are_read(read: Settings) -> None:
    run_sql(read, "crm", "delete from accounts where account_no = 'A-01'")
    put(read, "oa.departments", {"department_no": "D-ALL", "name": "All", "country": "ES"})
    assert extract(read, only=("crm.campaigns", "oa.departments")) == {
        "oa.departments": 1,
        "crm.campaigns": 0,
    }
    assert extract(read)["crm.accounts"] == 1
    with pytest.raises(Misconfigured, match=r"there is no stream crm\.acounts"):
        extract(read, only=("crm.acounts",))


def test_a_key_that_its_source_holds_twice_loses_neither_row(read: Settings) -> None:
    run_sql(
        read,
        "crm",
        "create table twice as select * from accounts",
        "drop table accounts",
        "alter table twice rename to accounts",
        "insert into accounts select * from accounts where account_no = 'A-01'",
        "update accounts set name = 'other', updated_at = '2026-01-01 00:00:00.000000' "
        "where rowid = (select max(rowid) from accounts)",
    )
    names = "select name from raw.crm_accounts where account_no = 'A-01' order by 1"
    accounts = ("crm.accounts",)
    extract(read, full=True, only=accounts)
    assert ask_build(read, names) == [("name 1",), ("other",)]
    assert extract(read, full=True, only=accounts)["crm.accounts"] == 0
    run_sql(read, "crm", "update accounts set name = 'another' where name = 'other'")
    assert extract(read, full=True, only=accounts)["crm.accounts"] == 1
    assert ask_build(read, names) == [("another",), ("name 1",)]


def load_again(settings: Settings, *, run_id: int, full: bool) -> None:
    """One load of the accounts in a transaction of its own, as one of several of the run."""
    address, now = settings.url("crm"), dt.datetime.now(dt.UTC)
    with (
        open_build(settings) as build,
        transaction(build),
        open_reader(build, address, system="crm") as reader,
    ):
        tick = partial(changes.next_tick, build)
        load(Load(build, reader, run_id, now, versioned=True, tick=tick), ACCOUNTS, OVERLAP, full=full)


def test_a_key_that_changes_between_two_reads_of_a_run_has_one_version_of_it(read: Settings) -> None:
    """A source without snapshots: the window is read, then, as its totals differ, all of the stream."""
    run_sql(read, "crm", "update accounts set name = 'uno' where account_no in ('A-01', 'A-02')")
    load_again(read, run_id=2, full=False)
    run_sql(read, "crm", "update accounts set name = 'one' where account_no = 'A-01'",
            "delete from accounts where account_no = 'A-02'")  # fmt: skip
    load_again(read, run_id=2, full=True)
    versions = (
        "select account_no, name, _deleted, _run_id from raw.crm_accounts_versions "
        "where account_no in ('A-01', 'A-02') order by account_no, _run_id, name"
    )
    assert ask_build(read, versions) == [
        ("A-01", "name 1", False, 1),
        ("A-01", "one", False, 2),
        ("A-02", "name 2", False, 1),
        ("A-02", "uno", True, 2),
    ]
    told = "select distinct name, _deleted from delta.raw_crm_accounts_versions where _tick = {} order by 2"
    ((marked,), (replaced,)) = ask_build(
        read, "select distinct _tick from delta.raw_crm_accounts_versions order by 1 desc limit 2"
    )[::-1]
    assert ask_build(read, told.format(marked)) == [("uno", False), ("uno", True)]
    assert sorted(ask_build(read, told.format(replaced))) == [("one", False), ("uno", False)]


def test_doubled_keys_that_are_gone_are_noted(read: Settings) -> None:
    with duckdb.connect(str(read.build_file)) as build:
        build.execute("insert into raw.crm_accounts from raw.crm_accounts where account_no = 'A-01'")
    tick, _ = change_of(read, "raw.crm_accounts")
    with open_build(read) as build, open_reader(build, read.url("crm"), system="crm") as reader:
        build.execute("create temp table came as from raw.crm_accounts limit 0")
        how = Load(build, reader, 2, dt.datetime.now(dt.UTC), versioned=True,
                   tick=partial(changes.next_tick, build))  # fmt: skip
        assert keep_doubled(how, ACCOUNTS) == 2
    assert change_of(read, "raw.crm_accounts") == (tick + 1, tick + 1)


def test_without_doubled_keys_nothing_is_noted(read: Settings) -> None:
    tick, _ = change_of(read, "raw.crm_accounts")
    with open_build(read) as build, open_reader(build, read.url("crm"), system="crm") as reader:
        build.execute("create temp table came as from raw.crm_accounts")
        how = Load(build, reader, 2, dt.datetime.now(dt.UTC), versioned=True,
                   tick=partial(changes.next_tick, build))  # fmt: skip
        assert keep_doubled(how, ACCOUNTS) == 0
    assert change_of(read, "raw.crm_accounts") == (tick, tick)
