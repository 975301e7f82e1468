"""Warehouse: everything the three systems know becomes one company, checked, forecast and published.

extract → core → planning → marts → gates → publish. The one pipeline of the analytical path; a failing gate
publishes nothing and leaves the last good file in place. Each stage holds the lock for itself, so that what
another build does between two of them is caught up with before it is judged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors.errors import Refused, TriadaError
from hub.pipeline import Pipeline, Stage
from settings import Settings

if TYPE_CHECKING:
    from warehouse.runner import Made

log = logging.getLogger("triada.warehouse")

Counts = Mapping[str, Any]
ALL: frozenset[str] = frozenset()
"""As ``only``: every model."""


def extract(settings: Settings, *, full: bool = False, only: frozenset[str] = ALL) -> Counts:
    """Changed rows of every stream into ``raw``; the hub's own records are read along and not counted.

    ``unchanged`` are those that ``full`` read, too, and found as they were.

    A source that refuses, does not answer or does not add up holds the publication before the error goes on;
    not where only a part was to be built.
    """
    from warehouse.build_lock import BeingBuilt, building_alone
    from warehouse.extract import extract as run
    from warehouse.extract import left_as_they_were
    from warehouse.room import NoRoom

    with building_alone(settings):
        try:
            changed = run(settings, full=full, only=_streams(only))
            same = left_as_they_were(settings, _streams(only)) if full else 0
        except (BeingBuilt, NoRoom):  # no word of a source; want of room is in the status already
            raise
        except TriadaError as error:
            if not only:
                _hold(settings, error)
            raise
    rows = sum(count for stream, count in changed.items() if not stream.startswith("hub."))
    streams = sum(map(bool, changed.values()))
    return {"read": rows + same, "written": rows, "unchanged": same, "streams": streams}


def core(settings: Settings, *, full: bool = False, only: frozenset[str] = ALL) -> Counts:
    """Staging, facts and dimensions."""
    from warehouse.build import core as run

    return _made(run(settings, full=full, only=only), only)


def plan(settings: Settings) -> Counts:
    """Forecasts from core, into ``planning``; core stays as it is meanwhile."""
    from planning.tables import plan as run
    from warehouse.build_lock import building_alone
    from warehouse.planned import read_series, write_tables

    with building_alone(settings):
        series, previous, as_of = read_series(settings)
        return write_tables(settings, run(series, previous=previous, as_of=as_of))


def marts(settings: Settings, *, full: bool = False, only: frozenset[str] = ALL) -> Counts:
    """One table a question."""
    from warehouse.build import marts as run

    return _made(run(settings, full=full, only=only), only)


def gate(settings: Settings, *, only: frozenset[str] = ALL) -> Counts:
    """Shape, integrity and reconciliation, of what the last read makes; what failed holds the publication."""
    from warehouse.build_lock import building_alone
    from warehouse.gates import gate as run
    from warehouse.selection import look

    if only:
        return look(settings, only)
    with building_alone(settings):
        _catch_up(settings)
        return run(settings)


def publish(settings: Settings) -> Counts:
    """The published file, replaced at once, and the data-quality pages that say how good it is.

    What another build changed since the gates ran is caught up with and judged first.
    """
    from warehouse.build_lock import building_alone
    from warehouse.publish import publish as run
    from warehouse.ready import is_ready

    with building_alone(settings):
        if not is_ready(settings):
            gate(settings)
        published = run(settings)
        _show(settings)
    return published


def pipeline(*, full: bool = False, only: frozenset[str] = ALL) -> Pipeline:
    """The stages for every model, or for ``only`` some: then nothing is published.

    ``only`` holds relations, each with all it reads; ``full`` reads every stream whole and makes every table
    anew.
    """
    given: dict[str, Any] = {"full": full, "only": only}
    stages = (
        Stage("extract", partial(extract, **given)),
        Stage("core", partial(core, **given)),
        Stage("plan", plan),
        Stage("marts", partial(marts, **given)),
        Stage("gate", partial(gate, only=only)),
        Stage("publish", publish),
    )
    return Pipeline(
        name="warehouse",
        every="1 day",
        owner="data",
        doc=__doc__ or "",
        stages=tuple(stage for stage in stages if not only or stage.name in _needed(only)),
        publishes=not only,
    )


def _catch_up(settings: Settings) -> None:
    """Read and make again what another build left behind between two stages; most often there is nothing."""
    from warehouse.ready import left_behind

    apart, late = left_behind(settings)
    if apart:
        log.warning("another build read only a part of the systems between two stages: all are read again")
        extract(settings)
    if apart or late:
        log.warning("what another build left behind is made again: %s", ", ".join([*apart, *late]))
        for make in (core, plan, marts):
            make(settings)


def _hold(settings: Settings, error: TriadaError) -> None:
    """The status and the pages say why; what goes wrong with that must not hide the error itself."""
    from warehouse.gates.refused import hold_for

    try:
        hold_for(settings, error)
    except (TriadaError, OSError) as other:
        log.error("the publication could not be marked stale: %s", other)
    _show(settings)


def _show(settings: Settings) -> None:
    """The data-quality pages; one that cannot be written leaves the build's own outcome as it is."""
    import duckdb

    from warehouse.quality import render

    try:
        render(settings)
    except (OSError, duckdb.Error, Refused) as error:
        log.warning(
            "the data-quality pages stay as they were: %s; `./triada docs quality` writes them again", error
        )


def _needed(only: frozenset[str]) -> set[str]:
    """The stages that a part of the models needs."""
    from warehouse.selection import reads_planning

    layers = {relation.partition(".")[0] for relation in only}
    return {"extract", "core", "gate"} | (layers & {"marts"}) | ({"plan"} if reads_planning(only) else set())


def _streams(only: frozenset[str]) -> tuple[str, ...]:
    from warehouse.selection import streams_behind

    return streams_behind(only)


def _made(tables: Iterable[Made], only: frozenset[str]) -> Counts:
    """What became of each table: ``{"made": [{"table", "rows", "changed", "seconds", "how", …}]}``."""
    told = ("rows", "changed", "seconds", "how", "by_time")
    shown = [made for made in tables if not only or made.relation in only]
    return {
        "made": [{"table": made.relation} | {name: getattr(made, name) for name in told} for made in shown]
    }


WAREHOUSE = pipeline()
