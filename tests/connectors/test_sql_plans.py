"""A poll follows what changed, not the history: every query of it goes by an index."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.protocol import Read
from connectors.sql import SqlConnector
from models import stream_table
from tests.connectors.conftest import Database
from tests.connectors.polling import Poller, writer
from tests.connectors.rows import campaign

CAMPAIGNS = stream_table("crm.campaigns")
TOMBSTONES = CAMPAIGNS.metadata.tables["tombstones"]
ROWS = 6_000
OLD = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
EXPLAIN = {"sqlite": "explain query plan ", "postgresql": "explain ", "mariadb": "explain "}
WHOLE = {"sqlite": "SCAN", "postgresql": "Seq Scan", "mariadb": "ALL"}


def fill(database: Database) -> None:
    """A history of rows and of deletes."""
    stamps = [OLD + dt.timedelta(minutes=n) for n in range(ROWS)]
    rows = [{**campaign(n), "updated_at": at} for n, at in enumerate(stamps)]
    tombs = [{"stream": "campaigns", "key": f"X-{n}", "deleted_at": at} for n, at in enumerate(stamps)]
    with database.engines["crm"].begin() as connection:
        connection.execute(CAMPAIGNS.insert(), rows)
        connection.execute(TOMBSTONES.insert(), tombs)
    tables = "campaigns, tombstones"
    statistics = {
        "postgresql": f"analyze {tables}",
        "mariadb": f"analyze table {tables}",
        "sqlite": "analyze",
    }
    database.sql("crm", statistics[database.kind])


def plans(database: Database, asked: list[tuple[str, Any]]) -> list[str]:
    """How the database goes about each of these queries."""
    with database.engines["crm"].connect() as connection:
        found = []
        for statement, values in asked:
            lines = connection.exec_driver_sql(EXPLAIN[database.kind] + statement, values)
            found.append("\n".join(" ".join(map(str, line)) for line in lines))
    return found


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside an open transaction"])
def test_no_query_of_a_poll_goes_through_the_whole_table(database: Database, beside: bool) -> None:
    fill(database)
    poller = Poller(SqlConnector("crm", database.urls["crm"]), Read("crm.campaigns", deletes=True), size=5)
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        if "FROM campaigns" in statement or "FROM tombstones" in statement:
            asked.append((statement, values))

    try:
        window = poller.connector.open_window(poller.read, None)
        poller.connector.release(window)
        poller.position = window.until
        with writer(database.engines["crm"]) as late, writer(database.engines["crm"]) as other:
            if beside and database.kind != "sqlite":
                late.put(ROWS + 50)
                other.put(ROWS + 60)
                other.commit()
                poller.poll()
            numbers = [number * 500 for number in range(12)]
            changed = "', '".join(f"CA-{number:05}" for number in numbers[:6])
            gone = "', '".join(f"CA-{number:05}" for number in numbers[6:])
            database.sql("crm", f"update campaigns set name = 'x' where campaign_no in ('{changed}')")
            database.sql("crm", f"delete from campaigns where campaign_no in ('{gone}')")
            sa.event.listen(sa.Engine, "before_cursor_execute", note)
            came = poller.poll()
            sa.event.remove(sa.Engine, "before_cursor_execute", note)
        assert len(came) >= 12
    finally:
        poller.connector.close()
    assert len(asked) >= 8
    for (statement, _), plan in zip(asked, plans(database, asked), strict=True):
        assert WHOLE[database.kind] not in plan.replace("Bitmap Heap Scan", ""), f"{statement}\n{plan}"
