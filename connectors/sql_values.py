"""What a value must be for its column, the same on every database, and in the one form that compares exactly.

SQLite takes any text at any length, MariaDB a NUL character, PostgreSQL neither: so the stream's declared
type decides before a database is asked. ``checker`` lets through at once what already has that form, nearly
every value; ``canonical`` decides about the rest. Rounds nothing, cuts nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from models.types import DIGITS, Exact, Instant, exact_decimal

# MariaDB's MEDIUMTEXT ends here; what one store can hold, all can.
TEXT_BYTES = 2**24 - 1
INTEGER_BITS = 31

Check = Callable[[Any], Any]


def checker(column: sa.Column[Any]) -> Check:
    """``canonical`` of this column, without its questions for a value that is right as it came."""
    for kind, quick in _QUICK:
        if isinstance(column.type, kind):
            return quick(column)
    return lambda value: canonical(column, value)


def canonical(column: sa.Column[Any], value: Any) -> Any:
    """``value`` as a read would give it back; ``ValueError`` says what was expected."""
    if value is None:
        if not column.nullable:
            raise ValueError("expected a value, it may not be empty")
        return None
    for kind, check in _CHECKS:
        if isinstance(column.type, kind):
            return check(column.type, value)
    raise ValueError(f"a column of type {column.type!r} is not one that streams have")


def _exact(type_: Exact, value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("expected a Decimal")
    try:
        # Adding zero makes minus zero zero: SQLite compares the text.
        return exact_decimal(value, type_.scale) + 0
    except (ArithmeticError, TypeError):
        raise ValueError("expected a Decimal") from None


def _instant(_type: Any, value: Any) -> dt.datetime:
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise ValueError("expected an instant with its time zone")
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("expected an instant that is in the years 1 to 9999 in UTC too") from None


def _date(_type: Any, value: Any) -> dt.date:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise ValueError("expected a date without a time")
    return value


def _boolean(_type: Any, value: Any) -> bool:
    if not isinstance(value, int) or value not in (0, 1):
        raise ValueError("expected true or false")
    return bool(value)


def _integer(_type: Any, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("expected a whole number")
    if not -(2**INTEGER_BITS) <= value < 2**INTEGER_BITS:
        raise ValueError("expected a whole number of at most 32 bits")
    return value


def _text(type_: sa.String, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("expected text")
    if "\0" in value:
        raise ValueError("expected text without NUL characters")
    if type_.length is not None and len(value) > type_.length:
        raise ValueError(f"expected at most {type_.length} characters, came {len(value)}")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise ValueError("expected valid Unicode, came half of a surrogate pair") from None
    if size > TEXT_BYTES:
        raise ValueError(f"expected at most {TEXT_BYTES} bytes, came {size}")
    return value


def _quick_text(column: sa.Column[Any]) -> Check:
    longest = getattr(column.type, "length", None) or TEXT_BYTES

    def check(value: Any) -> Any:
        if type(value) is str and value.isascii() and len(value) <= longest and "\0" not in value:
            return value
        return canonical(column, value)

    return check


def _quick_exact(column: sa.Column[Any]) -> Check:
    scale = getattr(column.type, "scale", 0)
    quantum = Decimal(1).scaleb(-scale)
    end = Decimal(10) ** (DIGITS - scale)
    zero = Decimal(0).quantize(quantum)

    def check(value: Any) -> Any:
        if type(value) is Decimal and value.same_quantum(quantum) and -end < value < end:
            return value or zero
        return canonical(column, value)

    return check


def _quick_instant(column: sa.Column[Any]) -> Check:
    def check(value: Any) -> Any:
        if type(value) is dt.datetime and value.tzinfo is dt.UTC:
            return value
        return canonical(column, value)

    return check


def _quick_date(column: sa.Column[Any]) -> Check:
    return lambda value: value if type(value) is dt.date else canonical(column, value)


def _quick_integer(column: sa.Column[Any]) -> Check:
    end = 2**INTEGER_BITS
    return lambda value: value if type(value) is int and -end <= value < end else canonical(column, value)


def _quick_boolean(column: sa.Column[Any]) -> Check:
    return lambda value: value if type(value) is bool else canonical(column, value)


_CHECKS: tuple[tuple[type[Any], Callable[[Any, Any], Any]], ...] = (
    (sa.String, _text),
    (Exact, _exact),
    (Instant, _instant),
    (sa.Date, _date),
    (sa.Boolean, _boolean),
    (sa.Integer, _integer),
)
_QUICK: tuple[tuple[type[Any], Callable[[sa.Column[Any]], Check]], ...] = (
    (sa.String, _quick_text),
    (Exact, _quick_exact),
    (Instant, _quick_instant),
    (sa.Date, _quick_date),
    (sa.Boolean, _quick_boolean),
    (sa.Integer, _quick_integer),
)
