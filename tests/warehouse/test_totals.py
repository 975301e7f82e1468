"""What a source adds up is what raw holds: of a whole stream, or of what was just read of a large one."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from connectors.errors import CountMismatch
from models import SYSTEMS, ddl
from settings import Settings
from tests.warehouse.company import AS_OF, put, run_sql
from tests.warehouse.conftest import ask_build
from tests.warehouse.test_exact import INSTANTS
from tests.warehouse.test_planted_defects import without_its_key
from warehouse import arrival, raw, source_sql
from warehouse.extract import extract as extract_from

TOTALS = """select status, currency, column_name, total from raw.source_totals
    where stream = 'crm.orders' and total <> 0 order by all"""
COUNTS_AND_SUMS = f"select * from ({TOTALS}) where column_name <> 'updated_at' order by all"
ORDERS = "select order_no, total_amount, _deleted from raw.crm_orders order by all"


def extract(settings: Settings, **how: Any) -> dict[str, int]:
    """The two streams that these tests are about."""
    return extract_from(settings, only=("crm.accounts", "crm.orders"), **how)


@pytest.fixture
def large(company: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A company all of whose streams count as large."""
    monkeypatch.setattr(raw, "SMALL_ROWS", -1)
    return company


def order(number: int, amount: str, **more: Any) -> dict[str, Any]:
    return {"order_no": f"CO-{number}", "ordered_at": AS_OF, "total_amount": amount} | more


def fill(settings: Settings, *amounts: str) -> None:
    """An account with these orders, read."""
    put(settings, "crm.accounts", {"account_no": "A-0001", "name": "Acme"})
    put(settings, "crm.orders", *(order(number, amount) for number, amount in enumerate(amounts)))
    extract(settings)


def test_totals_of_a_large_stream_are_brought_forward(large: Settings) -> None:
    fill(large, "10", "20.5", "30")
    taken = "select distinct taken_at from raw.source_totals where stream = 'crm.orders'"
    whole = ask_build(large, taken)
    put(large, "crm.orders", order(9, "0.0001", currency="USD"))
    run_sql(
        large,
        "crm",
        "update orders set total_amount = '11.0000', status = 'cancelled' where order_no = 'CO-0'",
        "delete from orders where order_no = 'CO-2'",
    )
    assert extract(large)["crm.orders"] == 3
    assert ask_build(large, COUNTS_AND_SUMS) == [
        ("cancelled", "EUR", "*", Decimal(1)),
        ("cancelled", "EUR", "total_amount", Decimal(11)),
        ("confirmed", "EUR", "*", Decimal(1)),
        ("confirmed", "EUR", "total_amount", Decimal("20.5")),
        ("confirmed", "USD", "*", Decimal(1)),
        ("confirmed", "USD", "total_amount", Decimal("0.0001")),
    ]
    assert ask_build(large, taken) == whole


def test_what_no_cursor_sees_in_a_large_stream_is_found_by_its_whole_totals(large: Settings) -> None:
    fill(large, "10", "20")
    run_sql(large, "crm", "delete from orders where order_no = 'CO-0'", "delete from tombstones")
    assert extract(large)["crm.orders"] == 0
    assert extract(large, verify=True)["crm.orders"] == 1
    assert ask_build(large, "select order_no from raw.crm_orders where _deleted") == [("CO-0",)]


@pytest.mark.parametrize(("hours", "found"), [(19, 0), (21, 1)])
def test_whole_totals_are_taken_once_a_day(large: Settings, hours: int, found: int) -> None:
    fill(large, "10", "20")
    run_sql(large, "crm", "delete from orders where order_no = 'CO-0'", "delete from tombstones")
    with duckdb.connect(str(large.build_file)) as build:
        build.execute("update raw.source_totals set taken_at = ?", [_hours_ago(hours)])
    assert extract(large)["crm.orders"] == found


def _hours_ago(hours: int) -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours)


def set_back(settings: Settings) -> None:
    """A change of a column in no sum, with a stamp that no window reaches."""
    run_sql(
        settings,
        "crm",
        "drop trigger orders_touch",
        "update orders set promised_on = '2026-07-01', updated_at = '2020-01-01 00:00:00.000000' "
        "where order_no = 'CO-0'",
    )


def test_a_stamp_set_back_in_a_large_stream_is_found_by_its_whole_totals(large: Settings) -> None:
    fill(large, "10", "20")
    set_back(large)
    assert extract(large)["crm.orders"] == 0
    assert extract(large, verify=True)["crm.orders"] == 1
    assert ask_build(large, "select promised_on from raw.crm_orders where order_no = 'CO-0'") == [
        (dt.date(2026, 7, 1),)
    ]


def test_what_an_earlier_version_kept_is_taken_again(large: Settings) -> None:
    fill(large, "10", "20")
    with duckdb.connect(str(large.build_file)) as build:
        build.execute("delete from raw.source_totals where column_name = 'updated_at'")
    set_back(large)
    assert extract(large)["crm.orders"] == 1
    assert extract(large)["crm.orders"] == 0


@pytest.mark.parametrize("server", ["", "new_postgresql", "new_mariadb"])
def test_instants_of_changes_are_added_up_to_the_microsecond(
    company: Settings, request: pytest.FixtureRequest, server: str
) -> None:
    settings = with_crm_on(company, request, server)
    # 64 bits hold the sum of 36 of the year 9999.
    # PostgreSQL adds up the years from 1935 to 2040 as doubles of seconds.
    edges = [dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (1935, 2040)]
    micro = dt.timedelta(microseconds=1)
    around = [edge + n * micro for edge in edges for n in (-3, -2, -1, 0, 1)]
    instants = [*INSTANTS, *around, *[INSTANTS[-1]] * 40]
    put(
        settings,
        "crm.accounts",
        *({"account_no": f"A-{n}", "name": "x", "updated_at": each} for n, each in enumerate(instants)),
    )
    extract(settings)
    since = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    micros = sum((each - since) // micro for each in instants)
    kept = "select total from raw.source_totals where stream = 'crm.accounts' and column_name = 'updated_at'"
    assert ask_build(settings, kept) == [(Decimal(micros),)]
    assert ask_build(settings, "select sum(epoch_us(updated_at)) from raw.crm_accounts") == [(micros,)]


def with_crm_on(company: Settings, request: pytest.FixtureRequest, server: str) -> Settings:
    if not server:
        return company
    new: Callable[[], str] = request.getfixturevalue(server)
    url = new()
    engine = sa.create_engine(url)
    ddl.create(engine, SYSTEMS["crm"])
    engine.dispose()
    return company.model_copy(update={"crm_url": url})


@pytest.mark.parametrize(
    ("server", "stamps"),
    [
        (
            "",
            [
                "yesterday",
                "now",
                "12:00",
                "2026-06-15",
                "2026-06-15T12:00:00.5+02:00",
                "2026-13-01 00:00:00.5",
            ],
        ),
        ("new_postgresql", ["infinity", "-infinity", "294276-12-31 23:59:59Z", "2026-06-15"]),
    ],
)
def test_stamps_that_cannot_be_read_are_added_up_by_neither_side(
    large: Settings, request: pytest.FixtureRequest, server: str, stamps: list[str]
) -> None:
    settings = with_crm_on(large, request, server)
    fill(settings, *("1" for _ in stamps), "2")
    run_sql(settings, "crm", "drop trigger orders_touch" + (" on orders" if server else ""))
    for n, stamp in enumerate(stamps):
        run_sql(settings, "crm", f"update orders set updated_at = '{stamp}' where order_no = 'CO-{n}'")
    for more in ({"verify": False}, {"verify": True}):
        extract(settings, **more)
    told = "select total from raw.source_totals where stream = 'crm.orders' and column_name = 'updated_at'"
    held = "select sum(epoch_us(updated_at)), count(*) - count(updated_at) from raw.crm_orders"
    ((total,),), ((micros, unreadable),) = ask_build(settings, told), ask_build(settings, held)
    assert (total, unreadable > 2) == (micros, True)


@pytest.fixture
def twins(large: Settings) -> Settings:
    """Order CO-0 stands twice, of 10 and of 5, both of long ago; CO-1 of 20 once. All are held."""
    fill(large, "10", "20")
    columns = ", ".join(column.name for column in SYSTEMS["crm"].tables["orders"].columns)
    other = columns.replace("total_amount", "'5.0000'")
    without_its_key(
        large,
        "crm.orders",
        f"insert into orders ({columns}) select {other} from orders where order_no = 'CO-0'",
        "update orders set updated_at = '2020-01-01 00:00:00.000000' where order_no = 'CO-0'",
    )
    extract(large, verify=True)
    assert [row[1] for row in ask_build(large, ORDERS)] == [5, 10, 20]
    return large


NOW = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
LATER = "'2999-01-01 00:00:00.000000'"


@pytest.mark.parametrize(
    ("done", "left"),
    [
        (
            [f"update orders set total_amount = '7.0000', updated_at = {NOW} where total_amount like '5.%'"],
            [7, 10],
        ),
        (
            [f"update orders set total_amount = '7.0000', updated_at = {NOW} where total_amount like '10%'"],
            [5, 7],
        ),
        ([f"update orders set updated_at = {NOW} where order_no = 'CO-0'"], [5, 10]),
        (
            [
                "delete from orders where total_amount like '5.%'",
                f"insert into tombstones (stream, key, deleted_at) values ('orders', 'CO-0', {LATER})",
            ],
            [10],
        ),
    ],
    ids=["one changes", "the other changes", "both are written", "one is deleted"],
)
def test_a_key_that_a_large_stream_holds_twice_loses_no_row(
    twins: Settings, done: list[str], left: list[int]
) -> None:
    run_sql(twins, "crm", *done)
    extract(twins)
    assert ask_build(twins, ORDERS) == [*(("CO-0", amount, False) for amount in left), ("CO-1", 20, False)]
    brought = ask_build(twins, TOTALS)
    extract(twins, full=True)
    assert ask_build(twins, TOTALS) == brought


def test_rows_lost_on_the_way_stop_the_build(large: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(large, "10", "20")
    before = ask_build(large, "select * from raw.crm_orders order by order_no")
    put(large, "crm.orders", order(8, "1"), order(9, "2"))
    whole = source_sql.rows_and_totals_query

    def cut(*args: Any, **more: Any) -> str:
        query = whole(*args, **more)
        return f"{query} limit 4" if "`orders`" in query else query

    monkeypatch.setattr(arrival, "rows_and_totals_query", cut)
    said = re.escape("crm.orders: of rows confirmed EUR changed since ")
    with pytest.raises(CountMismatch, match=f"{said}.* the source has 4, but 3 came"):
        extract(large)
    assert ask_build(large, "select * from raw.crm_orders order by order_no") == before
    monkeypatch.undo()
    assert extract(large)["crm.orders"] == 2


def test_what_cannot_be_read_in_a_large_stream_stops_nothing(large: Settings) -> None:
    fill(large, "10")
    run_sql(large, "crm", "update orders set total_amount = '12 or so'")
    assert extract(large)["crm.orders"] == 1
    assert ask_build(large, "select total_amount, _unreadable from raw.crm_orders") == [
        (None, "total_amount is a text of length 8, expected a decimal")
    ]


@pytest.mark.slow
def test_incremental_is_what_a_full_read_gives(large: Settings) -> None:
    fill(large, *(str(number) for number in range(20)))
    dice = random.Random(5)
    for turn in range(12):
        number = dice.randrange(20)
        if dice.random() < 0.3:
            run_sql(large, "crm", f"delete from orders where order_no = 'CO-{number}'")
        if dice.random() < 0.4:
            put(large, "crm.orders", order(100 + turn, f"{dice.randrange(10**6)}.{turn:04}", currency="USD"))
        status = dice.choice(["draft", "confirmed", "cancelled"])
        run_sql(
            large,
            "crm",
            f"update orders set status = '{status}', total_amount = '{turn}.0100' "
            f"where order_no like 'CO-{number}%'",
        )
        extract(large)
    rows = "select * exclude (_run_id, _read_at) from raw.crm_orders where not _deleted order by order_no"
    came, totals = ask_build(large, rows), ask_build(large, TOTALS)
    assert sum(extract(large, verify=True).values()) == 0
    large.build_file.unlink()
    extract(large)
    assert ask_build(large, rows) == came
    assert ask_build(large, TOTALS) == totals


def test_postgresql_values_that_nothing_can_hold_are_named(
    company: Settings, new_postgresql: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_postgresql()
    engine = sa.create_engine(url)
    ddl.create(engine, SYSTEMS["crm"])
    engine.dispose()
    settings = company.model_copy(update={"crm_url": url})
    fill(settings, "10", "20", "30", "40")
    strange = (
        "update orders set total_amount = 'NaN', requested_on = '-infinity' where order_no = 'CO-0'",
        "update orders set ordered_at = 'infinity' where order_no = 'CO-1'",
        "update orders set ordered_at = '-infinity', requested_on = 'infinity' where order_no = 'CO-2'",
        "update orders set ordered_at = '294276-12-31 23:59:59Z' where order_no = 'CO-3'",
    )
    run_sql(settings, "crm", *strange)
    monkeypatch.setattr(raw, "SMALL_ROWS", -1)
    date, number, instant = (f"expected {what}" for what in ("a date", "a decimal", "an instant"))
    day, at = "requested_on is", "ordered_at is"
    for more in ({"verify": False}, {"verify": True}, {"full": True}):
        extract(settings, **more)
        rows = "select order_no, total_amount, requested_on, ordered_at is null, _unreadable "
        assert ask_build(settings, f"{rows} from raw.crm_orders order by order_no") == [
            ("CO-0", None, None, False, f"{day} '-infinity', {date}; total_amount is 'NaN', {number}"),
            ("CO-1", Decimal(20), None, True, f"{at} 'infinity', {instant}"),
            ("CO-2", Decimal(30), None, True, f"{at} '-infinity', {instant}; {day} 'infinity', {date}"),
            ("CO-3", Decimal(40), None, True, f"{at} out of range, {instant}"),
        ]
        assert ask_build(settings, COUNTS_AND_SUMS)[-1][-1] == Decimal(90)
    assert sum(extract(settings).values()) == 0
