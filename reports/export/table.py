"""What an export is made of: rows under columns that say what kind of value they hold.

A page's table comes in as declared here, ``csv`` and ``xlsx`` write it. It formats nothing itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["text", "integer", "decimal", "money", "percent", "date", "instant", "bool", "hours"]
NUMBERS: tuple[Kind, ...] = ("integer", "decimal", "money", "percent", "hours")


@dataclass(frozen=True)
class Column:
    """``percent`` is a share (0.12 is 12 %), ``money`` an amount in ``unit``, ``instant`` an aware one."""

    name: str
    title: str
    kind: Kind = "text"
    unit: str = ""

    @property
    def head(self) -> str:
        """The title with its unit, as the first row has it."""
        return f"{self.title} ({self.unit})" if self.unit else self.title


@dataclass(frozen=True)
class Table:
    """Rows may be any iterable, also one that can be gone through once; a row has a value a column."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True)
class About:
    """Where a file comes from: ``as_of`` and ``at`` are aware instants, ``filters`` by their shown names."""

    title: str
    by: str
    at: dt.datetime
    as_of: dt.datetime | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    locale: str = "en"


def checked(column: Column, value: Any) -> Any:
    """The value of a cell as its kind has it, ``None`` for none.

    ``ValueError`` names the column when the value is of another kind: a float is no exact number, an instant
    without a zone is none.
    """
    if value is None or column.kind == "text":
        return None if value is None else str(value)
    if column.kind in NUMBERS:
        return _number(column, value)
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        raise ValueError(f"column {column.name}: {value!r} has no time zone; instants are aware")
    if type(value) is not {"date": dt.date, "instant": dt.datetime, "bool": bool}[column.kind]:
        raise _wrong(column, value)
    return value


def _number(column: Column, value: Any) -> int | Decimal:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole or (isinstance(value, Decimal) and value.is_finite()):
        if column.kind == "integer" and value != int(value):
            raise _wrong(column, value)
        number: int | Decimal = int(value) if column.kind == "integer" else value
        return number
    raise _wrong(column, value)


def _wrong(column: Column, value: Any) -> ValueError:
    return ValueError(
        f"column {column.name}: {value!r} ({type(value).__name__}) is no {column.kind}; "
        "cast it where it is read, exactly"
    )
