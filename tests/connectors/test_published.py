"""The published warehouse read as one more source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from connectors.errors import Misconfigured, Refused, Unreachable
from connectors.protocol import Connector, Read, Write
from connectors.registry import connect
from tests.connectors.contract import ReadContract, read_all

VALUES = """create table marts.mart_values as select 'k' as value_key,
12345678901234.5678::decimal(18, 4) as amount, timestamptz '2026-03-29 01:30:00.123456+02:00' as at,
timestamp '2026-03-29 01:30:00' as plain, date '2026-03-29' as on_date, 0.1::double as share, true as yes,
null::varchar as nothing, 'O''Brien 🚀' as name"""


def publish(path: Path, *statements: str) -> None:
    """Put a new warehouse in place, as the publisher does."""
    fresh = path.with_suffix(".new")
    connection = duckdb.connect(str(fresh))
    try:
        for statement in ("create schema core", "create schema marts", *statements):
            connection.execute(statement)
    finally:
        connection.close()
    fresh.replace(path)


@dataclass
class Warehouse:
    """Publications with more rows each time."""

    connector: Connector
    path: Path
    stream: str = "published.mart_metric"
    rows: int = 0

    def put(self, rows: int) -> None:
        self.rows += rows
        keys = f"select 'M-' || lpad(i::varchar, 5, '0') as metric, i from range({self.rows}) as r(i)"
        publish(self.path, f"create table marts.mart_metric as {keys} order by random()")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "it's the warehouse.duckdb"


@pytest.fixture
def published(path: Path) -> Connector:
    return connect("published", str(path))


class TestContract(ReadContract):
    """A publication keeps what every connector must keep."""

    @pytest.fixture
    def subject(self, published: Connector, path: Path) -> Warehouse:
        return Warehouse(published, path)


def test_values_are_exact(published: Connector, path: Path) -> None:
    publish(path, VALUES)
    assert published.lookup("published.mart_values", "value_key", ["k"]) == [
        {
            "value_key": "k",
            "amount": Decimal("12345678901234.5678"),
            "at": dt.datetime(2026, 3, 28, 23, 30, 0, 123456, tzinfo=dt.UTC),
            "plain": dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC),
            "on_date": dt.date(2026, 3, 29),
            "share": Decimal("0.1"),
            "yes": True,
            "nothing": None,
            "name": "O'Brien 🚀",
        }
    ]


def test_where_takes_a_value_or_one_of_several_or_none(published: Connector, path: Path) -> None:
    rows = "('a', 'x'), ('b', 'y'), ('c', null), ('d', 'z')"
    publish(path, f"create table marts.mart_sales as select * from (values {rows}) as v(k, kind)")
    for kind, expected in (("x", "a"), (("x", "z"), "ad"), (None, "c"), ((None, "y"), "bc"), ((), "")):
        read = Read("published.mart_sales", where={"kind": kind})
        window = published.open_window(read, None)
        assert "".join(row["k"] for row in read_all(published, read, window)) == expected
        assert window.count == len(expected)


def test_a_publication_in_the_middle_of_a_read_stops_it(published: Connector, path: Path) -> None:
    warehouse = Warehouse(published, path)
    warehouse.put(3)
    read = Read(warehouse.stream)
    window = published.open_window(read, None)
    warehouse.put(2)
    assert published.bounds(read, window) == (0, 3)
    with pytest.raises(Unreachable, match="published anew"):
        list(published.pages(read, window, 10))


def test_it_reads_while_others_do_and_sees_the_newest(published: Connector, path: Path) -> None:
    warehouse = Warehouse(published, path)
    warehouse.put(3)
    reader = duckdb.connect(str(path), read_only=True)
    try:
        assert len(published.lookup(warehouse.stream, "metric", None)) == 3
        warehouse.put(2)
        assert len(published.lookup(warehouse.stream, "metric", None)) == 5
    finally:
        reader.close()


def test_what_the_warehouse_cannot_do_is_said(published: Connector, path: Path) -> None:
    publish(
        path,
        "create table marts.mart_metric as select 'm' as metric",
        "create table core.dim_date as select 1",
    )
    with pytest.raises(Misconfigured, match="read only"):
        published.write(Write("published.mart_metric", "metric"), [])
    with pytest.raises(Refused, match=r"published\.dim_date: .* no such mart"):
        published.open_window(Read("published.dim_date"), None)
    with pytest.raises(Misconfigured, match=r"has no column 'colour'; it has metric"):
        published.lookup("published.mart_metric", "colour", ["red"])
    with pytest.raises(Misconfigured, match="no lines"):
        published.open_window(Read("published.mart_metric", lines="published.x"), None)
    with pytest.raises(Misconfigured, match=r"'crm\.orders'"):
        published.open_window(Read("crm.orders"), None)


def test_a_file_that_is_no_warehouse_is_refused(published: Connector, path: Path) -> None:
    path.write_text("not a database at all")
    with pytest.raises(Refused, match="expected the published warehouse"):
        published.open_window(Read("published.mart_metric"), None)


def test_a_warehouse_is_never_made_by_reading_it(published: Connector, path: Path) -> None:
    assert published.lookup("published.mart_metric", "metric", None) == []
    assert published.key_column("published.mart_metric") == ""
    assert not path.exists()
