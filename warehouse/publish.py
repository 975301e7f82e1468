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


def publish(settings: Settings) -> dict[str, Any]:
    """What readers see from now on: ``{"state", "tables", "rows", "written", "failed_checks"}``.

    ``written`` counts tables, and is 0 when they say what the last publication said.
    """
    with open_build(settings) as build:
        holding, marking = _verdicts(build)
        if holding:
            return _hold(settings, holding, marking)
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
    written = 0 if read_status(settings)["content"] == content else len(rows)
    status = {
        "state": "fresh",
        "published_at": _now(),
        "stale_since": None,
        "as_of": as_of[0].isoformat() if as_of else None,
        "failed_checks": [],
        "marked_checks": marking,
        "content": content,
    }
    write_status(settings, status)
    return {
        "state": "fresh",
        "tables": len(rows),
        "rows": sum(rows.values()),
        "written": written,
        "failed_checks": [],
    }


def _verdicts(build: duckdb.DuckDBPyConnection) -> tuple[list[str], list[str]]:
    """Names of the gates that hold the publication, and of those that mark it."""
    judged = build.execute(
        "select max(q.run_id) = max(r.run_id) from raw.run r left join quality.results q on true"
    ).fetchone()
    if judged is None or not judged[0]:
        return ["gates have not run on this build"], []
    failed = build.execute(
        "select gate, severity from quality.latest where outcome <> 'passed' order by gate"
    ).fetchall()
    holding = [gate for gate, severity in failed if severity == "error"]
    return holding, [gate for gate, severity in failed if severity != "error"]


def _content(build: duckdb.DuckDBPyConnection) -> str:
    """What tells one publication from another, without the gates' own counts and the hour of reading."""
    about_the_build = {
        model.relation for model in model.models() if any(read.startswith("quality.") for read in model.reads)
    }
    built = build.execute("select relation, fingerprint from quality.built order by relation").fetchall()
    kept = [f"{relation} {fingerprint}" for relation, fingerprint in built if relation not in about_the_build]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


def _hold(settings: Settings, holding: list[str], marking: list[str]) -> dict[str, Any]:
    last = read_status(settings)
    status = {
        **last,
        "state": "stale",
        "stale_since": last.get("stale_since") or _now(),
        "failed_checks": holding,
        "marked_checks": marking,
    }
    write_status(settings, status)
    return {"state": "stale", "tables": 0, "rows": 0, "written": 0, "failed_checks": holding}


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
