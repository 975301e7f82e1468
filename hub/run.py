"""The one loop: read a step's window a page at a time, move each page, remember it, and then move the cursor.

    open window ─▶ pages ─▶ move ─▶ remember ─▶ count ─▶ rows put aside before ─▶ cursor

A run either adds up or fails, and leaves the cursor where it was when it fails: what it wrote is found
unchanged by the next one. It knows no flow, no system and no rule.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from connectors.errors import CountMismatch, Misconfigured, TriadaError, Unreachable
from connectors.protocol import Read, Row, Window
from hub.desk import Desk
from hub.memory import Memory
from hub.page import NO_KEY, Mover
from hub.report import StepReport, Tally
from hub.words import Flow, Step

LOG = logging.getLogger("triada.hub")

__all__ = ["StepReport", "replay_step", "run_flow", "run_step"]


def run_flow(desk: Desk, flow: Flow) -> list[StepReport]:
    """Run the flow's steps in order; the first that fails stops it and its error is raised."""
    return [run_step(desk, flow, step=step) for step in flow.steps]


def run_step(desk: Desk, flow: Flow, *, step: Step | str) -> StepReport:
    """Move what changed since the last run, and what waits; raises what stopped it, recorded as failed.

    ``CountMismatch`` when it does not add up, ``Refused`` when a rule could not be checked, ``Unreachable``
    when a system did not answer after a few tries.
    """
    chosen = step if isinstance(step, Step) else step_named(flow, step)
    return _recorded(desk, flow, chosen, work=lambda run: run.forward())


def replay_step(desk: Desk, flow: Flow, *, step: str, keys: Collection[str]) -> StepReport:
    """Read these rows again by their keys and move them; the cursor stays."""
    return _recorded(desk, flow, step_named(flow, step), work=lambda run: run.again(keys))


def step_named(flow: Flow, name: str) -> Step:
    """The flow's step of that name; ``Misconfigured`` when it has none."""
    for step in flow.steps:
        if step.name == name:
            return step
    names = ", ".join(step.name for step in flow.steps)
    raise Misconfigured(f"flow {flow.name} has no step {name!r}; it has {names}")


class _Run:
    """A run of one step while it runs."""

    def __init__(self, desk: Desk, flow: Flow, step: Step, *, memory: Memory, tally: Tally) -> None:
        self._desk = desk
        self._step = step
        self._where = f"{flow.name}.{step.name}"
        self._memory = memory
        self._tally = tally
        self._mover = Mover(desk, flow, step)
        self._source = self._mover.source
        self._aside = memory.aside()

    def forward(self) -> str:
        """The window since the cursor, then what was put aside and not in it; the position reached."""
        since = self._memory.position()
        window = self._desk.ask(partial(self._source.open_window, self._step.read, since))
        unseen = dict(self._aside)
        read = 0
        for page in self._pages(window):
            read += len(page)
            for row in page:
                unseen.pop(self._mover.key(row), None)
            self._move(page)
        self._compare(window, read)
        self.again([key for key, state in unseen.items() if state == "waiting"])
        self._free([key for key, state in unseen.items() if state != "waiting"])
        return window.until

    def again(self, keys: Collection[str]) -> None:
        """Rows put aside, as they are now; one gone, or no longer meant, is put aside no more."""
        for rows, meant in self._still(keys, self._step.read):
            for _ in range(len(rows) - len(meant)):
                self._tally.add("unchanged")
            self._move(meant)

    def _free(self, keys: Collection[str]) -> None:
        """Let go of what is gone or no longer meant; the rest is neither tried nor counted."""
        for _ in self._still(keys, replace(self._step.read, lines="")):
            pass

    def _still(self, keys: Collection[str], read: Read) -> Iterator[tuple[list[Row], list[Row]]]:
        """These rows as they are now, and those still meant, a page at a time; the other keys are freed."""
        wanted = [key for key in keys if not key.startswith(NO_KEY)]
        for start in range(0, len(wanted), self._desk.page_rows):
            some = wanted[start : start + self._desk.page_rows]
            rows = self._desk.ask(partial(self._source.fetch, read, some))
            meant = [row for row in rows if _matches(read, row)]
            gone = set(some) - {self._mover.key(row) for row in meant}
            if gone:
                self._desk.ask(partial(self._memory.release, gone))
                LOG.info("%s: no longer there or meant, dropped: %s", self._where, ", ".join(sorted(gone)))
            yield rows, meant

    def _move(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        moved = self._mover.move(rows)
        keys = [self._mover.key(row) for row in rows]
        kept = {each.key for each in moved.aside}
        remember = partial(
            self._memory.remember,
            streams=(self._step.read.stream, self._step.write.stream),
            done=moved.links,
            aside=moved.aside,
            free={key for key in keys if key in self._aside and key not in kept},
        )
        self._desk.ask(remember)
        for fate in moved.fates:
            self._tally.add(fate)

    def _pages(self, window: Window) -> Iterator[list[Row]]:
        """The window's pages; after a broken answer it is read anew, without the rows that were moved."""
        moved: set[str] = set()
        skipped: frozenset[str] = frozenset()
        pages: Iterator[list[Row]] | None = None

        def following() -> list[Row] | None:
            nonlocal pages, skipped
            if pages is None:
                skipped = frozenset(moved)
                pages = self._source.pages(self._step.read, window, self._desk.page_rows)
            try:
                return next(pages, None)
            except Unreachable:
                pages = None
                raise

        while (page := self._desk.ask(following)) is not None:
            fresh = [row for row in page if self._mover.key(row) not in skipped] if skipped else page
            moved.update(self._mover.key(row) for row in fresh)
            yield fresh

    def _compare(self, window: Window, read: int) -> None:
        """The source's own count against what came: rows changed meanwhile have left the window since."""
        left = self._desk.ask(partial(self._source.count, self._step.read, window))
        if not left <= read <= window.count:
            raise CountMismatch(
                f"{self._where}: {self._step.read.stream} said {window.count} rows at the start and {left} "
                f"at the end, but {read} came; expected a number between. The cursor stays: run it again; "
                "if it stays so, the connector or the stream's timestamps are wrong"
            )


def _recorded(desk: Desk, flow: Flow, step: Step, *, work: Callable[[_Run], str | None]) -> StepReport:
    """Do the work between opening and closing a run's record."""
    memory, tally, began = desk.memory(flow, step), Tally(), time.perf_counter()
    rewrites, number = desk.rewrites, desk.ask(memory.open_run)
    try:
        untold = desk.ask(partial(memory.unfinished_before, number))
        position = work(_Run(desk, flow, step, memory=memory, tally=tally))
        if not tally.adds_up():
            raise CountMismatch(f"{flow.name}.{step.name}: does not add up: {tally}")
        desk.ask(partial(memory.close_run, number, tally, position=position))
    except BaseException as error:
        with suppress(TriadaError):  # the state may be what failed; the first error is the one to tell
            memory.fail_run(number, tally, error=_told(error))
        raise
    seconds = round(time.perf_counter() - began, 3)
    tell = bool(tally.written) or untold or desk.rewrites > rewrites
    return StepReport(flow.name, step.name, **vars(tally), seconds=seconds, tell=tell)


def _told(error: BaseException) -> str:
    """An error for the record: ours say it all, others their first line."""
    if isinstance(error, TriadaError):
        return f"{type(error).__name__}: {error}"
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:500]}" if lines else type(error).__name__


def _matches(read: Read, row: Row) -> bool:
    """Whether ``where`` still means this row."""
    return all(
        row.get(name) in value
        if isinstance(value, tuple | list | set | frozenset)
        else row.get(name) == value
        for name, value in read.where.items()
    )
