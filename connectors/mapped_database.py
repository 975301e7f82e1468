"""A foreign database as a source of tables: its columns are listed first, then only what is used is read.

SQLAlchemy URL → columns by table → rows as exact Python values → a DuckDB table of exact types. One
read-only transaction, so that the tables belong together. Binary fractions become the decimal a person
wrote (a 4-byte 0.05 is 0.05). Writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import sqlalchemy as sa

from connectors import sql_engine
from connectors.errors import Misconfigured
from connectors.mapped_values import load_rows
from connectors.sql_errors import translated

_SNAPSHOT = {"postgresql": "REPEATABLE READ", "mysql": "REPEATABLE READ", "mariadb": "REPEATABLE READ"}
_FETCH = 10_000


class DatabaseTables:
    """The tables and views of the database at ``address``, in its default schema."""

    def __init__(self, address: str) -> None:
        self._url = sql_engine.parse("the source", address)
        self._engine = _engine(self._url)
        self._connection: sa.Connection | None = None
        self._columns: dict[str, list[Any]] = {}
        self.name = sql_engine.place(self._url)

    def open(self) -> dict[str, tuple[str, ...]]:
        """Columns by table; ``Unreachable``, ``Refused`` or ``Misconfigured`` when there is none."""
        with translated("the source", self._url):
            level = _SNAPSHOT.get(self._engine.dialect.name)
            connection = self._engine.connect()
            self._connection = connection.execution_options(**({"isolation_level": level} if level else {}))
            inspector = sa.inspect(self._connection)
            for table in [*inspector.get_table_names(), *inspector.get_view_names()]:
                self._columns[table] = list(inspector.get_columns(table))
        if not self._columns:
            raise Misconfigured(f"the source ({self.name}) has no tables; is it the right database?")
        return {table: tuple(c["name"] for c in columns) for table, columns in self._columns.items()}

    def load(self, into: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> None:
        """Make ``table`` in ``into`` with these columns, whole."""
        assert self._connection is not None, "open() comes first"
        known = {column["name"]: column for column in self._columns[table]}
        chosen = [self._expression(known[name]) for name in columns]
        query = sa.select(*chosen).select_from(sa.table(table))
        with translated("the source", self._url):
            rows = self._connection.execute(query).yield_per(_FETCH)
            values = list(zip(*rows.all(), strict=True)) or [()] * len(columns)
        load_rows(into, table, dict(zip(columns, values, strict=True)))

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()

    def _expression(self, column: Any) -> Any:
        """The column as an exact value: SQLite's as it is stored, a server's binary fraction as its text."""
        name, kind = column["name"], column["type"]
        if self._engine.dialect.name == "sqlite":
            return sa.column(name)
        if isinstance(kind, sa.Float):
            return sa.type_coerce(sa.cast(sa.column(name), sa.String), _Written()).label(name)
        return sa.column(name, kind)


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sql_engine.make_engine(url)
    # The stores' own settings for SQLite would turn a foreign file to write-ahead logging.
    path = Path(str(url.database)).absolute()
    if not path.is_file():
        raise Misconfigured(f"no source at {path}; expected an SQLite file")
    query = {"mode": "ro", "uri": "true"}
    return sa.create_engine(sa.URL.create("sqlite", database=f"file:{quote(str(path))}", query=query))


class _Written(sa.types.TypeDecorator[Decimal]):
    """A number's shortest text, as a Decimal."""

    impl = sa.String
    cache_ok = True

    def process_result_value(self, value: Any, _dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)
