"""The one loop: read a step's window a page at a time, move each page, remember it, and then move the cursor.

    lease ─▶ shapes ─▶ open window ─▶ pages ─▶ move ─▶ remember ─▶ count ─▶ rows put aside before ─▶ cursor

A run either adds up or fails, and leaves the cursor where it was when it fails: what it wrote is found
unchanged by the next one. One worker at a time runs a flow. It knows no flow, no system and no rule.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from connectors.errors import CountMismatch, TriadaError
from connectors.protocol import DELETED, Fence, Read, Row, Window
from hub.checking import NO_KEY
from hub.desk import Desk
from hub.gone import pending
from hub.lease import Lease
from hub.memory import Memory
from hub.page import Mover
from hub.report import StepReport, Tally
from hub.steps import is_meant, reading, step_named
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


class _Run:
    """A run of one step while it runs."""

    def __init__(
        self, desk: Desk, flow: Flow, step: Step, *, memory: Memory, tally: Tally, fence: Fence
    ) -> None:
        self._desk = desk
        self._step = step
        self._where = f"{flow.name}.{step.name}"
        self._memory = memory
        self._tally = tally
        self._mover = Mover(desk, flow, step, memory=memory, fence=fence)
        self._source = self._mover.source
        self._read = reading(step)
        self._aside = memory.aside()

    def forward(self) -> str:
        """The window since the cursor, then what was put aside and not in it; the position reached."""
        since = self._memory.position()
        window = self._desk.ask(partial(self._source.open_window, self._read, since))
        unseen = dict(self._aside)
        try:
            read = 0
            for page in self._source.pages(self._read, window, self._desk.page_rows):
                read += len(page)
                for row in page:
                    unseen.pop(self._mover.key(row), None)
                self._move(page)
            self._compare(window, read)
        finally:
            self._source.release(window)
        self.again([key for key, state in unseen.items() if state == "waiting"])
        self._free([key for key, state in unseen.items() if state != "waiting"])
        return window.until

    def again(self, keys: Collection[str]) -> None:
        """Rows put aside, as they are now; one gone, or no longer meant, is put aside no more."""
        for rows, meant in self._still(keys, self._read):
            for _ in range(len(rows) - len(meant)):
                self._tally.add("unchanged")
            self._move(meant)

    def _free(self, keys: Collection[str]) -> None:
        """Let go of what is gone or no longer meant; the rest is neither tried nor counted."""
        for _ in self._still(keys, replace(self._read, lines="")):
            pass

    def _still(self, keys: Collection[str], read: Read) -> Iterator[tuple[list[Row], list[Row]]]:
        """These rows as they are now, and those still meant, a page at a time; the other keys are freed.

        A row that is gone is still meant while its records have not followed it.
        """
        wanted = [key for key in keys if not key.startswith(NO_KEY)]
        for start in range(0, len(wanted), self._desk.page_rows):
            some = wanted[start : start + self._desk.page_rows]
            rows = self._desk.ask(partial(self._source.fetch, read, some))
            there = {self._mover.key(row) for row in rows}
            rows += pending(
                self._step,
                self._memory,
                [key for key in some if key not in there],
                key_column=self._source.key_column(read.stream),
            )
            meant = [row for row in rows if row.get(DELETED) or is_meant(read, row)]
            left = set(some) - {self._mover.key(row) for row in meant}
            if left:
                self._desk.ask(partial(self._memory.release, left))
                LOG.info("%s: no longer there or meant, dropped: %s", self._where, ", ".join(sorted(left)))
            yield rows, meant

    def _move(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        moved = self._mover.move(rows)
        kept = {each.key for each in moved.page.aside}
        remember = partial(
            self._memory.remember,
            moved.page,
            streams=(self._step.read.stream, self._step.write.stream),
            free={key for row in rows if (key := self._mover.key(row)) in self._aside and key not in kept},
        )
        self._desk.ask(remember)
        for fate in moved.fates:
            self._tally.add(fate)

    def _compare(self, window: Window, read: int) -> None:
        """The source's own count against what came."""
        least, most = self._desk.ask(partial(self._source.bounds, self._read, window))
        if not least <= read <= most:
            raise CountMismatch(
                f"{self._where}: {self._step.read.stream} said {window.count} rows at the start, {least} to "
                f"{most} at the end, but {read} came; expected a number between. The cursor stays: run it "
                "again; if it stays so, the connector or the stream's timestamps are wrong"
            )


def _leased(
    desk: Desk, flow: Flow, step: Step, *, lease: Lease | None, work: Callable[[_Run], str | None]
) -> StepReport:
    """Do it under the flow's lease: the caller's, or one for this step."""
    if lease is not None:
        return _recorded(desk, flow, step, lease=lease, work=work)
    with desk.lease(flow) as mine:
        return _recorded(desk, flow, step, lease=mine, work=work)


def _recorded(
    desk: Desk, flow: Flow, step: Step, *, lease: Lease, work: Callable[[_Run], str | None]
) -> StepReport:
    """Do the work between opening and closing a run's record; nothing is read before its shape is right."""
    memory, tally, began = desk.memory(flow, step, lease=lease), Tally(), time.perf_counter()
    rewrites, number = desk.rewrites, desk.ask(memory.open_run)
    try:
        untold = desk.ask(partial(memory.unfinished_before, number))
        notes = desk.shapes(step)
        position = work(_Run(desk, flow, step, memory=memory, tally=tally, fence=lease.fence))
        if not tally.adds_up():
            raise CountMismatch(f"{flow.name}.{step.name}: does not add up: {tally}")
        desk.ask(partial(memory.close_run, number, tally, position=position))
    except BaseException as error:
        with suppress(TriadaError):  # the state may be what failed; the first error is the one to tell
            memory.fail_run(number, tally, error=_told(error))
        raise
    seconds = round(time.perf_counter() - began, 3)
    tell = bool(tally.written) or untold or desk.rewrites > rewrites
    return StepReport(flow.name, step.name, **vars(tally), seconds=seconds, tell=tell, notes=list(notes))


def _told(error: BaseException) -> str:
    """An error for the record: ours say it all, others their first line."""
    if isinstance(error, TriadaError):
        return f"{type(error).__name__}: {error}"
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:500]}" if lines else type(error).__name__
