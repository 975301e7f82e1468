"""Keeps ``raw`` of the build file: one table an origin, one row a key, deleted rows marked.

changed rows of a stream and its source's totals ─▶ replaced by key, totals compared ─▶ the stream's marks;
the caller's transaction holds all of it. What costs as much as a stream is long (its whole totals, reading it
whole) is done for small streams, once a day, or when it must be. Knows neither addresses nor what rows mean.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from connectors.errors import CountMismatch
from warehouse import changes, totals
from warehouse.arrival import ask
from warehouse.doubled import is_doubled, keep_doubled
from warehouse.origin import Origin, catalogue_type, column_types
from warehouse.replace import Load, count, fill, hold, mark_deleted, receive, replace
from warehouse.unreadable import columns_not_read

if TYPE_CHECKING:
    import duckdb

META = "_run_id integer, _read_at timestamptz, _deleted boolean, _unreadable varchar"
SMALL_ROWS = 200_000
"""Up to here a source adds up its whole stream in less time than a person notices."""
TOTALS_LAST = dt.timedelta(hours=20)
"""A daily build takes the totals of every stream, also when it starts a little earlier than yesterday's."""


def prepare(
    build: duckdb.DuckDBPyConnection,
    origins: Iterable[Origin],
    *,
    versioned: frozenset[str],
    tick: Callable[[], int],
) -> None:
    """Make the raw tables, and versions' tables, that are not there yet; the others are made to fit.

    A stream that got a column since, or another type of one, is read whole again: old rows have it too.
    """
    found: dict[str, dict[str, str]] = {}
    listed = "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'raw'"
    for table, column, kind in build.execute(listed).fetchall():
        found.setdefault(f"raw.{table}", {})[column] = kind
    for origin in origins:
        for table in (origin.raw, f"{origin.raw}_versions") if origin.stream in versioned else (origin.raw,):
            if table not in found:
                columns = ", ".join(f'"{name}" {kind}' for name, kind in column_types(origin))
                build.execute(f"create table {table} ({columns}, {META})")
                changes.note_whole(build, table, tick=tick())
            elif _fit(build, origin, table, found[table]):
                build.execute("delete from raw.streams where stream = ?", [origin.stream])
                changes.note_whole(build, table, tick=tick())


def _fit(build: duckdb.DuckDBPyConnection, origin: Origin, table: str, found: Mapping[str, str]) -> bool:
    """Give the table the columns and types that are declared; whether any was not there so."""
    fitted = False
    for name, kind in column_types(origin):
        if name not in found:
            build.execute(f'alter table {table} add column "{name}" {kind}')
        elif found[name] != catalogue_type(kind):
            cast = f'try_cast("{name}" as {kind})'
            build.execute(f'alter table {table} alter column "{name}" type {kind} using {cast}')
        else:
            continue
        fitted = True
    return fitted


def load(
    how: Load,
    origin: Origin,
    overlap: dt.timedelta,
    *,
    buried: int = 0,
    full: bool = False,
    verify: bool = False,
) -> int:
    """Bring the raw table to what the source holds; how many rows changed, the ``buried`` ones included.

    ``full`` reads the stream whole, ``verify`` has its source add it up whole. Raises ``CountMismatch`` when
    other rows came than the source counted and added up.
    """
    row = how.build.execute("select watermark from raw.streams where stream = ?", [origin.stream]).fetchone()
    if full or not origin.changed or row is None or row[0] is None:
        changed = buried + _load_whole(how, origin)
    else:
        changed = buried + _load_window(how, origin, row[0] - overlap, verify=verify)
    _remember(how, origin, changed=changed, known=row is not None)
    return changed


def is_read(build: duckdb.DuckDBPyConnection, origin: Origin) -> bool:
    """Whether the stream was read before, so that what changed since is all that there is to read."""
    known = "select 1 from raw.streams where stream = ? and watermark is not null"
    return build.execute(known, [origin.stream]).fetchone() is not None


def bury(how: Load, origin: Origin) -> int:
    """Mark rows that have a tombstone later than the row, and take them from the totals; how many."""
    how.build.execute(f"""create or replace temp table gone as
        select distinct r.rowid as _row from {origin.raw} r join tombstone t
        on t.stream = '{origin.table.name}' and t.deleted_key = {origin.key_sql("r")}
        where not r._deleted and r.updated_at < t.deleted_at""")
    rows = mark_deleted(how, origin)
    if rows:
        if is_doubled(how.build, origin, "was"):
            # One of them may live: a tombstone names a key and not a row. The stream is read whole.
            how.build.execute("delete from raw.streams where stream = ?", [origin.stream])
        kept, taken_at = totals.kept(how.build, origin)
        less = totals.of_relation(how.build, origin, "was")
        totals.keep(how.build, origin, totals.combined(kept, {}, less), taken_at=taken_at)
    return rows


def _load_whole(how: Load, origin: Origin) -> int:
    arrival = ask(how.reader, origin, since=None, totals_since=None)
    if count(how.build, origin.raw):
        receive(how, arrival)
        changed = replace(how, origin, whole=True)
        if totals.differ(totals.of_relation(how.build, origin, origin.raw), arrival.totals):
            changed += keep_doubled(how, origin)
    else:
        changed = fill(how, arrival)
    totals.keep(how.build, origin, arrival.totals, taken_at=how.read_at)
    return changed


def _load_window(how: Load, origin: Origin, since: dt.datetime, *, verify: bool) -> int:
    kept, taken_at = totals.kept(how.build, origin)
    old = taken_at is None or how.read_at - taken_at > TOTALS_LAST
    whole_totals = verify or old or count(how.build, origin.raw) <= SMALL_ROWS
    arrival = ask(how.reader, origin, since=since, totals_since=None if whole_totals else since)
    came = receive(how, arrival)
    if not whole_totals:
        _agree(how, arrival.totals, origin, since)
    if came:
        hold(how, origin)
        if any(is_doubled(how.build, origin, relation) for relation in ("came", "held")):
            # A window may bring one of them: which of those held it is, only all that there are can tell.
            return _load_whole(how, origin)
    changed = replace(how, origin, whole=False) if came else 0
    if not whole_totals:
        if came:
            less = totals.of_relation(how.build, origin, "held")
            totals.keep(how.build, origin, totals.combined(kept, arrival.totals, less), taken_at=taken_at)
        return changed
    if totals.differ(totals.of_relation(how.build, origin, origin.raw), arrival.totals):
        # A hard delete, a commit later than the overlap, another database behind the address: no cursor
        # sees those, the source's own totals do.
        return changed + _load_whole(how, origin)
    totals.keep(how.build, origin, arrival.totals, taken_at=how.read_at)
    return changed


def _agree(how: Load, source: totals.Totals, origin: Origin, since: dt.datetime) -> None:
    """What came is what the source counted and added up; of what cannot be read, no sum means anything."""
    came = totals.of_relation(how.build, origin, "came")
    unknown = {row[0] for row in how.build.execute(columns_not_read("came")).fetchall()}
    for place in totals.differ(source, came):
        status, currency, column = place
        # SQLite's texts can spell an instant in ways that only one side understands: no row is lost by that.
        if column not in unknown and column != origin.changed:
            what = " ".join(part for part in (column.replace("*", "rows"), status, currency) if part)
            raise CountMismatch(
                f"{origin.stream}: of {what} changed since {since:%Y-%m-%d %H:%M:%S} the source has "
                f"{source.get(place, 0):f}, but {came.get(place, 0):f} came; expected the same. Nothing was "
                "loaded: build again; if it stays so, look at how the source is read"
            )


def _remember(how: Load, origin: Origin, *, changed: int, known: bool) -> None:
    """The stream's marks, in the same transaction as its rows."""
    if known and not changed:
        how.build.execute("update raw.streams set read_at = ? where stream = ?", [how.read_at, origin.stream])
        return
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
