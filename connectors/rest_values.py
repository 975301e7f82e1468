"""Values as HTTP systems send them, and back: exact, whether they come as text or as numbers.

JSON record → row of the declared columns; a value that is none of its column's type is read as ``None`` and
the row's ``_problem`` says what it was. Row → JSON record. Judges no row: the hub does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.protocol import DELETED, LINES, Row
from connectors.rest_api import Api, Field, Kind, Resource, part
from connectors.sql_rows import PROBLEM, SHOWN

Convert = Callable[[Any], Any]
_EXPECTED: Mapping[Kind, str] = {
    "text": "text",
    "exact": "a decimal",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": "a date",
    "instant": "an instant with its time zone",
}


@dataclass(frozen=True)
class Shape:
    """The columns of a stream as its records are read: name, place in the record, kind, converter."""

    columns: tuple[tuple[str, str, Kind, Convert], ...]
    lines: Shape | None = None
    plain: bool = True


def shape_of(resource: Resource) -> Shape:
    """How a stream's records are read."""
    lines = Shape(_converters(resource.lines)) if resource.lines else None
    plain = all("." not in each.name for each in (*resource.columns.values(), *resource.lines.values()))
    return Shape(_converters(resource.columns), lines, plain)


def row_of(api: Api, resource: Resource, shape: Shape, record: Mapping[str, Any]) -> Row:
    """A record as a row; a tombstone as its key, stamp and ``DELETED``."""
    if api.envelope.deleted and record.get(api.envelope.deleted) is True:
        names = (resource.key, "updated_at")
        kept = Shape(tuple(column for column in shape.columns if column[0] in names))
        return {**_values(kept, record), DELETED: True}
    row = _values(shape, record)
    problems = [row.pop(PROBLEM)] if PROBLEM in row else []
    if shape.lines is not None and LINES in record:
        row[LINES] = [_values(shape.lines, line) for line in record[LINES]]
        problems += [
            f"line {number}: {line.pop(PROBLEM)}"
            for number, line in enumerate(row[LINES], start=1)
            if PROBLEM in line
        ]
    if told := record.get(PROBLEM):
        problems.append(str(told))
    if problems:
        row[PROBLEM] = "; ".join(problems)
    return row


def value_of(kind: Kind, value: Any) -> Any:
    """One value of a kind; ``ValueError`` when it is none."""
    return None if value is None else _CONVERTERS[kind](value)


def fits(kind: Kind, value: Any) -> bool:
    """Whether a value is of that kind."""
    try:
        value_of(kind, value)
    except (ValueError, TypeError, ArithmeticError, AttributeError):
        return False
    return True


class NotSent(ValueError):
    """A value that cannot be sent; ``column`` has it."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def record_of(row: Row, kinds: Mapping[str, Field], lines: Mapping[str, Field]) -> dict[str, Any]:
    """A row as JSON has it; ``NotSent`` names the column that JSON cannot hold."""
    record = {name: _sent(name, value, kinds.get(name)) for name, value in row.items() if name != LINES}
    if row.get(LINES) is not None:
        record[LINES] = [
            {name: _sent(name, value, lines.get(name)) for name, value in line.items()} for line in row[LINES]
        ]
    return record


def text_of(value: Any) -> str:
    """A value as a query parameter."""
    sent = _sent("", value, None)
    return str(sent).lower() if isinstance(sent, bool) else str(sent)


def instant_text(at: dt.datetime, unit_s: str = "0.000001") -> str:
    """An instant as RFC 3339 in UTC, as precise as the system is."""
    precision = "seconds" if unit_s == "1" else "microseconds"
    return at.astimezone(dt.UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _values(shape: Shape, record: Mapping[str, Any]) -> Row:
    row: Row = {}
    problems: list[str] = []
    for name, path, kind, convert in shape.columns:
        value = record.get(path) if shape.plain else part(record, path)
        if value is not None:
            try:
                value = convert(value)
            except (ValueError, TypeError, ArithmeticError, AttributeError):
                problems.append(f"column {name} is {_shown(value)}, expected {_EXPECTED[kind]}")
                value = None
        row[name] = value
    if problems:
        row[PROBLEM] = "; ".join(problems)
    return row


def _converters(columns: Mapping[str, Field]) -> tuple[tuple[str, str, Kind, Convert], ...]:
    return tuple((name, each.name, each.kind, _CONVERTERS[each.kind]) for name, each in columns.items())


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 1]}…"


def _sent(name: str, value: Any, column: Field | None) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return str(value) if column is not None and column.kind == "exact" else value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise NotSent(name, f"{name} is {value!r}, expected an instant with its time zone")
        try:
            return instant_text(value)
        except OverflowError:
            told = f"{name} is {value}, expected an instant that is in the years 1 to 9999 in UTC too"
            raise NotSent(name, told) from None
    if isinstance(value, dt.date):
        return value.isoformat()
    raise NotSent(name, f"{name} is {_shown(value)}, expected text, a number, an instant, a date or a truth")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)  # systems that number their records send the keys so
    raise ValueError


def _exact(value: Any) -> Decimal:
    if isinstance(value, bool) or not (exact := Decimal(value)).is_finite():
        raise ValueError
    return exact


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _instant(value: Any) -> dt.datetime:
    if isinstance(value, int) and not isinstance(value, bool):
        return dt.datetime.fromtimestamp(value, dt.UTC)
    at = dt.datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError
    return at if at.tzinfo is dt.UTC else at.astimezone(dt.UTC)


_CONVERTERS: Mapping[Kind, Convert] = {
    "text": _text,
    "exact": _exact,
    "integer": _integer,
    "boolean": _boolean,
    "date": dt.date.fromisoformat,
    "instant": _instant,
}
