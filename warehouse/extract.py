"""Loads changed rows of every stream, and of the hub's own state, into ``raw`` of the build file.

source database ─▶ Arrow record batches ─▶ exact types, cast once in DuckDB ─▶ replaced by key in ``raw``,
each change noted for what is made of it. Counts and sums are compared with the source's own: of all rows when
a stream is small or once a day, else of those just read. It gives no meaning to a row: that is for staging.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import models
from connectors.errors import Misconfigured
from models import state
from warehouse import changes
from warehouse.build_file import open_build, transaction
from warehouse.mirror import local_address
from warehouse.origin import Origin
from warehouse.origins import VERSIONED, origins
from warehouse.raw import bury, load, prepare
from warehouse.readers import open_reader
from warehouse.replace import Load
from warehouse.source_sql import tombstone_query

if TYPE_CHECKING:
    import duckdb

    from settings import Settings

# A row stamped at its transaction's start may appear after a later one was read.
OVERLAP = dt.timedelta(minutes=5)


def extract(
    settings: Settings,
    *,
    as_of: dt.datetime | None = None,
    full: bool = False,
    verify: bool = False,
    only: Collection[str] = (),
) -> dict[str, int]:
    """Rows that changed in ``raw``, by stream; ``as_of`` is the instant that ages are counted to.

    ``full`` reads every stream whole again, ``verify`` has every source add up its streams whole, ``only``
    leaves the other streams alone. Without ``as_of`` it is now; it stays where it was when nothing changed
    and the day is the same, so that an idle build makes the same tables. Raises ``Unreachable``, ``Refused``,
    ``Misconfigured`` or ``CountMismatch``.
    """
    read_at = dt.datetime.now(dt.UTC)
    chosen = _chosen(only)
    changed: dict[str, int] = {}
    with open_build(settings) as build, transaction(build), ExitStack() as snapshots:
        run_id, tick = _next_run(build), cache(partial(changes.next_tick, build))
        prepare(build, chosen, versioned=VERSIONED, tick=tick)
        for system in (*models.SYSTEMS, "hub"):
            mine = [origin for origin in chosen if origin.stream.partition(".")[0] == system]
            if not mine or (system == "hub" and not _hub_has_state(settings)):
                changed |= dict.fromkeys((origin.stream for origin in mine), 0)
                continue
            address = settings.url("state") if system == "hub" else local_address(settings, system)
            reader = snapshots.enter_context(open_reader(address, system=system))
            how = Load(build, reader, run_id=run_id, read_at=read_at, versioned=False, tick=tick)
            buried = {} if system == "hub" else _bury(how, system, mine)
            for origin in mine:
                one = replace(how, versioned=origin.stream in VERSIONED)
                gone = buried.get(origin.stream, 0)
                changed[origin.stream] = load(one, origin, OVERLAP, buried=gone, full=full, verify=verify)
        moved = any(rows for stream, rows in changed.items() if stream != "hub.runs")
        build.execute("delete from raw.run")
        build.execute("insert into raw.run values (?, ?)", [run_id, read_at])
        as_of = as_of or kept_instant(build, read_at, zone=settings.timezone, moved=moved)
        _remember_build(build, settings, as_of=as_of)
    return changed


def _chosen(only: Collection[str]) -> tuple[Origin, ...]:
    found = origins()
    if unknown := sorted(set(only) - {origin.stream for origin in found}):
        raise Misconfigured(f"there is no stream {', '.join(unknown)}; docs/streams.md lists those there are")
    return tuple(origin for origin in found if not only or origin.stream in only)


def _next_run(build: duckdb.DuckDBPyConnection) -> int:
    row = build.execute("select coalesce(max(run_id), 0) + 1 from raw.run").fetchone()
    assert row is not None
    return int(row[0])


def _hub_has_state(settings: Settings) -> bool:
    """False before the hub's first run: there is no state to read yet."""
    import sqlalchemy as sa
    from sqlalchemy.exc import OperationalError

    from connectors.sql_engine import make_engine, parse

    url = parse("state", settings.url("state"))
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        return False
    engine = make_engine(url)
    try:
        return set(state.METADATA.tables) <= set(sa.inspect(engine).get_table_names())
    except OperationalError:
        return True  # the reader says what is wrong, in the words of every other system
    finally:
        engine.dispose()


def _bury(how: Load, system: str, mine: list[Origin]) -> dict[str, int]:
    """Mark what the system's tombstones say is gone; rows by stream."""
    build = how.build
    marked = build.execute("select mark from raw.tombstone_marks where system = ?", [system]).fetchone()
    since = marked[0] - OVERLAP if marked else None
    build.register("buried", how.reader.batches(tombstone_query(how.reader.dialect, since)))
    build.execute("""create or replace temp table tombstone as
        select stream, deleted_key, cast(deleted_at as timestamptz) as deleted_at
        from buried where stream <> ''""")
    build.unregister("buried")
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


def kept_instant(
    build: duckdb.DuckDBPyConnection, read_at: dt.datetime, *, zone: str, moved: bool
) -> dt.datetime:
    """The last build's instant while nothing moved that day, as the company's zone has it, else now."""
    last = build.execute("select as_of from raw.build").fetchone()
    here = ZoneInfo(zone)
    if last is None or moved or last[0].astimezone(here).date() != read_at.astimezone(here).date():
        return read_at
    kept: dt.datetime = last[0]
    return kept


def _remember_build(build: duckdb.DuckDBPyConnection, settings: Settings, *, as_of: dt.datetime) -> None:
    """What every model may know of the build; written only when it differs."""
    row = (as_of, settings.currency, settings.timezone)
    if build.execute("select as_of, currency, timezone from raw.build").fetchone() != row:
        build.execute("delete from raw.build")
        build.execute("insert into raw.build values (?, ?, ?)", list(row))
