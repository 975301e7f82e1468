"""Part of the models: those named, and all that they read; built and looked at without being published.

names ─▶ models and what they read, however far ─▶ the streams behind them, the gates about them. What the
gates find here is told and not kept, so a part that is right never passes for the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from checks.sql_gate import SqlGate, run_gates
from connectors.errors import Misconfigured
from settings import Settings
from warehouse import gates
from warehouse.build_file import open_build
from warehouse.model import models, origins_of
from warehouse.origins import origins
from warehouse.planned import forecast

LIKE = 70
"""Below this likeness (of 100) a name is told to be near that nobody meant."""


def with_all_they_read(names: Iterable[str]) -> frozenset[str]:
    """The relations of these models and of every model behind them; none for no names.

    A name is ``core.fct_order``, ``fct_order``, or a layer, ``marts``. ``Misconfigured`` names near ones.
    """
    known = {model.relation: model for model in models()}
    found: set[str] = set()
    due = [relation for name in names for relation in _named(name)]
    while due:
        relation = due.pop()
        if relation not in found:
            found.add(relation)
            reads = known[relation].reads
            due += sorted((reads | _behind_planning(reads)) & known.keys())
    return frozenset(found)


def streams_behind(relations: Iterable[str]) -> tuple[str, ...]:
    """The streams whose rows these relations are made of."""
    tables = _raw_behind(relations)
    return tuple(origin.stream for origin in origins() if origin.raw in tables)


def reads_planning(relations: Collection[str]) -> bool:
    """Whether one of these is made of what planning gives."""
    return any(
        read.startswith("planning.")
        for model in models()
        if model.relation in relations
        for read in model.reads
    )


def look(settings: Settings, relations: Collection[str]) -> Mapping[str, Any]:
    """Run the gates about these relations and their streams, as ``gates.gate`` counts; nothing is kept."""
    about = {*relations, *_raw_behind(relations)}
    chosen = [gate for gate in gates.load_gates() if gate.on in about]
    with open_build(settings) as build:
        gates.declare(build)

        def count(gate: SqlGate) -> int:
            row = build.execute(f"select count(*) from ({gate.sql}) as v").fetchone()
            return int(row[0]) if row else 0

        verdicts = run_gates(chosen, count)
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    return {
        "passed": outcomes["passed"],
        "failed": outcomes["failed"],
        "could_not_check": outcomes["could_not_check"],
        "holding": [verdict.gate.name for verdict in verdicts if verdict.holds],
        "marking": [v.gate.name for v in verdicts if not v.holds and v.outcome != "passed"],
    }


def _behind_planning(reads: Iterable[str]) -> frozenset[str]:
    return forecast().reads if any(read.startswith("planning.") for read in reads) else frozenset()


def _named(name: str) -> list[str]:
    found = [m.relation for m in models() if name in (m.relation, m.name, m.layer)]
    # Staging and core may both have a name; the layer tells which one is meant.
    exact = [relation for relation in found if relation == name]
    if found:
        return exact or found
    near = near_names(name, tuple(m.relation for m in models() if m.layer != "staging"))
    raise Misconfigured(
        f"there is no model {name!r}{near}; docs/marts.md lists the published ones, warehouse/sql has all"
    )


@lru_cache(maxsize=64)
def near_names(name: str, known: tuple[str, ...]) -> str:
    """``; near it: …`` with up to three known names that may be meant, the nearest first; else nothing."""
    from rapidfuzz import fuzz, process

    best = process.extract(name, known, scorer=fuzz.WRatio, processor=str.lower, limit=3, score_cutoff=LIKE)
    return f"; near it: {', '.join(found for found, _score, _place in best)}" if best else ""


def _raw_behind(relations: Iterable[str]) -> frozenset[str]:
    behind = frozenset().union(*(origins_of(relation) for relation in relations))
    return frozenset(table.removesuffix("_versions") for table in behind)
