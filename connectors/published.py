"""The connector of the published warehouse: its marts as one more source, read only.

``published.mart_forecast`` is the table ``marts.mart_forecast`` of the published DuckDB file. A position is
the publication itself: a new one is a new window with every row, the same one is an empty window. The hub's
compare-before-write makes what did not change ``unchanged``. Never sees the private build file.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.errors import Misconfigured, Refused, Unreachable
from connectors.protocol import Read, Row, Window
from connectors.published_file import NAME, open_published
from connectors.read_only import ReadOnly

if TYPE_CHECKING:
    import duckdb

SCHEMA = f"{NAME}.marts"


class PublishedConnector(ReadOnly):
    """A published file; while there is none, every stream is empty. The first column is a stream's key."""

    reason = "the published warehouse is read only"

    def __init__(self, path: Path) -> None:
        self._path = path

    def open_window(self, read: Read, since: str | None) -> Window:
        """All rows of a publication that has not been read yet; nothing of one that has."""
        until = self._identity()
        window = Window(since, until, 0)
        return Window(since, until, self._count(read, window))

    def pages(self, read: Read, window: Window, size: int) -> Iterator[list[Row]]:
        """The publication's rows; ``Unreachable`` when a newer one took its place meanwhile."""
        if window.since == window.until or not self._path.exists():
            return
        with open_published(self._path) as connection:
            if self._identity() != window.until:
                raise Unreachable(f"published ({self._path}): it was published anew meanwhile. Run it again.")
            table = _table(connection, read.stream)
            condition, values = _where(table, read)
            connection.execute(f"select * from {table.name}{condition} order by all", values)
            while rows := connection.fetchmany(size):
                yield [table.row(row) for row in rows]

    def bounds(self, read: Read, window: Window) -> tuple[int, int]:
        """As many as the window holds; nobody knows any more once another publication took its place."""
        return self._count(read, window), window.count

    def _count(self, read: Read, window: Window) -> int:
        if read.lines:
            raise Misconfigured(f"{read.stream}: marts have no lines; expected a read without them")
        if window.since == window.until or not self._path.exists() or self._identity() != window.until:
            return 0
        with open_published(self._path) as connection:
            table = _table(connection, read.stream)
            condition, values = _where(table, read)
            found = connection.execute(f"select count(*) from {table.name}{condition}", values).fetchone()
        return int(found[0]) if found else 0

    def fetch(self, read: Read, keys: Collection[str]) -> list[Row]:
        """The rows with these keys in the publication as it is now."""
        return self.lookup(read.stream, self.key_column(read.stream), keys)

    def lookup(self, stream: str, column: str, values: Collection[Any] | None) -> list[Row]:
        """Rows whose column is one of the values; none: all rows."""
        where = {} if values is None else {column: tuple(values)}
        read = Read(stream, where=where)
        window = Window(None, self._identity(), 0)
        return [row for page in self.pages(read, window, 10_000) for row in page]

    def key_column(self, stream: str) -> str:
        """The stream's first column; empty while nothing is published, for there are no rows to have one."""
        if not self._path.exists():
            return ""
        with open_published(self._path) as connection:
            return _table(connection, stream).columns[0]

    def close(self) -> None:
        """Nothing stays open."""

    def _identity(self) -> str:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return json.dumps(None)
        return json.dumps({"mtime_ns": stat.st_mtime_ns, "size": stat.st_size, "inode": stat.st_ino})


class _Table:
    """A mart: its quoted name, and its columns in order."""

    def __init__(self, name: str, columns: Sequence[str]) -> None:
        self.name = name
        self.columns = columns

    def row(self, values: Sequence[Any]) -> Row:
        return {name: _exact(value) for name, value in zip(self.columns, values, strict=True)}


def _table(connection: duckdb.DuckDBPyConnection, stream: str) -> _Table:
    system, _, name = stream.partition(".")
    if system != "published" or not name.isidentifier():
        raise Misconfigured(
            f"{stream!r} was asked of published; expected a stream such as published.mart_metric"
        )
    found = connection.execute(
        "select column_name from duckdb_columns() where database_name = 'published' "
        "and schema_name = 'marts' and table_name = ? order by column_index",
        [name],
    ).fetchall()
    if not found:
        raise Refused(f"{stream}: the published warehouse has no such mart; publish it again or name another")
    return _Table(f'{SCHEMA}."{name}"', [column for (column,) in found])


def _where(table: _Table, read: Read) -> tuple[str, list[Any]]:
    conditions, values = [], []
    for name, value in read.where.items():
        if name not in table.columns:
            raise Misconfigured(f"{read.stream} has no column {name!r}; it has {', '.join(table.columns)}")
        wanted = list(value) if isinstance(value, (tuple, list, set, frozenset)) else [value]
        known = [one for one in wanted if one is not None]
        marks = ", ".join("?" * len(known))
        parts = [f'"{name}" in ({marks})'] if known else []
        parts += [f'"{name}" is null'] if None in wanted else []
        conditions.append(f"({' or '.join(parts) or 'false'})")
        values += known
    return (f" where {' and '.join(conditions)}" if conditions else ""), values


def _exact(value: Any) -> Any:
    """Instants as aware UTC, and no float: a share keeps the digits it shows."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return value
