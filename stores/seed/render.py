"""Values as ``models.types`` binds them on SQLite, a column at a time.

Tuples of Python values in, tuples of what SQLite's own driver stores out; a test holds it to the types.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from models.types import Exact, Instant


def renders(table: sa.Table, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows as SQLite stores them, in the same order."""
    columns: list[Iterable[Any]] = []
    for column, values in zip(table.columns, zip(*rows, strict=True), strict=True):
        render = _render(column)
        columns.append(map(render, values) if render else values)
    return zip(*columns, strict=True)


def _render(column: sa.Column[Any]) -> Callable[[Any], Any] | None:
    if isinstance(column.type, Exact):
        return _optional(f"{{:.{column.type.scale}f}}".format)
    if isinstance(column.type, Instant):
        return _optional(_instant)
    if isinstance(column.type, sa.Date):
        return _optional(dt.date.isoformat)
    return None


def _instant(value: dt.datetime) -> str:
    # All seeded instants are UTC already; the offset is the last six characters.
    return value.isoformat(" ", "microseconds")[:26]


def _optional(render: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else render(value)
