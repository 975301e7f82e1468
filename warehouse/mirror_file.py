"""The file that a mirror keeps: a table a stream as it is declared, and how far each was read and counted.

declarations ─▶ tables, made anew where they changed ─▶ ``Copy``, one stream within a transaction. It asks no
system: ``warehouse.mirror`` does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import models
from connectors.protocol import Connector

if TYPE_CHECKING:
    import sqlalchemy as sa


@dataclass(frozen=True)
class Copy:
    """One stream's copy within a transaction: where from, where to, and how far it was read."""

    connection: sa.Connection
    connector: Connector
    stream: str
    table: sa.Table
    positions: sa.Table

    def position(self) -> tuple[str | None, float | None]:
        """Up to where it was read, and when it was last held against the system's own count."""
        row = self.connection.execute(
            self.positions.select().where(self.positions.c.stream == self.table.name)
        ).one_or_none()
        return (row.position, row.counted_at_s) if row else (None, None)

    def mark_read(self, until: str) -> None:
        """Read up to there; when it was counted stays."""
        counted_at_s = self.position()[1]
        row = {"stream": self.table.name, "position": until, "counted_at_s": counted_at_s}
        self.connection.execute(self.positions.insert().prefix_with("or replace"), row)

    def mark_counted(self) -> None:
        """What is held is what the system counts, now."""
        mine = self.positions.c.stream == self.table.name
        self.connection.execute(self.positions.update().where(mine).values(counted_at_s=time.time()))


def fit(engine: sa.Engine, tables: Mapping[str, sa.Table], positions: sa.Table) -> None:
    """Make the tables; one whose declaration changed since is made anew, to be read from the start."""
    import sqlalchemy as sa

    found = sa.inspect(engine)
    changed = []
    for table in positions.metadata.sorted_tables:
        there = {}
        if found.has_table(table.name):
            there = {column["name"]: str(column["type"]) for column in found.get_columns(table.name)}
        if there and there != {column.name: _spelled(column, engine) for column in table.columns}:
            changed.append(table)
    if any(table.name not in tables for table in changed):  # positions or tombstones
        changed = positions.metadata.sorted_tables
    # The positions first: killed in between, a table is read whole and nothing is missing.
    for table in sorted(changed, key=lambda table: table is not positions):
        if positions not in changed:
            with engine.begin() as connection:
                connection.execute(positions.delete().where(positions.c.stream == table.name))
        table.drop(engine, checkfirst=True)
    positions.metadata.create_all(engine)


def _spelled(column: sa.Column[Any], engine: sa.Engine) -> str:
    return str(column.type.compile(dialect=engine.dialect))


def tables_of(system: str) -> tuple[dict[str, sa.Table], sa.Table]:
    """The streams' tables and where each was read to; the constraints are for the system itself to keep."""
    import sqlalchemy as sa

    copy = sa.MetaData()

    def like(table: sa.Table) -> sa.Table:
        columns: list[Any] = [
            sa.Column(column.name, column.type, primary_key=column.primary_key) for column in table.columns
        ]
        return sa.Table(table.name, copy, *columns)

    source = models.SYSTEMS[system]
    like(source.tables["tombstones"])
    streams = [name.partition(".")[2] for name in models.streams() if name.startswith(f"{system}.")]
    tables = {name: like(source.tables[name]) for name in streams}
    positions = sa.Table(
        "positions",
        copy,
        sa.Column("stream", sa.String(200), primary_key=True),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("counted_at_s", sa.Double()),  # seconds since 1970
    )
    return tables, positions
