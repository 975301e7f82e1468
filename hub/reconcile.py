"""Compares both sides of a step by key and field, and mends what differs when it is asked to.

rows that may differ ─▶ verdicts ─▶ counts and differences ─▶ with ``repair`` the same loop as any run moves
these rows ─▶ looked at once more. It finds what no cursor can: late rows, lost deletes, edits by others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from hub.desk import Desk
from hub.digests import Taken
from hub.reconcile_groups import Groups
from hub.reconcile_rows import DIFFERENT, EQUAL, EXTRA, MISSING, Difference, Rows
from hub.run import replay_step, run_step
from hub.words import Flow, Step
from models.state import reconciliations

_COUNTS = ("compared", "equal", "different", "missing", "extra", "repaired")

SHOWN = 1_000
"""Differences of a step that are kept one by one; all are counted."""

_BATCH = 10_000
"""Rows moved in one run of a repair."""


@dataclass
class Reconciled:
    """What a step's two sides have in common: rows of the source, each counted once.

    ``compared = equal + different + missing + extra``, as found before a repair; ``extra`` are records whose
    row is gone. ``repaired`` were mended, ``left`` still differ at the end.
    """

    flow: str
    step: str
    stream: str
    compared: int = 0
    equal: int = 0
    different: int = 0
    missing: int = 0
    extra: int = 0
    repaired: int = 0
    left: int = 0
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def reconcile_flow(
    desk: Desk, flow: Flow, *, repair: bool = False, full: bool = False, taken: Taken | None = None
) -> Iterator[Reconciled]:
    """Compare the steps of a flow in their order, each after the repair of the one before.

    With ``repair`` rows that differ are moved as a run would, under the flow's lease, and recorded. With
    ``full`` every row is looked at, also where the digests say that nothing changed.
    """
    digests = taken or Taken(desk)
    for step in flow.steps:
        yield reconcile_step(desk, flow, step, repair=repair, full=full, taken=digests)


def reconcile_step(
    desk: Desk, flow: Flow, step: Step, *, repair: bool, full: bool, taken: Taken
) -> Reconciled:
    """Compare one step; see ``reconcile_flow``. Raises what a run of it would."""
    result = Reconciled(flow.name, step.name, step.write.stream)
    if note := _not_comparable(desk, step):
        result.notes.append(note)
        return result
    result.notes += desk.shapes(step)
    rows = Rows(desk, flow, step)
    groups = Groups(desk, flow, step, taken=taken, full=full)
    wrong = _count(groups, rows, result)
    groups.remember()
    if repair:
        _repair(desk, flow, step, result=result, rows=rows, wrong=wrong)
        taken.forget(step.write.stream)
    result.left = len(wrong) if not repair else _left(rows, wrong)
    if rows.aside:
        result.notes.append(f"not compared: {many(len(rows.aside), 'row')} in quarantine or waiting")
    if repair and result.left:
        result.notes.append(f"still different after the repair: {many(result.left, 'row')}")
    _remember(desk, result)
    return result


def _remember(desk: Desk, result: Reconciled) -> None:
    """Keep the counts: when the two sides were last known to be alike is part of what a number is worth."""
    counts = {name: getattr(result, name) for name in _COUNTS}
    row = {"flow": result.flow, "step": result.step, "stream": result.stream, **counts}
    with desk.state.writing() as connection:
        connection.execute(
            sa.insert(reconciliations).values(
                **row, compared_at=datetime.now(UTC), still_different=result.left
            )
        )


def many(number: int, what: str) -> str:
    """``1 row``, ``1,200 rows``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _not_comparable(desk: Desk, step: Step) -> str:
    """Why a step has nothing to compare; empty when it has."""
    source = desk.connector(step.read.system)
    if step.read.system == "files":
        return "not compared: files come once, and what became of their rows is the target's own"
    if not source.key_column(step.read.stream):
        return "not compared: nothing is published yet"
    return ""


def _count(groups: Groups, rows: Rows, result: Reconciled) -> list[str]:
    """Count the verdicts; the keys of the rows that are not equal."""
    wrong: list[str] = []
    for verdicts in groups.verdicts(rows):
        for key, verdict in verdicts.items():
            setattr(result, verdict.kind, getattr(result, verdict.kind) + 1)
            if verdict.kind != EQUAL:
                wrong.append(key)
                result.differences += verdict.differences[: SHOWN - len(result.differences)]
    result.equal += groups.skipped
    result.compared = result.equal + sum(getattr(result, kind) for kind in (DIFFERENT, MISSING, EXTRA))
    return wrong


def _repair(desk: Desk, flow: Flow, step: Step, *, result: Reconciled, rows: Rows, wrong: list[str]) -> None:
    """Move these rows; all of the stream when the hub does not remember the step."""
    reports = []
    if desk.memory(flow, step).position() is None:
        # Its target's keys tell what is there already: links and cursor come back, no record twice.
        reports.append(run_step(desk, flow, step=step))
        result.notes.append(
            f"the hub did not know this step: {many(reports[0].read, 'row')} read from the start"
        )
    else:
        for start in range(0, len(wrong), _BATCH):
            some = wrong[start : start + _BATCH]
            reports.append(replay_step(desk, flow, step=step.name, keys=some))
    result.repaired = sum(report.written for report in reports)
    rows.look_aside()


def _left(rows: Rows, wrong: Iterable[str]) -> int:
    """How many of these rows differ now."""
    return sum(verdict.kind != EQUAL for verdicts in rows.of_keys(wrong) for verdict in verdicts.values())
