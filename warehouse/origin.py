"""A table that the warehouse reads: what it is called, how its rows are told apart, what is taken of it.

Declarations and the DuckDB types of their columns; it writes no query and runs none.
"""

from __future__ import annotations

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

    def read_from(self, name: str) -> sa.Column[object]:
        """The table's column that a column of ``names`` is read from."""
        sources = {each.name: each.source for each in self.extracted}
        return self.table.c[sources.get(name, name)]

    @property
    def summed(self) -> tuple[str, ...]:
        """The columns whose sum is kept: money and quantities, at the scale of money."""
        types = {column.name: column.type for column in self.table.columns}
        exact = {name: kind for name, kind in types.items() if isinstance(kind, Exact)}
        return tuple(name for name in self.names if name in exact and exact[name].scale == SCALE)

    @property
    def added(self) -> tuple[str, ...]:
        """The columns whose total is kept: those and the instant of the change, in microseconds since 1970.

        A late commit and a stamp set back move it, whatever column they are of.
        """
        return (*self.summed, self.changed) if self.changed else self.summed

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


def catalogue_type(kind: str) -> str:
    """A declared DuckDB type as DuckDB's catalogue spells it."""
    return {"timestamptz": "TIMESTAMP WITH TIME ZONE"}.get(kind, kind.upper().replace(" ", ""))


def column_types(origin: Origin) -> Sequence[tuple[str, str]]:
    """Each column read and its DuckDB type."""
    kinds = {each.name: each.kind for each in origin.extracted}
    return [(name, kinds.get(name) or duckdb_type(origin.table.c[name].type)) for name in origin.names]
