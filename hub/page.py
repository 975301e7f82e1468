"""One page of a step: check, make, write as a batch, and one fate for every row.

    rows ─▶ rules ─▶ look up ─▶ make ─▶ write ─▶ written · unchanged · waiting · quarantined

It reads no window, moves no cursor and remembers nothing: ``hub.run`` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from connectors.errors import RecordRejected, RowError
from connectors.protocol import DELETED, Fence, Outcome, Row, Write
from hub.checking import errors_of, key_of
from hub.desk import Desk
from hub.gone import follow
from hub.links import Link
from hub.looks import Looks
from hub.making import records_of
from hub.memory import Memory, Page
from hub.prints import Conflict, edited, prints_of
from hub.put_aside import aside_of
from hub.words import Flow, Step

_CHANGED = ("inserted", "updated", "deleted")


@dataclass
class Prepared:
    """A page before its write: its rows, what is wrong with each, the records made, and the deleted rows."""

    rows: Sequence[Row]
    errors: list[list[RowError]]
    made: list[tuple[int, Row]]
    deleted: Sequence[Row]


@dataclass
class Moved:
    """What became of a page: a fate for each row, what to remember, and each record's outcome by its row."""

    fates: list[str] = field(default_factory=list)
    page: Page = field(default_factory=Page)
    outcomes: list[tuple[str, Outcome]] = field(default_factory=list)


class Mover:
    """Moves pages of one step; with ``dry`` it only says what it would do.

    ``fence`` goes with every write; before each the memory is asked whether this worker still may.
    """

    def __init__(
        self,
        desk: Desk,
        flow: Flow,
        step: Step,
        *,
        memory: Memory,
        fence: Fence | None = None,
        dry: bool = False,
    ) -> None:
        self._desk = desk
        self._step = step
        self._where = f"{flow.name}.{step.name}"
        self._suite = desk.suite(flow, step)
        self._looks = Looks(desk, step)
        self._memory = memory
        self._fence = fence
        self._dry = dry
        self.source = desk.connector(step.read.system)
        self._target = desk.connector(step.write.system)
        self.key_column = self.source.key_column(step.read.stream)

    def key(self, row: Row) -> str:
        """The row's business key, or one of its own contents; see ``hub.checking.key_of``."""
        return key_of(row, self.key_column)

    def move(self, rows: Sequence[Row]) -> Moved:
        """Bring the target to what these rows say."""
        return self.finish(self.prepare(rows))

    def prepare(self, page: Sequence[Row]) -> Prepared:
        """Check the rows, look up, and make: all that comes before the write."""
        rows = [row for row in page if not row.get(DELETED)]
        deleted = [row for row in page if row.get(DELETED)] if len(rows) < len(page) else []
        if not rows:
            return Prepared([], [], [], deleted)
        errors = errors_of(
            rows, self._suite, where=self._where, stream=self._step.read.stream, key=self.key_column
        )
        made: list[tuple[int, Row]] = []
        good = [number for number in range(len(rows)) if not errors[number]]
        look = self._looks.for_page([rows[number] for number in good])
        for number in good:
            try:
                records = records_of(
                    self._step, rows[number], look, where=self._where, key=self.key(rows[number])
                )
                made += [(number, record) for record in records]
            except RowError as error:
                errors[number].append(error)
        return Prepared(rows, errors, made, deleted)

    def finish(self, page: Prepared) -> Moved:
        """Write what was made, and say what became of every row."""
        self._intend(page)
        outcomes = self._give(self._step.write, [record for _, record in page.made])
        moved = self._combine(page, outcomes)
        return self._follow(page.deleted, moved) if page.deleted else moved

    def _intend(self, page: Prepared) -> None:
        """Link before the write what a deleted row must take along, though the hub died right after it."""
        if self._step.gone is None or self._dry or not page.made:
            return
        key = self._step.write.key
        pairs = [(self.key(page.rows[number]), str(record[key])) for number, record in page.made]
        streams = (self._step.read.stream, self._step.write.stream)
        self._desk.ask(lambda: self._memory.intend(pairs, streams=streams))

    def _give(self, write: Write, records: Sequence[Row]) -> list[Outcome]:
        if not records:
            return []
        if self._dry:
            return self._desk.ask(lambda: self._target.compare(write, records))
        self._memory.confirm()
        return self._desk.write(self._target, write, rows=records, fence=self._fence)

    def _combine(self, prepared: Prepared, outcomes: Sequence[Outcome]) -> Moved:
        """One fate a row: an error wins over a change, a wrong row over one that waits."""
        rows, errors, made = prepared.rows, prepared.errors, prepared.made
        write, done, told = self._step.write, [], []
        changed: set[int] = set()
        apart = {write.key, *write.create}
        for (number, record), outcome in zip(made, outcomes, strict=True):
            key = self.key(rows[number])
            told.append((key, outcome))
            if outcome.error is not None:
                errors[number].append(self._row_error(key, outcome.error))
                continue
            did = outcome.effect in _CHANGED
            changed |= {number} if did else set()
            done.append(Link(key, outcome.key, did, prints_of(record, without=apart)))
        fates, aside = [], []
        for number, row in enumerate(rows):
            if errors[number]:
                aside.append(aside_of(self.key(row), row, errors[number]))
                fates.append(aside[-1].state)
            else:
                fates.append("written" if number in changed else "unchanged")
        refused = {key for key, outcome in told if outcome.error} if self._step.gone is not None else ()
        page = Page(done=done, aside=aside, refused=refused, conflicts=self._conflicts(outcomes))
        return Moved(fates, page, told)

    def _conflicts(self, outcomes: Sequence[Outcome]) -> list[Conflict]:
        """What was overwritten although somebody else had changed it since the hub wrote it."""
        updated = [each for each in outcomes if each.effect == "updated" and each.changes]
        prints = self._memory.prints(self._step.write.stream, [each.key for each in updated])
        owner = self._step.read.system
        return [
            Conflict(each.key, name, owner, *each.changes[name])
            for each in updated
            for name in edited(prints.get(each.key, ""), each.changes)
        ]

    def _follow(self, rows: Sequence[Row], moved: Moved) -> Moved:
        """Rows that were deleted, and what became of their records."""
        keys = [self.key(row) for row in rows]
        outcomes, errors = follow(self._step, self._memory, keys, give=self._give)
        changed = {key for key, outcome in outcomes if outcome.effect in _CHANGED}
        aside = []
        for key, row in zip(keys, rows, strict=True):
            if key in errors:
                aside.append(aside_of(key, row, errors[key]))
                moved.fates.append(aside[-1].state)
            else:
                moved.fates.append("written" if key in changed else "unchanged")
        gone = frozenset(keys) - errors.keys()
        page = replace(moved.page, aside=[*moved.page.aside, *aside], gone=gone)
        return Moved(moved.fates, page, [*moved.outcomes, *outcomes])

    def _row_error(self, key: str, error: Exception) -> RowError:
        if isinstance(error, RowError):
            return error
        return RecordRejected(
            f"{self._step.read.stream} {key}: {self._step.write.stream} did not take it: {error}; "
            "correct it at its source and it comes again by itself",
            rule="write_failed",
        )
