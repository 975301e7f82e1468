"""Runs the models in their order, each in full, for what changed, or not at all.

A table whose text and inputs are as they were when it was built is kept. One whose header says what a change
of its inputs means is brought up to date row group by row group; any other is made anew. What it says of the
company is in the ``.sql`` files; it knows no table by name.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from warehouse import changes, increment
from warehouse.build_file import transaction
from warehouse.built import Built, read_built, write_built
from warehouse.model import CLOCK, SQL, Model, models, text_of

if TYPE_CHECKING:
    import duckdb

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
    """One run over the models: where, at which tick, the models by name, what was built and what changed."""

    build: duckdb.DuckDBPyConnection
    tick: int
    known: dict[str, Model]
    built: dict[str, Built]
    changed: dict[str, tuple[int, int]]
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
        run = _Run(
            build=connection,
            tick=changes.next_tick(connection),
            known={model.relation: model for model in ordered},
            built=read_built(connection),
            changed=changes.last_changes(connection),
            full=full,
        )
        for model in ordered:
            if model.layer == "staging":
                _view(run, model)
            elif model.layer in layers and (not only or model.relation in only):
                made.append(_make(run, model))
        write_built(connection, run.built)
        _forget(run)
    return made


def _view(run: _Run, model: Model) -> None:
    text = text_of(model, {})
    known = run.built.get(model.relation)
    if known is None or known.text != text:
        run.build.execute(f"create or replace view {model.relation} as {model.select}")
        run.built[model.relation] = Built(text, text, run.tick, {})


def _make(run: _Run, model: Model) -> Made:
    started = time.perf_counter()
    text = text_of(model, run.known)
    states = {read: state for read in sorted(model.reads) if (state := _state(run, read))}
    before = run.built.get(model.relation)
    how: How = "full"
    if before is None or before.text != text or run.full:
        changed = _whole(run, model, compare=before is not None)
    else:
        moved = {read for read in model.reads if _moved(run, read, states.get(read, ""), before)}
        patched = _patch(run, model, moved, before.seen) if moved else 0
        how = "full" if patched is None else "changed" if moved else "kept"
        changed = _whole(run, model, compare=True) if patched is None else patched
    last, _ = run.changed.get(model.relation, (0, 0))
    run.built[model.relation] = Built(f"{text} {last}", text, run.tick, states)
    rows = _count(run, model.relation)
    return Made(model.relation, rows, changed, time.perf_counter() - started, how)


def _moved(run: _Run, read: str, state: str, before: Built) -> bool:
    """Whether an input changed since; those whose changes are noted by tick, others by what they hold."""
    last = run.changed.get(_tracked(run, read))
    return last[0] > before.seen if last else state != before.states.get(read, "")


def _patch(run: _Run, model: Model, moved: set[str], seen: int) -> int | None:
    """Bring the touched groups up to date; rows changed, or None when the whole must be, or better be, made.

    It must where a changed input's rows are not known, or the header does not say what they mean.
    """
    if not model.by or not all(increment.is_told(model, read) for read in moved):
        return None
    lasts = [run.changed.get(_tracked(run, read)) for read in moved - CLOCK]
    if not all(last is not None and last[1] <= seen for last in lasts):
        return None
    rows = {read: _changed_rows(run, read, seen) for read in moved - CLOCK}
    touched = increment.touch(run.build, model, rows, clock=bool(moved & CLOCK))
    if not touched:
        return 0
    if touched > changes.WORTH_ITS_ROWS * _count(run, model.relation):
        return None
    increment.remake(run.build, model)
    if not increment.compare(run.build):
        return 0
    changed = _differing(run)
    increment.replace(run.build, model, tick=run.tick)
    _note(run, model)
    return changed


def _changed_rows(run: _Run, read: str, seen: int) -> str:
    """The select of an input's rows, before and after, that changed since."""
    tracked = _tracked(run, read)
    delta = f"(select * exclude (_tick) from {changes.delta_of(tracked)} where _tick > {seen})"
    return f"from {delta}" if read == tracked else run.known[read].select.replace(tracked, delta)


def _whole(run: _Run, model: Model, *, compare: bool) -> int:
    """Make the table anew; rows changed, as far as it is small enough to be compared."""
    if compare and _count(run, model.relation) <= SMALL:
        run.build.execute(f"create or replace temp table stale as from {model.relation}")
        run.build.execute(f"create or replace temp table fresh as {model.select}")
        if _columns(run, "stale") == _columns(run, "fresh"):
            if not increment.compare(run.build):
                return 0
            changed = _differing(run)
            run.build.execute(f"create or replace table {model.relation} as from fresh")
            changes.note_rows(run.build, model.relation, "from moved", tick=run.tick)
            _note(run, model)
            return changed
    run.build.execute(f"create or replace table {model.relation} as {model.select}")
    changes.note_whole(run.build, model.relation, tick=run.tick)
    _note(run, model, whole=True)
    return _count(run, model.relation)


def _note(run: _Run, model: Model, *, whole: bool = False) -> None:
    known = run.changed.get(model.relation, (0, 0))
    run.changed[model.relation] = (run.tick, run.tick if whole else known[1])


def _differing(run: _Run) -> int:
    """Rows that are new, gone or different: a different one is in ``moved`` twice."""
    return (_count(run, "moved") + abs(_count(run, "stale") - _count(run, "fresh"))) // 2


def _tracked(run: _Run, read: str) -> str:
    """The relation whose changes stand for those of a read: of a staging view, the table behind it."""
    model = run.known.get(read)
    return next(iter(model.reads)) if model is not None and model.layer == "staging" else read


def _state(run: _Run, read: str) -> str:
    """The content of a relation whose changes nobody notes, as a checksum; empty for the others."""
    noted = _tracked(run, read) in run.changed
    return "" if noted else increment.checksum(run.build, read)


def _columns(run: _Run, relation: str) -> list[tuple[str, str]]:
    return [(str(row[0]), str(row[1])) for row in run.build.execute(f"describe {relation}").fetchall()]


def _forget(run: _Run) -> None:
    """Drop changed rows that every model that could use them has seen."""
    seen = dict.fromkeys(run.changed, run.tick)
    for model in run.known.values():
        for each in model.inputs:
            mine = run.built[model.relation].seen if model.relation in run.built else 0
            tracked = _tracked(run, each.relation)
            if tracked in seen:
                seen[tracked] = min(seen[tracked], mine)
    changes.forget(run.build, seen)


def _count(run: _Run, relation: str) -> int:
    row = run.build.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0
