"""Brings the tables that a step's ``make`` looks things up in: whole ones once a run, others for each page.

The step's ``using`` → one lookup a table and page → a ``Look``. It makes nothing of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from connectors.protocol import LINES, Row
from hub.desk import Desk
from hub.words import Look, Step, Using


class Looks:
    """The looked-up tables of one step, for as long as a run lasts."""

    def __init__(self, desk: Desk, step: Step) -> None:
        self._desk = desk
        self._step = step
        self._whole: dict[str, Mapping[Any, list[Row]]] = {}

    def for_page(self, rows: Sequence[Row]) -> Look:
        """What ``make`` may look up for these rows."""
        return Look({name: self._table(name, using, rows) for name, using in self._step.using.items()})

    def _table(self, name: str, using: Using, rows: Sequence[Row]) -> Mapping[Any, list[Row]]:
        if name in self._whole:
            return self._whole[name]
        values = _values(rows, using.match) if using.match else None
        if values is not None and not values:
            return {}
        connector = self._desk.connector(using.stream.partition(".")[0])
        found = self._desk.ask(partial(connector.lookup, using.stream, using.column, values))
        table: dict[Any, list[Row]] = {}
        for row in found:
            table.setdefault(row.get(using.column), []).append(row)
        if not using.match:
            self._whole[name] = table
        return table


def _values(rows: Sequence[Row], match: str) -> list[Any]:
    """The values of the matched column, of the rows or of their lines, each once."""
    prefix, _, column = match.rpartition(".")
    members = (line for row in rows for line in row[LINES]) if prefix == LINES else iter(rows)
    return list(dict.fromkeys(v for member in members if (v := member.get(column)) is not None))
