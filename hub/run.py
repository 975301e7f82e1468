"""Runs the steps of a flow, one worker at a time, and keeps a record of each run.

    lease ─▶ record ─▶ shapes ─▶ the step (``hub.step_run``) ─▶ counts add up ─▶ cursor

A run either adds up or fails, and leaves the cursor where it was when it fails: what it wrote is found
unchanged by the next one. It knows no flow, no system and no rule.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial

from connectors.errors import CountMismatch, TriadaError
from hub.desk import Desk
from hub.forget import forget_when_due
from hub.lease import Lease
from hub.logs import run_context, told
from hub.memory import Memory
from hub.report import StepReport, Tally
from hub.step_run import StepRun
from hub.steps import step_named
from hub.waits import warn_of_waits
from hub.words import Flow, Step

LOG = logging.getLogger("triada.hub")

__all__ = ["StepReport", "replay_step", "run_flow", "run_step"]


def run_flow(desk: Desk, flow: Flow) -> list[StepReport]:
    """Run the flow's steps in order; the first that fails stops it and its error is raised.

    ``LeaseHeld`` when another worker runs it.
    """
    with desk.lease(flow) as lease:
        return [run_step(desk, flow, step=step, lease=lease) for step in flow.steps]


def run_step(desk: Desk, flow: Flow, *, step: Step | str, lease: Lease | None = None) -> StepReport:
    """Move what changed since the last run, and what waits; raises what stopped it, recorded as failed.

    ``CountMismatch`` when it does not add up, ``Refused`` when a rule could not be checked or a stream has
    not the columns it should have, ``Unreachable`` when a system did not answer after a few tries,
    ``LeaseHeld`` when another worker runs the flow, ``LeaseLost`` when one took over meanwhile.
    """
    chosen = step if isinstance(step, Step) else step_named(flow, step)
    return _leased(desk, flow, chosen, lease=lease, work=lambda run: run.forward())


def replay_step(desk: Desk, flow: Flow, *, step: str, keys: Collection[str]) -> StepReport:
    """Read these rows again by their keys and move them; the cursor stays."""
    return _leased(desk, flow, step_named(flow, step), lease=None, work=lambda run: run.again(keys))


def _leased(
    desk: Desk, flow: Flow, step: Step, *, lease: Lease | None, work: Callable[[StepRun], str | None]
) -> StepReport:
    """Do it under the flow's lease: the caller's, or one for this step."""
    if lease is not None:
        return _recorded(desk, flow, step, lease=lease, work=work)
    with desk.lease(flow) as mine:
        return _recorded(desk, flow, step, lease=mine, work=work)


def _recorded(
    desk: Desk, flow: Flow, step: Step, *, lease: Lease, work: Callable[[StepRun], str | None]
) -> StepReport:
    """Do the work between opening and closing a run's record, and what follows a run."""
    memory = desk.memory(flow, step, lease=lease)
    number = desk.ask(memory.open_run)
    with run_context(run=number, flow=flow.name, step=step.name):
        try:
            report = _counted(desk, flow, step, memory=memory, number=number, lease=lease, work=work)
        finally:
            warn_of_waits(desk, flow.name)
            forget_when_due(desk)
        counts = {name: getattr(report, name) for name in vars(Tally())}
        LOG.info("%s.%s: %s in %.3f s", flow.name, step.name, counts, report.seconds)
        return report


def _counted(
    desk: Desk,
    flow: Flow,
    step: Step,
    *,
    memory: Memory,
    number: int,
    lease: Lease,
    work: Callable[[StepRun], str | None],
) -> StepReport:
    """The run itself: nothing is read before its shape is right, the cursor moves when it adds up."""
    tally, began, rewrites = Tally(), time.perf_counter(), desk.rewrites
    try:
        untold = desk.ask(partial(memory.unfinished_before, number))
        notes = desk.shapes(step)
        if untold:
            _shut_out(desk, step, lease)
        position = work(StepRun(desk, flow, step, memory=memory, tally=tally, fence=lease.fence))
        if not tally.adds_up():
            raise CountMismatch(f"{flow.name}.{step.name}: does not add up: {tally}")
        desk.ask(partial(memory.close_run, number, tally, position=position))
    except BaseException as error:
        LOG.error("%s.%s failed: %s", flow.name, step.name, told(error))
        with suppress(TriadaError):  # the state may be what failed; the first error is the one to tell
            memory.fail_run(number, tally, error=told(error))
        raise
    seconds = round(time.perf_counter() - began, 3)
    tell = bool(tally.written) or untold or desk.rewrites > rewrites
    return StepReport(flow.name, step.name, **vars(tally), seconds=seconds, tell=tell, notes=list(notes))


def _shut_out(desk: Desk, step: Step, lease: Lease) -> None:
    """Have the target refuse what the run before may still send: its worker may be paused, not dead.

    Before anything is read, for this run may find nothing to write, and leave the fence as it was.
    """
    desk.write(desk.connector(step.write.system), step.write, rows=[], fence=lease.fence)
