"""Whatever a stream can hold arrives as it was: through every pair of databases, to the last digit."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.protocol import DELETED, Connector, Read, Row, Write
from connectors.registry import connect
from models import SYSTEMS
from tests.connectors.conftest import KINDS, Stores, _copy, _empty
from tests.connectors.rows import ACCOUNTS, ORDERS, account, effects, line, order
from tests.connectors.stores_api import serving

RATES = Write("erp.exchange_rates", "rate_no")
DOCUMENTS = Read("crm.orders", lines="crm.order_lines")
ZONES = ("Europe/Madrid", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "UTC")

money = st.one_of(
    st.decimals(-(10**14) + 1, 10**14 - 1, places=4),
    st.sampled_from(
        [Decimal(text) for text in ("0", "-0", "-0.0000", "1E+3", "0.0001", "99999999999999.9999")]
    ),
)
MADRID = ZoneInfo("Europe/Madrid")
FIRST, LAST = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
instants = st.one_of(
    st.datetimes(
        (FIRST + DAY).replace(tzinfo=None),
        (LAST - DAY).replace(tzinfo=None),
        timezones=st.sampled_from(ZONES).map(ZoneInfo),
    ),
    # The hour that is there twice, and one that is not there.
    st.builds(dt.datetime(2026, 10, 25, 2, 30, 59, 1, tzinfo=MADRID).replace, fold=st.integers(0, 1)),
    st.just(dt.datetime(2026, 3, 29, 2, 30, tzinfo=MADRID)),
)
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
awkward = st.sampled_from(
    (
        "",
        " ",
        "trailing  ",
        "O'Brien \\' \"x\"",
        "%s %(a)s :b ? {c} 100%",
        "'; drop table orders; --",
        "\\0\\N\\",
        "a\\",
        "null",
        "שלום عليكم",
        "e\u0301 é",
        "ß ẞ ss SS",
        "👩\u200d👧🏴\U000e0067",
        "\r\n\t\x1a\b",
        "\ufeff\u200b\u202e",
    )
)
texts = st.one_of(awkward, st.text(letters, max_size=60))


@st.composite
def documents(draw: st.DrawFn) -> list[Row]:
    """A batch of orders with a line each, every column that can be empty sometimes empty."""
    values = {
        "ordered_at": instants,
        "requested_on": st.none() | st.dates(),
        "promised_on": st.none() | st.dates(),
        "total_amount": money,
        "refusal_reason": st.none() | texts,
        "owner_no": st.none() | texts.map(lambda text: text[:60]),
    }
    rows = draw(st.lists(st.fixed_dictionaries(values), min_size=1, max_size=12))
    amounts = draw(st.lists(st.tuples(money, money), min_size=len(rows), max_size=len(rows)))
    return [
        order(n, **row, lines=[line(n, 1, quantity=amount[0], line_amount=amount[1], item_no=str(n))])
        for n, (row, amount) in enumerate(zip(rows, amounts, strict=True))
    ]


@pytest.fixture
def everywhere(stores: Stores, tmp_path: Any) -> Iterator[dict[str, dict[str, Connector]]]:
    """The CRM and the ERP on each kind of database, and behind their APIs."""
    urls = {kind: dict(stores(kind)) for kind in KINDS}
    urls["sqlite"] = {system: f"sqlite:///{_copy(url, tmp_path)}" for system, url in urls["sqlite"].items()}
    made = {
        kind: {system: connect(system, url) for system, url in some.items()} for kind, some in urls.items()
    }
    behind = tmp_path / "http"
    behind.mkdir()
    with ExitStack() as served:
        made["http"] = {}
        for system, url in stores("sqlite").items():
            api = served.enter_context(serving(system, f"sqlite:///{_copy(url, behind)}"))
            made["http"][system] = connect(system, api.url, token=api.token)
        yield from _yielded(made, urls)


def _yielded(
    made: dict[str, dict[str, Connector]], urls: dict[str, dict[str, str]]
) -> Iterator[dict[str, dict[str, Connector]]]:
    """The connectors, closed at the end, and the servers' stores emptied."""
    try:
        yield made
    finally:
        for some in made.values():
            for connector in some.values():
                connector.close()
        for kind in KINDS[1:]:
            for system, url in urls[kind].items():
                engine = sa.create_engine(url)
                _empty(engine, SYSTEMS[system])
                engine.dispose()


def travels(connectors: dict[str, Connector], write: Write, read: Read, *, rows: list[Row]) -> None:
    """Written to each and read back as given; what one gives, every other takes and calls unchanged."""
    keys = [row[write.key] for row in rows]
    for connector in connectors.values():
        assert [one.error for one in connector.write(write, rows) if one.error] == []
        kept = {row[write.key]: row for row in connector.fetch(read, keys)}
        for row in rows:
            assert _as_given(row, kept[row[write.key]]) == _as_given(row, row)
    for one, other in itertools.product(connectors.values(), repeat=2):
        came = {row[write.key]: row for row in one.fetch(read, keys)}
        other.write(write, [_emptied(row) for row in rows])
        assert [each.error for each in other.write(write, list(came.values())) if each.error] == []
        told = other.compare(write, list(came.values()))
        assert {each.effect for each in told} == {"unchanged"}, [dict(each.changes) for each in told]
        for row in other.fetch(read, keys):
            mine = came[row[write.key]]
            assert _as_given(mine, row) == _as_given(mine, mine)


def _as_given(given: Row, row: Row) -> Row:
    """The row with the columns that were given but the stamp; instants as instants, whatever their zone."""
    values = {name: row[name] for name in given if name not in ("updated_at", "lines")}
    for name, value in values.items():
        if isinstance(value, dt.datetime):
            values[name] = value.astimezone(dt.UTC)
    pairs = zip(given.get("lines", []), row.get("lines", []), strict=True)
    return {**values, "lines": [_as_given(one, line) for one, line in pairs]}


def _emptied(row: Row) -> Row:
    """The row with other values wherever it may have others."""
    return {**row, **{name: None for name in ("refusal_reason", "requested_on", "city") if name in row}}


@settings(
    max_examples=30, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=documents())
def test_any_value_arrives_as_it_was(everywhere: dict[str, dict[str, Connector]], rows: list[Row]) -> None:
    connectors = {kind: some["crm"] for kind, some in everywhere.items()}
    for connector in connectors.values():
        connector.write(ACCOUNTS, [account(1)])
    travels(connectors, ORDERS, DOCUMENTS, rows=rows)


def test_keys_are_found_to_the_character(everywhere: dict[str, dict[str, Connector]]) -> None:
    keys = (
        "a",
        "A",
        "á",
        "a\u0301",
        "a'; --",
        "a\\",
        "%s",
        "ß",
        "ss",
        "👩\u200d👧",
        "עליכם",
        "a b",
        " a",
        "null",
    )
    connectors = {kind: some["crm"] for kind, some in everywhere.items()}
    rows = [{**account(n), "account_no": key, "owner_no": f"E-{n}"} for n, key in enumerate(keys)]
    travels(connectors, ACCOUNTS, Read("crm.accounts"), rows=rows)
    for connector in connectors.values():
        changed = [{**row, "name": f"Renamed {row['account_no']}", "city": "Lugo"} for row in rows]
        assert effects(connector.write(ACCOUNTS, changed)) == ["updated"] * len(rows)
        assert effects(connector.compare(ACCOUNTS, changed)) == ["unchanged"] * len(rows)
        gone = [{"account_no": key, DELETED: True} for key in keys]
        assert effects(connector.write(ACCOUNTS, gone[::2])) == ["deleted"] * len(gone[::2])
        left = {row["account_no"] for row in connector.lookup("crm.accounts", "account_no", None)}
        assert left == set(keys[1::2])


def test_a_text_of_a_megabyte_arrives_as_it_was(everywhere: dict[str, dict[str, Connector]]) -> None:
    connectors = {kind: some["crm"] for kind, some in everywhere.items()}
    for connector in connectors.values():
        connector.write(ACCOUNTS, [account(1)])
    long = ["x" * 2**20, "'\\%\n" * 2**18, "é👩‍👧" * 70_000]
    travels(
        connectors, ORDERS, DOCUMENTS, rows=[order(n, refusal_reason=text) for n, text in enumerate(long)]
    )


def test_the_first_and_the_last_instant_and_day_arrive_as_they_were(
    everywhere: dict[str, dict[str, Connector]],
) -> None:
    connectors = {kind: some["crm"] for kind, some in everywhere.items()}
    for connector in connectors.values():
        connector.write(ACCOUNTS, [account(1)])
    edges = (FIRST, LAST, dt.datetime(1582, 10, 4, tzinfo=dt.UTC), dt.datetime(1969, 12, 31, tzinfo=dt.UTC))
    rows = [order(n, ordered_at=at, requested_on=at.date()) for n, at in enumerate(edges)]
    travels(connectors, ORDERS, DOCUMENTS, rows=rows)


def test_rates_of_eight_digits_are_exact(everywhere: dict[str, dict[str, Connector]]) -> None:
    connectors = {kind: some["erp"] for kind, some in everywhere.items()}
    rate = {"currency": "USD"}
    days = [{**rate, "rate_no": f"R{n}", "on_date": dt.date(2026, 1, n + 1)} for n in range(3)]
    # New first, then changed all at once: what is text of one kind on the way must not make others inexact.
    for rates in (("-1E-8", "9999999999.99999999", "0.1"), ("1E-8", "1234567890.12345678", "0E-8")):
        rows = [{**day, "rate": Decimal(one)} for day, one in zip(days, rates, strict=True)]
        travels(connectors, RATES, Read("erp.exchange_rates"), rows=rows)


def test_what_no_database_can_hold_the_same_is_put_aside_on_all(
    everywhere: dict[str, dict[str, Connector]],
) -> None:
    east = dt.datetime(1, 1, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=5)))
    rows = [
        order(1, owner_no="NUL \0"),
        order(2, refusal_reason="half \ud83d"),
        order(3, ordered_at=east),
        order(4),
    ]
    for some in everywhere.values():
        some["crm"].write(ACCOUNTS, [account(1)])
        assert effects(some["crm"].write(ORDERS, rows)) == [
            "value:owner_no", "value:refusal_reason", "value:ordered_at", "inserted",
        ]  # fmt: skip
