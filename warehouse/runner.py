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
from warehouse.changes import Change
from warehouse.inputs import Inputs
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
    is all its rows. ``how`` is ``full``, ``changed`` (only what changed) or ``kept``; with ``by_time`` it was
    made only because time went by: what it reads of the company is as it was.
    """

    relation: str
    rows: int
    changed: int
    seconds: float
    how: How
    by_time: bool = False


@dataclass(frozen=True)
class _Run:
    """One run over the models: where, at which tick, what the models read, and what was built before."""

    build: duckdb.DuckDBPyConnection
    tick: int
    inputs: Inputs
    built: dict[str, Built]
    full: bool

    def note(self, model: Model, *, whole: bool = False) -> None:
        """The model's table changed in this run, with its rows told or as a whole."""
        last = self.inputs.changed.get(model.relation, Change())
        whole_tick = self.tick if whole else last.whole
        self.inputs.changed[model.relation] = Change(self.tick, whole_tick, self.tick)


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
        known = {model.relation: model for model in ordered}
        inputs = Inputs(connection, known, changes.last_changes(connection))
        run = _Run(connection, changes.next_tick(connection), inputs, read_built(connection), full)
        for model in ordered:
            if model.layer == "staging":
                _view(run, model)
            elif model.layer in layers and (not only or model.relation in only):
                made.append(_make(run, model))
        write_built(connection, run.built)
        changes.forget(connection, inputs.needed(run.built, tick=run.tick))
    return made


def _view(run: _Run, model: Model) -> None:
    text = text_of(model, {})
    known = run.built.get(model.relation)
    if known is None or known.text != text:
        run.build.execute(f"create or replace view {model.relation} as {model.select}")
        run.built[model.relation] = Built(text, text, run.tick, {})


def _make(run: _Run, model: Model) -> Made:
    started = time.perf_counter()
    text = text_of(model, run.inputs.known)
    states = run.inputs.states(model)
    before = run.built.get(model.relation)
    last, by_time = run.inputs.changed.get(model.relation, Change()), False
    how: How = "full"
    if before is None or before.text != text or run.full:
        changed = _whole(run, model, compare=before is not None)
    else:
        moved = run.inputs.moved(model, before, states)
        by_time = run.inputs.moved_by_time(moved, before, states)
        patched = _patch(run, model, moved, before.seen) if moved else 0
        how = "full" if patched is None else "changed" if moved else "kept"
        changed = _whole(run, model, compare=True) if patched is None else patched
    if by_time and changed:
        run.inputs.changed[model.relation] = changes.note_time(run.build, model.relation, last)
    tick = run.inputs.changed.get(model.relation, Change()).tick
    run.built[model.relation] = Built(f"{text} {tick}", text, run.tick, states)
    seconds = time.perf_counter() - started
    return Made(model.relation, _count(run, model.relation), changed, seconds, how, by_time)


def _patch(run: _Run, model: Model, moved: set[str], seen: int) -> int | None:
    """Bring the touched groups up to date; rows changed, or None when the whole must be, or better be, made.

    It must where a changed input's rows are not known, or the header does not say what they mean.
    """
    if not model.by or not all(increment.is_told(model, read) for read in moved):
        return None
    rows = run.inputs.rows(moved, seen=seen)
    if rows is None:
        return None
    touched = increment.touch(run.build, model, rows, clock=bool(moved & CLOCK))
    if not touched:
        return 0
    if touched > changes.WORTH_ITS_ROWS * _count(run, model.relation):
        return None
    increment.remake(run.build, model)
    differ = increment.compare(run.build)
    if not differ:
        return 0
    changed = _differing(run, differ)
    increment.replace(run.build, model, tick=run.tick)
    run.note(model)
    return changed


def _whole(run: _Run, model: Model, *, compare: bool) -> int:
    """Make the table anew; rows changed, as far as it is small enough to be compared."""
    if compare and _count(run, model.relation) <= SMALL:
        increment.make(run.build, f"({model.select}) as made")
        if _columns(run, f"from {model.relation}") == _columns(run, increment.FRESH):
            increment.hold(run.build, model.relation)
            differ = increment.compare(run.build)
            if not differ:
                return 0
            changed = _differing(run, differ)
            run.build.execute(f"create or replace table {model.relation} as {increment.FRESH}")
            changes.note_rows(run.build, model.relation, increment.MOVED, tick=run.tick)
            run.note(model)
            return changed
    run.build.execute(f"create or replace table {model.relation} as {model.select}")
    changes.note_whole(run.build, model.relation, tick=run.tick)
    run.note(model, whole=True)
    return _count(run, model.relation)


def _differing(run: _Run, differ: int) -> int:
    """Rows that are new, gone or different: a different one differs twice, as it was and as it is."""
    return (differ + abs(_count(run, "stale") - _count(run, "fresh"))) // 2


def _columns(run: _Run, select: str) -> list[tuple[str, str]]:
    return [(str(row[0]), str(row[1])) for row in run.build.execute(f"describe {select}").fetchall()]


def _count(run: _Run, relation: str) -> int:
    row = run.build.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0
