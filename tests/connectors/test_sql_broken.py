"""A reading whose connection ends goes on after its last row, and its count still adds up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from connectors.errors import Unreachable
from connectors.protocol import Connector, Read, Window
from models import stream_table
from tests.connectors.conftest import Database
from tests.connectors.contract import read_all
from tests.connectors.rows import CAMPAIGNS, campaign

READ = Read("crm.campaigns", deletes=True)
ROWS, SIZE = 23, 4
KILL = {
    "postgresql": "select pg_terminate_backend(pid) from pg_stat_activity "
    "where application_name = 'triada' and datname = current_database()",
    "mariadb": "select group_concat(concat('kill ', id) separator ';') from information_schema.processlist "
    "where db = database() and id <> connection_id() and user <> 'system user'",
}

PATIENCE = {"postgresql": "set lock_timeout = '2s'", "mariadb": "set lock_wait_timeout = 2"}


def kill(database: Database) -> None:
    """End every connection of the hub to the database, as a restart or a firewall does."""
    with database.engines["crm"].connect() as connection:
        found = connection.exec_driver_sql(KILL[database.kind]).scalars().all()
        if database.kind == "mariadb":
            for statement in str(found[0] or "").split(";"):
                if statement:
                    connection.exec_driver_sql(statement)


@pytest.fixture
def alike(crm: Connector, database: Database) -> Connector:
    """Campaigns that all bear one stamp, and as many deleted ones that do."""
    if database.kind == "sqlite":
        pytest.skip("SQLite has no connection that could end")
    tombs = stream_table("crm.campaigns").metadata.tables["tombstones"]
    same = {"updated_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}
    buried = {"stream": "campaigns", "deleted_at": dt.datetime(2026, 1, 2, tzinfo=dt.UTC)}
    with database.engines["crm"].begin() as connection:
        rows = [{**campaign(n), **same} for n in range(ROWS)]
        connection.execute(stream_table("crm.campaigns").insert(), rows)
        connection.execute(tombs.insert(), [{**buried, "key": f"X-{n:03}"} for n in range(ROWS)])
    return crm


def broken(connector: Connector, window: Window, database: Database, *, after: int) -> Iterator[str]:
    """The window's keys, its connection ended after so many pages."""
    for number, page in enumerate(connector.pages(READ, window, SIZE)):
        if number == after:
            kill(database)
        yield from (row["campaign_no"] for row in page)


@pytest.mark.parametrize("after", range(12))
def test_a_reading_broken_at_any_page_brings_each_of_many_ties_once(
    alike: Connector, database: Database, after: int
) -> None:
    window = alike.open_window(READ, None)
    keys = list(broken(alike, window, database, after=after))
    assert keys == [f"CA-{n:05}" for n in range(ROWS)] + [f"X-{n:03}" for n in range(ROWS)]
    least, most = alike.bounds(READ, window)
    assert least <= len(keys) <= most
    alike.release(window)


def test_a_resumed_reading_adds_up_although_others_wrote(alike: Connector, database: Database) -> None:
    window = alike.open_window(READ, None)
    keys = []
    for number, page in enumerate(alike.pages(READ, window, SIZE)):
        keys += [row["campaign_no"] for row in page]
        if number == 1:
            # Read already, not read yet, and new with an old stamp on either side.
            database.sql(
                "crm", "update campaigns set name = 'x' where campaign_no in ('CA-00001','CA-00020')"
            )
            old = {"updated_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}
            with database.engines["crm"].begin() as connection:
                for late in ("CA-00000b", "CA-00019b", "CA-00019c"):
                    row = {**campaign(0), **old, "campaign_no": late}
                    connection.execute(stream_table("crm.campaigns").insert(), [row])
            kill(database)
    assert alike.bounds(READ, window) == (len(keys), len(keys))
    assert len(keys) == len(set(keys)) == 2 * ROWS + 1


def test_a_snapshot_lost_before_it_is_counted_gives_a_range(alike: Connector, database: Database) -> None:
    window = alike.open_window(READ, None)
    read_all(alike, READ, window)
    database.sql("crm", "update campaigns set name = 'x' where campaign_no in ('CA-00001', 'CA-00002')")
    kill(database)
    assert alike.bounds(READ, window) == (2 * ROWS - 2, 2 * ROWS)


def test_a_database_that_stays_away_is_unreachable(
    alike: Connector, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = alike.open_window(READ, None)
    pages = alike.pages(READ, window, SIZE)
    next(pages)
    kill(database)

    def away(*_: object, **__: object) -> None:
        raise sa.exc.TimeoutError("no connection")

    monkeypatch.setattr("connectors.sql_snapshot.open_snapshot", away)
    with pytest.raises(Unreachable, match=r"^crm \("):
        next(pages)


def test_windows_that_nobody_releases_do_not_use_up_the_connections(crm: Connector) -> None:
    crm.write(CAMPAIGNS, [campaign(n) for n in range(3)])
    windows = [crm.open_window(READ, None) for _ in range(12)]
    for window in windows:
        assert len(read_all(crm, READ, window, size=2)) == 3
        assert crm.bounds(READ, window) == (3, 3)


def test_a_released_window_holds_up_no_change_of_its_table(crm: Connector, database: Database) -> None:
    crm.write(CAMPAIGNS, [campaign(1)])
    window = crm.open_window(READ, None)
    read_all(crm, READ, window)
    crm.release(window)
    crm.release(window)
    with database.engines["crm"].begin() as connection:
        if database.kind in PATIENCE:
            connection.exec_driver_sql(PATIENCE[database.kind])
        connection.exec_driver_sql("alter table campaigns add column colour varchar(10)")
        connection.exec_driver_sql("alter table campaigns drop column colour")
