"""The words a flow is written in: Flow, Step, Read, Write, Using.

A flow is a frozen declaration; its ``make`` functions are pure. The hub runs it, Airflow schedules it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.errors import MissingDependency, RecordRejected
from connectors.protocol import LINES, Read, Row, Write

__all__ = [
    "DELETE",
    "LINES",
    "Flow",
    "Gone",
    "Look",
    "Made",
    "Make",
    "MissingDependency",
    "Read",
    "RecordRejected",
    "Row",
    "Step",
    "Using",
    "Write",
]

Made = Row | Sequence[Row] | None
"""What ``make`` gives for a row: one record, several, or none when the flow makes nothing of it."""


@dataclass(frozen=True)
class Using:
    """A table a ``make`` looks things up in: rows of ``stream``, found by ``column``.

    ``match`` names the read row's column (``lines.item_no`` for one of its lines) whose values the hub
    fetches for each page; without it the whole stream is brought once a run.
    """

    stream: str
    column: str
    match: str = ""


class Look:
    """The looked-up rows of one page: ``look.one("items", "IT-0101")``, ``look.all("bom", "IT-0101")``."""

    def __init__(self, tables: Mapping[str, Mapping[Any, list[Row]]]) -> None:
        self._tables = tables
        self._firsts: dict[str, Mapping[Any, Row]] = {}

    def one(self, name: str, key: Any) -> Row | None:
        """The row of ``using=`` name ``name`` with that key, or ``None``."""
        rows = self._tables[name].get(key)
        return rows[0] if rows else None

    def all(self, name: str, key: Any) -> list[Row]:
        """All rows with that key, in the stream's key order; empty when there are none."""
        return self._tables[name].get(key, [])

    def table(self, name: str) -> Mapping[Any, list[Row]]:
        """All rows of ``name`` by key."""
        return self._tables[name]

    def firsts(self, name: str) -> Mapping[Any, Row]:
        """One row of ``name`` for each key, for a table whose key is unique."""
        if name not in self._firsts:
            self._firsts[name] = {key: rows[0] for key, rows in self._tables[name].items()}
        return self._firsts[name]

    def rows(self, name: str) -> list[Row]:
        """Every row brought for ``name``."""
        return [row for group in self._tables[name].values() for row in group]


DELETE: Literal["delete"] = "delete"
Gone = Mapping[str, Any] | Literal["delete"]
"""What becomes of the records made for a row that was deleted: columns to set, or ``DELETE``."""

Make = Callable[[Row, Look], Made]
"""A pure function of one read row; raises ``RecordRejected`` or ``MissingDependency`` for that row alone."""


@dataclass(frozen=True)
class Step:
    """One movement of a flow: read a stream, check it, make, write.

    ``checks`` names the section of ``flows/<flow>.yml`` that the rows read must meet (default: the step's
    name; a step without a section is not checked). ``gone`` says what becomes of the records written for a
    row once it is deleted at its source: these columns are set, or they are deleted; ``None`` leaves them.
    """

    name: str
    read: Read
    make: Make
    write: Write
    needs: tuple[str, ...] = ()
    using: Mapping[str, Using] = field(default_factory=dict)
    checks: str = ""
    gone: Gone | None = None


@dataclass(frozen=True)
class Flow:
    """A business noun on the move: its steps run in order, each read and counted by itself.

    ``every`` is its schedule in plain words (``"15 minutes"``, ``"1 hour"``, ``"1 day"``); ``doc`` is what a
    person reads in Airflow.
    """

    name: str
    every: str
    owner: str
    doc: str
    steps: tuple[Step, ...]

    def reads(self) -> frozenset[str]:
        """The streams whose change makes the flow worth running."""
        return frozenset(step.read.stream for step in self.steps)

    def writes(self) -> frozenset[str]:
        """The streams the flow may change."""
        return frozenset(step.write.stream for step in self.steps)
