"""The connector of a system whose streams are tables of a database: SQLite, PostgreSQL or MariaDB.

Reads by ``sql_window`` and ``sql_read``, writes by ``sql_write``, over connections of ``sql_engine``; every
driver's error is translated here by ``sql_errors``. Knows the tables that ``models`` declares, no catalogue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from connectors import sql_digest, sql_read, sql_write
from connectors.errors import Misconfigured, TriadaError
from connectors.protocol import Fence, Outcome, Read, Row, Window, Write
from connectors.sql_drift import Drift
from connectors.sql_engine import make_engine, parse, place
from connectors.sql_errors import Fault, system_error, translated
from connectors.sql_stream import find_stream
from connectors.sql_window import Windows

OVERLAP_S = 60
"""How late a commit may be where the database cannot tell who writes: MariaDB, a view, hidden sessions."""


class SqlConnector:
    """A system in a database; nothing connects before the first question, ``close`` ends all connections."""

    def __init__(self, system: str, url: str, *, overlap_s: float = OVERLAP_S) -> None:
        self._system = system
        self._url = parse(system, url)
        self._overlap = dt.timedelta(seconds=overlap_s)

    @cached_property
    def _engine(self) -> sa.Engine:
        return make_engine(self._url)

    @cached_property
    def _windows(self) -> Windows:
        return Windows(self._engine, overlap=self._overlap)

    @cached_property
    def _drift(self) -> Drift:
        return Drift(self._engine, f"{self._system} ({place(self._url)})")

    def open_window(self, read: Read, since: str | None) -> Window:
        """What changed since, up to the newest stamp; its snapshot is kept until it is released."""
        self._mine(read.stream, read.lines)
        with translated(self._system, self._url):
            return self._windows.open(read, since)

    def pages(self, read: Read, window: Window, size: int) -> Iterator[list[Row]]:
        """The window's rows by stamp and key; a page is one query, its lines one more."""
        self._mine(read.stream, read.lines)
        with translated(self._system, self._url):
            yield from self._windows.pages(read, window, size)

    def bounds(self, read: Read, window: Window) -> tuple[int, int]:
        """As many as its snapshot has, exactly; a range where the snapshot was lost."""
        self._mine(read.stream, read.lines)
        with translated(self._system, self._url):
            return self._windows.bounds(read, window)

    def release(self, window: Window) -> None:
        """Let go of the window's snapshot."""
        if "_windows" in self.__dict__:
            self._windows.release(window)

    def drift(self, stream: str) -> tuple[str, ...]:
        """Columns beyond the model's; ``Refused`` for a model's that is missing or of another type."""
        self._mine(stream)
        with translated(self._system, self._url):
            return self._drift.of(stream)

    def digest(self, stream: str) -> Mapping[str, tuple[int, int]]:
        """Rows and checksum of each group of keys, by one query."""
        self._mine(stream)
        with translated(self._system, self._url):
            return sql_digest.digest(self._engine, find_stream(stream))

    def keys(self, stream: str, group: str) -> list[str]:
        """The keys of one group, in order."""
        self._mine(stream)
        with translated(self._system, self._url):
            return sql_digest.keys(self._engine, find_stream(stream), group)

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
        if "_windows" in self.__dict__:
            self._windows.close()
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
