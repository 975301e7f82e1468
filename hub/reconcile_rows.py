"""What is wrong with rows and their records: nothing, a field, a record that is not there, or one too many.

keys or pages of rows ─▶ the same checks and ``make`` as a run ─▶ ``compare`` ─▶ a verdict a row. It writes
nothing and remembers nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any

from connectors.protocol import DELETED, LINES, Outcome, Row
from hub.desk import Desk
from hub.gone import pending
from hub.links import Whose
from hub.page import Mover
from hub.reconcile_links import Linked
from hub.steps import is_meant, reading
from hub.words import Flow, Step
from models import stream_table

EQUAL, DIFFERENT, MISSING, EXTRA = "equal", "different", "missing", "extra"
_BY_EFFECT = {"inserted": MISSING, "updated": DIFFERENT, "deleted": EXTRA}
_WORST = (EQUAL, DIFFERENT, MISSING, EXTRA)


@dataclass(frozen=True)
class Difference:
    """One field of a record that is not what its row says; without ``field``, the whole record.

    ``owner`` is the system whose value counts, ``changed_at`` when the row last changed at its source.
    """

    flow: str
    step: str
    stream: str
    key: str
    kind: str
    field: str
    source: str
    in_source: Any
    in_target: Any
    owner: str
    changed_at: dt.datetime | None
    why: str = ""


@dataclass
class Verdict:
    """What is wrong with a row's records, and where."""

    kind: str = EQUAL
    differences: list[Difference] = field(default_factory=list)

    def add(self, kind: str, *differences: Difference) -> None:
        """One more record of the row, or one more reason."""
        self.kind = max(self.kind, kind, key=_WORST.index)
        self.differences += differences


class Rows:
    """Judges the rows of one step; those put aside, or given up by a person, are left out."""

    def __init__(self, desk: Desk, flow: Flow, step: Step) -> None:
        self._desk = desk
        self._flow = flow
        self._step = step
        self._memory = desk.memory(flow, step)
        self._mover = Mover(desk, flow, step, memory=self._memory, dry=True)
        self.source = self._mover.source
        self.read = reading(step)
        self.linked = Linked(desk.state, Whose(flow.name, step.name))
        self.follows_deletes = step.gone is not None
        self.aside: set[str] = set()
        self.look_aside()
        self._given_up = self.linked.discarded()

    def look_aside(self) -> None:
        """Find out which rows are in quarantine or wait, as of now."""
        self.aside = set(self._desk.ask(self._memory.aside))

    def of_window(self) -> Iterator[dict[str, Verdict]]:
        """All rows that the source has now, a page at a time."""
        read = replace(self.read, deletes=False)
        window = self._desk.ask(partial(self.source.open_window, read, None))
        try:
            for page in self.source.pages(read, window, self._desk.page_rows):
                yield self._judge(page)
        finally:
            self.source.release(window)

    def of_keys(self, keys: Iterable[str]) -> Iterator[dict[str, Verdict]]:
        """The rows with these keys as they are now, and those that are gone but have records."""
        rest = iter(keys)
        while some := list(islice(rest, self._desk.page_rows)):
            rows: list[Row] = self._desk.ask(partial(self.source.fetch, self.read, some))
            there = {self._mover.key(row) for row in rows}
            gone = [key for key in some if key not in there]
            column = self.source.key_column(self.read.stream)
            meant = [row for row in rows if is_meant(self.read, row)]
            yield self._judge([*meant, *pending(self._step, self._memory, gone, key_column=column)])

    def _judge(self, rows: Sequence[Row]) -> dict[str, Verdict]:
        found = {key: row for row in rows if (key := self._mover.key(row)) not in self.aside}
        verdicts = {key: Verdict() for key in found}
        if not found:
            return verdicts
        moved = self._mover.move(list(found.values()))
        for key, outcome in moved.outcomes:
            if outcome.error is None and outcome.effect != "unchanged":
                kind = EXTRA if found[key].get(DELETED) else _BY_EFFECT[outcome.effect]
                verdicts[key].add(kind, *self._differences(found[key], kind, outcome))
        refused = {each.key: each.reason for each in moved.page.aside}
        linked = self._memory.targets(refused) if refused else {}
        for key, why in refused.items():
            if key in self._given_up:
                del verdicts[key]
                continue
            kind = EXTRA if found[key].get(DELETED) else DIFFERENT if key in linked else MISSING
            verdicts[key].add(kind, self._difference(found[key], kind, key=key, why=why))
        return verdicts

    def _differences(self, row: Row, kind: str, outcome: Outcome) -> Iterator[Difference]:
        if outcome.effect == "updated":
            for name, (there, wanted) in outcome.changes.items():
                yield self._difference(row, kind, key=outcome.key, name=name, values=(wanted, there))
        if outcome.effect != "updated" or not outcome.changes:
            yield self._difference(row, kind, key=outcome.key)

    def _difference(
        self,
        row: Row,
        kind: str,
        *,
        key: str,
        name: str = "",
        values: tuple[Any, Any] = (None, None),
        why: str = "",
    ) -> Difference:
        step = self._step
        return Difference(
            flow=self._flow.name,
            step=step.name,
            stream=step.write.stream,
            key=key,
            kind=kind,
            field=name,
            source=step.read.system,
            in_source=values[0],
            in_target=values[1],
            owner=_owner(step, name),
            changed_at=row.get("updated_at"),
            why=why,
        )


def _owner(step: Step, name: str) -> str:
    """The system that owns a field written: the one the models name, else the one it is read from."""
    of_line = name.startswith(f"{LINES}.")
    stream = step.write.lines if of_line else step.write.stream
    try:
        owner: str = stream_table(stream).c[name.rpartition(".")[2]].info.get("owner", "")
    except KeyError:  # a vendor's own stream, or a whole record
        return step.read.system
    return owner or step.read.system
