"""Reads a query's rows, also when a value in them is none of its column's type: one bad value stops nothing.

query → rows; when a value cannot be read, the same query as the database stores it → each value on its own,
an unreadable one as ``None``, and the row's ``_problem`` says what it was. It judges no row: the hub does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from connectors.protocol import Row
from models.types import Exact, Instant

PROBLEM = "_problem"
# What drivers and column types raise for text that is no date, number or instant.
UNREADABLE = (ValueError, TypeError, ArithmeticError, AttributeError, KeyError)
SHOWN = 80


class NotUtf8(bytes):
    """Text of a SQLite database that is not UTF-8."""


def read_rows(connection: sa.Connection, query: sa.Select[Any]) -> list[Row]:
    """The query's rows; a row with a value that could not be read has a ``_problem``."""
    return read_stored(connection, query)[0]


def read_stored(connection: sa.Connection, query: sa.Select[Any]) -> tuple[list[Row], Sequence[Row]]:
    """The query's rows, and the same rows with the values by which the database itself orders them."""
    try:
        found = connection.execute(query)
        names = tuple(found.keys())
        # Not ``mappings()``: it makes an object a row first, and there are millions.
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    except UNREADABLE:
        pass
    except sa.exc.OperationalError as error:
        if "Could not decode to UTF-8" not in str(error.orig):
            raise
    else:
        return rows, rows
    stored = _as_stored(connection, query)
    rows = [_row(query, row) for row in stored]
    # Servers compare no text with instants; what their own columns hold can be ordered by as it was read.
    return rows, stored if connection.dialect.name == "sqlite" else rows


def after(value: Any) -> Any:
    """A stored value as a query compares with it: as it is, whatever its column's type."""
    if isinstance(value, NotUtf8):
        return sa.cast(sa.literal(bytes(value), sa.LargeBinary), sa.Text)
    if isinstance(value, bytes):
        return sa.literal(value, sa.LargeBinary)
    return sa.literal(value, sa.String) if isinstance(value, str | int | float) else value


def _as_stored(connection: sa.Connection, query: sa.Select[Any]) -> list[Row]:
    columns = list(query.selected_columns)
    if connection.dialect.name != "sqlite":
        text = query.with_only_columns(*(sa.cast(column, sa.String).label(column.name) for column in columns))
        return [dict(row) for row in connection.execute(text).mappings()]
    plain = query.with_only_columns(
        *(sa.type_coerce(column, sa.types.NullType()).label(column.name) for column in columns)
    )
    with _any_text(connection):
        return [dict(row) for row in connection.execute(plain).mappings()]


@contextmanager
def _any_text(connection: sa.Connection) -> Iterator[None]:
    """For as long as it lasts, SQLite gives text that is not UTF-8 as its bytes."""
    driver: Any = connection.connection.driver_connection
    driver.text_factory = _text_or_bytes
    try:
        yield
    finally:
        driver.text_factory = str


def _text_or_bytes(came: bytes) -> str | NotUtf8:
    try:
        return came.decode()
    except UnicodeDecodeError:
        return NotUtf8(came)


def _row(query: sa.Select[Any], stored: Row) -> Row:
    row: Row = {}
    problems = []
    for column in query.selected_columns:
        name, came = column.name, stored[column.name]
        expected, read = _reading(column.type)
        try:
            row[name] = None if came is None else read(_text(came))
        except UNREADABLE:
            row[name] = None
            shown = repr(bytes(came) if isinstance(came, bytes) else came)
            cut = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
            problems.append(f"column {name} is {cut}, expected {expected}")
    return {**row, PROBLEM: "; ".join(problems)} if problems else row


def _text(came: Any) -> str:
    if isinstance(came, bytes):
        raise ValueError("bytes are no text")
    return str(came)


def _reading(type_: Any) -> tuple[str, Callable[[str], Any]]:
    """What a column's stored text should be, and how it is read."""
    if isinstance(type_, Exact):
        return "a decimal", lambda text: Decimal(text).quantize(Decimal(1).scaleb(-type_.scale))
    if isinstance(type_, Instant):
        return "an instant", _instant
    for kind, reading in _READINGS:
        if isinstance(type_, kind):
            return reading
    return "UTF-8 text", str


def _instant(text: str) -> dt.datetime:
    at = dt.datetime.fromisoformat(text)
    return at.astimezone(dt.UTC) if at.tzinfo else at.replace(tzinfo=dt.UTC)


def _boolean(text: str) -> bool:
    return {"1": True, "true": True, "t": True, "0": False, "false": False, "f": False}[text]


_READINGS: tuple[tuple[type[Any], tuple[str, Callable[[str], Any]]], ...] = (
    (sa.Date, ("a date", dt.date.fromisoformat)),
    (sa.Boolean, ("true or false", _boolean)),
    (sa.Integer, ("a whole number", int)),
)
