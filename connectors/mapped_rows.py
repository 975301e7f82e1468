"""Staged values → a stream's typed values, with every fault of a row named and none of them raised.

A value that does not fit its column becomes null and a fault; the row goes on to be put aside by the hub.
Rounds only where the mapping says so: half-even, to the column's digits. Cuts nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.mapping import Part
from connectors.protocol import Row
from models.types import Exact, Instant, exact_decimal


@dataclass(frozen=True)
class Fault:
    """A rule that a row breaks: what came and what was expected, of the column or reference ``name``."""

    rule: str
    reason: str
    name: str = ""


_TRUE, _FALSE = ("true", "t", "yes", "1"), ("false", "f", "no", "0")


def typed(part: Part, table: sa.Table, values: Mapping[str, Any], zone: ZoneInfo) -> tuple[Row, list[Fault]]:
    """The row of ``part``'s stream, and what is wrong with it."""
    row: Row = {}
    faults: list[Fault] = []
    for column in table.columns:
        if column.name not in values:
            continue
        name, value = column.name, values[column.name]
        try:
            row[name] = None if value is None else _convert(column, value, zone, rounded=name in part.rounded)
            if row[name] is None and not column.nullable:
                raise ValueError("a value, it may not be empty")
        except ValueError as error:
            row[name] = None
            came = "empty" if value is None else repr(value if isinstance(value, str) else str(value))[:200]
            faults.append(Fault(f"{name}_fits", f"{name} came {came}; expected {error}", name))
    return row, faults


def _convert(column: sa.Column[Any], value: Any, zone: ZoneInfo, *, rounded: bool) -> Any:
    kind = column.type
    if isinstance(kind, Exact):
        return _exact(value, kind.scale, rounded=rounded)
    if isinstance(kind, Instant):
        return _instant(value, zone)
    for sort, convert in _PLAIN.items():
        if isinstance(kind, sort):
            return convert(value)
    return value


def _exact(value: Any, scale: int, *, rounded: bool) -> Decimal:
    if isinstance(value, bool | float) or not isinstance(value, Decimal | int | str):
        raise ValueError("a decimal number")
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
        if rounded and number.is_finite():
            number = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_EVEN)
    except InvalidOperation:
        raise ValueError("a decimal number") from None
    try:
        return exact_decimal(number, scale)
    except ValueError as error:
        raise ValueError(
            f"a number that {scale} digits after the point hold exactly ({error}); "
            "'round: half-even' in the mapping rounds it"
        ) from None


def _instant(value: Any, zone: ZoneInfo) -> dt.datetime:
    if isinstance(value, str):
        value = _iso(value, dt.datetime.fromisoformat, "an instant such as 2026-11-20T09:30:00+01:00")
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(dt.UTC)
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time(), zone).astimezone(dt.UTC)
    raise ValueError("an instant or a date")


def _date(value: Any) -> dt.date:
    if isinstance(value, str):
        value = _iso(value, dt.datetime.fromisoformat, "a date such as 2026-11-20")
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    raise ValueError("a date")


def _iso(text: str, read: Callable[[str], dt.datetime], expected: str) -> dt.datetime:
    try:
        return read(text.strip())
    except ValueError:
        raise ValueError(expected) from None


def _boolean(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in (*_TRUE, *_FALSE):
        raise ValueError("true or false")
    return word in _TRUE


def _integer(value: Any) -> int:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("a whole number") from None
    if isinstance(value, bool | float) or not number.is_finite() or number != int(number):
        raise ValueError("a whole number")
    return int(number)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(value)


_PLAIN: dict[type[Any], Callable[[Any], Any]] = {
    sa.Date: _date,
    sa.Boolean: _boolean,
    sa.Integer: _integer,
    sa.String: _text,
}
