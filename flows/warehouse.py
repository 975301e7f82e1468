"""Warehouse: everything the three systems know becomes one company, checked, forecast and published.

extract → core → planning → marts → gates → publish. The one pipeline of the analytical path; a failing gate
publishes nothing and leaves the last good file in place.
"""

from collections.abc import Mapping
from typing import Any

from connectors.errors import Refused
from hub.pipeline import Pipeline, Stage
from settings import Settings

Counts = Mapping[str, Any]


def extract(settings: Settings) -> Counts:
    """Changed rows of every stream into ``raw``; the hub's own records are read along and not counted.

    A source that refuses, because a column is gone say, holds the publication before the error goes on.
    """
    from warehouse.extract import extract as run

    try:
        changed = run(settings)
    except Refused as error:
        from warehouse.gates.refused import hold_for
        from warehouse.quality import render

        hold_for(settings, error)
        render(settings)
        raise
    rows = sum(count for stream, count in changed.items() if not stream.startswith("hub."))
    return {"read": rows, "written": rows, "streams": sum(map(bool, changed.values()))}


def core(settings: Settings) -> Counts:
    """Staging, facts and dimensions."""
    from warehouse.build import core as run

    return {made.relation: made.changed for made in run(settings) if made.how != "kept"}


def plan(settings: Settings) -> Counts:
    """Forecasts from core, into ``planning``."""
    from planning.tables import plan as run
    from warehouse.planned import read_series, write_tables

    series, previous, as_of = read_series(settings)
    return write_tables(settings, run(series, previous=previous, as_of=as_of))


def marts(settings: Settings) -> Counts:
    """One table a question."""
    from warehouse.build import marts as run

    return {made.relation: made.changed for made in run(settings) if made.how != "kept"}


def gate(settings: Settings) -> Counts:
    """Shape, integrity and reconciliation; what failed holds the publication."""
    from warehouse.gates import gate as run

    return run(settings)


def publish(settings: Settings) -> Counts:
    """The published file, replaced at once, and the data-quality pages that say how good it is."""
    from warehouse.publish import publish as run
    from warehouse.quality import render

    published = run(settings)
    render(settings)
    return published


WAREHOUSE = Pipeline(
    name="warehouse",
    every="1 day",
    owner="data",
    doc=__doc__,
    stages=(
        Stage("extract", extract),
        Stage("core", core),
        Stage("plan", plan),
        Stage("marts", marts),
        Stage("gate", gate),
        Stage("publish", publish),
    ),
    publishes=True,
)
