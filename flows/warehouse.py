"""Warehouse: everything the three systems know becomes one company, checked, forecast and published.

extract → core → planning → marts → gates → publish. The one pipeline of the analytical path; a failing gate
publishes nothing and leaves the last good file in place.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any

from hub.pipeline import Pipeline, Stage
from settings import Settings

Counts = Mapping[str, Any]
Work = Callable[..., Counts]
ALL: frozenset[str] = frozenset()
"""As ``only``: every model."""


def _alone(work: Work) -> Work:
    """One stage of one build at a time, whoever started it."""

    @wraps(work)
    def held(settings: Settings, **given: Any) -> Counts:
        from warehouse.build_lock import one_build

        with one_build(settings):
            return work(settings, **given)

    return held


@_alone
def extract(settings: Settings, *, full: bool = False, only: frozenset[str] = ALL) -> Counts:
    """Changed rows of every stream into ``raw``; the hub's own records are read along and not counted."""
    from warehouse.extract import extract as run

    given: dict[str, Any] = {"full": full, "only": _streams(only)}
    takes = inspect.signature(run).parameters
    changed = run(settings, **{name: value for name, value in given.items() if value and name in takes})
    rows = sum(count for stream, count in changed.items() if not stream.startswith("hub."))
    return {"read": rows, "written": rows, "streams": sum(map(bool, changed.values()))}


@_alone
def core(settings: Settings, *, full: bool = False, only: frozenset[str] = ALL) -> Counts:
    """Staging, facts and dimensions."""
    return _make(settings, "staging", "core", full=full, only=only)


@_alone
def plan(settings: Settings) -> Counts:
    """Forecasts from core, into ``planning``."""
    from planning.tables import plan as run
    from warehouse.planned import read_series, write_tables

    series, previous, as_of = read_series(settings)
    return write_tables(settings, run(series, previous=previous, as_of=as_of))


@_alone
def marts(settings: Settings, *, full: bool = False, only: frozenset[str] = ALL) -> Counts:
    """One table a question."""
    return _make(settings, "marts", full=full, only=only)


@_alone
def gate(settings: Settings, *, only: frozenset[str] = ALL) -> Counts:
    """Shape, integrity and reconciliation; what failed holds the publication."""
    from warehouse.gates import gate as run
    from warehouse.selection import look

    return look(settings, only) if only else run(settings)


@_alone
def publish(settings: Settings) -> Counts:
    """The published file, replaced at once."""
    from warehouse.publish import publish as run

    return run(settings)


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


def _needed(only: frozenset[str]) -> set[str]:
    """The stages that a part of the models needs."""
    from warehouse.selection import reads_planning

    layers = {relation.partition(".")[0] for relation in only}
    return {"extract", "core", "gate"} | (layers & {"marts"}) | ({"plan"} if reads_planning(only) else set())


def _streams(only: frozenset[str]) -> tuple[str, ...]:
    from warehouse.selection import streams_behind

    return streams_behind(only)


def _make(settings: Settings, *layers: str, full: bool, only: frozenset[str]) -> Counts:
    """The models of these layers: ``{"made": [{"table", "rows", "changed", "seconds", "how"}]}``."""
    from warehouse.made import make

    return {"made": make(settings, *layers, full=full, only=only)}


WAREHOUSE = pipeline()
