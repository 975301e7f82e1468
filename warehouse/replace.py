"""Replaces rows of a raw table by key, and notes what they were and what they are.

an arrival ─▶ cast once, into the empty table itself or into ``came`` ─▶ rows that differ from those held
replace them; of a whole stream, rows that did not come are marked deleted. What is left alone is compared and
not written. It asks no source and keeps no totals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse import changes
from warehouse.arrival import Arrival, cast_once
from warehouse.origin import Origin
from warehouse.readers import Reader

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Load:
    """One origin's load: where to, where from, which run, and whether past versions are kept.

    ``tick`` is the number that this load's changes are noted with, taken when there is the first of them.
    """

    build: duckdb.DuckDBPyConnection
    reader: Reader
    run_id: int
    read_at: dt.datetime
    versioned: bool
    tick: Callable[[], int]

    def meta(self, *, deleted: bool) -> str:
        """What a row of this load has beside its own columns and ``_unreadable``."""
        read_at = f"{self.read_at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S.%f}"
        return (
            f"cast({self.run_id} as integer) as _run_id, timestamptz '{read_at}+00' as _read_at, "
            f"{str(deleted).lower()} as _deleted"
        )


def count(build: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Rows of a relation."""
    row = build.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0


def fill(how: Load, arrival: Arrival) -> int:
    """Put an arrival into its empty raw table, in one pass; how many rows."""
    origin = arrival.origin
    with how.reader.selected(how.build, arrival.rows) as rows:
        how.build.execute(
            f"insert into {origin.raw} by name select *, {how.meta(deleted=False)} "
            f"from ({cast_once(origin, rows)})"
        )
    came = count(how.build, origin.raw)
    if came:
        changes.note_whole(how.build, origin.raw, tick=how.tick())
        _keep_versions(how, origin, origin.raw, rows=came)
    return came


def receive(how: Load, arrival: Arrival) -> int:
    """Put an arrival into the temporary table ``came``; how many rows."""
    with how.reader.selected(how.build, arrival.rows) as rows:
        how.build.execute(
            f"create or replace temp table came as select *, {how.meta(deleted=False)} "
            f"from ({cast_once(arrival.origin, rows)})"
        )
    return count(how.build, "came")


def hold(how: Load, origin: Origin) -> None:
    """Put the rows that are held under the keys that ``came`` into the temporary table ``held``."""
    how.build.execute(f"""create or replace temp table held as select * from {_rows(origin)} h
        where exists (select 1 from came where {_same_key(origin)})""")


def replace(how: Load, origin: Origin, *, whole: bool) -> int:
    """Bring the raw table to what ``came``; how many rows changed, those that are gone included.

    Of a window, only the rows in ``held`` are looked at: see ``hold``.
    """
    build, on = how.build, _same_key(origin)
    old = _rows(origin) if whole else "held"
    missing = 0
    if whole:
        build.execute(f"""create or replace temp table gone as select _row from {old} h
            where not _deleted and not exists (select 1 from came where {on})""")
        missing = mark_deleted(how, origin)
    if not _compare(build, origin, old, on=on):
        return missing
    changed, stale = count(build, "fresh"), count(build, "stale")
    if changed or stale:
        was = f"select * exclude (_row) from {old} h where _row in (select _row from stale)"
        _note(how, origin.raw, f"{was} union all by name select * from fresh", rows=max(changed, stale))
        build.execute(f"delete from {origin.raw} where rowid in (select _row from stale)")
        build.execute(f"insert into {origin.raw} by name select * from fresh")
        _keep_versions(how, origin, "fresh", rows=changed)
    return missing + max(changed, stale)


def _rows(origin: Origin) -> str:
    return f"(select rowid as _row, * from {origin.raw})"


def _same_key(origin: Origin) -> str:
    return " and ".join(f'came."{name}" is not distinct from h."{name}"' for name in origin.key)


def mark_deleted(how: Load, origin: Origin) -> int:
    """Mark the rows of the temporary table ``gone``; what they were is left in ``was``. How many rows."""
    build = how.build
    rows = count(build, "gone")
    if rows:
        mine = f"{origin.raw} where rowid in (select _row from gone)"
        build.execute(f"create or replace temp table was as select * from {mine}")
        marked = f"select * exclude (_run_id, _read_at, _deleted), {how.meta(deleted=True)} from was"
        _note(how, origin.raw, f"select * from was union all by name {marked}", rows=rows)
        build.execute(
            f"update {origin.raw} set _deleted = true, _run_id = {how.run_id}, _read_at = ? "
            "where rowid in (select _row from gone)",
            [how.read_at],
        )
        _keep_versions(how, origin, f"({marked})", rows=rows)
    return rows


def _compare(build: duckdb.DuckDBPyConnection, origin: Origin, old: str, *, on: str) -> bool:
    """``fresh``: rows that came and are not held so; ``stale``: rows held under such a key that did not come.

    False when all is held as it came; then neither is made. Row by row and not key by key, so that a key
    which its source holds twice loses neither row.
    """
    names = [*origin.names, "_unreadable"]
    same = " and ".join(f'came."{name}" is not distinct from h."{name}"' for name in names)
    build.execute(f"""create or replace temp table pair as
        select came.rowid as came_row, h._row, coalesce(not h._deleted and {same}, false) as same
        from came left join {old} h on {on}""")
    if not count(build, "pair where not same"):
        return False
    build.execute("""create or replace temp table fresh as select * from came
        where rowid in (select came_row from pair group by came_row having not bool_or(same))""")
    build.execute("""create or replace temp table stale as select _row from pair
        where _row is not null group by _row having not bool_or(same)""")
    return True


def _keep_versions(how: Load, origin: Origin, relation: str, *, rows: int) -> None:
    """Add rows to the versions, one a key and run.

    A stream that is read twice in one run may have changed in between, where the source gives no snapshot:
    what was read last is what the run saw.
    """
    if not how.versioned:
        return
    versions = f"{origin.raw}_versions"
    on = " and ".join(f'n."{name}" is not distinct from v."{name}"' for name in origin.key)
    again = f"{versions} v where _run_id = {how.run_id} and exists (select 1 from {relation} n where {on})"
    before = count(how.build, again)
    told = f"select * from {again} union all by name " if before else ""
    _note(how, versions, f"{told}select * from {relation}", rows=rows + before)
    if before:
        how.build.execute(f"delete from {again}")
    how.build.execute(f"insert into {versions} by name select * from {relation}")


def _note(how: Load, relation: str, select: str, *, rows: int) -> None:
    """Before the change is made: what it is, or that it is too much to be told row by row."""
    if rows > changes.WORTH_ITS_ROWS * count(how.build, relation):
        changes.note_whole(how.build, relation, tick=how.tick())
    else:
        changes.note_rows(how.build, relation, select, tick=how.tick())
