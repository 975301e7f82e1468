"""Takes the seeded rows and puts them into the three databases in bulk, in an order that keys allow.

Rows come as tuples in the table's column order (or by name), are kept until there are many, and go out
table by table; triggers and secondary indexes are made after the load. It decides nothing about a row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Any, cast

import sqlalchemy as sa

from models import SYSTEMS, ddl, stream_table
from stores.seed.render import renders

BATCH_ROWS = 60_000
SERVER_ROWS = 2_000
CACHE_KIB = 128 * 1024


class Load:
    """An open load of the given stores: ``put`` rows, and leave the context to have them committed."""

    def __init__(self, engines: Mapping[str, sa.Engine]) -> None:
        self.counts: dict[str, int] = {}
        self._engines = engines
        self._stack = ExitStack()
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._tables: dict[str, sa.Table] = {}
        self._writers: dict[str, _Sqlite | _Server] = {}

    def __enter__(self) -> Load:
        for system, engine in self._engines.items():
            metadata = SYSTEMS[system]
            ddl.create_tables(engine, metadata)
            ddl.drop_triggers(engine, metadata)
            if engine.dialect.name == "sqlite":
                self._writers[system] = self._stack.enter_context(_Sqlite(engine, metadata))
            else:
                self._writers[system] = self._stack.enter_context(_Server(engine))
            for table in metadata.sorted_tables:
                self._rows[f"{system}.{table.name}"] = []
                self._tables[f"{system}.{table.name}"] = table
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._flush_all()
        finally:
            self._stack.__exit__(kind, error, trace)
        if error is None:
            with ThreadPoolExecutor(len(self._engines)) as pool:
                list(pool.map(_finish, self._engines.items()))

    def put(self, stream: str, row: tuple[Any, ...]) -> None:
        """Keep a row, all columns of the table in their order, for the next batch."""
        rows = self._rows[stream]
        rows.append(row)
        if len(rows) >= BATCH_ROWS:
            self._flush_all()

    def add(self, stream: str, **values: Any) -> None:
        """Keep a row given by name; columns not named are null."""
        columns = stream_table(stream).columns.keys()
        if unknown := values.keys() - set(columns):
            raise KeyError(f"{stream} has no column {sorted(unknown)}")
        self.put(stream, tuple(values.get(name) for name in columns))

    def _flush_all(self) -> None:
        """Every kept row goes out, parents before what points to them."""
        for stream, rows in self._rows.items():
            if rows:
                self._writers[stream.partition(".")[0]].write(self._tables[stream], rows)
                self.counts[stream] = self.counts.get(stream, 0) + len(rows)
                rows.clear()


class _Sqlite:
    """One transaction over SQLite's own driver: foreign keys unchecked, written without waiting for the disk.

    The rollback journal stays on, so that a killed load leaves an empty store, not half of one.
    """

    def __init__(self, engine: sa.Engine, metadata: sa.MetaData) -> None:
        self._engine, self._metadata = engine, metadata

    def __enter__(self) -> _Sqlite:
        self._pooled = self._engine.raw_connection()
        self._driver = cast(sqlite3.Connection, self._pooled.driver_connection)
        self._driver.commit()
        for pragma in ("journal_mode = delete", "synchronous = off", "foreign_keys = off", "threads = 2"):
            self._driver.execute(f"pragma {pragma}")
        self._driver.execute(f"pragma cache_size = -{CACHE_KIB}")
        self._driver.execute("begin")
        for index in self._indexes():
            self._driver.execute(f"drop index if exists {index.name}")
        return self

    def write(self, table: sa.Table, rows: list[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * len(table.columns))
        self._driver.executemany(f"insert into {table.name} values ({marks})", renders(table, rows))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            # Sorting once is a fifth of the work of keeping every index in order row by row.
            for index in self._indexes():
                self._driver.execute(str(sa.schema.CreateIndex(index)))
            self._driver.commit()
        else:
            self._driver.rollback()
        # A connection with these settings must not be used again.
        self._pooled.invalidate()

    def _indexes(self) -> list[sa.Index]:
        return [index for table in self._metadata.sorted_tables for index in _sorted(table.indexes)]


class _Server:
    """One transaction over SQLAlchemy, many rows a statement."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def __enter__(self) -> _Server:
        self._connection = self._engine.connect()
        return self

    def write(self, table: sa.Table, rows: list[tuple[Any, ...]]) -> None:
        names = table.columns.keys()
        for start in range(0, len(rows), SERVER_ROWS):
            batch = [dict(zip(names, row, strict=True)) for row in rows[start : start + SERVER_ROWS]]
            self._connection.execute(table.insert(), batch)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._connection.commit()
        self._connection.close()


def _sorted(indexes: Iterable[sa.Index]) -> list[sa.Index]:
    return sorted(indexes, key=lambda index: str(index.name))


def _finish(store: tuple[str, sa.Engine]) -> None:
    system, engine = store
    ddl.create_triggers(engine, SYSTEMS[system])
