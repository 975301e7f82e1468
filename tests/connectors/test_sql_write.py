"""Records written to SQLite, PostgreSQL and MariaDB: compared first, changed only where they differ."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from connectors.errors import Misconfigured
from connectors.protocol import Connector, Read, Row, Write
from tests.connectors.conftest import Database
from tests.connectors.rows import (
    ACCOUNTS,
    CAMPAIGNS,
    CUSTOMER,
    ITEM,
    ORDERS,
    SALES_ORDERS,
    account,
    campaign,
    effects,
    line,
    order,
    sales_order,
)

ORDER_READ = Read("crm.orders", lines="crm.order_lines")


def fetch(connector: Connector, stream: str, key: str, *, lines: str = "") -> Row:
    """The record, which must be there."""
    (row,) = connector.fetch(Read(stream, lines=lines), [key])
    return row


@pytest.fixture
def customer(erp: Connector) -> None:
    """Customer C-0001 in the ERP."""
    assert effects(erp.write(Write("erp.customers", "customer_no"), [CUSTOMER])) == ["inserted"]


def test_writing_again_changes_nothing(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    rows = [order(1, lines=[line(1, 1), line(1, 2)]), order(2)]
    assert effects(crm.write(ORDERS, rows)) == ["inserted", "inserted"]
    before = crm.fetch(ORDER_READ, ["CO-2026-00001", "CO-2026-00002"])
    assert effects(crm.write(ORDERS, rows)) == ["unchanged", "unchanged"]
    assert crm.fetch(ORDER_READ, ["CO-2026-00001", "CO-2026-00002"]) == before


def test_only_changed_records_are_touched(crm: Connector) -> None:
    rows = [campaign(number) for number in range(3)]
    crm.write(CAMPAIGNS, rows)
    before = {row["campaign_no"]: row for row in crm.lookup("crm.campaigns", "campaign_no", None)}
    rows[1]["name"] = "Renamed"
    assert effects(crm.write(CAMPAIGNS, rows)) == ["unchanged", "updated", "unchanged"]
    after = {row["campaign_no"]: row for row in crm.lookup("crm.campaigns", "campaign_no", None)}
    assert [key for key in after if after[key] != before[key]] == ["CA-00001"]
    assert after["CA-00001"]["updated_at"] > before["CA-00001"]["updated_at"]


def test_columns_that_a_row_does_not_name_stay_as_they_are(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1, city="Lugo")])
    assert effects(crm.write(ACCOUNTS, [{"account_no": "A-0001", "name": "Renamed"}])) == ["updated"]
    row = fetch(crm, "crm.accounts", "A-0001")
    assert (row["name"], row["city"]) == ("Renamed", "Lugo")


def test_rows_of_different_shapes_go_in_one_batch(crm: Connector) -> None:
    rows = [account(1), account(2, city="Lugo"), account(3, sector="steel"), account(4, city="Vigo")]
    assert effects(crm.write(ACCOUNTS, rows)) == ["inserted"] * 4
    assert [fetch(crm, "crm.accounts", f"A-000{n}")["city"] for n in (1, 2, 3, 4)] == [
        None,
        "Lugo",
        None,
        "Vigo",
    ]


def test_the_stamp_is_never_written(crm: Connector) -> None:
    old = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
    crm.write(CAMPAIGNS, [campaign(1, updated_at=old)])
    assert effects(crm.write(CAMPAIGNS, [campaign(1, updated_at=old)])) == ["unchanged"]
    assert fetch(crm, "crm.campaigns", "CA-00001")["updated_at"] > old


def test_lines_added_changed_and_removed_are_one_update(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    crm.write(ORDERS, [order(1, lines=[line(1, 1), line(1, 2), line(1, 3)]), order(2)])
    before = fetch(crm, "crm.orders", "CO-2026-00001")
    changed = order(1, lines=[line(1, 1), line(1, 2, quantity=Decimal(9)), line(1, 4)])
    assert effects(crm.write(ORDERS, [changed, order(2)])) == ["updated", "unchanged"]
    row = fetch(crm, "crm.orders", "CO-2026-00001", lines="crm.order_lines")
    assert [(one["line_no"], one["quantity"]) for one in row["lines"]] == [(1, 2), (2, 9), (4, 2)]
    assert row["updated_at"] > before["updated_at"]


def test_a_row_without_lines_leaves_them_alone_and_an_empty_list_removes_them(crm: Connector) -> None:
    crm.write(ACCOUNTS, [account(1)])
    crm.write(ORDERS, [order(1)])
    silent = {name: value for name, value in order(1).items() if name != "lines"}
    assert effects(crm.write(ORDERS, [silent])) == ["unchanged"]
    assert effects(crm.write(ORDERS, [order(1, lines=[])])) == ["updated"]
    assert fetch(crm, "crm.orders", "CO-2026-00001", lines="crm.order_lines")["lines"] == []


def test_create_columns_are_the_targets_own_afterwards(crm: Connector) -> None:
    write = Write("crm.accounts", "account_no", create=("status", "owner_no"))
    crm.write(write, [account(1)])
    crm.write(ACCOUNTS, [account(1, status="dormant", owner_no="E-0009")])
    assert effects(crm.write(write, [account(1)])) == ["unchanged"]
    assert effects(crm.write(write, [account(1, name="Renamed")])) == ["updated"]
    row = fetch(crm, "crm.accounts", "A-0001")
    assert (row["name"], row["status"], row["owner_no"]) == ("Renamed", "dormant", "E-0009")


def test_owns_writes_its_columns_only_and_creates_nothing(crm: Connector) -> None:
    owner = Write("crm.accounts", "account_no", owns=("credit_status", "credit_limit"))
    crm.write(ACCOUNTS, [account(1)])
    rows = [
        {"account_no": "A-0001", "name": "Foreign", "credit_status": "ok", "credit_limit": Decimal(5)},
        {"account_no": "A-0002", "credit_status": "ok", "credit_limit": Decimal(5)},
    ]
    outcomes = crm.write(owner, rows)
    assert effects(outcomes) == ["updated", "record:crm.accounts"]
    assert "A-0002: no such record" in str(outcomes[1].error)
    row = fetch(crm, "crm.accounts", "A-0001")
    assert (row["name"], row["credit_status"], row["credit_limit"]) == ("Company 1", "ok", Decimal(5))
    assert crm.fetch(Read("crm.accounts"), ["A-0002"]) == []


@pytest.mark.usefixtures("customer")
def test_a_record_is_found_by_the_writes_key_and_keeps_its_own(erp: Connector, database: Database) -> None:
    database.sql(
        "erp",
        "insert into sales_orders (sales_order_no, crm_order_no, customer_no, status, payment_status, "
        "ordered_at, currency, total_amount, paid_amount, channel) values ('SO-BY-HAND', 'CO-2026-00001', "
        "'C-0001', 'open', 'unpaid', '2026-03-01 12:00:00.000000', 'EUR', '20.0000', '0.0000', 'paper')",
    )
    assert effects(erp.write(Write("erp.items", "item_no"), [ITEM])) == ["inserted"]
    item_line = {**line(1, 1), "sales_order_line_no": "SO-2026-00001:1"}
    del item_line["order_line_no"]
    rows = [sales_order(channel="system", lines=[item_line])]
    assert effects(erp.write(SALES_ORDERS, rows)) == ["updated"]
    row = fetch(erp, "erp.sales_orders", "SO-BY-HAND", lines="erp.sales_order_lines")
    assert (row["total_amount"], row["status"], row["channel"]) == (Decimal(21), "open", "system")
    assert [one["sales_order_no"] for one in row["lines"]] == ["SO-BY-HAND"]
    assert effects(erp.write(SALES_ORDERS, rows)) == ["unchanged"]


def test_the_same_key_twice_is_compared_in_order(crm: Connector) -> None:
    rows = [account(1, name="First"), account(2), account(1, name="Second"), account(1, name="Second")]
    assert effects(crm.write(ACCOUNTS, rows)) == ["inserted", "inserted", "updated", "unchanged"]
    assert fetch(crm, "crm.accounts", "A-0001")["name"] == "Second"


def test_a_table_of_another_collation_is_written_to_the_character(crm: Connector, database: Database) -> None:
    if database.kind != "mariadb":
        pytest.skip("only MariaDB compares text by a collation of the table that is not to the character")
    product = {"name": "Desk", "unit_price": Decimal(1), "currency": "EUR", "available_quantity": Decimal(0)}
    rows = [{**product, "item_no": f"IT-{n}", "is_active": True} for n in range(3)]
    convert = "alter table products convert to character set utf8mb4 collate utf8mb4_"
    database.sql("crm", f"{convert}unicode_ci")
    try:
        write = Write("crm.products", "item_no")
        assert effects(crm.write(write, rows)) == ["inserted"] * 3
        changed = [{**row, "name": name} for row, name in zip(rows, ("DESK", "Desk ", "Desk"), strict=True)]
        assert effects(crm.write(write, changed)) == ["updated", "updated", "unchanged"]
        assert [row["name"] for row in crm.lookup("crm.products", "item_no", None)] == [
            "DESK",
            "Desk ",
            "Desk",
        ]
    finally:
        database.sql("crm", f"{convert}bin")


def test_nothing_to_write_is_no_outcome(crm: Connector) -> None:
    assert crm.write(ACCOUNTS, []) == []


@pytest.mark.parametrize(
    "write",
    [
        Write("crm.accounts", "colour"),
        Write("crm.accounts", "account_no", create=("colour",)),
        Write("crm.accounts", "account_no", owns=("colour",)),
        Write("crm.accounts", "account_no", owns=("updated_at",)),
        Write("crm.nothing", "account_no"),
        Write("erp.items", "item_no"),
        Write("crm.orders", "order_no", lines="crm.lead_stages"),
    ],
)
def test_a_write_that_names_what_is_not_there_never_starts(crm: Connector, write: Write) -> None:
    with pytest.raises(Misconfigured, match=r"colour|updated_at|crm\.nothing|erp\.items|crm\.lead_stages"):
        crm.write(write, [account(1)])
