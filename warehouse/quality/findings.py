"""What the gates found last and before, read from ``quality`` of the build file, without personal values.

results, failing rows -> one ``Check`` a gate, with its history. It writes no page and judges nothing.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.sql_gate import SqlGate
from warehouse import describe
from warehouse.build_file import open_build
from warehouse.gates.declared import LAYERS, PERSONAL, load_gates

if TYPE_CHECKING:
    import duckdb

    from settings import Settings

HISTORY_RUNS = 30
MASK = "•••"
_PERSONAL = re.compile(PERSONAL, re.IGNORECASE)


@dataclass(frozen=True)
class Check:
    """A gate as it came out last: its result, since when it does not pass, its rows, its last runs."""

    gate: SqlGate
    result: str
    violations: int
    message: str
    follows: str | None
    failing_since: dt.datetime | None
    checked_at: dt.datetime
    run_id: int
    looked_run_id: int
    seconds: float
    streams: tuple[str, ...]
    history: tuple[tuple[int, str], ...]
    rows: tuple[dict[str, str | None], ...] = ()

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.gate.name.lower()).strip("-")

    @property
    def holds(self) -> bool:
        return self.gate.severity == "error" and self.result != "passed"

    @property
    def columns(self) -> list[str]:
        return list(dict.fromkeys(name for row in self.rows for name in row))


@dataclass(frozen=True)
class Findings:
    """Every check, in the order of the declarations."""

    checks: tuple[Check, ...]

    @property
    def unsound(self) -> list[Check]:
        """Those that did not pass; what may follow from another stands behind it."""
        bad = [check for check in self.checks if check.result != "passed"]
        return sorted(bad, key=lambda check: (not check.holds, check.follows is not None))

    @property
    def holding(self) -> list[Check]:
        return [check for check in self.unsound if check.holds]

    @property
    def marking(self) -> list[Check]:
        return [check for check in self.unsound if not check.holds]

    @property
    def checked_at(self) -> dt.datetime | None:
        return max((check.checked_at for check in self.checks), default=None)

    @property
    def layers(self) -> dict[str, list[Check]]:
        return {layer: [check for check in self.checks if check.gate.layer == layer] for layer in LAYERS}


def read(settings: Settings, *, rows: int) -> Findings:
    """Every declared gate that has run, each with at most so many of its failing rows."""
    if not settings.build_file.exists():
        return Findings(())
    with open_build(settings) as build:
        found = {row["gate"]: row for row in _rows(build, _LATEST)}
        history: dict[str, list[tuple[int, str]]] = {}
        for gate, run_id, result in build.execute(_HISTORY).fetchall():
            history.setdefault(gate, []).append((run_id, result))
        return Findings(
            tuple(
                _check(build, gate, found[gate.name], history=history.get(gate.name, []), rows=rows)
                for gate in load_gates()
                if gate.name in found
            )
        )


def write_rows(settings: Settings, folder: Path, checks: Iterable[Check]) -> list[Path]:
    """All failing rows of each check, as a CSV file of its name."""
    written = []
    for check in checks:
        # Written with the build file closed: a folder without room for pages is no build without room.
        with open_build(settings) as build:
            kept = _failing(build, check.gate.name, check.run_id, limit=None)
        if not kept:
            continue
        path = folder / f"{check.slug}.csv"
        fresh = path.with_name(f".{path.name}.new")
        with fresh.open("w", encoding="utf-8", newline="") as file:
            names = list(dict.fromkeys(name for row in kept for name in row))
            out = csv.DictWriter(file, names)
            out.writeheader()
            out.writerows(kept)
        written.append(fresh.replace(path))
    return written


def _check(
    build: duckdb.DuckDBPyConnection,
    gate: SqlGate,
    found: dict[str, Any],
    *,
    history: Sequence[tuple[int, str]],
    rows: int,
) -> Check:
    bad = found["outcome"] != "passed"
    return Check(
        gate=gate,
        result=found["outcome"],
        violations=found["violations"],
        message=masked("", (found["message"] or "").partition("\n")[0]) or "",
        follows=found["follows"],
        failing_since=found["failing_since"] if bad else None,
        checked_at=found["checked_at"],
        run_id=found["run_id"],
        looked_run_id=found["checked_run_id"] or found["run_id"],
        seconds=found["seconds"] or 0.0,
        streams=tuple(found["streams"] or ()),
        history=tuple(history),
        rows=tuple(_failing(build, gate.name, found["run_id"], limit=rows)) if bad else (),
    )


def masked(name: str, value: object) -> str | None:
    """The value, or a mask where the column is personal or the text holds an address or a phone number."""
    if value is None:
        return None
    return MASK if name in describe.personal_columns() else _PERSONAL.sub(MASK, str(value))


def _failing(
    build: duckdb.DuckDBPyConnection, gate: str, run_id: int, *, limit: int | None
) -> list[dict[str, str | None]]:
    found = build.execute(
        "select failing_row from quality.failures where gate = ? and run_id = ? order by row_key, failing_row"
        + (f" limit {limit}" if limit is not None else ""),
        [gate, run_id],
    ).fetchall()
    return [{name: masked(name, value) for name, value in json.loads(row).items()} for (row,) in found]


def _rows(build: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    answer = build.execute(sql)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


_LATEST = """
with results as (select * from quality.results),
passed as (select gate, max(run_id) as run_id from results where outcome = 'passed' group by gate),
since as (
    select results.gate, min(results.checked_at) as failing_since
    from results left join passed on passed.gate = results.gate
    where results.outcome <> 'passed' and results.run_id > coalesce(passed.run_id, 0)
    group by results.gate
),
streams as (select gate, list(stream order by stream) as streams from quality.gate_streams group by gate)
select results.*, since.failing_since, streams.streams
from results
left join since on since.gate = results.gate
left join streams on streams.gate = results.gate
qualify row_number() over (partition by results.gate order by results.run_id desc) = 1
"""
_HISTORY = f"""
select gate, run_id, outcome from quality.results
qualify row_number() over (partition by gate order by run_id desc) <= {HISTORY_RUNS}
order by gate, run_id
"""
