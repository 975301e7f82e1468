"""Marks in ``raw`` what a system's tombstones say is gone.

tombstones since the last ones read ─▶ the rows that they are later than, by stream ─▶ the system's mark.
A system without tombstones is told of: its own totals find what is gone. It reads no stream.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from warehouse.origin import Origin
from warehouse.origins import VERSIONED, origins
from warehouse.raw import bury
from warehouse.replace import Load
from warehouse.source_sql import tombstone_query, tombstones_there_query

if TYPE_CHECKING:
    import duckdb

log = logging.getLogger("triada.warehouse")


def bury_all(how: Load, system: str, mine: list[Origin], overlap: dt.timedelta) -> dict[str, int]:
    """Mark what the system's tombstones say is gone; rows by stream."""
    build = how.build
    marked = build.execute("select mark from raw.tombstone_marks where system = ?", [system]).fetchone()
    since = marked[0] - overlap if marked else None
    there = how.reader.ask(tombstones_there_query(how.reader.dialect))
    with how.reader.selected(build, there) as relation:
        if not build.execute(f"select count(*) from {relation}").fetchall()[0][0]:
            log.warning("%s keeps no tombstones: its deletes are found by its own totals, once a day", system)
            return {}
    found = how.reader.ask(tombstone_query(how.reader.dialect, since))
    with how.reader.selected(build, found) as buried:
        build.execute(f"""create or replace temp table tombstone as
            select stream, deleted_key, try_cast(deleted_at as timestamptz) as deleted_at, deleted_at as told
            from {buried} where stream <> ''""")
    _drop_undated(build, system)
    streams = {row[0] for row in build.execute("select distinct stream from tombstone").fetchall()}
    rows = {
        origin.stream: bury(replace(how, versioned=origin.stream in VERSIONED), origin)
        for origin in mine
        if origin.table.name in streams
    }
    everything = sum(origin.stream.startswith(f"{system}.") for origin in origins())
    if streams and len(mine) == everything:  # a mark set for some streams would hide the others' tombstones
        build.execute("delete from raw.tombstone_marks where system = ?", [system])
        build.execute(
            "insert into raw.tombstone_marks select ?, least(max(deleted_at), ?) from tombstone",
            [system, how.read_at],
        )
    return rows


def _drop_undated(build: duckdb.DuckDBPyConnection, system: str) -> None:
    """A delete that nobody can tell the instant of stops nothing: the source's totals find the row."""
    undated = build.execute(
        "delete from tombstone where deleted_at is null returning stream, deleted_key, told"
    ).fetchall()
    for stream, key, told in undated:
        log.warning(
            "%s.%s: the tombstone of %s is stamped %r; expected an instant; it is left out of account: "
            "mend its deleted_at in the system's table tombstones",
            *(system, stream, key, told),
        )
