"""Writes the query that reads one table of a system: changed rows and the table's own totals, as text.

Text is the one form that is exact in every driver: decimals and instants are cast at the source side here
and back in DuckDB. Totals come from the same statement, so that they describe the same rows. It runs
nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from models.types import SCALE, Exact, Instant

GROUPS = ("status", "currency")
"""Totals are taken for each value of these columns, where a table has them."""


@dataclass(frozen=True)
class Extracted:
    """A column made of a JSON text that itself is not kept: the first of these members that is there."""

    name: str
    source: str
    members: tuple[str, ...]
    kind: str

    @property
    def sql(self) -> str:
        """The value in DuckDB, where the text stands under the column's own name; null when it is none."""
        found = ", ".join(f"json_extract_string(\"{self.name}\", '$.{member}')" for member in self.members)
        return (
            f'try_cast(case when json_valid("{self.name}") then coalesce({found}, null) end as {self.kind})'
        )


@dataclass(frozen=True)
class Origin:
    """A table that is read: its name in ``raw``, its key, and the instant that says it changed.

    Without ``changed`` the table is small and read whole each time. ``extracted`` columns are made of others.
    """

    stream: str
    table: sa.Table
    key: tuple[str, ...]
    changed: str = "updated_at"
    columns: tuple[str, ...] = ()
    extracted: tuple[Extracted, ...] = ()

    @property
    def raw(self) -> str:
        return f"raw.{self.stream.replace('.', '_')}"

    def key_sql(self, alias: str) -> str:
        """One text that stands for the whole key, of the table with that alias."""
        parts = [f'cast({alias}."{name}" as varchar)' for name in self.key]
        return parts[0] if len(parts) == 1 else f"concat_ws(chr(31), {', '.join(parts)})"

    @property
    def names(self) -> tuple[str, ...]:
        kept = self.columns or tuple(column.name for column in self.table.columns)
        return (*kept, *(each.name for each in self.extracted))

    @property
    def summed(self) -> tuple[str, ...]:
        """The columns whose sum is kept: money and quantities, at the scale of money."""
        types = {column.name: column.type for column in self.table.columns}
        exact = {name: kind for name, kind in types.items() if isinstance(kind, Exact)}
        return tuple(name for name in self.names if name in exact and exact[name].scale == SCALE)

    @property
    def grouped(self) -> tuple[str, ...]:
        made = {each.name for each in self.extracted}
        return tuple(name for name in GROUPS if name in self.names and name not in made)


def duckdb_type(kind: sa.types.TypeEngine[object]) -> str:
    """The DuckDB type of a stream's column."""
    if isinstance(kind, Exact):
        return f"decimal(18, {kind.scale})"
    if isinstance(kind, Instant):
        return "timestamptz"
    for declared, name in ((sa.Date, "date"), (sa.Boolean, "boolean"), (sa.Integer, "bigint")):
        if isinstance(kind, declared):
            return name
    return "varchar"


def query(origin: Origin, dialect: str, since: dt.datetime | None) -> str:
    """One statement: first the totals (``_part`` is ``total``), then the rows changed since (``row``).

    The totals come first and give text in every column, because SQLite has no column types and its driver
    takes them from the first rows.
    """
    table = _quote(dialect, origin.table.name)
    sources = {each.name: each.source for each in origin.extracted}
    rows = ", ".join(_text(origin.table.c[sources.get(name, name)], dialect) for name in origin.names)
    where = f" where {_quote(dialect, origin.changed)} >= {_instant(since, dialect)}" if since else ""
    grouped = ", ".join(_quote(dialect, column) for column in origin.grouped)
    group_by = f" group by {grouped}" if grouped else ""
    return (
        f"select 'total' as {_quote(dialect, '_part')}, {_totals(origin, dialect)} from {table}{group_by}"
        f" union all select 'row', {rows} from {table}{where}"
    )


def tombstone_query(dialect: str, since: dt.datetime | None) -> str:
    """What was deleted since; an empty first row, for SQLite's sake, as in ``query``."""
    key, name = _quote(dialect, "key"), _quote(dialect, "tombstones")
    deleted = _instant_text(_quote(dialect, "deleted_at"), dialect)
    where = f" where deleted_at >= {_instant(since, dialect)}" if since else ""
    return (
        f"select '' as stream, '' as deleted_key, '' as deleted_at"
        f" union all select stream, {key}, {deleted} from {name}{where}"
    )


def _totals(origin: Origin, dialect: str) -> str:
    """Each total in the place of its column: the count under the key, the group's value under its own."""
    parts = []
    for name in origin.names:
        quoted = _quote(dialect, name)
        if name == origin.key[0]:
            text = _as_text("count(*)", dialect)
        elif name in origin.grouped:
            text = f"coalesce({quoted}, '')"
        elif name in origin.summed:
            text = f"coalesce({_as_text(f'sum({_units(quoted, dialect)})', dialect)}, '0')"
        else:
            text = "''"
        parts.append(f"{text} as {quoted}")
    return ", ".join(parts)


def _units(quoted: str, dialect: str) -> str:
    """The value in ten-thousandths, a whole number, so that SQLite adds it exactly too."""
    if dialect == "postgresql":
        return f"cast({quoted} * 10000 as numeric(38, 0))"
    if dialect == "mysql":
        return f"cast({quoted} * 10000 as decimal(38, 0))"
    # Ours are written with four digits; an SQL writer's 12.5 is padded to the same.
    point = f"instr({quoted}, '.')"
    padded = f"substr(substr({quoted}, {point} + 1) || '0000', 1, 4)"
    whole = f"substr({quoted}, 1, {point} - 1)"
    text = f"case when {point} = 0 then {quoted} || '0000' else {whole} || {padded} end"
    return f"cast({text} as integer)"


def _text(column: sa.Column[object], dialect: str) -> str:
    quoted, kind = _quote(dialect, column.name), column.type
    if isinstance(kind, Instant):
        return _instant_text(quoted, dialect)
    if isinstance(kind, sa.Boolean) and dialect == "postgresql":
        return f"cast(cast({quoted} as integer) as text)"
    return _as_text(quoted, dialect)


def _as_text(expression: str, dialect: str) -> str:
    return f"cast({expression} as {'char' if dialect == 'mysql' else 'text'})"


def _instant_text(quoted: str, dialect: str) -> str:
    if dialect == "postgresql":
        return f"to_char({quoted} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return _as_text(quoted, dialect)


def _instant(value: dt.datetime | None, dialect: str) -> str:
    if value is None:
        return "null"
    text = f"{value.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S.%f}"
    return f"timestamptz '{text}+00'" if dialect == "postgresql" else f"'{text}'"


def _quote(dialect: str, name: str) -> str:
    # SQLite takes a double-quoted column that is not there for a text; in backticks it is an error.
    return f'"{name}"' if dialect == "postgresql" else f"`{name}`"


def column_types(origin: Origin) -> Sequence[tuple[str, str]]:
    """Each column read and its DuckDB type."""
    kinds = {each.name: each.kind for each in origin.extracted}
    return [(name, kinds.get(name) or duckdb_type(origin.table.c[name].type)) for name in origin.names]
