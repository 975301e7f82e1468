"""The gates between the build and the publication, declared in this folder's YAML files.

declarations -> one gate for each stream, table or listed case -> ``checks.sql_gate`` -> ``quality`` of the
build file: results with their history, every failing row, and which streams a gate says something about.
It decides nothing: ``warehouse.publish`` reads the verdicts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from checks.sql_gate import SqlGate, Verdict, run_gates
from warehouse import describe, runner
from warehouse.build_file import open_build, transaction
from warehouse.extract import origins
from warehouse.model import origins_of
from warehouse.source_sql import column_types

if TYPE_CHECKING:
    import duckdb

    from settings import Settings

FOLDER = Path(__file__).parent
LAYERS = ("shape", "integrity", "reconcile")
KEEP_DAYS = 90
# What looks like somebody's e-mail address, or like a phone number with its country in front.
PERSONAL = r"[^@\s]+@[^@\s]+\.[a-z]{2,}|\+[0-9][0-9 ()/-]{7,}"


def load_gates(folder: Path = FOLDER) -> tuple[SqlGate, ...]:
    """Every gate, in the order of the layers and their files."""
    gates = []
    for layer in LAYERS:
        declared = yaml.safe_load((folder / f"{layer}.yml").read_text(encoding="utf-8"))["gates"]
        gates += [gate for entry in declared for gate in _gates(layer, entry)]
    return tuple(gates)


def gate(settings: Settings) -> Mapping[str, Any]:
    """Run every gate: counts by outcome, the gates that hold the publication, those that only mark it."""
    with open_build(settings) as build:
        verdicts = judge(build)
        # The marts that carry the gates' own counts are made again, and no others.
        runner.build(build, "marts")
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    return {
        "passed": outcomes["passed"],
        "failed": outcomes["failed"],
        "could_not_check": outcomes["could_not_check"],
        "holding": [verdict.gate.name for verdict in verdicts if verdict.holds],
        "marking": [v.gate.name for v in verdicts if not v.holds and v.outcome != "passed"],
    }


def judge(build: duckdb.DuckDBPyConnection, gates: Iterable[SqlGate] | None = None) -> list[Verdict]:
    """Run the gates on the build and keep what they found."""
    chosen = tuple(gates) if gates is not None else load_gates()
    declare(build)
    build.execute("delete from quality.failures")
    verdicts = run_gates(chosen, lambda gate: _count(build, gate))
    with transaction(build):
        _keep(build, verdicts)
    return verdicts


def _gates(layer: str, entry: Mapping[str, Any]) -> list[SqlGate]:
    each = entry.get("each", [{}])
    cases = _EACH[each]() if isinstance(each, str) else each
    return [
        SqlGate(
            name=entry["name"].format(**case),
            layer=layer,
            on=entry["about"].format(**case),
            severity=entry["severity"].format(**case),
            says=entry["says"].format(**case),
            sql=entry["sql"].format(**case).strip(),
        )
        for case in cases
    ]


def _streams() -> list[dict[str, str]]:
    return [
        {
            "stream": origin.stream,
            "table": origin.raw,
            "key": ", ".join(f'"{name}"' for name in origin.key),
            "key_first": f'"{origin.key[0]}"',
        }
        for origin in origins()
    ]


def _sums() -> list[dict[str, str]]:
    return [
        {"stream": origin.stream, "table": origin.raw, "column": column}
        for origin in origins()
        for column in origin.summed
    ]


def _published() -> list[dict[str, str]]:
    return [
        {"table": table.relation, "grain": ", ".join(table.grain), "first": table.grain[0]}
        for table in describe.tables()
    ]


def _free_text() -> list[dict[str, str]]:
    cases = []
    for table in describe.tables():
        names = [f"coalesce({name}, '')" for name in table.columns if name in describe.free_text_columns()]
        if names:
            joined = " || ' ' || ".join(names)
            cases.append({"table": table.relation, "text": f"lower({joined})", "personal": PERSONAL})
    return cases


_EACH = {"streams": _streams, "sums": _sums, "published": _published, "free_text": _free_text}


def declare(build: duckdb.DuckDBPyConnection) -> None:
    """The declared columns and those that are there, as tables that a gate can compare."""
    spelled = {"timestamptz": "TIMESTAMP WITH TIME ZONE"}
    rows = [
        (origin.raw, name, spelled.get(kind, kind.upper().replace(" ", "")))
        for origin in origins()
        for name, kind in column_types(origin)
    ]
    rows += [(table.relation, name, "") for table in describe.tables() for name in table.columns]
    build.execute(
        """create or replace table quality.declared as
        select unnest($relations) as relation, unnest($names) as column_name, unnest($types) as data_type""",
        dict(zip(("relations", "names", "types"), map(list, zip(*rows, strict=True)), strict=True)),
    )
    # The catalogue is slow to ask a hundred times: once is enough.
    build.execute("""create or replace table quality.found as
        select table_schema || '.' || table_name as relation, column_name, data_type
        from information_schema.columns""")


def _count(build: duckdb.DuckDBPyConnection, gate: SqlGate) -> int:
    """How many rows break the gate; all of them are kept."""
    row = build.execute(f"select count(*) from ({gate.sql}) as v").fetchone()
    rows = int(row[0]) if row else 0
    if rows:
        build.execute(f"insert into quality.failures select ?, to_json(v) from ({gate.sql}) v", [gate.name])
    return rows


def _keep(build: duckdb.DuckDBPyConnection, verdicts: list[Verdict]) -> None:
    build.execute("delete from quality.results where run_id = (select run_id from raw.run)")
    build.execute(f"delete from quality.results where checked_at < now() - interval {KEEP_DAYS} day")
    columns = list(
        zip(
            *(
                (
                    *(v.gate.layer, v.gate.name, v.gate.on, v.gate.severity),
                    *(v.outcome, v.violations, v.gate.says, v.message),
                )
                for v in verdicts
            ),
            strict=True,
        )
    )
    build.execute(
        """insert into quality.results
        select run_id, now(), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?),
            unnest(?) from raw.run""",
        [list(column) for column in columns],
    )
    raw_names = {origin.raw: origin.stream for origin in origins()}
    pairs = [
        (verdict.gate.name, raw_names[raw])
        for verdict in verdicts
        for raw in sorted({r.removesuffix("_versions") for r in origins_of(verdict.gate.on)})
        if raw in raw_names
    ]
    build.execute("delete from quality.gate_streams")
    build.execute(
        "insert into quality.gate_streams select unnest(?), unnest(?)",
        [[gate for gate, _ in pairs], [stream for _, stream in pairs]],
    )
