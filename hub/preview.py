"""What a run of a step would change, with nothing changed: rows, fields, and both values of each.

window or keys ─▶ the same checks and ``make`` as a run ─▶ ``compare`` instead of ``write``. Nothing is
remembered and no lease is taken. A row that depends on what an earlier step would write waits in a preview.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.protocol import Row
from hub.desk import Desk
from hub.gone import pending
from hub.page import Moved, Mover
from hub.report import StepReport, Tally
from hub.steps import is_meant, reading
from hub.words import Flow, Step


@dataclass(frozen=True)
class Change:
    """One record that a run would change: column to what is there and what is wanted."""

    flow: str
    step: str
    stream: str
    source_key: str
    key: str
    effect: str
    fields: Mapping[str, tuple[Any, Any]]


def preview_step(desk: Desk, flow: Flow, step: Step) -> tuple[StepReport, list[Change]]:
    """The counts of a run now, and the records it would change, in the order of reading."""
    began, tally = time.perf_counter(), Tally()
    changes: list[Change] = []
    notes = desk.shapes(step)
    for moved in _pages(desk, flow, step):
        for fate in moved.fates:
            tally.add(fate)
        changes += changes_of(flow, step, moved)
    seconds = round(time.perf_counter() - began, 3)
    return StepReport(
        flow.name, step.name, **vars(tally), seconds=seconds, tell=False, notes=list(notes)
    ), changes


def preview_keys(desk: Desk, flow: Flow, step: Step, *, keys: Collection[str]) -> Iterator[Moved]:
    """What would become of these rows of the source, a page at a time; rows no longer meant are left out."""
    memory = desk.memory(flow, step)
    mover = Mover(desk, flow, step, memory=memory, dry=True)
    read, wanted = reading(step), list(keys)
    for start in range(0, len(wanted), desk.page_rows):
        some = wanted[start : start + desk.page_rows]
        rows: list[Row] = desk.ask(partial(mover.source.fetch, read, some))
        there = {mover.key(row) for row in rows}
        column = mover.source.key_column(read.stream)
        left = [key for key in some if key not in there]
        meant = [row for row in rows if is_meant(read, row)]
        meant += pending(step, memory, left, key_column=column)
        if meant:
            yield mover.move(meant)


def changes_of(flow: Flow, step: Step, moved: Moved) -> Sequence[Change]:
    """The records of a page that would change."""
    return [
        Change(flow.name, step.name, step.write.stream, key, each.key, each.effect, each.changes)
        for key, each in moved.outcomes
        if each.error is None and each.effect != "unchanged"
    ]


def _pages(desk: Desk, flow: Flow, step: Step) -> Iterator[Moved]:
    memory = desk.memory(flow, step)
    mover = Mover(desk, flow, step, memory=memory, dry=True)
    read = reading(step)
    window = desk.ask(partial(mover.source.open_window, read, memory.position()))
    waiting = dict(memory.aside())
    try:
        for page in mover.source.pages(read, window, desk.page_rows):
            for row in page:
                waiting.pop(mover.key(row), None)
            yield mover.move(page)
    finally:
        mover.source.release(window)
    yield from preview_keys(
        desk, flow, step, keys=[key for key, state in waiting.items() if state == "waiting"]
    )
