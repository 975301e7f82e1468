"""Publishes core and marts: a fresh file, closed and put in place at once, or nothing at all.

build file -> new file with ``core`` and ``marts``, each table in the order of its grain -> comments -> what
it says of itself -> closed, synced -> one ``os.replace`` -> ``status.json``. When a gate holds the
publication the last good file stays, and the status says since when it is stale; so it does when the
build is not one whole (``warehouse.ready``). It judges nothing: the gates did.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import describe, model
from warehouse.build_file import open_build, transaction
from warehouse.leftovers import discard, fresh_file, put_in_place
from warehouse.ready import unready
from warehouse.status import last_told, mark_stale, now, read_status, write_status

if TYPE_CHECKING:
    import duckdb

    from settings import Settings


log = logging.getLogger("triada.warehouse")

PASSING = ("raw.streams", "raw.hub_runs", "raw.hub_reconciliations")
"""Tables that say when something was read, run or compared, whether anything came of it or not."""


def publish(settings: Settings) -> dict[str, Any]:
    """What readers see from now on: ``{"state", "tables", "rows", "written", "failed_checks", "tell"}``.

    ``written`` counts tables, and is 0 when they say what the last publication said; ``tell`` is whether
    that, or how good the publication is, is news. ``Refused`` when the disk is full: the last file stays.
    """
    with open_build(settings) as build:
        holding, marking = _verdicts(build)
        if holding:
            return hold(settings, holding, marking)
        before = read_status(settings)["state"]
        fresh = fresh_file(settings.published_file)
        try:
            rows, itself = _copy(build, fresh, marking)
            _put(fresh, settings.published_file)
        finally:
            discard(fresh)
        # Compared with what was told, not with what lies there: a build killed before it could tell anybody
        # is still to be told.
        written = 0 if last_told(settings).get("content") == itself["content"] else len(rows)
        told: dict[str, Any] = {"state": "fresh", "stale_since": None, "failed_checks": [], "reasons": {}}
        write_status(settings, told | {"error": None} | itself)
    return {
        "state": "fresh",
        "tables": len(rows),
        "rows": sum(rows.values()),
        "written": written,
        "failed_checks": [],
        "tell": written > 0 or before != "fresh",
    }


def hold(settings: Settings, holding: dict[str, str], marking: list[str]) -> dict[str, Any]:
    """Leave the last good publication in place and say since when and why: gates with their reasons.

    ``tell`` when these did not hold it before: whoever shows it must show that.
    """
    before = read_status(settings)["failed_checks"]
    log.error("the publication is held by %s", "; ".join(f"{gate}: {why}" for gate, why in holding.items()))
    mark_stale(settings, reasons=holding, marked_checks=marking)
    return {
        "state": "stale",
        "tables": 0,
        "rows": 0,
        "written": 0,
        "failed_checks": list(holding),
        "tell": before != list(holding),
    }


def _verdicts(build: duckdb.DuckDBPyConnection) -> tuple[dict[str, str], list[str]]:
    """What holds the publication, with why, and the names of the gates that mark it."""
    if why := unready(build):
        return why, []
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


def _copy(
    build: duckdb.DuckDBPyConnection, fresh: Path, marking: list[str]
) -> tuple[dict[str, int], dict[str, Any]]:
    """Every published table with its comments in a file of its own; rows by table, what it says of itself."""
    quoted = str(fresh).replace("'", "''")
    rows: dict[str, int] = {}
    digests: dict[str, str] = {}
    build.execute(f"attach '{quoted}' as published")
    try:
        with transaction(build):
            for schema in ("core", "marts"):
                build.execute(f"create schema published.{schema}")
            for table in describe.tables():
                # In the order of its grain, so that it is the same whatever order it was made in.
                grain = ", ".join(table.grain)
                build.execute(
                    f"create table published.{table.relation} as from {table.relation} order by {grain}"
                )
                rows[table.relation], digests[table.relation] = _digest(build, table.relation)
                _comment(build, table)
            itself = _sign(build, _content(digests), marking)
        # Said aloud, because a detach that cannot write is silent.
        build.execute("checkpoint published")
    finally:
        build.execute("detach published")
    return rows, itself


def _digest(build: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, str]:
    """How many rows, and what tells these rows from others, in whatever order."""
    found = build.execute(
        f"select count(*), bit_xor(hash(t)), sum(hash(t)) from published.{relation} t"
    ).fetchone()
    return (int(found[0]), str(found)) if found else (0, "")


def _content(digests: dict[str, str]) -> str:
    """What tells one publication from another, without what every run and build leaves behind."""
    passing = set(PASSING)
    for each in model.models():  # each after those it reads
        if any(read.startswith("quality.") or read in passing for read in each.reads):
            passing.add(each.relation)
    kept = [f"{relation} {digest}" for relation, digest in digests.items() if relation not in passing]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


def _sign(build: duckdb.DuckDBPyConnection, content: str, marking: list[str]) -> dict[str, Any]:
    """``marts.mart_publication``: which publication the file is, for readers and for the status."""
    about = describe.publication()
    found = build.execute("select as_of from raw.build").fetchone()
    as_of: dt.datetime | None = found[0] if found else None
    published_at = now()
    build.execute(
        f"""create table published.{about.relation} as
        select cast($published_at as timestamptz) as published_at, cast($as_of as timestamptz) as as_of,
            cast($content as varchar) as content, cast($marking as varchar[]) as marked_checks""",
        {"published_at": published_at, "as_of": as_of, "content": content, "marking": marking},
    )
    _comment(build, about)
    return {
        "published_at": published_at,
        "as_of": as_of.isoformat() if as_of else None,
        "content": content,
        "marked_checks": marking,
    }


def _comment(build: duckdb.DuckDBPyConnection, table: describe.Described) -> None:
    grain = f"{table.says} One row per {', '.join(table.grain)}."
    build.execute(f"comment on table published.{table.relation} is {_literal(grain)}")
    for name, says in table.columns.items():
        text = f"{says} [{table.units[name]}]" if table.units[name] else says
        build.execute(f"comment on column published.{table.relation}.{name} is {_literal(text)}")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _put(fresh: Path, target: Path) -> None:
    """In place at once; ``RuntimeError`` when the file is not whole by itself."""
    log = fresh.with_name(f"{fresh.name}.wal")
    if log.exists():
        raise RuntimeError(f"{log.name} is left: the new file is not whole without it; nothing is published")
    put_in_place(fresh, target)
