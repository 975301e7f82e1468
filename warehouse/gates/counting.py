"""Counts the rows that break each gate, reading every table as seldom as it can.

gates -> those whose inputs are as when they last passed -> one scan a table for all probes of the rest ->
the SQL of those that are left, its rows kept in ``failing``. It judges nothing: ``checks.sql_gate`` does.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from checks.sql_gate import Sound, SqlGate
from warehouse import changes

if TYPE_CHECKING:
    import duckdb

_RELATION = re.compile(r"\b(?:raw|staging|core|planning|marts|quality)\.[a-z_][a-z0-9_]*")
ALWAYS = "reconcile"
"""The layer that is never skipped: it holds the whole build against the sources' own sums."""


def start(build: duckdb.DuckDBPyConnection) -> None:
    """An empty table for failing rows; it is kept with the results, in one transaction."""
    build.execute("create or replace temp table failing (gate varchar, failing_row json)")


def count(build: duckdb.DuckDBPyConnection, gate: SqlGate) -> int:
    """How many rows break the gate; all of them are in ``failing``. The SQL runs once.

    Values are kept as text: a JSON number of many digits would be read back as a float.
    """
    exact = f"select cast(columns(*) as varchar) from ({gate.sql})"
    statement = f"insert into failing select ?, to_json(v) from ({exact}) v"
    row = build.execute(statement, [gate.name]).fetchone()
    return int(row[0]) if row else 0


def inputs(build: duckdb.DuckDBPyConnection, gates: Sequence[SqlGate]) -> dict[str, str]:
    """By gate, what tells one state of all it reads from another; none where a change could go unseen.

    Only relations whose changes are noted in ``delta`` can be known to be as they were. How many rows they
    have is looked at too, which the catalogue knows: a table changed past the runner shows there.
    """
    rows = build.execute(
        "select schema_name || '.' || table_name, estimated_size from duckdb_tables()"
    ).fetchall()
    sizes: dict[str, int] = dict(rows)
    states: dict[str, str] = {}
    for relation in sorted(set().union(*(reads(gate) for gate in gates))):
        noted = changes.last_change(build, relation)
        if noted is not None and relation in sizes:
            states[relation] = f"{relation} {noted[0]} {sizes[relation]}"
    return {
        gate.name: hashlib.sha256(
            "\n".join([gate.sql, *(states[name] for name in sorted(reads(gate)))]).encode()
        ).hexdigest()
        for gate in gates
        if gate.layer != ALWAYS and reads(gate) and reads(gate) <= states.keys()
    }


@lru_cache(maxsize=1024)
def reads(gate: SqlGate) -> frozenset[str]:
    """The relations a gate reads or names; one that it only names costs a check too many, never one less."""
    return frozenset(_RELATION.findall(f"{gate.sql} {gate.on}"))


def unchanged(build: duckdb.DuckDBPyConnection, now: Mapping[str, str]) -> dict[str, Sound]:
    """The gates that passed on exactly these inputs, with the run that really looked."""
    passed = build.execute("select gate, inputs, run_id from quality.passed").fetchall()
    return {gate: Sound(run_id=run_id) for gate, then, run_id in passed if now.get(gate) == then}


def probe(build: duckdb.DuckDBPyConnection, gates: Sequence[SqlGate]) -> dict[str, Sound]:
    """The gates whose probes say that no row breaks them; a table is scanned once for all of its probes."""
    by_table: dict[str, list[SqlGate]] = {}
    for gate in gates:
        if gate.probe:
            by_table.setdefault(gate.probe.of, []).append(gate)
    totals = _totals(build)
    sound: dict[str, Sound] = {}
    for table, group in by_table.items():
        started = time.perf_counter()
        values = _scan(build, table, group)
        seconds = (time.perf_counter() - started) / len(group)
        for gate, value in zip(group, values, strict=True):
            expected = totals.get(gate.probe.against) if gate.probe and gate.probe.against else 0
            if value is not None and value == expected:
                sound[gate.name] = Sound(seconds)
    return sound


def _scan(build: duckdb.DuckDBPyConnection, table: str, gates: Sequence[SqlGate]) -> tuple[Any, ...]:
    """The probes' numbers; none at all when the scan fails, and then each gate's own SQL says why."""
    import duckdb

    wanted = ", ".join(gate.probe.counts for gate in gates if gate.probe)
    try:
        row = build.execute(f"select {wanted} from {table}").fetchone()
    except duckdb.Error:
        row = None
    return row or (None,) * len(gates)


def _totals(build: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What the sources counted and summed, by ``stream column``; streams that were read and no others."""
    import duckdb

    try:
        rows = build.execute(
            """select s.stream || ' ' || t.column_name, sum(t.total) from raw.streams s
            join raw.source_totals t on t.stream = s.stream group by all"""
        ).fetchall()
    except duckdb.Error:
        return {}
    return dict(rows)
