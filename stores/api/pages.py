"""Pages of a stream in keyset order, under a bound that the first page fixes; its deletes after its rows.

``(updated_at, key)`` orders the rows, so equal stamps neither repeat nor skip. Nothing is held open between
requests: a row that changes while pages are read leaves the window and comes in the next one.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from connectors.sql_rows import UNREADABLE, after, read_stored
from models.types import Instant, now_utc
from stores.api.cursor import DELETES, ROWS, Place
from stores.api.store import Stream
from stores.api.values import Row


@dataclass(frozen=True)
class Asked:
    """Which rows: changed after ``since`` up to ``until`` (none: now), with these values of columns."""

    stream: Stream
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    where: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    deletes: bool = False


@dataclass(frozen=True)
class Page:
    """Rows, the keys that were deleted, and where to go on (none: that was all)."""

    rows: list[Row]
    deleted: list[Row]
    until: dt.datetime | None
    total: int
    next: Place | None


def read_page(connection: sa.Connection, asked: Asked, *, place: Place | None, limit: int) -> Page:
    """The page after ``place`` (none: the first)."""
    if place is None:
        until = asked.until or _newest(connection, asked)
        if asked.since and (until is None or until < asked.since):
            until = asked.since
        place = Place(ROWS, until, _total(connection, asked, until), ())
    goes_on = place
    rows: list[Row] = []
    if place.part == ROWS and limit:
        rows, goes_on = _rows(connection, asked, place, limit)
    if not limit or (goes_on.part == DELETES and not asked.deletes):
        return Page(rows, [], place.until, place.total, None)
    if goes_on.part == ROWS or len(rows) == limit:
        return Page(rows, [], place.until, place.total, goes_on)
    deleted, last = _deleted(connection, asked, goes_on, limit - len(rows))
    return Page(rows, deleted, place.until, place.total, last)


def _rows(connection: sa.Connection, asked: Asked, place: Place, limit: int) -> tuple[list[Row], Place]:
    table, key = asked.stream.table, asked.stream.key
    stamp = table.c.updated_at
    query = sa.select(table).where(*_inside(asked, place.until)).order_by(stamp, key).limit(limit + 1)
    if place.after:
        at, last = (after(value) for value in place.after)
        # The first condition alone lets every database use the index.
        query = query.where(stamp >= at, sa.or_(stamp > at, key > last))
    rows, stored = read_stored(connection, query)
    if len(rows) <= limit:
        return rows, Place(DELETES, place.until, place.total, ())
    last_row = stored[limit - 1]
    return rows[:limit], Place(ROWS, place.until, place.total, (last_row[stamp.name], last_row[key.name]))


def _deleted(
    connection: sa.Connection, asked: Asked, place: Place, limit: int
) -> tuple[list[Row], Place | None]:
    tombs = asked.stream.table.metadata.tables["tombstones"].c
    query = (
        sa.select(tombs.key, tombs.deleted_at)
        .where(*_gone(asked, place.until))
        .order_by(tombs.deleted_at, tombs.key)
        .limit(limit + 1)
    )
    if place.after:
        at, last = (after(value) for value in place.after)
        query = query.where(tombs.deleted_at >= at, sa.or_(tombs.deleted_at > at, tombs.key > last))
    found, stored = read_stored(connection, query)
    rows = [
        {asked.stream.key.name: row["key"], "updated_at": row["deleted_at"], "deleted": True}
        for row in found[:limit]
    ]
    if len(found) <= limit:
        return rows, None
    last_row = stored[limit - 1]
    return rows, Place(DELETES, place.until, place.total, (last_row["deleted_at"], last_row["key"]))


def _newest(connection: sa.Connection, asked: Asked) -> dt.datetime | None:
    """The newest stamp, once the database's clock has passed it: nothing can be stamped so any more."""
    now = _clock(connection)
    stamps: list[tuple[sa.Column[Any], sa.ColumnElement[bool]]] = [
        (asked.stream.table.c.updated_at, sa.true())
    ]
    if asked.deletes:
        tombs = asked.stream.table.metadata.tables["tombstones"].c
        stamps.append((tombs.deleted_at, tombs.stream == asked.stream.table.name))
    found = []
    for stamp, mine in stamps:
        try:
            found.append(
                connection.execute(sa.select(sa.func.max(stamp)).where(stamp <= now, mine)).scalar_one()
            )
        except UNREADABLE:
            # Only SQLite holds a stamp that is none, and its one writer at a time commits nothing late.
            found.append(now)
    until = max((one for one in found if one is not None), default=None)
    while until is not None and now <= until:
        time.sleep(0.001)
        now = _clock(connection)
    return until


def _clock(connection: sa.Connection) -> dt.datetime:
    return connection.execute(sa.select(sa.type_coerce(now_utc(), Instant()))).scalar_one()


def _total(connection: sa.Connection, asked: Asked, until: dt.datetime | None) -> int:
    query = sa.select(sa.func.count()).select_from(asked.stream.table).where(*_inside(asked, until))
    total = int(connection.execute(query).scalar_one())
    if asked.deletes:
        tombs = asked.stream.table.metadata.tables["tombstones"]
        query = sa.select(sa.func.count()).select_from(tombs).where(*_gone(asked, until))
        total += int(connection.execute(query).scalar_one())
    return total


def _inside(asked: Asked, until: dt.datetime | None) -> list[sa.ColumnElement[bool]]:
    columns, stamp = asked.stream.table.c, asked.stream.table.c.updated_at
    conditions = [one_of(columns[name], values) for name, values in asked.where.items()]
    return [*conditions, *_between(stamp, asked.since, until)]


def _gone(asked: Asked, until: dt.datetime | None) -> list[sa.ColumnElement[bool]]:
    table = asked.stream.table
    tombs = table.metadata.tables["tombstones"].c
    there = sa.exists(sa.select(sa.literal(1)).select_from(table).where(asked.stream.key == tombs.key))
    return [tombs.stream == table.name, ~there, *_between(tombs.deleted_at, asked.since, until)]


def _between(
    stamp: sa.Column[Any], since: dt.datetime | None, until: dt.datetime | None
) -> list[sa.ColumnElement[bool]]:
    after_it = [stamp > since] if since else []
    return [*after_it, stamp <= until if until else sa.false()]


def one_of(column: sa.Column[Any], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Whether the column is one of the values, ``None`` included."""
    some = column.in_([one for one in values if one is not None])
    return sa.or_(some, column.is_(None)) if None in values else some
