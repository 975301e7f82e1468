"""What a step says about reading: which one is meant, what it reads, whether a row is still for it.

Pure questions to the declaration, asked by a run, a preview and a reconcile alike.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.errors import Misconfigured
from connectors.protocol import Read, Row
from hub.words import Flow, Step


def step_named(flow: Flow, name: str) -> Step:
    """The flow's step of that name; ``Misconfigured`` when it has none."""
    for step in flow.steps:
        if step.name == name:
            return step
    names = ", ".join(step.name for step in flow.steps)
    raise Misconfigured(f"flow {flow.name} has no step {name!r}; it has {names}")


def reading(step: Step) -> Read:
    """What the step reads; deletes too when it says what becomes of them."""
    return replace(step.read, deletes=step.gone is not None)


def is_meant(read: Read, row: Row) -> bool:
    """Whether ``where`` still means this row."""
    return all(
        row.get(name) in value
        if isinstance(value, tuple | list | set | frozenset)
        else row.get(name) == value
        for name, value in read.where.items()
    )


def reads_ahead(step: Step, *, key_column: str) -> bool:
    """Whether a page may be made before the one before it is written.

    Not when ``make`` looks at what the step itself writes, unless each row looks at its own record alone.
    """
    return all(
        using.stream != step.write.stream or using.match == key_column for using in step.using.values()
    )
