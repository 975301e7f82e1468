"""Reads a stream from a database: windows, pages in keyset order, documents with their lines.

``(updated_at, key)`` orders a window; a page asks for what comes after the last row of the one before, so
equal timestamps neither repeat nor skip. Holds no connection between pages. Translates no errors.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from connectors.errors import Misconfigured, Refused
from connectors.protocol import LINES, Read, Row, Window
from connectors.sql_rows import PROBLEM, UNREADABLE, after, read_rows, read_stored
from connectors.sql_stream import Stream, chunks, find_column, find_stream
from connectors.sql_values import canonical
from models.types import now_utc


def open_window(engine: sa.Engine, read: Read, since: str | None) -> Window:
    """Everything stamped after ``since`` up to the newest stamp, once the database's clock has passed it."""
    stream = find_stream(read.stream, read.lines)
    stamp = stream.table.c.updated_at
    with engine.connect() as connection:
        now = _clock(connection, stamp)
        # A stamp from the future is read when its time has come; until then it must not hold up the rest.
        # Not ``now`` itself: a row stamped before it may be committed only after this look.
        until = _newest(connection, stamp, now)
        # What is still to be stamped with this very instant would be lost once the position is stored.
        while until is not None and now <= until:
            time.sleep(0.001)
            now = _clock(connection, stamp)
    start = _instant(read, since)
    if start is not None and (until is None or until < start):
        until = start
    window = Window(since, json.dumps({"at": until.isoformat() if until else None}), 0)
    return Window(window.since, window.until, count(engine, read, window))


def _newest(connection: sa.Connection, stamp: sa.Column[dt.datetime], now: dt.datetime) -> dt.datetime | None:
    try:
        return connection.execute(sa.select(sa.func.max(stamp)).where(stamp <= now)).scalar_one()
    except UNREADABLE:
        # Only SQLite holds a stamp that is none, and its one writer at a time commits nothing late.
        return now


def _clock(connection: sa.Connection, stamp: sa.Column[dt.datetime]) -> dt.datetime:
    return connection.execute(sa.select(sa.type_coerce(now_utc(), stamp.type))).scalar_one()


def count(engine: sa.Engine, read: Read, window: Window) -> int:
    """The database's own number of matching rows in the window."""
    stream = find_stream(read.stream, read.lines)
    query = sa.select(sa.func.count()).select_from(stream.table).where(*_inside(stream, read, window))
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def pages(engine: sa.Engine, read: Read, window: Window, size: int) -> Iterator[list[Row]]:
    """The window's rows by stamp and key, at most ``size`` a page."""
    if size < 1:
        raise Misconfigured(f"{read.stream}: a page of {size} rows; expected at least 1")
    stream = find_stream(read.stream, read.lines)
    stamp, key = stream.table.c.updated_at, stream.key
    query = sa.select(stream.table).where(*_inside(stream, read, window)).order_by(stamp, key).limit(size)
    last: Row | None = None
    while True:
        page = query
        if last is not None:
            at = after(last["updated_at"])
            # The first condition alone lets every database use the index.
            page = query.where(stamp >= at, sa.or_(stamp > at, key > after(last[key.name])))
        with engine.connect() as connection:
            rows, stored = read_stored(connection, page)
            _attach_lines(connection, stream, rows)
        if rows:
            last = stored[-1]
            yield rows
        if len(rows) < size:
            return


def fetch(engine: sa.Engine, read: Read, keys: Collection[str]) -> list[Row]:
    """The rows with these keys, in key order within each chunk."""
    stream = find_stream(read.stream, read.lines)
    wanted = _findable(stream.key, keys)
    query = sa.select(stream.table).order_by(stream.key)
    return _rows(engine, stream, [query.where(stream.key.in_(chunk)) for chunk in chunks(wanted)])


def lookup(engine: sa.Engine, name: str, column: str, values: Collection[Any] | None) -> list[Row]:
    """Rows by a column's values (none: all of the stream), in key order within each value."""
    stream = find_stream(name)
    query = sa.select(stream.table).order_by(stream.key)
    searched = find_column(stream, column)
    if values is None:
        return _rows(engine, stream, [query])
    wanted = _findable(searched, values)
    return _rows(engine, stream, [query.where(searched.in_(chunk)) for chunk in chunks(wanted)])


def _rows(engine: sa.Engine, stream: Stream, queries: Sequence[sa.Select[Any]]) -> list[Row]:
    with engine.connect() as connection:
        rows = [row for query in queries for row in read_rows(connection, query)]
        _attach_lines(connection, stream, rows)
    return rows


def _attach_lines(connection: sa.Connection, stream: Stream, rows: list[Row]) -> None:
    if stream.lines is None or stream.lines_header is None or stream.lines_key is None:
        return
    by_header: dict[str, list[Row]] = defaultdict(list)
    # One query a page; SQLite takes 32,766 parameters, so only a huge page needs a second one.
    for chunk in chunks([row[stream.key.name] for row in rows], 20_000):
        for line in read_rows(connection, sa.select(stream.lines).where(stream.lines_header.in_(chunk))):
            by_header[line[stream.lines_header.name]].append(line)
    name = stream.lines_key.name
    for row in rows:
        # Shorter first: line 10 comes after line 2, and no database's collation has a say.
        row[LINES] = sorted(by_header[row[stream.key.name]], key=lambda line: _order(line[name]))
        wrong = [f"line {line[name]}: {line.pop(PROBLEM)}" for line in row[LINES] if PROBLEM in line]
        if wrong:
            row[PROBLEM] = "; ".join([row[PROBLEM], *wrong] if PROBLEM in row else wrong)


def _order(key: str | None) -> tuple[int, str]:
    return (len(key), key) if key else (0, "")


def _inside(stream: Stream, read: Read, window: Window) -> list[sa.ColumnElement[bool]]:
    conditions = [_matches(find_column(stream, name), value) for name, value in read.where.items()]
    start, end = _instant(read, window.since), _instant(read, window.until)
    stamp = stream.table.c.updated_at
    if start is not None:
        conditions.append(stamp > start)
    conditions.append(stamp <= end if end is not None else sa.false())
    return conditions


def _matches(column: sa.Column[Any], value: Any) -> sa.ColumnElement[bool]:
    values = value if isinstance(value, (tuple, list, set, frozenset)) else (value,)
    try:
        some = column.in_([canonical(column, one) for one in values if one is not None])
    except ValueError as error:
        raise Misconfigured(f"a read where {column} is {value!r}: {error}") from None
    return sa.or_(some, column.is_(None)) if None in values else some


def _findable(column: sa.Column[Any], values: Collection[Any]) -> list[Any]:
    """Each value once, as the column stores it; what it cannot hold is nowhere in it."""
    found: dict[Any, None] = {}
    for value in values:
        with suppress(ValueError):
            found[canonical(column, value)] = None
    found.pop(None, None)
    return list(found)


def _instant(read: Read, position: str | None) -> dt.datetime | None:
    if position is None:
        return None
    try:
        at = json.loads(position)["at"]
        return None if at is None else dt.datetime.fromisoformat(at)
    except (ValueError, TypeError, KeyError):
        raise Refused(
            f"{read.stream}: its stored position {position!r} is none of this connector's; "
            'expected {"at": instant}. Was the system behind it replaced? Then read it from the start.'
        ) from None
