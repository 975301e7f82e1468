"""Reads rows of a stream by their keys, or by another column, as they are now; and documents' lines.

keys or values ─▶ rows, documents with their lines. Windows are ``sql_window``'s. Translates no errors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from connectors.protocol import LINES, Read, Row
from connectors.sql_rows import PROBLEM, read_rows
from connectors.sql_stream import Stream, chunks, find_column, find_stream
from connectors.sql_values import canonical


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
        attach_lines(connection, stream, rows)
    return rows


def attach_lines(connection: sa.Connection, stream: Stream, rows: list[Row]) -> None:
    """Give each document its lines, in order, by one query."""
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


def _findable(column: sa.Column[Any], values: Collection[Any]) -> list[Any]:
    """Each value once, as the column stores it; what it cannot hold is nowhere in it."""
    found: dict[Any, None] = {}
    for value in values:
        with suppress(ValueError):
            found[canonical(column, value)] = None
    found.pop(None, None)
    return list(found)
