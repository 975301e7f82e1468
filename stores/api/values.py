"""Values as JSON and back: decimals are strings, instants RFC 3339 in UTC with microseconds, dates ISO.

JSON or query text → the column's Python value, checked as every connector checks it; a value → JSON. Rounds
nothing: a JSON number with a fraction is refused, because its sender may have rounded it already.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa

from connectors.sql_values import canonical
from models.types import Exact, Instant

Row = dict[str, Any]
_EXACT = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
INSTANT_FORM = "an instant such as 2026-11-20T09:30:00.000000Z"


def kind_of(column: sa.Column[Any]) -> str:
    """text, exact, integer, boolean, date or instant."""
    kinds: tuple[tuple[type[Any], str], ...] = (
        (Exact, "exact"), (Instant, "instant"), (sa.Date, "date"), (sa.Boolean, "boolean"),
        (sa.Integer, "integer"),
    )  # fmt: skip
    return next((word for kind, word in kinds if isinstance(column.type, kind)), "text")


def parse(column: sa.Column[Any], came: Any) -> Any:
    """The value of a JSON value for the column; ``ValueError`` says what was expected."""
    return canonical(column, None if came is None else _READERS[kind_of(column)](came))


def parse_text(column: sa.Column[Any], text: str) -> Any:
    """The value of a query parameter for the column; ``ValueError`` says what was expected."""
    kind = kind_of(column)
    if kind == "boolean":
        if text not in ("true", "false"):
            raise ValueError("expected true or false")
        return text == "true"
    if kind == "integer":
        if not _WHOLE.fullmatch(text):
            raise ValueError("expected a whole number")
        return canonical(column, int(text))
    return parse(column, text)


def instant(came: Any) -> dt.datetime:
    """The instant of its RFC 3339 text, in UTC; ``ValueError`` when it is none."""
    if not isinstance(came, str) or not _INSTANT.fullmatch(came):
        raise ValueError(f"expected {INSTANT_FORM}")
    try:
        return dt.datetime.fromisoformat(came.upper()).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"expected {INSTANT_FORM}, of a day that there is") from None


def dump_instant(value: dt.datetime) -> str:
    """The instant as RFC 3339 in UTC, always as wide."""
    utc = value if value.tzinfo is dt.UTC else value.astimezone(dt.UTC)
    return f"{utc.isoformat(timespec='microseconds')[:-6]}Z"


def dump(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return dump_instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value


def dump_rows(table: sa.Table, rows: Iterable[Row]) -> list[Row]:
    """Rows of a table as JSON has them; only what JSON cannot hold is touched."""
    dumped = [(name, write) for name, write in _dumpers(table).items()]
    result = []
    for row in rows:
        copy = dict(row)
        for name, write in dumped:
            value = copy.get(name)
            if value is not None:
                copy[name] = write(value)
        result.append(copy)
    return result


def encode(body: Any) -> bytes:
    """A JSON document as bytes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def decode(body: bytes) -> Any:
    """The JSON document in a body; ``ValueError`` when it is none, NaN and depths without end included."""
    try:
        return json.loads(body, parse_constant=_no_constant, parse_float=_Fraction)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


class _Fraction(str):
    """A JSON number with a fraction or an exponent, as it was written."""


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


@cache
def _dumpers(table: sa.Table) -> Mapping[str, Callable[[Any], str]]:
    writers: dict[str, Callable[[Any], str]] = {
        "exact": lambda value: format(value, "f"),
        "instant": dump_instant,
        "date": dt.date.isoformat,
    }
    return {c.name: writers[kind_of(c)] for c in table.c if kind_of(c) in writers}


def _exact(came: Any) -> Decimal:
    if isinstance(came, int) and not isinstance(came, bool):
        came = str(came)
    if isinstance(came, _Fraction) or not isinstance(came, str) or not _EXACT.fullmatch(came):
        raise ValueError('expected a decimal as a string such as "12.50"')
    return Decimal(came)


def _date(came: Any) -> dt.date:
    if not isinstance(came, str) or not _DATE.fullmatch(came):
        raise ValueError("expected a date such as 2026-11-20")
    return dt.date.fromisoformat(came)


def _text(came: Any) -> Any:
    if not isinstance(came, str) or isinstance(came, _Fraction):
        raise ValueError("expected text")
    return came


def _boolean(came: Any) -> Any:
    if not isinstance(came, bool):
        raise ValueError("expected true or false")
    return came


def _integer(came: Any) -> Any:
    if not isinstance(came, int) or isinstance(came, bool):
        raise ValueError("expected a whole number")
    return came


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": _text, "exact": _exact, "instant": instant, "date": _date, "boolean": _boolean,
    "integer": _integer,
}  # fmt: skip
