"""Rows of a store's tables by their business key: found, listed, added, changed, numbered.

``Decimal`` in and out: sums are made here in Python, because SQLite would add exact numbers as floats.
Knows no rule; the triggers of ``models.ddl`` stamp what changes.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from stores.refusals import Refusal

Row = dict[str, Any]


def find(connection: sa.Connection, table: sa.Table, key: str) -> Row | None:
    """The row with that key, locked until the transaction ends; ``None`` when there is none."""
    (column,) = table.primary_key.columns
    found = connection.execute(sa.select(table).where(column == key).with_for_update()).mappings().first()
    return dict(found) if found else None


def need(connection: sa.Connection, table: sa.Table, key: str) -> Row:
    """The row with that key; ``Refusal`` when there is none."""
    row = find(connection, table, key)
    if row is None:
        raise Refusal(f"{table.name}: there is no {key!r}", rule="record_exists")
    return row


def rows(connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Row]:
    """The rows that meet all conditions, in key order."""
    query = sa.select(table).where(*where).order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(query).mappings()]


def add(connection: sa.Connection, table: sa.Table, **values: Any) -> None:
    """Add one row; the database stamps it."""
    connection.execute(table.insert().values(**values))


def change(connection: sa.Connection, table: sa.Table, key: str, /, **values: Any) -> None:
    """Change columns of the row with that key."""
    (column,) = table.primary_key.columns
    connection.execute(table.update().where(column == key).values(**values))


def next_number(
    connection: sa.Connection, column: sa.Column[Any], *, prefix: str, year: int, width: int
) -> str:
    """The number after the highest one of the year: AR-2026-00043 after AR-2026-00042."""
    start = f"{prefix}-{year}-"
    query = (
        sa.select(column)
        .where(column.like(f"{start}%"))
        .order_by(sa.func.length(column).desc(), column.desc())
        .limit(1)
    )
    last = connection.execute(query).scalar()
    return f"{start}{int(last.removeprefix(start)) + 1 if last else 1:0{width}d}"


def aware(at: dt.datetime) -> dt.datetime:
    """The instant of an act; ``ValueError`` without a zone, because stores keep aware UTC only."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone; acts happen at an aware instant")
    return at.astimezone(dt.UTC)
