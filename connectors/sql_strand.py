"""What a window is made of: a stream's rows, then its tombstones; what orders each, and which are meant.

a ``Read`` ─▶ its strands ─▶ queries for a page, a count, the newest stamp. Knows no window's bounds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors.errors import Misconfigured
from connectors.protocol import Read
from connectors.sql_rows import UNREADABLE, after
from connectors.sql_stream import Stream, find_column
from connectors.sql_values import canonical

STAMP = "updated_at"


@dataclass(frozen=True)
class Strand:
    """Rows of one table in the order of ``(stamp, key)``; ``its`` are this stream's, ``meant`` the read's."""

    table: sa.Table
    columns: tuple[sa.ColumnElement[Any], ...]
    stamp: sa.Column[Any]
    key: sa.Column[Any]
    its: tuple[sa.ColumnElement[bool], ...] = ()
    meant: tuple[sa.ColumnElement[bool], ...] = ()
    deletes: bool = False


def strands_of(stream: Stream, read: Read, *, buries: bool) -> tuple[Strand, ...]:
    """A read's rows, and its tombstones when it asks for them and the system ``buries``."""
    table = stream.table
    where = tuple(_matches(find_column(stream, name), value) for name, value in read.where.items())
    rows = Strand(table, tuple(table.columns), table.c[STAMP], stream.key, meant=where)
    if not (read.deletes and buries):
        return (rows,)
    tombs = table.metadata.tables["tombstones"]
    there = sa.exists(sa.select(sa.literal(1)).select_from(table).where(stream.key == tombs.c.key))
    columns = (tombs.c.key.label(stream.key.name), tombs.c.deleted_at.label(STAMP))
    its, key, at = (tombs.c.stream == table.name,), tombs.c.key, tombs.c.deleted_at
    return rows, Strand(tombs, columns, at, key, its, (~there,), deletes=True)


def newest(connection: sa.Connection, strands: Sequence[Strand], now: dt.datetime) -> dt.datetime | None:
    """The newest stamp that is not in the future; one from the future is read when its time has come."""
    found: list[dt.datetime] = []
    for strand in strands:
        query = sa.select(sa.func.max(strand.stamp)).where(strand.stamp <= now, *strand.its)
        try:
            at = connection.execute(query).scalar_one()
        except UNREADABLE:
            # Only SQLite holds a stamp that is none, and its one writer at a time commits nothing late.
            at = now
        found += [at] if at is not None else []
    return max(found, default=None)


def beyond(strand: Strand, last: tuple[Any, Any], *, dialect: str) -> sa.ColumnElement[bool]:
    """What comes after a row, written so that the index finds it, however many rows share its stamp."""
    at, key = (
        value if isinstance(value, sa.ColumnElement) else sa.literal(value, column.type)
        for value, column in ((after(last[0]), strand.stamp), (after(last[1]), strand.key))
    )
    if dialect in ("postgresql", "sqlite"):
        return sa.tuple_(strand.stamp, strand.key) > sa.tuple_(at, key)
    return sa.or_(strand.stamp > at, sa.and_(strand.stamp == at, strand.key > key))


def _matches(column: sa.Column[Any], value: Any) -> sa.ColumnElement[bool]:
    values = value if isinstance(value, (tuple, list, set, frozenset)) else (value,)
    try:
        some = column.in_([canonical(column, one) for one in values if one is not None])
    except ValueError as error:
        raise Misconfigured(f"a read where {column} is {value!r}: {error}") from None
    return sa.or_(some, column.is_(None)) if None in values else some
