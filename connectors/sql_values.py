"""What a value must be for its column, the same on every database, and in the one form that compares exactly.

SQLite takes any text at any length, MariaDB a NUL character, PostgreSQL neither: so the stream's declared
type decides before a database is asked. Rounds nothing, cuts nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from models.types import Exact, Instant, exact_decimal

# MariaDB's TEXT ends here; what one store can hold, all can.
TEXT_BYTES = 65_535
INTEGER_BITS = 31


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
    return value.astimezone(dt.UTC)


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


_CHECKS: tuple[tuple[type[Any], Callable[[Any, Any], Any]], ...] = (
    (sa.String, _text),
    (Exact, _exact),
    (Instant, _instant),
    (sa.Date, _date),
    (sa.Boolean, _boolean),
    (sa.Integer, _integer),
)
