"""Remembers what changed in the build file and when, so that what is made of it costs what changed.

rows before and after ─▶ ``delta.<schema>_<table>`` with a tick ─▶ a reader asks for the rows since the
tick it has seen. Written in the transaction that makes the change. A change too large to be worth its rows is
noted as whole: then its readers are made anew. It makes no table of the company.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import duckdb

WORTH_ITS_ROWS = 0.2
"""Above this share of a table, making its readers anew is cheaper than looking up what to make anew."""


class Change(NamedTuple):
    """The ticks of a relation's last change, of the last without its rows, of the last by more than time."""

    tick: int = 0
    whole: int = 0
    by_more: int = 0


def next_tick(build: duckdb.DuckDBPyConnection) -> int:
    """A number greater than every one before; it orders changes and what was made of them."""
    row = build.execute("update delta.clock set tick = tick + 1 returning tick").fetchone()
    assert row is not None
    return int(row[0])


def delta_of(relation: str) -> str:
    """The table that holds a relation's changed rows: its columns, as before and as after, and ``_tick``."""
    return f"delta.{relation.replace('.', '_')}"


def note_rows(build: duckdb.DuckDBPyConnection, relation: str, select: str, *, tick: int) -> int:
    """Keep the rows of ``select`` (the relation's columns) as changed at ``tick``; how many.

    Give a changed row as it was and as it is, a new one as it is, a deleted one as it was: a reader must
    find both the groups that a row left and those that it came to.
    """
    table = delta_of(relation)
    build.execute(
        f"create table if not exists {table} as select *, cast(0 as bigint) as _tick from {relation} limit 0"
    )
    row = build.execute(f"insert into {table} by name select *, {tick} as _tick from ({select})").fetchone()
    rows = int(row[0]) if row else 0
    if rows:
        _note(build, relation, tick=tick)
    return rows


def note_whole(build: duckdb.DuckDBPyConnection, relation: str, *, tick: int) -> None:
    """The relation changed at ``tick``, or its columns did, and its rows are not told."""
    build.execute(f"drop table if exists {delta_of(relation)}")
    _note(build, relation, tick=tick, whole=True)


def note_time(build: duckdb.DuckDBPyConnection, relation: str, before: Change) -> Change:
    """What was just noted of the relation is the doing of time alone; its last change, as now noted."""
    build.execute("update delta.changes set more_tick = ? where relation = ?", [before.by_more, relation])
    return last_change(build, relation) or before


def last_changes(build: duckdb.DuckDBPyConnection) -> dict[str, Change]:
    """The last changes, by relation."""
    rows = build.execute(
        "select relation, tick, whole_tick, coalesce(more_tick, tick) from delta.changes"
    ).fetchall()
    return {relation: Change(*map(int, ticks)) for relation, *ticks in rows}


def last_change(build: duckdb.DuckDBPyConnection, relation: str) -> Change | None:
    """The same of one relation; None when no change of it was ever noted."""
    return last_changes(build).get(relation)


def forget(build: duckdb.DuckDBPyConnection, seen: Mapping[str, int]) -> None:
    """Drop the changed rows of each relation that every reader has seen, up to its tick."""
    there = build.execute("select table_name from duckdb_tables() where schema_name = 'delta'").fetchall()
    for relation, tick in seen.items():
        table = delta_of(relation)
        if (table.removeprefix("delta."),) in there:
            build.execute(f"delete from {table} where _tick <= {tick}")


def _note(build: duckdb.DuckDBPyConnection, relation: str, *, tick: int, whole: bool = False) -> None:
    known = last_change(build, relation)
    whole_tick = tick if whole else known.whole if known else 0
    build.execute("delete from delta.changes where relation = ?", [relation])
    build.execute("insert into delta.changes values (?, ?, ?, ?)", [relation, tick, whole_tick, tick])
