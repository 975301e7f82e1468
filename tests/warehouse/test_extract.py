"""Extraction: exact, incremental, deletes included, the same from every database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

import models
from connectors.errors import Misconfigured, Refused, Unreachable
from models import ddl, state
from settings import Settings
from tests.warehouse.company import AS_OF, at, make_stores, put, run_sql, settings_at
from tests.warehouse.conftest import ask_build, build_all
from warehouse import changes
from warehouse.build_file import open_build
from warehouse.extract import extract, kept_instant, left_as_they_were
from warehouse.origins import origins

pytestmark = pytest.mark.slow


def moved(settings: Settings) -> dict[str, int]:
    """Streams that changed, with how many rows."""
    return {stream: rows for stream, rows in extract(settings).items() if rows}


def accounts(settings: Settings, *names: str) -> None:
    put(settings, "crm.accounts", *({"account_no": f"A-{name}", "name": name} for name in names))


def test_only_what_changed_is_read_again(company: Settings) -> None:
    accounts(company, "one", "two")
    assert moved(company) == {"crm.accounts": 2}
    assert moved(company) == {}
    run_sql(company, "crm", "update accounts set name = 'uno' where account_no = 'A-one'")
    assert moved(company) == {"crm.accounts": 1}
    assert ask_build(company, "select name from raw.crm_accounts order by 1") == [("two",), ("uno",)]


def test_what_a_full_read_left_as_it_was_is_counted(company: Settings) -> None:
    accounts(company, "one", "two", "three")
    extract(company)
    run_sql(company, "crm", "update accounts set name = 'uno' where account_no = 'A-one'")
    run_sql(company, "crm", "delete from accounts where account_no = 'A-two'")
    assert extract(company, full=True)["crm.accounts"] == 2
    assert left_as_they_were(company) == 1
    assert left_as_they_were(company, only=("crm.orders",)) == 0
    assert left_as_they_were(company, only=("hub.runs",)) == 0


def test_a_deleted_row_stays_and_is_marked(company: Settings) -> None:
    accounts(company, "one", "two")
    extract(company)
    run_sql(company, "crm", "delete from accounts where account_no = 'A-one'")
    assert moved(company) == {"crm.accounts": 1}
    assert ask_build(company, "select name, _deleted from raw.crm_accounts order by 1") == [
        ("one", True),
        ("two", False),
    ]
    assert moved(company) == {}


def test_delete_and_create_with_the_same_key_lives(company: Settings) -> None:
    accounts(company, "one")
    extract(company)
    run_sql(company, "crm", "delete from accounts where account_no = 'A-one'")
    accounts(company, "one")
    extract(company)
    assert ask_build(company, "select name, _deleted from raw.crm_accounts") == [("one", False)]


def test_a_deleted_row_of_a_history_ends_its_history(company: Settings) -> None:
    accounts(company, "one", "two")
    extract(company)
    run_sql(company, "crm", "delete from accounts where account_no = 'A-one'")
    extract(company)
    versions = "select name, _deleted from raw.crm_accounts_versions order by name, _run_id"
    assert ask_build(company, versions) == [("one", False), ("one", True), ("two", False)]


def test_a_delete_without_a_tombstone_is_found_by_the_count(company: Settings) -> None:
    accounts(company, "one", "two")
    extract(company)
    run_sql(company, "crm", "delete from accounts where account_no = 'A-one'", "delete from tombstones")
    assert moved(company) == {"crm.accounts": 1}
    assert ask_build(company, "select account_no from raw.crm_accounts where _deleted") == [("A-one",)]


@pytest.mark.parametrize(("column", "value"), [("status", "dormant"), ("name", "uno")])
def test_a_stamp_set_back_is_found_by_the_sums(company: Settings, column: str, value: str) -> None:
    accounts(company, "one", "two")
    extract(company)
    old = "2020-01-01 00:00:00.000000"
    run_sql(
        company,
        "crm",
        "drop trigger accounts_touch",
        f"update accounts set {column} = '{value}', updated_at = '{old}' where account_no = 'A-one'",
    )
    assert moved(company) == {"crm.accounts": 1}
    assert ask_build(company, f"select {column} from raw.crm_accounts where account_no = 'A-one'") == [
        (value,)
    ]


@pytest.mark.parametrize("server", ["new_postgresql", "new_mariadb"])
def test_a_commit_later_than_the_overlap_is_found_by_the_sums(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    """Of a column that is in no sum; SQLite has one writer at a time and no such commit."""
    new: Callable[[], str] = request.getfixturevalue(server)
    settings = settings_at(tmp_path, **{f"{system}_url": new() for system in models.SYSTEMS})
    make_stores(settings)
    monkeypatch.setattr("warehouse.extract.OVERLAP", dt.timedelta())
    accounts(settings, "one", "two")
    extract(settings)
    engine = sa.create_engine(settings.url("crm"))
    with engine.begin() as late:
        late.exec_driver_sql("update accounts set sector = 'water' where account_no = 'A-one'")
        run_sql(settings, "crm", "update accounts set sector = 'wood' where account_no = 'A-two'")
        assert moved(settings) == {"crm.accounts": 1}
    engine.dispose()
    assert moved(settings) == {"crm.accounts": 1}
    assert ask_build(settings, "select sector from raw.crm_accounts order by 1") == [("water",), ("wood",)]
    assert moved(settings) == {}


def test_ties_at_the_watermark_are_not_lost(company: Settings) -> None:
    accounts(company, "one")
    extract(company)
    ((stamp,),) = ask_build(
        company, "select strftime(max(updated_at), '%Y-%m-%d %H:%M:%S.%f') from raw.crm_accounts"
    )
    accounts(company, "two")
    run_sql(
        company,
        "crm",
        "drop trigger accounts_touch",
        f"update accounts set updated_at = '{stamp}' where account_no = 'A-two'",
    )
    assert moved(company) == {"crm.accounts": 1}


@pytest.mark.parametrize("amount", ["0.0001", "99999999999999.9999", "-12345678901234.5678", "0.1000"])
def test_money_is_exact_to_the_last_digit(company: Settings, amount: str) -> None:
    accounts(company, "one")
    order = {"order_no": "CO-1", "account_no": "A-one", "ordered_at": AS_OF, "total_amount": amount}
    put(company, "crm.orders", order)
    extract(company)
    assert ask_build(company, "select total_amount from raw.crm_orders") == [(Decimal(amount),)]
    assert ask_build(
        company,
        "select total from raw.source_totals where stream = 'crm.orders' and column_name = 'total_amount'",
    ) == [(Decimal(amount),)]


def test_three_dimes_are_thirty_cents(company: Settings) -> None:
    accounts(company, "one")
    for number in range(3):
        order = {
            "order_no": f"CO-{number}",
            "account_no": "A-one",
            "ordered_at": AS_OF,
            "total_amount": "0.1",
        }
        put(company, "crm.orders", order)
    extract(company)
    assert ask_build(company, "select sum(total_amount) from raw.crm_orders") == [(Decimal("0.3000"),)]


def test_money_written_by_sql_is_read_as_it_is_meant(company: Settings) -> None:
    accounts(company, "one")
    order = {"order_no": "CO-1", "account_no": "A-one", "ordered_at": AS_OF, "total_amount": "1"}
    put(company, "crm.orders", order)
    run_sql(company, "crm", "update orders set total_amount = '-12.5'")
    extract(company)
    assert ask_build(company, "select total_amount, _unreadable from raw.crm_orders") == [
        (Decimal("-12.5"), "")
    ]
    assert ask_build(
        company,
        "select total from raw.source_totals where stream = 'crm.orders' and column_name = 'total_amount'",
    ) == [(Decimal("-12.5"),)]


def test_what_cannot_be_read_is_named_and_stops_nothing(company: Settings) -> None:
    accounts(company, "one")
    run_sql(company, "crm", "update accounts set credit_limit = 'a lot', created_on = 'once'")
    extract(company)
    assert ask_build(company, "select credit_limit, _unreadable from raw.crm_accounts") == [
        (
            None,
            "created_on is a text of length 4, expected a date; "
            "credit_limit is a text of length 5, expected a decimal",
        )
    ]


def test_instants_are_utc_to_the_microsecond(company: Settings) -> None:
    accounts(company, "one")
    moment = AS_OF.replace(microsecond=123456)
    put(
        company,
        "crm.orders",
        {"order_no": "CO-1", "account_no": "A-one", "ordered_at": moment, "total_amount": "1"},
    )
    extract(company)
    assert ask_build(company, "select epoch_us(ordered_at) from raw.crm_orders") == [
        (int(moment.timestamp()) * 1_000_000 + 123456,)
    ]


def test_the_hubs_state_comes_along_without_what_it_put_aside(company: Settings) -> None:
    assert extract(company)["hub.quarantine"] == 0
    engine = sa.create_engine(company.url("state"))
    state.METADATA.create_all(engine)
    seen = {
        "first_seen_at": AS_OF,
        "last_seen_at": AS_OF,
        "count": 1,
        "payload": "{'email': 'x@example.com'}",
    }
    row = {"flow": "leads", "step": "in", "stream": "files.leads", "key": "k", "state": "quarantined"}
    with engine.begin() as connection:
        connection.execute(state.quarantine.insert(), row | seen | {"rule": "r", "reason": "why"})
    engine.dispose()
    assert extract(company)["hub.quarantine"] == 1
    columns = [row[0] for row in ask_build(company, "describe raw.hub_quarantine")]
    assert "rule" in columns
    assert "payload" not in columns


def test_ages_stand_still_while_nothing_changes(company: Settings) -> None:
    accounts(company, "one")
    extract(company)
    first = ask_build(company, "select as_of from raw.build")
    extract(company)
    assert ask_build(company, "select as_of from raw.build") == first
    accounts(company, "two")
    extract(company)
    assert ask_build(company, "select as_of from raw.build") > first


def test_a_day_ends_where_the_company_is(company: Settings) -> None:
    """23:00 and 01:00 in Shanghai are one day in UTC and two for the company."""
    evening, night = at("06-15 15:00"), at("06-15 17:00")
    extract(company, as_of=evening)
    with open_build(company) as build:
        assert kept_instant(build, night, zone="Asia/Shanghai", moved=False) == night
        assert kept_instant(build, night, zone="Europe/Madrid", moved=False) == evening


def test_history_of_a_person_is_kept(company: Settings) -> None:
    put(company, "oa.departments", {"department_no": "D-ALL", "name": "All", "country": "ES"})
    put(company, "oa.employees", {"employee_no": "E-0001", "name": "Ana"})
    extract(company)
    run_sql(company, "oa", "update employees set job_title = 'Boss'")
    extract(company)
    assert ask_build(company, "select job_title from raw.oa_employees_versions order by _run_id") == [
        (None,),
        ("Boss",),
    ]


def test_a_missing_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"oa: no database at oa\.db.*triada seed"):
        extract(settings_at(tmp_path))


def test_an_address_of_another_kind_is_refused(company: Settings) -> None:
    with pytest.raises(
        Misconfigured, match=r"TRIADA_CRM_URL: crm: no connector for .ftp. addresses; expected sqlite"
    ):
        extract(settings_at(company.home, crm_url="ftp://crm.example/api"))


@pytest.mark.parametrize("driver", ["postgresql+psycopg2", "mysql+pymysql"])
def test_a_server_that_does_not_answer_is_named_without_its_password(company: Settings, driver: str) -> None:
    address = f"{driver}://reader:hush-hush@127.0.0.1:1/oa"
    with pytest.raises(Unreachable, match=r"oa: .*expected an answer") as raised:
        extract(settings_at(company.home, oa_url=address))
    assert "hush-hush" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_stream_without_a_declared_column_is_named(company: Settings) -> None:
    run_sql(company, "crm", "alter table campaigns rename column name to title")
    with pytest.raises(Refused, match=r"crm\.campaigns: .*name.*expected the stream's declared"):
        extract(company)


def test_a_stream_that_got_a_column_is_read_whole_again(company: Settings) -> None:
    accounts(company, "one")
    extract(company)
    import duckdb

    with duckdb.connect(str(company.build_file)) as build:
        build.execute("alter table raw.crm_accounts drop column sector")
    run_sql(company, "crm", "drop trigger accounts_touch", "update accounts set sector = 'water'")
    run_sql(company, "crm", "update accounts set updated_at = '2020-01-01 00:00:00.000000'")
    extract(company)
    assert ask_build(company, "select sector from raw.crm_accounts") == [("water",)]


def test_a_column_of_another_type_is_made_what_it_is_declared(company: Settings) -> None:
    accounts(company, "one")
    order = {"order_no": "CO-1", "account_no": "A-one", "ordered_at": AS_OF, "total_amount": "0.1234"}
    put(company, "crm.orders", order)
    extract(company)
    with open_build(company) as build:
        build.execute("alter table raw.crm_orders alter column total_amount type decimal(18, 2)")
        build.execute("alter table raw.crm_orders alter column updated_at type varchar")
        build.execute("alter table raw.crm_accounts_versions alter column created_on type varchar")
        before = changes.last_changes(build)
    extract(company)
    assert ask_build(company, "select total_amount from raw.crm_orders") == [(Decimal("0.1234"),)]
    kinds = ask_build(
        company,
        """select data_type from duckdb_columns() where schema_name = 'raw'
        and (table_name = 'crm_orders' and column_name in ('total_amount', 'updated_at')
            or table_name = 'crm_accounts_versions' and column_name = 'created_on') order by 1""",
    )
    assert [kind for (kind,) in kinds] == ["DATE", "DECIMAL(18,4)", "TIMESTAMP WITH TIME ZONE"]
    with open_build(company) as build:
        after = changes.last_changes(build)
    assert {relation for relation in before if after[relation][1] > before[relation][1]} == {
        "raw.crm_orders",
        "raw.crm_accounts_versions",
    }
    assert moved(company) == {}


def test_a_column_of_another_type_holds_no_publication(published: Settings) -> None:
    with open_build(published) as build:
        build.execute("alter table raw.crm_orders alter column total_amount type decimal(18, 2)")
    assert build_all(published)["state"] == "fresh"


def copy_stores(source: Settings, target: Settings) -> None:
    """The same rows, instants included, in other databases."""
    for system, metadata in models.SYSTEMS.items():
        left, right = sa.create_engine(source.url(system)), sa.create_engine(target.url(system))
        ddl.create_tables(right, metadata)
        with left.connect() as reading, right.begin() as writing:
            for table in metadata.sorted_tables:
                rows = [dict(row) for row in reading.execute(sa.select(table)).mappings()]
                if rows:
                    writing.execute(table.insert(), rows)
        left.dispose()
        right.dispose()


@pytest.mark.parametrize("server", ["new_postgresql", "new_mariadb"])
def test_every_database_gives_the_same_rows(
    published: Settings, tmp_path: Path, request: pytest.FixtureRequest, server: str
) -> None:
    new: Callable[[], str] = request.getfixturevalue(server)
    published.build_file.unlink()
    run_sql(
        published, "crm", "update accounts set name = 'Ñandú \"quoted\" 漢字' where account_no = 'A-0001'"
    )
    other = settings_at(
        tmp_path / "server",
        **{f"{system}_url": new() for system in models.SYSTEMS},
        state_url=published.url("state"),
    )
    copy_stores(published, other)
    extract(published)
    assert sum(extract(other).values()) > 50
    for origin in origins():
        columns = ", ".join(f'"{name}"' for name in origin.names)
        rows = f"select {columns}, _deleted, _unreadable from {origin.raw} order by all"
        assert ask_build(other, rows) == ask_build(published, rows), origin.stream
    totals = "select * exclude (taken_at) from raw.source_totals where total <> 0 order by all"
    assert ask_build(other, totals) == ask_build(published, totals)
    assert sum(extract(other).values()) == 0


@pytest.mark.parametrize("server", ["new_postgresql", "new_mariadb"])
def test_changes_and_deletes_travel_from_a_server(
    tmp_path: Path, request: pytest.FixtureRequest, server: str
) -> None:
    new: Callable[[], str] = request.getfixturevalue(server)
    settings = settings_at(tmp_path, **{f"{system}_url": new() for system in models.SYSTEMS})
    make_stores(settings)
    accounts(settings, "one", "two")
    assert moved(settings) == {"crm.accounts": 2}
    run_sql(
        settings,
        "crm",
        "update accounts set name = 'uno' where account_no = 'A-one'",
        "delete from accounts where account_no = 'A-two'",
    )
    assert moved(settings) == {"crm.accounts": 2}
    assert ask_build(settings, "select name, _deleted from raw.crm_accounts order by 1") == [
        ("two", True),
        ("uno", False),
    ]


@pytest.mark.parametrize("server", ["", "new_postgresql", "new_mariadb"])
def test_a_database_without_tombstones_is_read_and_says_so(
    tmp_path: Path, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture, server: str
) -> None:
    urls = {"crm_url": request.getfixturevalue(server)()} if server else {}
    settings = settings_at(tmp_path, **urls)
    make_stores(settings)
    accounts(settings, "one", "two")
    run_sql(settings, "crm", "drop trigger accounts_bury" + (" on accounts" if "post" in server else ""),
            "drop table tombstones")  # fmt: skip
    assert moved(settings) == {"crm.accounts": 2}
    assert [record.message for record in caplog.records if "tombstones" in record.message] == [
        "crm keeps no tombstones: its deletes are found by its own totals, once a day"
    ]
    run_sql(settings, "crm", "delete from accounts where account_no = 'A-two'")
    assert moved(settings) == {"crm.accounts": 1}


def test_a_database_of_something_else_is_named_with_the_stream_it_lacks(
    tmp_path: Path, new_postgresql: Callable[[], str]
) -> None:
    settings = settings_at(tmp_path)
    make_stores(settings)
    other = settings_at(tmp_path, erp_url=new_postgresql())
    with pytest.raises(Refused, match=r"^erp\.\w+: .*does not exist; expected .*docs/streams\.md"):
        extract(other)
