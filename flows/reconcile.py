"""Reconcile: once a day both sides of every flow are compared, and what no cursor can find is mended.

Deletes that left no trace, rows stamped behind a cursor, commits later than the overlap, edits by a system
that does not own the field: the owner's value comes back. A flow that stops does not stop the others; what
is still different after its repair fails the task.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.errors import CountMismatch, TriadaError
from flows import FLOWS
from hub.pipeline import Pipeline, Stage
from hub.words import Flow
from settings import Settings

_COUNTS = ("compared", "different", "missing", "extra", "repaired", "left")
LOG = logging.getLogger("triada.reconcile")


def reconcile(settings: Settings, *, flows: Iterable[Flow] = FLOWS) -> Mapping[str, Any]:
    """Compare and repair every flow, then raise the first error that one of them met.

    ``CountMismatch`` when both sides of a step still differ after the repair.
    """
    from hub.desk import open_desk
    from hub.digests import Taken
    from hub.reconcile import Reconciled, reconcile_flow

    steps: list[Reconciled] = []
    errors: list[TriadaError] = []
    with open_desk(settings) as desk:
        taken = Taken(desk)
        for flow in flows:
            try:
                steps += reconcile_flow(desk, flow, repair=True, taken=taken)
            except TriadaError as error:
                LOG.error("%s was not compared to the end: %s", flow.name, error)
                errors.append(error)
    errors += [_left(step.flow, step.step, step.left) for step in steps if step.left]
    if errors:
        raise errors[0]
    counts = {name: sum(getattr(step, name) for step in steps) for name in _COUNTS}
    return {**counts, "written": counts["repaired"]}


def _left(flow: str, step: str, rows: int) -> TriadaError:
    return CountMismatch(
        f"{flow}.{step}: {rows} rows still differ after the repair, expected both sides equal. "
        f"`triada reconcile {flow}` shows the fields"
    )


RECONCILE = Pipeline(
    name="reconcile",
    every="1 day",
    owner="integration",
    doc=__doc__,
    stages=(Stage("compare_and_repair", reconcile),),
)
