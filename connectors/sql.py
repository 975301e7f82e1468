"""The connector of a system whose streams are tables of a database: SQLite, PostgreSQL or MariaDB.

Reads by ``sql_read``, writes by ``sql_write``, over connections of ``sql_engine``; every driver's error is
translated here by ``sql_errors``. Knows the tables that ``models`` declares, no catalogue.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from connectors import sql_read, sql_write
from connectors.errors import Misconfigured, TriadaError
from connectors.protocol import Fence, Outcome, Read, Row, Window, Write
from connectors.sql_engine import make_engine, parse
from connectors.sql_errors import Fault, system_error, translated
from connectors.sql_stream import find_stream


class SqlConnector:
    """A system in a database; nothing connects before the first question, ``close`` ends all connections."""

    def __init__(self, system: str, url: str) -> None:
        self._system = system
        self._url = parse(system, url)

    @cached_property
    def _engine(self) -> sa.Engine:
        return make_engine(self._url)

    def open_window(self, read: Read, since: str | None) -> Window:
        """Fix the upper bound: the newest stamp, once the database's own clock has passed it."""
        self._mine(read.stream, read.lines)
        with translated(self._system, self._url):
            return sql_read.open_window(self._engine, read, since)

    def pages(self, read: Read, window: Window, size: int) -> Iterator[list[Row]]:
        """The window's rows by stamp and key; a page is one query, its lines one more."""
        self._mine(read.stream, read.lines)
        with translated(self._system, self._url):
            yield from sql_read.pages(self._engine, read, window, size)

    def bounds(self, read: Read, window: Window) -> tuple[int, int]:
        """As many as the window holds now, and as it held when it was opened."""
        self._mine(read.stream)
        with translated(self._system, self._url):
            return sql_read.count(self._engine, read, window), window.count

    def release(self, window: Window) -> None:
        """A window holds nothing open."""

    def drift(self, stream: str) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    def digest(self, stream: str) -> Mapping[str, tuple[int, int]] | None:  # noqa: ARG002
        return None

    def keys(self, stream: str, group: str) -> list[str]:  # noqa: ARG002
        return []

    def compare(self, write: Write, rows: Sequence[Row]) -> list[Outcome]:
        """What ``write`` would do; what only the database itself would refuse is not told."""
        self._mine(write.stream, write.lines)
        with translated(self._system, self._url):
            return sql_write.compare_rows(self._engine, write, rows)

    def fetch(self, read: Read, keys: Collection[str]) -> list[Row]:
        """The rows with these keys as they are now."""
        self._mine(read.stream, read.lines)
        with translated(self._system, self._url):
            return sql_read.fetch(self._engine, read, keys)

    def lookup(self, stream: str, column: str, values: Collection[Any] | None) -> list[Row]:
        """Rows whose column is one of the values, in key order within each value; none: all rows."""
        self._mine(stream)
        with translated(self._system, self._url):
            return sql_read.lookup(self._engine, stream, column, values)

    def key_column(self, stream: str) -> str:
        """The stream's primary key."""
        self._mine(stream)
        return find_stream(stream).key.name

    def write(self, write: Write, rows: Sequence[Row], *, fence: Fence | None = None) -> list[Outcome]:
        """Bring these records to this state; see ``protocol.Target``."""
        self._mine(write.stream, write.lines)
        with translated(self._system, self._url):
            return sql_write.write_rows(self._engine, write, rows, fence=fence, stop=self._stop)

    def close(self) -> None:
        """End all connections; the next question would open new ones."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def _stop(self, problem: Fault) -> TriadaError:
        return system_error(self._system, self._url, problem)

    def _mine(self, *streams: str) -> None:
        for stream in streams:
            if stream and stream.partition(".")[0] != self._system:
                raise Misconfigured(
                    f"{stream!r} was asked of {self._system}; expected one of its own streams"
                )
