"""Keeps ``raw`` of the build file: one table an origin, one row a key, deleted rows marked.

A load takes the rows a query gave, leaves out those already so, and replaces the rest by key; the caller's
transaction holds it together with the watermark. Knows neither addresses nor what the rows mean.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.errors import Refused
from warehouse.doubled import keep_doubled
from warehouse.readers import Reader
from warehouse.source_sql import Origin, column_types, query
from warehouse.totals import raw_totals, source_totals

if TYPE_CHECKING:
    import duckdb

META = "_run_id integer, _read_at timestamptz, _deleted boolean, _unreadable varchar"


@dataclass(frozen=True)
class Load:
    """One origin's load: where to, where from, which run, and whether past versions are kept."""

    build: duckdb.DuckDBPyConnection
    reader: Reader
    run_id: int
    read_at: dt.datetime
    versioned: bool


def prepare(build: duckdb.DuckDBPyConnection, origin: Origin, *, versioned: bool) -> None:
    """Make the raw table, and its versions' table, where they are not there yet.

    A stream that got a column since is read whole again, so that the column is filled for old rows too.
    """
    columns = ", ".join(f'"{name}" {kind}' for name, kind in column_types(origin))
    for table in (origin.raw, f"{origin.raw}_versions") if versioned else (origin.raw,):
        build.execute(f"create table if not exists {table} ({columns}, {META})")
        found = {row[0] for row in build.execute(f"describe {table}").fetchall()}
        for name, kind in column_types(origin):
            if name not in found:
                build.execute(f'alter table {table} add column "{name}" {kind}')
                build.execute("delete from raw.streams where stream = ?", [origin.stream])


def watermark(build: duckdb.DuckDBPyConnection, stream: str) -> dt.datetime | None:
    """The latest change that was read of a stream; none before its first read."""
    row = build.execute("select watermark from raw.streams where stream = ?", [stream]).fetchone()
    return row[0] if row else None


def load(how: Load, origin: Origin, overlap: dt.timedelta) -> int:
    """Bring the raw table to what the source holds; how many rows changed, deleted ones included."""
    since = watermark(how.build, origin.stream) if origin.changed else None
    _receive(how, origin, since - overlap if since else None)
    changed = _replace(how, origin, whole=since is None)
    if since is not None and raw_totals(how.build, origin) != source_totals(how.build, origin):
        # A hard delete, a commit later than the overlap, another database behind the address: no cursor
        # sees those, the source's own totals do.
        _receive(how, origin, None)
        changed += _replace(how, origin, whole=True)
        since = None
    if since is None and raw_totals(how.build, origin) != source_totals(how.build, origin):
        typed = f"{_typed(origin)}, {_unreadable(origin)} as _unreadable"
        changed += keep_doubled(how.build, origin, typed, run_id=how.run_id, read_at=how.read_at)
    _remember(how, origin, changed=changed)
    return changed


def bury(how: Load, origin: Origin) -> int:
    """Mark rows that have a tombstone later than the row; how many."""
    key = origin.key_sql("r")
    gone = f"""select {key} as key from {origin.raw} r join tombstone t
        on t.stream = '{origin.table.name}' and t.deleted_key = {key}
        where not r._deleted and r.updated_at < t.deleted_at"""
    count = _one(how.build, f"select count(*) from ({gone})")
    if count:
        _mark_deleted(how, origin, gone)
    return count


def _receive(how: Load, origin: Origin, since: dt.datetime | None) -> None:
    """The query's answer, as text, in a temporary table."""
    try:
        batches = how.reader.batches(query(origin, how.reader.dialect, since))
    except Refused as error:
        raise Refused(f"{origin.stream}: {error}") from None
    how.build.register("arriving", batches)
    how.build.execute("create or replace temp table received as select * from arriving")
    how.build.unregister("arriving")


def _replace(how: Load, origin: Origin, *, whole: bool) -> int:
    if not whole and not _one(how.build, "select count(*) from received where _part = 'row'"):
        return 0
    names = ", ".join(f'"{name}"' for name in origin.names)
    known = (
        "" if whole else f" and {origin.key_sql('r')} in (select {origin.key_sql('received')} from received)"
    )
    how.build.execute(f"""create or replace temp table changed as
        select {_typed(origin)}, {_unreadable(origin)} as _unreadable from received where _part = 'row'
        except
        select {names}, _unreadable from {origin.raw} r where not _deleted{known}""")
    changed = _one(how.build, "select count(*) from changed")
    if changed:
        meta = (
            f"by name select {names}, {how.run_id} as _run_id, ? as _read_at, false as _deleted, _unreadable"
            " from changed"
        )
        new = f"select {origin.key_sql('changed')} from changed"
        how.build.execute(f"delete from {origin.raw} r where {origin.key_sql('r')} in ({new})")
        how.build.execute(f"insert into {origin.raw} {meta}", [how.read_at])
        if how.versioned:
            how.build.execute(f"insert into {origin.raw}_versions {meta}", [how.read_at])
    if not whole:
        return changed
    alive = f"select {origin.key_sql('received')} from received where _part = 'row'"
    key = origin.key_sql("r")
    gone = f"select {key} as key from {origin.raw} r where not _deleted and {key} not in ({alive})"
    missing = _one(how.build, f"select count(*) from ({gone})")
    if missing:
        _mark_deleted(how, origin, gone)
    return changed + missing


def _mark_deleted(how: Load, origin: Origin, keys: str) -> None:
    names = ", ".join(f'"{name}"' for name in origin.names)
    how.build.execute(f"create or replace temp table gone as select distinct key from ({keys})")
    mine = f"{origin.key_sql('r')} in (select key from gone)"
    if how.versioned:
        how.build.execute(
            f"""insert into {origin.raw}_versions by name select {names}, {how.run_id} as _run_id,
                ? as _read_at, true as _deleted, _unreadable from {origin.raw} r where {mine}""",
            [how.read_at],
        )
    how.build.execute(
        f"update {origin.raw} r set _deleted = true, _run_id = {how.run_id}, _read_at = ? where {mine}",
        [how.read_at],
    )


def _remember(how: Load, origin: Origin, *, changed: int) -> None:
    """The origin's marks and the source's totals, in the same transaction as its rows."""
    changed_at = origin.changed or "cast(null as timestamptz)"
    kept = "(select changed_run_id from old)"
    # A row stamped in the future must not hide what is written until then.
    how.build.execute(
        f"""create or replace temp table marks as
        with old as (select * from raw.streams where stream = $stream)
        select $stream as stream, max(least({changed_at}, $read_at)) filter ({changed_at} is not null)
                as watermark,
            $read_at as read_at, case when $changed then {how.run_id} else {kept} end as changed_run_id,
            max({changed_at}) filter (not _deleted) as last_changed_at from {origin.raw}""",
        {"stream": origin.stream, "read_at": how.read_at, "changed": changed > 0},
    )
    how.build.execute("delete from raw.streams where stream = ?", [origin.stream])
    how.build.execute("insert into raw.streams select * from marks")
    how.build.execute("delete from raw.source_totals where stream = ?", [origin.stream])
    totals = source_totals(how.build, origin)
    how.build.execute(
        "insert into raw.source_totals select ?, unnest(?), unnest(?), unnest(?), unnest(?)",
        [origin.stream, *([group[place] for group in totals] for place in range(4))],
    )


def _typed(origin: Origin) -> str:
    """Each text cast to its type; what cannot be read is null and named in ``_unreadable``."""
    made = {each.name: each.sql for each in origin.extracted}
    return ", ".join(
        f'{made.get(name) or f"""try_cast("{name}" as {kind})"""} as "{name}"'
        for name, kind in column_types(origin)
    )


def _unreadable(origin: Origin) -> str:
    bad = [
        f'case when "{name}" is not null and try_cast("{name}" as {kind}) is null'
        f" then '{name} ' else '' end"
        for name, kind in column_types(origin)
        if kind != "varchar" and name not in {each.name for each in origin.extracted}
    ]
    return f"trim({' || '.join(bad)})" if bad else "''"


def _one(build: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = build.execute(sql).fetchone()
    return int(row[0]) if row else 0
