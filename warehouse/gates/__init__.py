"""The gates between the build and the publication, declared in this folder's YAML files.

declarations -> rows that break them -> ``checks.sql_gate`` -> ``quality`` of the build file: results with
their history, every failing row, and which streams a gate says something about. It decides nothing:
``warehouse.publish`` reads the verdicts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from checks.sql_gate import SqlGate, Verdict, run_gates
from warehouse import describe, runner
from warehouse.build_file import open_build, transaction
from warehouse.gates import counting
from warehouse.gates.declared import load_gates
from warehouse.gates.kept import keep
from warehouse.model import models
from warehouse.origin import catalogue_type, column_types
from warehouse.origins import origins

if TYPE_CHECKING:
    import duckdb

    from settings import Settings

__all__ = ["gate", "judge", "load_gates"]


def gate(settings: Settings) -> Mapping[str, Any]:
    """Run every gate: counts by outcome, the gates that hold the publication, those that only mark it.

    ``unchanged`` of those that passed were not looked at again: what they read is as when they last passed.
    """
    with open_build(settings) as build:
        # What is judged must be what is published: marts are made before, and then only the gates' own.
        runner.build(build, "marts")
        verdicts = judge(build)
        runner.build(build, "marts", only=_told_by_gates())
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    return {
        "passed": outcomes["passed"],
        "failed": outcomes["failed"],
        "could_not_check": outcomes["could_not_check"],
        "unchanged": sum(verdict.run_id is not None for verdict in verdicts),
        "holding": [verdict.gate.name for verdict in verdicts if verdict.holds],
        "marking": [v.gate.name for v in verdicts if not v.holds and v.outcome != "passed"],
    }


def judge(
    build: duckdb.DuckDBPyConnection, gates: Iterable[SqlGate] | None = None, *, again: bool = False
) -> list[Verdict]:
    """Run the gates on the build and keep what they found; with ``again`` those that need not run, too."""
    chosen = tuple(gates) if gates is not None else load_gates()
    declare(build)
    counting.start(build)
    now = counting.inputs(build, chosen)
    sound = {} if again else counting.unchanged(build, now)
    sound |= counting.probe(build, [gate for gate in chosen if gate.name not in sound])
    verdicts = run_gates(chosen, lambda gate: counting.count(build, gate), sound=sound)
    with transaction(build):
        keep(build, verdicts, now=now)
    return verdicts


def _told_by_gates() -> frozenset[str]:
    """The marts that carry what the gates found, and what is made of those."""
    found: set[str] = set()
    for model in models():  # each after those it reads
        if any(read.startswith("quality.") or read in found for read in model.reads):
            found.add(model.relation)
    return frozenset(found)


def declare(build: duckdb.DuckDBPyConnection) -> None:
    """``quality.misfits``: columns that are declared and not there, of another type, or not declared.

    The catalogue is slow to ask a hundred times: once is enough.
    """
    rows = [
        (origin.raw, name, catalogue_type(kind))
        for origin in origins()
        for name, kind in column_types(origin)
    ]
    rows += [(table.relation, name, "") for table in describe.tables() for name in table.columns]
    build.execute(
        """create or replace table quality.misfits as
        with declared as (
            select unnest($relations) as relation, unnest($names) as column_name, unnest($types) as data_type
        ),
        found as (
            select table_schema || '.' || table_name as relation, column_name, data_type
            from information_schema.columns
        )
        select
            coalesce(d.relation, f.relation) as relation,
            coalesce(d.column_name, f.column_name) as column_name,
            d.data_type,
            f.data_type as found,
            case
                when f.column_name is null then 'missing'
                when d.column_name is null then 'not described'
                else 'of another type'
            end as problem
        from declared d
        full join found f on f.relation = d.relation and f.column_name = d.column_name
        where f.column_name is null
            or (d.column_name is null and f.relation in (select relation from declared)
                and f.relation not like 'raw.%')
            or (d.data_type <> '' and d.data_type <> f.data_type)
        order by all""",
        dict(zip(("relations", "names", "types"), map(list, zip(*rows, strict=True)), strict=True)),
    )
