"""Loads changed rows of every stream, and of the hub's own state, into ``raw`` of the build file.

source database ─▶ its columns in bulk ─▶ exact types, cast once in DuckDB ─▶ replaced by key in ``raw``,
each change noted for what is made of it. Counts and sums are compared with the source's own: of all rows when
a stream is small or once a day, else of those just read. It gives no meaning to a row: that is for staging.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import models
from connectors.errors import Misconfigured
from warehouse import changes
from warehouse.attached import ended_together
from warehouse.build_file import open_build, transaction
from warehouse.hub_state import to_come
from warehouse.lost_past import tell_of_lost_past
from warehouse.mirror import local_address
from warehouse.origin import Origin
from warehouse.origins import VERSIONED, origins
from warehouse.raw import is_read, load, prepare
from warehouse.readers import Reader, open_apart, open_reader
from warehouse.replace import Load
from warehouse.tombstones import bury_all

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
    with open_build(settings) as build, ended_together(), transaction(build):
        run_id, tick = _next_run(build), cache(partial(changes.next_tick, build))
        if run_id == 1:
            tell_of_lost_past(settings)
        # Of a part, too: every staging view is made, and looks at its raw table.
        prepare(build, origins(), versioned=VERSIONED, tick=tick)
        unborn = to_come(build, settings, (one for one in chosen if one.stream.startswith("hub.")))
        changed |= dict.fromkeys(unborn, 0)
        for system in (*models.SYSTEMS, "hub"):
            mine = [one for one in chosen if one.stream.startswith(f"{system}.") and one.stream not in unborn]
            if not mine:
                continue
            address = _address(settings, system, full=full, verify=verify)
            loading = partial(Load, build, run_id=run_id, read_at=read_at, versioned=False, tick=tick)
            whole = [one for one in mine if one.changed and (full or not is_read(build, one))]
            apart = _load_apart(loading, address, system, whole) if whole else {}
            # Without a snapshot's end nobody could alter a table of the system while others are read.
            with open_reader(build, address, system=system) as reader:
                changed |= _load(loading(reader), system, mine, apart, full=full, verify=verify)
        moved = any(rows for stream, rows in changed.items() if stream != "hub.runs")
        build.execute("delete from raw.run")
        build.execute("insert into raw.run values (?, ?)", [run_id, read_at])
        as_of = as_of or kept_instant(build, read_at, zone=settings.timezone, moved=moved)
        _remember_build(build, settings, as_of=as_of)
    return changed


def _load_apart(
    loading: Callable[[Reader], Load], address: str, system: str, whole: Iterable[Origin]
) -> dict[str, int]:
    """Rows by stream of those read whole, each in a state of its own, where no snapshot is fast enough."""
    with open_apart(address, system=system) as reader:
        if reader is None:
            return {}
        how = loading(reader)
        return {
            origin.stream: load(
                replace(how, versioned=origin.stream in VERSIONED), origin, OVERLAP, full=True
            )
            for origin in whole
        }


def _load(
    how: Load, system: str, mine: list[Origin], apart: Mapping[str, int], *, full: bool, verify: bool
) -> dict[str, int]:
    """Rows by stream, those read ``apart`` included: the reader brings what changed there meanwhile.

    It adds them up, too: it alone has what tombstones say and what was put back in one state.
    """
    buried = {} if system == "hub" else bury_all(how, system, mine, OVERLAP)
    changed = {}
    for origin in mine:
        one, stream = replace(how, versioned=origin.stream in VERSIONED), origin.stream
        gone, was = buried.get(stream, 0), stream in apart
        rows = load(one, origin, OVERLAP, buried=gone, full=full and not was, verify=verify or was)
        changed[stream] = rows + apart.get(stream, 0)
    return changed


def left_as_they_were(settings: Settings, only: Collection[str] = ()) -> int:
    """Rows of the systems' streams that the last read left as they were: after a full one, it read them."""
    told = [one.raw for one in _chosen(only) if not one.stream.startswith("hub.")]
    if not told:
        return 0
    with open_build(settings) as build:
        counts = " union all ".join(
            f"select count(*) as rows from {table} where not _deleted and _run_id < "
            "(select run_id from raw.run)"
            for table in told
        )
        return int(build.execute(f"select coalesce(sum(rows), 0) from ({counts})").fetchall()[0][0])


def _address(settings: Settings, system: str, *, full: bool, verify: bool) -> str:
    if system == "hub":
        return settings.url("state")
    return local_address(settings, system, full=full, verify=verify)


def _chosen(only: Collection[str]) -> tuple[Origin, ...]:
    found = origins()
    if unknown := sorted(set(only) - {origin.stream for origin in found}):
        raise Misconfigured(f"there is no stream {', '.join(unknown)}; docs/streams.md lists those there are")
    return tuple(origin for origin in found if not only or origin.stream in only)


def _next_run(build: duckdb.DuckDBPyConnection) -> int:
    row = build.execute("select coalesce(max(run_id), 0) + 1 from raw.run").fetchone()
    assert row is not None
    return int(row[0])


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
