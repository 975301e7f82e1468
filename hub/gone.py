"""What becomes of the records of a row that was deleted at its source: the step's ``gone`` says it.

deleted rows ─▶ the records that links know ─▶ columns set, or records deleted ─▶ the links are dropped. A
record that something still points to waits. It reads no tombstone: the connector does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from connectors.errors import MissingDependency, RecordRejected, RowError
from connectors.protocol import DELETED, Outcome, Row, Write
from hub.memory import Memory
from hub.words import DELETE, Step

Give = Callable[[Write, Sequence[Row]], list[Outcome]]


def follow(
    step: Step, memory: Memory, keys: Sequence[str], *, give: Give
) -> tuple[list[tuple[str, Outcome]], dict[str, list[RowError]]]:
    """Have the records of these rows follow them; every outcome with its row's key, and what went wrong.

    Records that another row stands for too are left alone.
    """
    records = [(key, record) for key, there in memory.targets(keys).items() for record in there]
    errors: dict[str, list[RowError]] = {}
    outcomes: list[tuple[str, Outcome]] = []
    if not records:
        return outcomes, errors
    write = _write(step)
    given = give(write, [_record(step, record) for _, record in records])
    for (key, _), outcome in zip(records, given, strict=True):
        if outcome.error is None:
            outcomes.append((key, outcome))
        elif error := _why(step, key, outcome.error):
            errors.setdefault(key, []).append(error)
    return outcomes, errors


def pending(step: Step, memory: Memory, keys: Sequence[str], *, key_column: str) -> list[Row]:
    """Those of the rows, no longer there, whose records have not followed them yet: as deleted rows."""
    if step.gone is None or not keys:
        return []
    linked = memory.targets(keys)
    return [{key_column: key, DELETED: True} for key in keys if key in linked]


def _write(step: Step) -> Write:
    if step.gone is None or step.gone == DELETE:
        return replace(step.write, create=(), owns=())
    return replace(step.write, create=(), owns=tuple(step.gone), lines="")


def _record(step: Step, key: str) -> Row:
    if step.gone is None or step.gone == DELETE:
        return {step.write.key: key, DELETED: True}
    assert not isinstance(step.gone, str)  # the one word that is none of columns was asked for above
    return {step.write.key: key, **step.gone}


def _why(step: Step, key: str, error: Exception) -> RowError | None:
    """What went wrong; nothing when the record was not there any more."""
    if isinstance(error, MissingDependency) and error.rule.startswith("record:"):
        return None
    told = (
        f"{step.read.stream} {key} was deleted; its record in {step.write.stream} could not follow: {error}"
    )
    rule = error.rule if isinstance(error, RowError) else "write_failed"
    if rule.startswith("foreign_key"):
        return MissingDependency(told, rule=rule)
    return RecordRejected(told, rule=rule)
