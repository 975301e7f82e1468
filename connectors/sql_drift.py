"""Holds the columns a database has against those the model declares, before anything is read or written.

a stream's table or view, as the database describes it ─▶ sentences about what nobody declared; ``Refused``,
naming both sides, for a declared column that is missing, renamed or of another type. Reads no rows.
"""

from __future__ import annotations

import sys
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects.postgresql import DOMAIN

from connectors.errors import Refused
from connectors.sql_stream import find_stream

UNKNOWN = ""
"""The family of what a database gives no type for: a computed column of a SQLite view."""

INSTANT_DIGITS = 6

# The first that fits; what holds fractions only nearly is none that money may be kept in.
_FAMILIES: tuple[tuple[type[Any], str], ...] = (
    (sa.types.NullType, UNKNOWN),
    (sa.Boolean, "true or false"),
    (sa.Integer, "whole number"),
    (sa.Float, "inexact number"),
    (sa.Numeric, "exact number"),
    (sa.DateTime, "instant"),
    (sa.Date, "date"),
    (sa.String, "text"),
)


class Drift:
    """What one connector's streams look like; each is asked for once, while all is well."""

    def __init__(self, engine: sa.Engine, place: str) -> None:
        self._engine = engine
        self._place = place
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, name: str) -> tuple[str, ...]:
        """Sentences about columns beyond the model's; ``Refused`` for what is not as declared."""
        if name not in self._known:
            self._known[name] = self._look(name)
        return self._known[name]

    def _look(self, name: str) -> tuple[str, ...]:
        declared = find_stream(name).table.columns
        there = self._columns(name)
        added = {each: type_ for each, type_ in there.items() if each not in declared}
        missing = [each.name for each in declared if each.name not in there]
        wrong = []
        for column in declared:
            wanted = _stored(column.type, self._engine.dialect)
            if column.name in missing:
                # Several gone, or several new: nobody can say which became which.
                alike = [each for each, type_ in added.items() if not _less(wanted, type_)]
                asked = f" (was it renamed to {alike[0]}?)" if len(alike) == len(missing) == 1 else ""
                wrong.append(f"column {column.name}, {_family(wanted)}, is not there{asked}")
            elif less := _less(wanted, there[column.name]):
                wrong.append(
                    f"column {column.name} is {_shown(there[column.name])} there, {less} in the model"
                )
        where = f"{name} in {self._place}"
        if wrong:
            raise Refused(
                f"{where} is not as its model says: {'; '.join(wrong)}. Expected the columns of "
                "docs/streams.md; nothing was read or written. Correct the table there, or the model"
            )
        return tuple(
            f"{where} has a column {each} ({_shown(type_)}) that its model does not declare: it is not read"
            for each, type_ in added.items()
        )

    def _columns(self, name: str) -> dict[str, Any]:
        table = find_stream(name).table.name
        try:
            columns = sa.inspect(self._engine).get_columns(table)
        except sa.exc.NoSuchTableError:
            raise Refused(
                f"{name}: {self._place} has no table or view {table}; expected one as docs/streams.md "
                "describes it. Is it the right database?"
            ) from None
        return {each["name"]: _plain(each["type"]) for each in columns}


def _less(wanted: Any, there: Any) -> str:
    """What the model wants of a column and that one does not hold; nothing when it does."""
    family, found = _family(wanted), _family(there)
    if found == UNKNOWN or (isinstance(wanted, sa.Boolean) and isinstance(there, mysql.TINYINT)):
        return ""
    if family != found:
        return family
    digits = _digits(wanted)
    return f"{family} with {digits} digits after the point" if _digits(there) < digits else ""


def _digits(type_: Any) -> int:
    """Digits after the point that it holds; of the seconds, for an instant."""
    if isinstance(type_, mysql.DATETIME | mysql.TIMESTAMP):
        return type_.fsp or 0
    if isinstance(type_, sa.DateTime):
        precision = getattr(type_, "precision", None)
        return INSTANT_DIGITS if precision is None else int(precision)
    if isinstance(type_, sa.Numeric):
        # PostgreSQL's numeric without a scale has no limit.
        return sys.maxsize if type_.scale is None else type_.scale
    return 0


def _stored(declared: Any, dialect: sa.Dialect) -> Any:
    """A declared type as this kind of database has it: SQLite keeps an exact number as text."""
    type_ = declared.dialect_impl(dialect)
    return getattr(type_, "impl_instance", type_)


def _plain(type_: Any) -> Any:
    while isinstance(type_, DOMAIN):
        type_ = type_.data_type
    return type_


def _family(type_: Any) -> str:
    for kind, family in _FAMILIES:
        if isinstance(type_, kind):
            return family
    return str(type_).lower()


def _shown(type_: Any) -> str:
    family, name = _family(type_), str(type_).lower()
    return name if family == name else f"{family or 'of no type'}, {name}"
