"""What a connector can be asked, and what it answers; every kind of system speaks just this.

A connector belongs to one system (``oa``, ``crm``, ``erp``, ``files``, ``published``) and knows neither the
hub nor the warehouse. Rows are plain dicts, column name to value: ``Decimal``, aware UTC ``datetime``,
``date``, ``str``, ``int``, ``bool`` or ``None``. A document is a row with its ``lines``, a list of rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Row = dict[str, Any]
LINES = "lines"
DELETED = "_deleted"
"""Marks a row as gone: read, it has its key and this alone; written, it asks for the record to be deleted."""


@dataclass(frozen=True)
class Read:
    """Which rows of a stream: ``where`` columns equal the value, or one of a tuple; ``lines`` come along.

    With ``deletes`` the keys deleted in the window come too, after its rows, each marked ``DELETED``; a key
    that is there again is no delete. They are counted with the rows, and ``where`` says nothing about them.
    """

    stream: str
    where: Mapping[str, Any] = field(default_factory=dict)
    lines: str = ""
    deletes: bool = False

    @property
    def system(self) -> str:
        return self.stream.partition(".")[0]


@dataclass(frozen=True)
class Write:
    """Where made rows go.

    ``key`` is the business key the target stores, unique there. ``create`` names columns that are set only
    when the record is new: they are the target's own afterwards. With ``owns`` only those columns are
    compared and written, and a record that is not there is a missing dependency, never created. ``lines`` is
    the stream of the document's lines, written in the same transaction; lines no longer there are deleted.
    """

    stream: str
    key: str
    create: tuple[str, ...] = ()
    owns: tuple[str, ...] = ()
    lines: str = ""

    @property
    def system(self) -> str:
        return self.stream.partition(".")[0]


@dataclass(frozen=True)
class Window:
    """What one run reads: after ``since`` (none: everything) up to ``until``, fixed when it was opened.

    Both are positions: JSON text that only the connector understands. ``count`` is the source's own number
    of matching rows inside.
    """

    since: str | None
    until: str
    count: int


@dataclass(frozen=True)
class Fence:
    """Who writes: the lease's name and its token, which only grows.

    A target that keeps fences refuses a token lower than one it has seen of that name with ``LeaseLost``, in
    the transaction that writes: so a worker that was paused past its lease changes nothing when it wakes.
    """

    name: str
    token: int


@dataclass(frozen=True)
class Outcome:
    """What became of one row given to ``write`` or ``compare``, in the order given.

    ``effect`` is ``inserted``, ``updated``, ``deleted`` or ``unchanged``; with ``error`` it is ``refused``.
    ``key`` is the value of the write's key. ``changes`` of an updated record: column to what was there and
    what was wanted; a line's are ``lines.<line key>.<column>``, ``None`` where there was none.
    """

    key: str
    effect: str
    error: Exception | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


class Source(Protocol):
    """A system that can be read."""

    def open_window(self, read: Read, since: str | None) -> Window:
        """Fix what this run reads; what is committed later is in the next window, whatever its stamp.

        ``since`` is the ``until`` of an earlier window. How late a commit may be: ``docs/connectors.md``.
        """

    def pages(self, read: Read, window: Window, size: int) -> Iterator[list[Row]]:
        """The window's rows, each once, in a stable order, at most ``size`` a page; no empty page.

        A page whose answer is lost is asked for again here; ``Unreachable`` when that was no use.
        """

    def bounds(self, read: Read, window: Window) -> tuple[int, int]:
        """Asked after the last page: the least and the most rows that a whole reading can have brought."""

    def release(self, window: Window) -> None:
        """Let go of what the window holds open, a snapshot for example; never raises."""

    def drift(self, stream: str) -> tuple[str, ...]:
        """Columns that the system has and nobody declared, one sentence each.

        ``Refused``, naming both sides, when a declared column is missing there, renamed or of another type.
        """

    def fetch(self, read: Read, keys: Collection[str]) -> list[Row]:
        """The rows with these business keys as they are now, whatever ``where`` says."""

    def lookup(self, stream: str, column: str, values: Collection[Any] | None) -> list[Row]:
        """Rows whose ``column`` is one of ``values`` (none: all rows), for a flow's ``using``."""

    def key_column(self, stream: str) -> str:
        """The column that holds the stream's business key."""

    def digest(self, stream: str) -> Mapping[str, tuple[int, int]] | None:
        """How many rows each group of keys holds, and a checksum of their stamps; ``None``: it cannot tell.

        A group is a key without its last three characters; the checksum is the sum of the stamps, each in
        microseconds since 1970 modulo 2**31 - 1. A group whose digest stayed has no changed row.
        """

    def keys(self, stream: str, group: str) -> list[str]:
        """The keys of one group."""


class Target(Protocol):
    """A system that can be written to."""

    def write(self, write: Write, rows: Sequence[Row], *, fence: Fence | None = None) -> list[Outcome]:
        """Bring these records to this state: one outcome a row, good rows kept when others are refused.

        Compares first: a record that already is so is ``unchanged`` and not touched; a row marked ``DELETED``
        deletes its record, lines included. A batch that the system refuses is halved until the bad row is
        alone. Raises only for the whole system's fate (``Unreachable``, ``Refused``, ``Misconfigured``) and
        ``LeaseLost`` for a ``fence`` that is no longer the newest. Without rows it still raises the fence.
        """

    def compare(self, write: Write, rows: Sequence[Row]) -> list[Outcome]:
        """What ``write`` would do, with ``changes``, and nothing done."""


class Connector(Source, Target, Protocol):
    """A system that can be read and written to."""

    def close(self) -> None:
        """Give back connections."""
