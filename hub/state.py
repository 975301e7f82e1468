"""The hub's own database: opened, made on first use, written in small transactions.

SQLite by default, PostgreSQL or MariaDB as well. ``hub.memory`` keeps a step's cursor, links and rows put
aside in it, and every run; nothing of the business lies here but the payloads of rows put aside.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from connectors import sql_engine
from connectors.sql_errors import Fate, fault, translated
from models.state import METADATA

RACE_S = 5.0
"""How long first processes may get in each other's way while they make the tables."""


class State:
    """The hub's database; ``reading`` and ``writing`` translate its errors as a connector does."""

    def __init__(self, url: sa.URL, engine: sa.Engine) -> None:
        self._url = url
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection for queries."""
        with translated("state", self._url), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction: all of it is remembered, or nothing."""
        with translated("state", self._url), sql_engine.writing(self._engine) as connection:
            yield connection

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def create(self) -> None:
        """Make the tables that are missing; two first runs at once are no error."""
        until = time.monotonic() + RACE_S
        with translated("state", self._url):
            while True:
                try:
                    return self._create_missing()
                except sa.exc.DBAPIError as error:
                    if time.monotonic() > until or not _may_be_a_race(error):
                        raise
                time.sleep(random.uniform(0.02, 0.2))

    def _create_missing(self) -> None:
        """Each missing table in a transaction of its own; no lock is taken when all are there."""
        with self._engine.connect() as connection:
            there = set(sa.inspect(connection).get_table_names())
        for table in METADATA.sorted_tables:
            if table.name not in there:
                with sql_engine.writing(self._engine) as connection:
                    _create(connection, table)


def open_state(address: str) -> State:
    """The hub's database at this SQLAlchemy address, with its tables; ``Unreachable`` when none answers."""
    url = sql_engine.parse("state", address)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    state = State(url, sql_engine.make_engine(url))
    try:
        state.create()
    except BaseException:
        state.close()
        raise
    return state


def _create(connection: sa.Connection, table: sa.Table) -> None:
    connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
    for index in table.indexes:
        index.create(connection, checkfirst=True)
    if connection.dialect.supports_comments and not connection.dialect.inline_comments:
        connection.execute(sa.schema.SetTableComment(table))
        for column in (column for column in table.columns if column.comment):
            connection.execute(sa.schema.SetColumnComment(column))


def _may_be_a_race(error: sa.exc.DBAPIError) -> bool:
    """Whether another first process may be the cause: on SQLite a lock, elsewhere a refused statement.

    A server that was not reached, or let nobody in, has got no statement.
    """
    if isinstance(error.orig, sqlite3.Error):
        return fault(error).fate in (Fate.UNREACHABLE, Fate.AGAIN)
    return error.statement is not None


def upsert(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str],
    changes: Mapping[str, Any],
) -> None:
    """Insert the rows; where one with these ``keys`` is there, set ``changes`` of it (none: leave it be).

    A change is a column expression, or ``None`` for the new row's own value.
    """
    if not rows:
        return
    name = connection.dialect.name
    if name in ("sqlite", "postgresql"):
        make = sqlite.insert if name == "sqlite" else postgresql.insert
        insert = make(table)
        values = {column: _new(insert.excluded, column, given) for column, given in changes.items()}
        statement: Any = (
            insert.on_conflict_do_update(index_elements=list(keys), set_=values)
            if values
            else insert.on_conflict_do_nothing(index_elements=list(keys))
        )
    else:
        into = mysql.insert(table)
        # An assignment to itself leaves the row as it is; `insert ignore` would swallow other errors too.
        values = {column: _new(into.inserted, column, given) for column, given in changes.items()}
        statement = into.on_duplicate_key_update(values or {keys[0]: table.c[keys[0]]})
    connection.execute(statement, [dict(row) for row in rows])


def _new(incoming: Any, column: str, given: Any) -> Any:
    return incoming[column] if given is None else given
