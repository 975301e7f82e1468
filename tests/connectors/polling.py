"""A reader that polls a stream and a few writers beside it, for tests of what windows bring."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from connectors.protocol import DELETED, Connector, Read, Row
from models import stream_table
from tests.connectors.rows import campaign

CAMPAIGNS = stream_table("crm.campaigns")


@dataclass
class Poller:
    """Reads window after window; ``copy`` is what it would have, ``versions`` every row that came."""

    connector: Connector
    read: Read = field(default_factory=lambda: Read("crm.campaigns", deletes=True))
    size: int = 3
    position: str | None = None
    copy: dict[str, str] = field(default_factory=dict)
    versions: list[tuple[str, object, bool]] = field(default_factory=list)

    def poll(self) -> list[str]:
        """The next window's rows by name, a deleted one by its key; counts must be exact."""
        window = self.connector.open_window(self.read, self.position)
        try:
            rows = [row for page in self.connector.pages(self.read, window, self.size) for row in page]
            assert self.connector.bounds(self.read, window) == (len(rows), len(rows))
            assert window.count == len(rows)
        finally:
            self.connector.release(window)
        self.position = window.until
        return [self._take(row) for row in rows]

    def _take(self, row: Row) -> str:
        key, gone = str(row["campaign_no"]), row.get(DELETED, False)
        self.versions.append((key, row["updated_at"], gone))
        if gone:
            self.copy.pop(key, None)
            return key
        self.copy[key] = row["name"]
        return str(row["name"])

    def again(self, connector: Connector) -> Poller:
        """The same position, read by another connector."""
        return replace(self, connector=connector, copy={}, versions=[])


@dataclass(frozen=True)
class Writer:
    """A transaction of another program."""

    connection: sa.Connection

    def put(self, number: int, name: str = "", **more: object) -> None:
        """A new campaign, named by its number unless told."""
        row = campaign(number, name=name or f"new {number}", **more)
        self.connection.execute(CAMPAIGNS.insert().values(row))

    def run(self, statement: str) -> None:
        """Any statement."""
        self.connection.exec_driver_sql(statement)

    def commit(self) -> None:
        self.connection.commit()

    def rollback(self) -> None:
        self.connection.rollback()


@contextmanager
def writer(engine: sa.Engine) -> Iterator[Writer]:
    """A transaction that is rolled back at the end unless it was committed."""
    with engine.connect() as connection:
        yield Writer(connection)


def there(engine: sa.Engine) -> dict[str, str]:
    """The campaigns as they are: names by key."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(CAMPAIGNS.c.campaign_no, CAMPAIGNS.c.name))
        return {row.campaign_no: row.name for row in rows}
