"""Keeps what the gates found, in ``quality`` of the build file: results, failing rows, their streams.

verdicts and ``failing`` -> results with their history, every failing row with its reason, which streams a
gate says something about, what need not be looked at again. All of it in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from checks.sql_gate import Verdict
from warehouse import describe
from warehouse.model import origins_of
from warehouse.origins import origins

if TYPE_CHECKING:
    import duckdb

KEEP_DAYS = 90
KEEP_RUNS = 60
"""Runs whose results are all kept; of older ones only what did not pass, for ``KEEP_DAYS``."""
KEEP_FAILING_RUNS = 10
"""Runs whose failing rows are kept."""

_RESULTS = (
    "layer", "gate", "on_table", "severity", "outcome", "violations", "says", "message", "seconds",
    "checked_run_id", "follows",
)  # fmt: skip

_REASONS = """
insert into quality.failures by name
with failing as (select * from temp.failing),
gates as (
    select unnest($gates) as gate, unnest($tables) as on_table, unnest($severities) as severity,
        unnest($says) as says, unnest($keys) as keys
),
told as (
    select
        gates.*,
        failing.failing_row,
        list_transform(
            list_filter(
                json_keys(failing.failing_row),
                lambda k: list_contains(gates.keys, k)
                    or (not list_has_any(json_keys(failing.failing_row), gates.keys)
                        and k = json_keys(failing.failing_row)[1] and regexp_matches(k, '_(no|key)$'))
            ),
            lambda k: json_extract_string(failing.failing_row, '$."' || k || '"')
        ) as key_values,
        list_transform(
            list_filter(json_keys(failing.failing_row), lambda k: not list_contains($personal, k)),
            lambda k:
                k || ' ' || coalesce(json_extract_string(failing.failing_row, '$."' || k || '"'), 'none')
        ) as words
    from failing join gates on gates.gate = failing.gate
)
select
    (select run_id from raw.run) as run_id, gate, on_table, severity,
    nullif(array_to_string(list_filter(key_values, lambda v: v is not null), ' · '), '') as row_key,
    cast(failing_row as varchar) as failing_row,
    says || ': ' || array_to_string(words, ', ') as reason
from told
"""


def keep(build: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict], *, now: Mapping[str, str]) -> None:
    """Everything about this run of the gates; ``now`` has the state of the inputs, by gate."""
    keep_results(build, verdicts)
    _keep_passed(build, verdicts, now=now)
    _keep_streams(build, verdicts)


def keep_results(build: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict]) -> None:
    """The verdicts and all rows in ``failing``; what is past its time goes."""
    _forget(build)
    causes = _causes(build, verdicts)
    rows = [
        (
            *(v.gate.layer, v.gate.name, v.gate.on, v.gate.severity, v.outcome, v.violations, v.gate.says),
            *(v.message, v.seconds, v.run_id, causes.get(v.gate.name)),
        )
        for v in verdicts
    ]
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    build.execute(
        f"""insert into quality.results (run_id, checked_at, {", ".join(_RESULTS)})
        select run_id, now(), {", ".join("unnest(?)" for _ in _RESULTS)} from raw.run""",
        columns,
    )
    build.execute("update quality.results set checked_run_id = run_id where checked_run_id is null")
    failed = [v.gate for v in verdicts if v.outcome == "failed"]
    build.execute(
        _REASONS,
        {
            "gates": [gate.name for gate in failed],
            "tables": [gate.on for gate in failed],
            "severities": [gate.severity for gate in failed],
            "says": [gate.says for gate in failed],
            "keys": [list(gate.key) for gate in failed],
            "personal": sorted(describe.personal_columns()),
        },
    )


def _forget(build: duckdb.DuckDBPyConnection) -> None:
    build.execute("delete from quality.results where run_id = (select run_id from raw.run)")
    build.execute("delete from quality.failures where run_id = (select run_id from raw.run)")
    build.execute(f"delete from quality.results where checked_at < now() - interval {KEEP_DAYS} day")
    build.execute(
        f"""delete from quality.results where outcome = 'passed'
        and run_id <= (select run_id - {KEEP_RUNS} from raw.run)"""
    )
    build.execute(
        f"""delete from quality.failures where run_id is null
        or run_id <= (select run_id - {KEEP_FAILING_RUNS} from raw.run)"""
    )


def _causes(build: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict]) -> dict[str, str]:
    """By gate that did not pass, the failed gate on what its table is made of, which may be why.

    Not where the gate did not pass before either, while that one still did; and that something is missing
    follows from missing columns only, never from wrong rows.
    """
    before = {
        gate
        for (gate,) in build.execute(
            """select gate from quality.results where outcome <> 'passed' and run_id =
            (select max(run_id) from quality.results where run_id < (select run_id from raw.run))"""
        ).fetchall()
    }
    roots: dict[str, str] = {}
    for verdict in verdicts:
        if verdict.gate.layer == "shape" and verdict.holds:
            roots.setdefault(verdict.gate.on, verdict.gate.name)
    follows = {}
    for verdict in verdicts:
        if verdict.outcome == "passed" or roots.get(verdict.gate.on) == verdict.gate.name:
            continue
        is_missing = verdict.outcome == "could_not_check" or verdict.gate.name.startswith("described:")
        below = [
            root
            for name, root in sorted(roots.items())
            if name in _raw_behind(verdict.gate.on)
            and (root in before or verdict.gate.name not in before)
            and (root.startswith("columns:") or not is_missing)
        ]
        if below:
            follows[verdict.gate.name] = below[0]
    return follows


def _raw_behind(relation: str) -> set[str]:
    return {name.removesuffix("_versions") for name in origins_of(relation)}


def _keep_passed(
    build: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict], *, now: Mapping[str, str]
) -> None:
    looked = [v for v in verdicts if v.run_id is None]
    build.execute(
        "delete from quality.passed where gate in (select unnest(?))", [[v.gate.name for v in looked]]
    )
    passed = [v.gate.name for v in looked if v.outcome == "passed" and v.gate.name in now]
    build.execute(
        "insert into quality.passed select unnest(?), unnest(?), run_id from raw.run",
        [passed, [now[name] for name in passed]],
    )


def _keep_streams(build: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict]) -> None:
    streams = {origin.raw: origin.stream for origin in origins()}
    pairs = [
        (verdict.gate.name, streams[raw])
        for verdict in verdicts
        for raw in sorted(_raw_behind(verdict.gate.on) & streams.keys())
    ]
    build.execute("delete from quality.gate_streams")
    build.execute(
        "insert into quality.gate_streams select unnest(?), unnest(?)",
        [[gate for gate, _ in pairs], [stream for _, stream in pairs]],
    )
