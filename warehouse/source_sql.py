"""Writes the statements that read one table of a system: its changed rows, and counts and sums of them.

PostgreSQL gives each column in its own type; only exact numbers come as text, which no driver rounds. SQLite
has no types and MariaDB no snapshot for two statements: there rows and totals are one statement, all text.
It runs nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from models.types import SCALE, Exact, Instant

GROUPS = ("status", "currency")
"""Totals are taken for each value of these columns, where a table has them."""

PART, COUNT = "_part", "*"


@dataclass(frozen=True)
class Origin:
    """A table that is read: its name in ``raw``, its key, and the instant that says it changed.

    Without ``changed`` the table is small and read whole each time.
    """

    stream: str
    table: sa.Table
    key: tuple[str, ...]
    changed: str = "updated_at"
    columns: tuple[str, ...] = ()

    @property
    def raw(self) -> str:
        return f"raw.{self.stream.replace('.', '_')}"

    def key_sql(self, alias: str) -> str:
        """One text that stands for the whole key, of the table with that alias."""
        parts = [f'cast({alias}."{name}" as varchar)' for name in self.key]
        return parts[0] if len(parts) == 1 else f"concat_ws(chr(31), {', '.join(parts)})"

    @property
    def names(self) -> tuple[str, ...]:
        return self.columns or tuple(column.name for column in self.table.columns)

    @property
    def summed(self) -> tuple[str, ...]:
        """The columns whose sum is kept: money and quantities, at the scale of money."""
        types = {column.name: column.type for column in self.table.columns}
        exact = {name: kind for name, kind in types.items() if isinstance(kind, Exact)}
        return tuple(name for name in self.names if name in exact and exact[name].scale == SCALE)

    @property
    def grouped(self) -> tuple[str, ...]:
        return tuple(name for name in GROUPS if name in self.names)


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


def rows_query(origin: Origin, since: dt.datetime | None) -> str:
    """The rows changed since, as PostgreSQL holds them.

    Its numeric is text already here: turning its binary form into text is what took a reader most time.
    """
    columns = [
        f'cast("{name}" as text) as "{name}"' if isinstance(origin.table.c[name].type, Exact) else f'"{name}"'
        for name in origin.names
    ]
    return f'select {", ".join(columns)} from "{origin.table.name}"{_where(origin, since)}'


def totals_query(origin: Origin, since: dt.datetime | None, *, readable: bool = False) -> str:
    """Counts and sums of the rows changed since, as PostgreSQL adds them; for ``readable`` numbers only."""
    only = " filter (where {0} > -1e14 and {0} < 1e14)" if readable else ""
    parts = [f'coalesce("{name}", \'\') as "{name}"' for name in origin.grouped]
    parts.append(f'cast(count(*) as text) as "{COUNT}"')
    for quoted in (f'"{name}"' for name in origin.summed):
        parts.append(f"cast(coalesce(sum({quoted}){only.format(quoted)}, 0) as text) as {quoted}")
    rest = f"{_where(origin, since)}{_group_by(origin, 'postgresql')}"
    return f'select {", ".join(parts)} from "{origin.table.name}"{rest}'


def rows_and_totals_query(
    origin: Origin, dialect: str, *, since: dt.datetime | None, totals_since: dt.datetime | None
) -> str:
    """One statement: first the totals (``_part`` is ``total``), then the rows changed since (``row``).

    The totals come first and give text in every column, because SQLite has no column types and its driver
    takes them from the first rows.
    """
    name = _quote(dialect, origin.table.name)
    rows = ", ".join(_as_text(_quote(dialect, column), dialect) for column in origin.names)
    where, totals_where = (_where(origin, instant, dialect) for instant in (since, totals_since))
    totals = f"{_totals(origin, dialect)} from {name}{totals_where}{_group_by(origin, dialect)}"
    return (
        f"select 'total' as {_quote(dialect, PART)}, {totals}"
        f" union all select 'row', {rows} from {name}{where}"
    )


def tombstone_query(dialect: str, since: dt.datetime | None) -> str:
    """What was deleted since; an empty first row, for SQLite's sake, as above."""
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
    if dialect == "mysql":
        return f"cast({quoted} * 10000 as decimal(38, 0))"
    # Ours are written with four digits; an SQL writer's 12.5 is padded to the same.
    point = f"instr({quoted}, '.')"
    padded = f"substr(substr({quoted}, {point} + 1) || '0000', 1, 4)"
    whole = f"substr({quoted}, 1, {point} - 1)"
    text = f"case when {point} = 0 then {quoted} || '0000' else {whole} || {padded} end"
    return f"cast({text} as integer)"


def _as_text(expression: str, dialect: str) -> str:
    return f"cast({expression} as {'char' if dialect == 'mysql' else 'text'})"


def _instant_text(quoted: str, dialect: str) -> str:
    if dialect == "postgresql":
        return f"to_char({quoted} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return _as_text(quoted, dialect)


def _group_by(origin: Origin, dialect: str) -> str:
    names = ", ".join(_quote(dialect, name) for name in origin.grouped)
    return f" group by {names}" if names else ""


def _where(origin: Origin, since: dt.datetime | None, dialect: str = "postgresql") -> str:
    if since is None:
        return ""
    return f" where {_quote(dialect, origin.changed)} >= {_instant(since, dialect)}"


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
    return [(name, duckdb_type(origin.table.c[name].type)) for name in origin.names]
