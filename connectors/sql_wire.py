"""How a canonical value goes into a statement, and how one that came back becomes canonical again.

A column's declared type and the database decide once; what is left per value is one quick function. MariaDB's
driver has no compiled core and asks every value what it is: here a value becomes its literal at once. Sends
nothing, checks nothing: values are those of ``sql_values``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from models.types import Exact, Instant

Put = Callable[[Any], Any]
Take = Callable[[Any], Any]

# What PostgreSQL takes a column of ``values`` for; elsewhere the column that it goes into decides.
_POSTGRESQL: tuple[tuple[type[Any], str], ...] = (
    (sa.String, "text"),
    (Exact, "numeric"),
    (Instant, "timestamptz"),
    (sa.Date, "date"),
    (sa.Boolean, "boolean"),
    (sa.Integer, "bigint"),
)
# Up to this scale, a Decimal's own text never has an exponent, which MariaDB would read as a float.
_PLAIN_SCALE = 6


def cast_name(column: sa.Column[Any]) -> str:
    """PostgreSQL's name of the column's type."""
    return next(name for kind, name in _POSTGRESQL if isinstance(column.type, kind))


def putter(connection: sa.Connection, column: sa.Column[Any]) -> Put | None:
    """Makes a value into what the driver takes, on MariaDB into its literal; ``None``: it is that already."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        return None
    kinds = _SQLITE_PUTTERS if dialect == "sqlite" else _literals(connection, column)
    put = next((make for kind, make in kinds if isinstance(column.type, kind)), None)
    if put is None or not column.nullable:
        return put
    empty = None if dialect == "sqlite" else "NULL"
    return lambda value: empty if value is None else put(value)


def taker(connection: sa.Connection, column: sa.Column[Any]) -> Take | None:
    """Makes what the driver gave, unless it is empty, canonical; ``None``: it is that already.

    Fails for a stored value that is none of its column's type.
    """
    takers = _SQLITE_TAKERS if connection.dialect.name == "sqlite" else _SERVER_TAKERS
    return next((take for kind, take in takers if isinstance(column.type, kind)), None)


def _literals(connection: sa.Connection, column: sa.Column[Any]) -> tuple[tuple[type[Any], Put], ...]:
    """A value's literal; the driver's own function writes the text that needs care."""
    driver: Any = connection.connection.driver_connection
    careful = driver.escape

    def text(value: str) -> str:
        return f"'{value}'" if "'" not in value and "\\" not in value else str(careful(value))

    plain = getattr(column.type, "scale", 0) <= _PLAIN_SCALE
    return (
        (sa.String, text),
        (Exact, str if plain else lambda value: format(value, "f")),
        # Canonical instants are UTC: the last six characters are its offset.
        (Instant, lambda value: f"'{value.isoformat(' ')[:-6]}'"),
        (sa.Date, lambda value: f"'{value.isoformat()}'"),
        (sa.Boolean, lambda value: "1" if value else "0"),
        (sa.Integer, str),
    )


def _utc(value: dt.datetime) -> dt.datetime:
    return value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC)


_SQLITE_PUTTERS: tuple[tuple[type[Any], Put], ...] = (
    (Exact, lambda value: format(value, "f")),
    (Instant, lambda value: value.isoformat(" ", "microseconds")[:-6]),
    (sa.Date, dt.date.isoformat),
)
_TRUTH = {1: True, 0: False}
_SERVER_TAKERS: tuple[tuple[type[Any], Take], ...] = (
    (Instant, _utc),
    (sa.Boolean, _TRUTH.__getitem__),
)
_SQLITE_TAKERS: tuple[tuple[type[Any], Take], ...] = (
    (Exact, Decimal),
    (Instant, lambda value: _utc(dt.datetime.fromisoformat(value))),
    (sa.Date, dt.date.fromisoformat),
    (sa.Boolean, _TRUTH.__getitem__),
)
