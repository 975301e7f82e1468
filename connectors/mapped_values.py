"""Python values ↔ DuckDB, exactly: a foreign source's values in, a stream's typed values out.

columns of Python values → the narrowest DuckDB type that holds all of them → a table. Decimals keep every
digit; values of different kinds in one column become text, and no value ever goes through a float.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb

# DuckDB's decimals end at 38 digits; a product of three such columns must still fit (18 + 18 + 2).
_DIGITS, _PRODUCT_DIGITS = 38, 18
_LONG = 2**63


def load_rows(into: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Make ``table`` in ``into`` from its columns' values."""
    import pyarrow as pa

    kinds = {name: _kind(values) for name, values in columns.items()}
    arrays = [pa.array([_plain(v, kinds[name]) for v in values]) for name, values in columns.items()]
    arrow = pa.Table.from_arrays(arrays, names=[f"c{n}" for n in range(len(columns))])
    into.register("loading", arrow)
    try:
        chosen = ", ".join(f"c{n}::{kind} as {quoted(name)}" for n, (name, kind) in enumerate(kinds.items()))
        into.execute(f"create table {quoted(table)} as select {chosen} from loading")
    finally:
        into.unregister("loading")


def quoted(name: str) -> str:
    """The name as SQL writes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def _kind(values: Iterable[Any]) -> str:
    """The DuckDB type that holds all values exactly."""
    given = [value for value in values if value is not None]
    kinds = {type(value) for value in given}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int} and all(-_LONG <= value < _LONG for value in given):
        return "bigint"
    if kinds and kinds <= {int, float, Decimal}:
        return _decimal([_number(value) for value in given])
    if kinds == {dt.date}:
        return "date"
    if kinds == {dt.datetime}:
        zones = {value.tzinfo is not None for value in given}
        return ("timestamptz" if zones == {True} else "timestamp") if len(zones) == 1 else "varchar"
    return "varchar"


def _number(value: Any) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _decimal(numbers: Sequence[Decimal]) -> str:
    if not all(number.is_finite() for number in numbers):
        return "varchar"
    scale = max((max(0, -int(number.as_tuple().exponent)) for number in numbers), default=0)
    whole = max((number.adjusted() + 1 for number in numbers if number), default=1)
    width = max(whole + scale, _PRODUCT_DIGITS)
    return f"decimal({width}, {scale})" if width <= _DIGITS else "varchar"


def _plain(value: Any, kind: str) -> Any:
    """The value as Arrow takes it for ``kind``; decimals go as text, which DuckDB reads exactly."""
    if value is None or kind in ("boolean", "bigint", "date", "timestamp", "timestamptz"):
        return value
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, float | Decimal | int) and not isinstance(value, bool):
        return f"{_number(value):f}"
    return value.isoformat() if isinstance(value, dt.date | dt.datetime | dt.time) else str(value)
