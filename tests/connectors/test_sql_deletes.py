"""Deleted rows are read from their tombstones, after the rows that are there."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from connectors.protocol import DELETED, Connector, Read
from connectors.sql import SqlConnector
from models import SYSTEMS, ddl
from tests.connectors.conftest import Database
from tests.connectors.contract import read_all
from tests.connectors.polling import Poller
from tests.connectors.rows import ACCOUNTS, CAMPAIGNS, ORDERS, account, campaign, order

READ = Read("crm.campaigns", deletes=True)


@pytest.fixture
def poller(crm: Connector) -> Poller:
    crm.write(CAMPAIGNS, [campaign(number) for number in range(1, 8)])
    poller = Poller(crm)
    poller.poll()
    return poller


def delete(database: Database, *numbers: int) -> None:
    for number in numbers:
        database.sql("crm", f"delete from campaigns where campaign_no = 'CA-{number:05}'")
        time.sleep(0.002)  # SQLite's clock has milliseconds: each delete one of its own


def test_a_deleted_row_comes_as_its_key(poller: Poller, database: Database) -> None:
    delete(database, 3)
    window = poller.connector.open_window(READ, poller.position)
    (row,) = read_all(poller.connector, READ, window)
    assert (row.pop("updated_at") is not None, row) == (True, {"campaign_no": "CA-00003", DELETED: True})
    assert window.count == 1
    assert poller.poll() == ["CA-00003"]
    assert poller.poll() == []


def test_deletes_come_page_by_page_after_the_rows(poller: Poller, database: Database) -> None:
    delete(database, 5, 1, 2, 7, 4)
    poller.connector.write(CAMPAIGNS, [campaign(8), campaign(9)])
    came = poller.poll()
    assert came[:2] == ["Fair 8", "Fair 9"]
    # Within a millisecond of SQLite's clock they come by key.
    assert sorted(came[2:]) == [f"CA-{number:05}" for number in (1, 2, 4, 5, 7)]


def test_many_deleted_by_one_statement_come_once_each(poller: Poller, database: Database) -> None:
    database.sql("crm", "delete from campaigns")
    assert sorted(poller.poll()) == [f"CA-{number:05}" for number in range(1, 8)]
    assert poller.poll() == []


def test_a_deleted_row_that_came_back_is_no_delete(poller: Poller, database: Database) -> None:
    delete(database, 3)
    poller.connector.write(CAMPAIGNS, [campaign(3, name="Back")])
    assert poller.poll() == ["Back"]
    delete(database, 3)
    assert poller.poll() == ["CA-00003"]
    poller.connector.write(CAMPAIGNS, [campaign(3, name="Again")])
    assert poller.poll() == ["Again"]


def test_what_came_and_went_between_two_polls_is_a_delete(poller: Poller, database: Database) -> None:
    poller.connector.write(CAMPAIGNS, [campaign(30)])
    delete(database, 30)
    assert poller.poll() == ["CA-00030"]


def test_a_row_deleted_while_the_window_is_read_comes_in_the_next(poller: Poller, database: Database) -> None:
    poller.connector.write(CAMPAIGNS, [campaign(number, name="New") for number in range(1, 8)])
    window = poller.connector.open_window(READ, poller.position)
    delete(database, 6)
    rows = read_all(poller.connector, READ, window, size=2)
    assert [row.get("name") for row in rows] == ["New"] * 7
    poller.position = window.until
    assert poller.poll() == ["CA-00006"]


def test_a_read_that_asks_for_no_deletes_gets_none(poller: Poller, database: Database) -> None:
    delete(database, 3)
    read = Read("crm.campaigns")
    window = poller.connector.open_window(read, poller.position)
    assert (window.count, read_all(poller.connector, read, window)) == (0, [])


def test_where_says_nothing_about_deletes(poller: Poller, database: Database) -> None:
    delete(database, 3)
    poller.connector.write(CAMPAIGNS, [campaign(8), campaign(9, channel="mail")])
    read = Read("crm.campaigns", where={"channel": "mail"}, deletes=True)
    window = poller.connector.open_window(read, poller.position)
    keys = [row["campaign_no"] for row in read_all(poller.connector, read, window)]
    assert (keys, window.count) == (["CA-00009", "CA-00003"], 2)


def test_deletes_of_other_streams_are_not_this_ones(poller: Poller, database: Database) -> None:
    poller.connector.write(ACCOUNTS, [account(1)])
    poller.connector.write(ORDERS, [order(1)])
    database.sql("crm", "delete from order_lines")
    database.sql("crm", "delete from orders")
    assert poller.poll() == []
    read = Read("crm.orders", lines="crm.order_lines", deletes=True)
    window = poller.connector.open_window(read, poller.position)
    (row,) = read_all(poller.connector, read, window)
    assert (row["order_no"], row[DELETED], "lines" in row) == ("CO-2026-00001", True, False)


def test_a_first_reading_has_what_was_deleted_before_it(poller: Poller, database: Database) -> None:
    delete(database, 1, 2, 3, 4, 5, 6, 7)
    assert sorted(Poller(poller.connector).poll()) == [f"CA-{number:05}" for number in range(1, 8)]


def test_a_system_without_tombstones_has_no_deletes_and_says_so(
    new_postgresql: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    url = new_postgresql()
    engine = sa.create_engine(url)
    ddl.create_tables(engine, SYSTEMS["crm"])
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table tombstones")
    engine.dispose()
    connector = SqlConnector("crm", url)
    try:
        connector.write(CAMPAIGNS, [campaign(1)])
        with caplog.at_level(logging.WARNING):
            assert Poller(connector).poll() == ["Fair 1"]
            assert Poller(connector).poll() == ["Fair 1"]
        assert [record.message for record in caplog.records] == [
            "crm keeps no tombstones: its deletes are found by a reconcile"
        ]
    finally:
        connector.close()
