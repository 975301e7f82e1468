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
        columns.append(_rendered(values, render) if render else values)
    return zip(*columns, strict=True)


def _rendered(values: tuple[Any, ...], render: Callable[[Any], str]) -> Iterator[str | None]:
    """Each value rendered; an object that comes again, as most do, is rendered once."""
    # The rows keep their values alive, so that an identity is not given twice meanwhile.
    known: dict[int, str | None] = {id(None): None}
    for value in values:
        text = known.get(id(value), "")
        if text == "":
            text = known[id(value)] = render(value)
        yield text


def _render(column: sa.Column[Any]) -> Callable[[Any], str] | None:
    if isinstance(column.type, Exact):
        return f"{{:.{column.type.scale}f}}".format
    if isinstance(column.type, Instant):
        return _instant
    if isinstance(column.type, sa.Date):
        return dt.date.isoformat
    return None


def _instant(value: dt.datetime) -> str:
    # All seeded instants are UTC already; the offset is the last six characters.
    return value.isoformat(" ", "microseconds")[:26]
