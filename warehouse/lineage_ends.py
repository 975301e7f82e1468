"""Lineage without staging, which only renames: a model's columns and reads as those of streams and tables.

``warehouse.lineage``, one step back ─▶ through staging ─▶ ``crm.orders.total_amount``. It reads no SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from warehouse.lineage import Traced
from warehouse.model import CALENDAR_SPAN, models
from warehouse.origins import origins


@lru_cache(maxsize=1)
def streams_of_raw() -> dict[str, str]:
    """The stream of each raw table, its table of versions too."""
    named = {origin.raw: origin.stream for origin in origins()}
    return named | {f"{raw}_versions": stream for raw, stream in named.items()}


def columns_behind(traced: Mapping[str, Traced], relation: str) -> dict[str, tuple[str, ...]]:
    """What each column of a relation is made of, staging passed through."""
    return {
        column: tuple(sorted({end for source in sources for end in _ends(source, traced)}))
        for column, sources in traced[relation].made_of.items()
    }


def _ends(column: str, traced: Mapping[str, Traced]) -> Iterable[str]:
    """The column itself, or through staging those of the stream."""
    relation, _, name = column.rpartition(".")
    if relation.startswith("staging."):
        for source in traced[relation].made_of.get(name, ()):
            yield from _ends(source, traced)
    else:
        yield f"{streams_of_raw().get(relation, relation)}.{name}"


def relations_behind(reads: Iterable[str]) -> frozenset[str]:
    """What a model's reads stand for: streams, and the tables of every other layer."""
    known = {model.relation: model for model in models()}
    found: set[str] = set()
    for read in reads:
        if read.startswith("staging.") and read in known:
            found |= relations_behind(known[read].reads)
        elif read != CALENDAR_SPAN:  # what stands on a calendar is not made of its facts
            found.add(streams_of_raw().get(read, read))
    return frozenset(found)
