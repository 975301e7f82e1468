"""Publishes core and marts: a fresh file, closed and put in place at once, or nothing at all.

build file -> new file with ``core`` and ``marts`` -> comments -> closed, synced -> one ``os.replace``. When
a gate holds the publication the last good file stays, and ``status.json`` beside it says since when it is
stale. It judges nothing: the gates did.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import describe, model
from warehouse.build_file import open_build, transaction
from warehouse.status import read_status, write_status

if TYPE_CHECKING:
    import duckdb

    from settings import Settings

PASSING = ("raw.streams", "raw.hub_runs", "raw.hub_reconciliations")
"""Tables that say when something was read, run or compared, whether anything came of it or not."""


def publish(settings: Settings) -> dict[str, Any]:
    """What readers see from now on: ``{"state", "tables", "rows", "written", "failed_checks", "tell"}``.

    ``written`` counts tables, and is 0 when they say what the last publication said; ``tell`` is whether
    that, or how good the publication is, is news.
    """
    with open_build(settings) as build:
        holding, marking = _verdicts(build)
        if holding:
            return hold(settings, holding, marking)
        target = settings.published_file
        fresh = target.with_name(f".{target.name}.{os.getpid()}.new")
        try:
            rows = _copy(build, fresh)
            _sync(fresh)
            fresh.replace(target)
            _sync(target.parent)
        finally:
            fresh.unlink(missing_ok=True)
        as_of = build.execute("select as_of from raw.build").fetchone()
        content = _content(build)
    last = read_status(settings)
    written = 0 if last["content"] == content else len(rows)
    status: dict[str, Any] = {
        "state": "fresh",
        "published_at": _now(),
        "stale_since": None,
        "as_of": as_of[0].isoformat() if as_of else None,
        "failed_checks": [],
        "marked_checks": marking,
        "reasons": {},
        "content": content,
    }
    write_status(settings, status)
    return {
        "state": "fresh",
        "tables": len(rows),
        "rows": sum(rows.values()),
        "written": written,
        "failed_checks": [],
        "tell": written > 0 or last["state"] != "fresh",
    }


def _verdicts(build: duckdb.DuckDBPyConnection) -> tuple[dict[str, str], list[str]]:
    """The gates that hold the publication, with why, and the names of those that mark it."""
    judged = build.execute(
        "select max(q.run_id) = max(r.run_id) from raw.run r left join quality.results q on true"
    ).fetchone()
    if judged is None or not judged[0]:
        return {"gates have not run on this build": ""}, []
    failed = build.execute(
        """select gate, severity, says, message from quality.latest where outcome <> 'passed' order by gate"""
    ).fetchall()
    holding = {
        gate: f"{says}: {_first(message)}" for gate, severity, says, message in failed if severity == "error"
    }
    return holding, [gate for gate, severity, *_ in failed if severity != "error"]


def _first(message: str) -> str:
    """The first line of what a database said: the rest repeats the query."""
    return message.partition("\n")[0][:200]


def _content(build: duckdb.DuckDBPyConnection) -> str:
    """What tells one publication from another, without what every run and build leaves behind."""
    passing = set(PASSING)
    for each in model.models():  # each after those it reads
        if any(read.startswith("quality.") or read in passing for read in each.reads):
            passing.add(each.relation)
    built = build.execute("select relation, fingerprint from quality.built order by relation").fetchall()
    kept = [f"{relation} {fingerprint}" for relation, fingerprint in built if relation not in passing]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


def hold(settings: Settings, holding: dict[str, str], marking: list[str]) -> dict[str, Any]:
    """Leave the last good publication in place and say since when and why: gates with their reasons.

    ``tell`` when it was fresh until now: whoever shows it must show that.
    """
    last = read_status(settings)
    status = {
        **last,
        "state": "stale",
        "stale_since": last.get("stale_since") or _now(),
        "failed_checks": list(holding),
        "marked_checks": marking,
        "reasons": holding,
    }
    write_status(settings, status)
    return {
        "state": "stale",
        "tables": 0,
        "rows": 0,
        "written": 0,
        "failed_checks": list(holding),
        "tell": last["failed_checks"] != list(holding),
    }


def _copy(build: duckdb.DuckDBPyConnection, fresh: Path) -> dict[str, int]:
    """Every published table with its comments in a file of its own; rows by table."""
    fresh.unlink(missing_ok=True)
    quoted = str(fresh).replace("'", "''")
    rows: dict[str, int] = {}
    build.execute(f"attach '{quoted}' as published")
    try:
        with transaction(build):
            for schema in ("core", "marts"):
                build.execute(f"create schema published.{schema}")
            for table in describe.tables():
                build.execute(f"create table published.{table.relation} as from {table.relation}")
                row = build.execute(f"select count(*) from published.{table.relation}").fetchone()
                rows[table.relation] = int(row[0]) if row else 0
                _comment(build, table)
    finally:
        build.execute("detach published")
    return rows


def _comment(build: duckdb.DuckDBPyConnection, table: describe.Described) -> None:
    grain = f"{table.says} One row per {', '.join(table.grain)}."
    build.execute(f"comment on table published.{table.relation} is {_literal(grain)}")
    for name, says in table.columns.items():
        text = f"{says} [{table.units[name]}]" if table.units[name] else says
        build.execute(f"comment on column published.{table.relation}.{name} is {_literal(text)}")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sync(path: Path) -> None:
    """On the disk, so that a power cut after the replace finds the whole file."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
