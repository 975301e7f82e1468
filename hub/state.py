"""The hub's own database: opened, brought up to date, written in small transactions.

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
from hub.migrations import HEAD, upgrade

RACE_S = 5.0
"""How long first processes may get in each other's way before the one that upgrades has its lock."""


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
        """Bring the tables to this version's shape; two first runs at once are no error.

        ``Misconfigured`` when a newer version has used them. One query when nothing is to do.
        """
        until = time.monotonic() + RACE_S
        with translated("state", self._url):
            while True:
                try:
                    return self._bring_up_to_date()
                except sa.exc.DBAPIError as error:
                    if time.monotonic() > until or not _may_be_a_race(error):
                        raise
                time.sleep(random.uniform(0.02, 0.2))

    def _bring_up_to_date(self) -> None:
        with self._engine.connect() as connection:
            found = upgrade.revision_of(connection)
        upgrade.check_known(found, sql_engine.place(self._url))
        if found != HEAD:
            upgrade.upgrade(self._engine)


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


def _may_be_a_race(error: sa.exc.DBAPIError) -> bool:
    """Whether another first process may be the cause: on SQLite a lock, elsewhere statements that met."""
    fates = (Fate.UNREACHABLE, Fate.AGAIN) if isinstance(error.orig, sqlite3.Error) else (Fate.AGAIN,)
    return fault(error).fate in fates


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
