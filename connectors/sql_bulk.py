"""Asks for, inserts, updates and deletes many rows in few statements, each database in its quickest way.

Rows of canonical values ─▶ grouped by their columns ─▶ ``sql_words``. Plans nothing, opens no transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from connectors.protocol import Row
from connectors.sql_rows import UNREADABLE, read_rows
from connectors.sql_stream import chunks
from connectors.sql_wire import taker
from connectors.sql_words import Words

KEYS_A_QUERY = 2_000


def select_rows(
    connection: sa.Connection, columns: Sequence[sa.Column[Any]], key: sa.Column[Any], *, keys: Iterable[Any]
) -> Iterator[Row]:
    """These columns of the rows whose ``key`` is one of ``keys``, values canonical."""
    words = Words(connection)
    for some in chunks(dict.fromkeys(keys), KEYS_A_QUERY):
        try:
            rows = _canonical(connection, columns, words.ask("select", columns, key, keys=some))
        except (*UNREADABLE, sa.exc.OperationalError) as error:
            if isinstance(error, sa.exc.OperationalError) and "decode to UTF-8" not in str(error.orig):
                raise
            # A value that is none of its column's type: the careful way goes on without it.
            rows = read_rows(connection, sa.select(*columns).where(key.in_(some)))
        yield from rows


def insert_rows(connection: sa.Connection, table: sa.Table, rows: Iterable[Row]) -> None:
    """New rows, in the order given for each set of columns."""
    groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row)].append(tuple(row.values()))
    for names, group in groups.items():
        Words(connection).insert([table.c[name] for name in names], group)


def update_rows(connection: sa.Connection, key: sa.Column[Any], rows: Iterable[tuple[Any, Row]]) -> None:
    """New values of rows, each by its key; in the keys' order, so that two writers rarely block."""
    groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for value, changes in rows:
        groups[tuple(changes)].append((*changes.values(), value))
    for names, group in groups.items():
        group.sort(key=lambda row: str(row[-1]))
        Words(connection).update([*(key.table.c[name] for name in names), key], group)


def delete_rows(connection: sa.Connection, key: sa.Column[Any], *, keys: Iterable[Any]) -> None:
    """The rows whose ``key`` is one of ``keys``."""
    for some in chunks(sorted(keys), KEYS_A_QUERY):
        Words(connection).ask("delete", (), key, keys=some)


def _canonical(
    connection: sa.Connection, columns: Sequence[sa.Column[Any]], came: Iterable[Sequence[Any]]
) -> list[Row]:
    names = [column.name for column in columns]
    takes = [(column.name, take) for column in columns if (take := taker(connection, column))]
    rows = [dict(zip(names, row, strict=True)) for row in came]
    for name, take in takes:
        for row in rows:
            if row[name] is not None:
                row[name] = take(row[name])
    return rows
