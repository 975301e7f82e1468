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


@dataclass(frozen=True)
class Read:
    """Which rows of a stream: ``where`` columns equal the value, or one of a tuple; ``lines`` come along."""

    stream: str
    where: Mapping[str, Any] = field(default_factory=dict)
    lines: str = ""

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
class Outcome:
    """What became of one row given to ``write``, in the order given.

    ``effect`` is ``inserted``, ``updated`` or ``unchanged``; with ``error`` it is ``refused``.
    ``key`` is the value of the write's key.
    """

    key: str
    effect: str
    error: Exception | None = None


class Source(Protocol):
    """A system that can be read."""

    def open_window(self, read: Read, since: str | None) -> Window:
        """Fix the upper bound now; nothing stamped up to it may appear later (late commits: docs)."""

    def pages(self, read: Read, window: Window, size: int) -> Iterator[list[Row]]:
        """The window's rows, each once, in a stable order, at most ``size`` a page; no empty page."""

    def count(self, read: Read, window: Window) -> int:
        """How many rows the window holds now; less than before when rows were changed meanwhile."""

    def fetch(self, read: Read, keys: Collection[str]) -> list[Row]:
        """The rows with these business keys as they are now, whatever ``where`` says."""

    def lookup(self, stream: str, column: str, values: Collection[Any] | None) -> list[Row]:
        """Rows whose ``column`` is one of ``values`` (none: all rows), for a flow's ``using``."""

    def key_column(self, stream: str) -> str:
        """The column that holds the stream's business key."""


class Target(Protocol):
    """A system that can be written to."""

    def write(self, write: Write, rows: Sequence[Row]) -> list[Outcome]:
        """Bring these records to this state: one outcome a row, good rows kept when others are refused.

        Compares first: a record that already is so is ``unchanged`` and not touched. A batch that the
        system refuses is halved until the bad row is alone. Raises only for the whole system's fate
        (``Unreachable``, ``Refused``, ``Misconfigured``).
        """


class Connector(Source, Target, Protocol):
    """A system that can be read and written to."""

    def close(self) -> None:
        """Give back connections."""
