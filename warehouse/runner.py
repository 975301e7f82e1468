"""Runs the models in their order, each in full, for what changed, or not at all.

A table whose text and inputs are as they were when it was built is kept. One whose header says what a change
of its inputs means is brought up to date row group by row group; any other is made anew. What it says of the
company is in the ``.sql`` files; it knows no table by name.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from warehouse import changes, increment
from warehouse.build_file import transaction
from warehouse.model import CLOCK, SQL, Model, models, origins_of, text_of

if TYPE_CHECKING:
    import duckdb

__all__ = ["SQL", "Made", "Model", "build", "models", "origins_of"]

How = Literal["full", "changed", "kept"]
SMALL = 200_000
"""Up to so many rows, a table made anew is compared with what it was: its readers learn what changed."""


@dataclass(frozen=True)
class Made:
    """What became of a table: its rows, those that are new, gone or different, and how it was made.

    ``changed`` counts a different row once; of a table that is made in full and too large to compare it
    is all its rows. ``how`` is ``full``, ``changed`` (only what changed) or ``kept``.
    """

    relation: str
    rows: int
    changed: int
    seconds: float
    how: How


@dataclass(frozen=True)
class _Run:
    """One run over the models: where, at which tick, what is known, and the staging views by name."""

    build: duckdb.DuckDBPyConnection
    tick: int
    known: dict[str, Model]
    full: bool


def build(
    connection: duckdb.DuckDBPyConnection,
    *layers: str,
    folder: Path = SQL,
    full: bool = False,
    only: Collection[str] = (),
) -> list[Made]:
    """Make the relations of these layers, all or none; what became of each table, in order.

    ``full`` makes every table anew from ``raw``; ``only`` leaves alone what it does not name.
    """
    made = []
    with transaction(connection):
        ordered = models(folder)
        run = _Run(connection, changes.next_tick(connection), {m.relation: m for m in ordered}, full)
        for model in ordered:
            if model.layer == "staging":
                _view(run, model)
            elif model.layer in layers and (not only or model.relation in only):
                made.append(_make(run, model))
        _forget(run)
    return made


def _view(run: _Run, model: Model) -> None:
    text = text_of(model, {})
    if _built(run, model.relation, text) is None:
        run.build.execute(f"create or replace view {model.relation} as {model.select}")
        _remember(run, model, text=text, states={})


def _make(run: _Run, model: Model) -> Made:
    started = time.perf_counter()
    text = text_of(model, run.known)
    states = {read: _state(run, read) for read in sorted(model.reads)}
    built = _built(run, model.relation, text)
    how: How = "full"
    changed = 0
    if built is None or run.full:
        changed = _whole(run, model, compare=built is not None)
    else:
        seen, then = built
        moved = {read for read, state in states.items() if _moved(run, read, state, then.get(read), seen)}
        if not moved:
            how = "kept"
        elif not _may_patch(run, model, moved, seen):
            changed = _whole(run, model, compare=True)
        else:
            patched = _patch(run, model, moved, seen)
            how = "full" if patched is None else "changed"
            changed = _whole(run, model, compare=True) if patched is None else patched
    _remember(run, model, text=text, states=states)
    rows = _one(run, f"select count(*) from {model.relation}")
    return Made(model.relation, rows, changed, time.perf_counter() - started, how)


def _moved(run: _Run, read: str, state: str, then: str | None, seen: int) -> bool:
    """Whether an input changed since; those whose changes are noted by tick, others by what they hold."""
    last = changes.last_change(run.build, _tracked(run, read))
    return state != then if last is None else last[0] > seen


def _may_patch(run: _Run, model: Model, moved: set[str], seen: int) -> bool:
    """Whether the rows that changed are known, and what they mean for this model."""
    if not model.by or not all(increment.is_told(model, read) for read in moved):
        return False
    ticks = [changes.last_change(run.build, _tracked(run, read)) for read in moved - CLOCK]
    return all(last is not None and last[1] <= seen for last in ticks)


def _patch(run: _Run, model: Model, moved: set[str], seen: int) -> int | None:
    """Bring the touched groups up to date; rows changed, or None when full is cheaper, so many they are."""
    rows = {read: _changed_rows(run, read, seen) for read in moved - CLOCK}
    touched = increment.touch(run.build, model, rows, clock=bool(moved & CLOCK))
    if not touched:
        return 0
    if touched > changes.WORTH_ITS_ROWS * _one(run, f"select count(*) from {model.relation}"):
        return None
    increment.remake(run.build, model)
    before, after = _one(run, "select count(*) from stale"), _one(run, "select count(*) from fresh")
    differing = increment.compare(run.build)
    if differing:
        increment.replace(run.build, model, tick=run.tick)
    return (differing + abs(after - before)) // 2


def _changed_rows(run: _Run, read: str, seen: int) -> str:
    """The select of an input's rows, before and after, that changed since."""
    tracked = _tracked(run, read)
    delta = f"(select * exclude (_tick) from {changes.delta_of(tracked)} where _tick > {seen})"
    return f"from {delta}" if read == tracked else run.known[read].select.replace(tracked, delta)


def _whole(run: _Run, model: Model, *, compare: bool) -> int:
    """Make the table anew; rows changed, as far as it is small enough to be compared."""
    if compare and _one(run, f"select count(*) from {model.relation}") <= SMALL:
        run.build.execute(f"create or replace temp table stale as from {model.relation}")
        run.build.execute(f"create or replace temp table fresh as {model.select}")
        differing = increment.compare(run.build)
        if differing:
            rows = [_one(run, f"select count(*) from {table}") for table in ("stale", "fresh")]
            run.build.execute(f"create or replace table {model.relation} as from fresh")
            changes.note_rows(run.build, model.relation, "from moved", tick=run.tick)
            return (differing + abs(rows[0] - rows[1])) // 2
        return 0
    run.build.execute(f"create or replace table {model.relation} as {model.select}")
    changes.note_whole(run.build, model.relation, tick=run.tick)
    return _one(run, f"select count(*) from {model.relation}")


def _tracked(run: _Run, read: str) -> str:
    """The relation whose changes stand for those of a read: of a staging view, the table behind it."""
    model = run.known.get(read)
    return next(iter(model.reads)) if model is not None and model.layer == "staging" else read


def _state(run: _Run, read: str) -> str:
    """What tells one content of a relation whose changes nobody notes from another; empty for the others."""
    if read in run.known and run.known[read].layer != "staging":
        return ""
    if changes.last_change(run.build, _tracked(run, read)) is not None:
        return ""
    row = run.build.execute(f"select count(*), bit_xor(hash(t)), sum(hash(t)) from {read} t").fetchone()
    return str(row)


def _built(run: _Run, relation: str, text: str) -> tuple[int, dict[str, str]] | None:
    """(tick it was last looked at, its inputs' states then); None when it must be made, or its text changed.

    A table dropped by hand is not built, whatever is remembered of it.
    """
    row = run.build.execute(
        """select b.seen, b.states from quality.built b join information_schema.tables t
        on b.relation = t.table_schema || '.' || t.table_name where b.relation = ? and b.text = ?""",
        [relation, text],
    ).fetchone()
    return (int(row[0]), json.loads(row[1])) if row else None


def _remember(run: _Run, model: Model, *, text: str, states: dict[str, str]) -> None:
    last = changes.last_change(run.build, model.relation)
    fingerprint = f"{text} {last[0] if last else 0}"
    run.build.execute("delete from quality.built where relation = ?", [model.relation])
    run.build.execute(
        "insert into quality.built values (?, ?, ?, ?, ?)",
        [model.relation, fingerprint, text, run.tick, json.dumps(states)],
    )


def _forget(run: _Run) -> None:
    """Drop changed rows that every model that could use them has seen."""
    seen = dict(run.build.execute("select relation, seen from quality.built").fetchall())
    readers: dict[str, list[int]] = {}
    for model in run.known.values():
        for each in model.inputs:
            readers.setdefault(_tracked(run, each.relation), []).append(seen.get(model.relation, 0))
    for (relation,) in run.build.execute("select relation from delta.changes").fetchall():
        changes.forget(run.build, relation, seen=min(readers.get(relation, [run.tick])))


def _one(run: _Run, sql: str) -> int:
    row = run.build.execute(sql).fetchone()
    return int(row[0]) if row else 0
