"""A foreign database comes in through the hub: exact numbers, whole documents, no secret in a message."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.errors import Misconfigured, TriadaError
from tests.imports.shop import Company, write_mapping

TABLES = (
    "create table clients (client_id integer primary key, name text)",
    "create table sales (sale_id integer, client_id integer, sold_on date)",
    "create table sale_lines (sale_id integer, item text, quantity integer, unit_price real, discount real)",
    "create table colours (colour text)",
)
ROWS = (
    "insert into clients values (1, 'Acme')",
    "insert into sales values (1, 1, '2020-01-02'), (2, 1, '2020-01-03')",
    "insert into sale_lines values (1, 'A', 3, 9.8, 0.05), (1, 'B', 1, 0.1, 0), (2, 'A', 7, 34.8, 0.15)",
)
MAPPING = """
name: shop_db
source: database
views:
  lines: |
    select *, dense_rank() over (partition by sale_id order by item) as line_no,
      half_even(quantity * unit_price * (1 - discount)) as amount
    from sale_lines
  heads: |
    select sales.*, amounts.amount from sales join (
      select sale_id, sum(amount) as amount from (select distinct * from lines) as lines group by sale_id
    ) as amounts using (sale_id)
streams:
  crm.accounts:
    from: clients
    columns:
      account_no: "'A-' || client_id"
      name: name
      owner_no: "'E-1'"
      currency: company_currency()
      status: "'active'"
      created_on: "'2020-01-01'"
  crm.orders:
    from: heads
    columns:
      order_no: "'CO-' || sale_id"
      account_no: "'A-' || client_id"
      status: "'confirmed'"
      ordered_at: sold_on
      currency: company_currency()
      total_amount: amount
      approval_status: "'none'"
    lines:
      stream: crm.order_lines
      from: lines
      columns:
        order_line_no: "'CO-' || sale_id || ':' || line_no"
        order_no: "'CO-' || sale_id"
        line_no: line_no
        item_no: item
        quantity: quantity
        unit_price: unit_price
        discount_rate: discount
        line_amount: amount
checks:
  crm.orders:
    - {rule: total_is_sum_of_lines, column: total_amount, expect: sum_of_lines, of: line_amount}
"""


@pytest.fixture
def shop(company: Company, tmp_path: Path) -> Company:
    """The company with an SQLite database as its source."""
    write_mapping(company.mapping, text=MAPPING)
    company.source = f"sqlite:///{tmp_path / 'shop.db'}"
    execute(company, *TABLES, *ROWS)
    return company


def execute(company: Company, *statements: str) -> None:
    """Run statements in the source."""
    with sqlite3.connect(company.source.removeprefix("sqlite:///")) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_binary_fractions_become_the_decimals_that_were_meant(shop: Company) -> None:
    assert shop.run().ok
    lines = [(r["unit_price"], r["discount_rate"], r["line_amount"]) for r in shop.rows("crm.order_lines")]
    assert lines == [
        (Decimal("9.8000"), Decimal("0.0500"), Decimal("27.9300")),
        (Decimal("0.1000"), Decimal("0.0000"), Decimal("0.1000")),
        (Decimal("34.8000"), Decimal("0.1500"), Decimal("207.0600")),
    ]
    assert [row["total_amount"] for row in shop.rows("crm.orders")] == [Decimal("28.03"), Decimal("207.06")]


def test_a_document_moves_whole_and_counts_once(shop: Company) -> None:
    result = shop.run()
    assert shop.counts(result, "crm.orders") == (2, 2, 0, 0, 0)
    assert shop.counts(shop.run(), "crm.orders") == (2, 0, 2, 0, 0)


def test_a_line_that_changed_in_the_source_changes_its_document_alone(shop: Company) -> None:
    shop.run()
    execute(shop, "update sale_lines set quantity = 8 where sale_id = 2")
    assert shop.counts(shop.run(), "crm.orders") == (2, 1, 1, 0, 0)


def test_an_identical_repeated_line_is_taken_once(shop: Company) -> None:
    execute(shop, "insert into sale_lines values (1, 'B', 1, 0.1, 0)")
    result = shop.run()
    assert result.ok
    assert len(shop.rows("crm.order_lines")) == 3
    assert "merged: crm.order_lines, 1 repeated rows with the same key and contents" in result.notes


def test_a_line_repeated_with_other_contents_puts_its_document_aside(shop: Company) -> None:
    execute(shop, "insert into sale_lines values (1, 'B', 2, 0.1, 0)")
    result = shop.run()
    assert not result.ok
    assert shop.counts(result, "crm.orders") == (2, 1, 0, 0, 1)
    assert "crm.order_lines CO-1:2: order_line_no comes more than once" in result.problems[0]


def test_a_line_without_its_head_is_told(shop: Company) -> None:
    execute(shop, "insert into sale_lines values (9, 'A', 1, 1.0, 0)")
    result = shop.run()
    assert shop.counts(result, "crm.orders") == (3, 2, 0, 0, 1)
    assert "crm.orders CO-9: 1 lines without their head" in result.problems[0]


def test_unmapped_tables_and_columns_behind_a_star_are_told(shop: Company) -> None:
    execute(shop, "alter table sales add column mood text")
    notes = shop.run().notes
    assert "ignored, not mapped: sales.mood" in notes
    assert "ignored, not mapped: tables colours" in notes


def test_the_source_is_left_as_it_was(shop: Company) -> None:
    file = Path(shop.source.removeprefix("sqlite:///"))
    before = file.read_bytes()
    shop.run()
    assert file.read_bytes() == before
    assert not list(file.parent.glob("shop.db-*"))


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("alter table sales rename column sold_on to day", "the source has no column 'sold_on'"),
        ("drop table sale_lines", "the source has no table 'sale_lines'"),
    ],
)
def test_a_missing_column_or_table_stops_before_anything_is_written(
    shop: Company, statement: str, says: str
) -> None:
    execute(shop, statement)
    with pytest.raises(Misconfigured) as caught:
        shop.run()
    assert says in str(caught.value)
    assert shop.nothing_was_written()


def test_a_missing_database_file_stops_with_its_name(shop: Company, tmp_path: Path) -> None:
    shop.source = f"sqlite:///{tmp_path / 'gone.db'}"
    with pytest.raises(Misconfigured, match=r"no source at .*gone\.db"):
        shop.run()
    assert not (tmp_path / "gone.db").exists()


@pytest.mark.parametrize("address", ["postgresql://joe:sesame@127.0.0.1:1/shop", "oracle://joe:sesame@x/y"])
def test_no_message_shows_a_password(shop: Company, address: str) -> None:
    shop.source = address
    with pytest.raises(TriadaError) as caught:
        shop.run()
    assert "sesame" not in str(caught.value)
    assert shop.nothing_was_written()


@pytest.mark.parametrize("server", ["postgresql_url", "mariadb_url"])
def test_four_byte_floats_of_a_server_are_exact(
    shop: Company, server: str, request: pytest.FixtureRequest
) -> None:
    shop.source = request.getfixturevalue(server)
    engine = sa.create_engine(shop.source)
    floats = "real" if server == "postgresql_url" else "float"
    with engine.begin() as connection:
        for statement in (*TABLES, *ROWS):
            connection.exec_driver_sql(statement.replace("real", floats))
    engine.dispose()
    assert shop.run().ok
    assert sum(row["line_amount"] for row in shop.rows("crm.order_lines")) == Decimal("235.09")
