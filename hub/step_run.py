"""One step while it runs: its window a page at a time, each page moved and remembered, then what waits.

    open window ─▶ pages ─▶ move ─▶ remember ─▶ count ─▶ rows put aside before

It moves no cursor and keeps no record of the run: ``hub.run`` does, when all adds up.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from functools import partial

from connectors.errors import CountMismatch
from connectors.protocol import DELETED, Fence, Read, Row, Window
from hub.calm import calm
from hub.checking import NO_KEY
from hub.desk import Desk
from hub.gone import pending
from hub.memory import Memory
from hub.page import Mover, Prepared
from hub.report import Tally
from hub.steps import is_meant, reading, reads_ahead
from hub.words import Flow, Step

LOG = logging.getLogger("triada.hub")


class StepRun:
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
            read = self._through(self._source.pages(self._read, window, self._desk.page_rows), unseen)
            self._compare(window, read)
        finally:
            self._source.release(window)
        self.again([key for key, state in unseen.items() if state == "waiting"])
        self._free([key for key, state in unseen.items() if state != "waiting"])
        return window.until

    def _through(self, pages: Iterator[list[Row]], unseen: dict[str, str]) -> int:
        """Move the pages, each read and made while the one before is written; how many rows came.

        One write at a time, in order. A step that looks things up in what it writes does not read ahead.
        """
        read, ahead = 0, reads_ahead(self._step, key_column=self._mover.key_column)
        with calm(), ThreadPoolExecutor(1, thread_name_prefix=self._where) as writer:
            writing: Future[None] | None = None
            for page in pages:
                read += len(page)
                for row in page if unseen else ():
                    unseen.pop(self._mover.key(row), None)
                prepared = self._mover.prepare(page)
                if writing is not None:
                    writing.result()
                writing = writer.submit(copy_context().run, self._finish, page, prepared)
                if not ahead:
                    writing.result()
            if writing is not None:
                writing.result()
        return read

    def again(self, keys: Collection[str]) -> None:
        """Rows put aside, as they are now; one gone, or no longer meant, is put aside no more."""
        for rows, meant in self._still(keys, self._read):
            for _ in range(len(rows) - len(meant)):
                self._tally.add("unchanged")
            self._move(meant)

    def _free(self, keys: Collection[str]) -> None:
        """Let go of what is gone or no longer meant; the rest is neither tried nor counted.

        A page of them a run, any of them: a hundred thousand rows put aside must not cost every run a hundred
        thousand.
        """
        some = random.sample(list(keys), min(len(keys), self._desk.page_rows))
        for _ in self._still(some, replace(self._read, lines="")):
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
        if rows:
            self._finish(rows, self._mover.prepare(rows))

    def _finish(self, rows: Sequence[Row], prepared: Prepared) -> None:
        """Write a page, remember and count it."""
        moved = self._mover.finish(prepared)
        kept = {each.key for each in moved.page.aside}
        remember = partial(
            self._memory.remember,
            moved.page,
            streams=(self._step.read.stream, self._step.write.stream),
            free=self._freed(rows, kept),
        )
        self._desk.ask(remember)
        for fate in moved.fates:
            self._tally.add(fate)

    def _freed(self, rows: Sequence[Row], kept: set[str]) -> set[str]:
        """The rows' keys that were put aside and are no more."""
        if not self._aside:
            return set()
        return {key for row in rows if (key := self._mover.key(row)) in self._aside and key not in kept}

    def _compare(self, window: Window, read: int) -> None:
        """The source's own count against what came."""
        least, most = self._desk.ask(partial(self._source.bounds, self._read, window))
        if not least <= read <= most:
            raise CountMismatch(
                f"{self._where}: {self._step.read.stream} said {window.count} rows at the start, {least} to "
                f"{most} at the end, but {read} came; expected a number between. The cursor stays: run it "
                "again; if it stays so, the connector or the stream's timestamps are wrong"
            )
