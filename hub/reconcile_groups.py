"""Which rows of a step a reconcile looks at: those in groups of keys that changed since they were equal.

digests of both sides ─▶ changed groups ─▶ their rows, and rows whose records changed ─▶ verdicts ─▶ the
groups found equal are remembered. A side that has no digest is read whole. It repairs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import TypeVar

from connectors.protocol import Read
from hub.desk import Desk
from hub.digests import SOURCE, TARGET, Digest, Known, Taken, changed, group_of, remember, remembered
from hub.links import Whose
from hub.reconcile_rows import EQUAL, EXTRA, Rows, Verdict
from hub.words import Flow, Step

_GROUPS = 50
"""Groups whose keys are held at a time: fifty thousand keys at most."""

T = TypeVar("T")
Verdicts = Iterator[dict[str, Verdict]]


@dataclass
class Seen:
    """What was looked at: rows by group, and the groups in which something was wrong."""

    rows: Counter[str] = field(default_factory=Counter)
    wrong: set[str] = field(default_factory=set)

    def note(self, verdicts: Mapping[str, Verdict]) -> None:
        """Count a page of verdicts."""
        for key, verdict in verdicts.items():
            if verdict.kind != EXTRA:
                self.rows[group_of(key)] += 1
            if verdict.kind != EQUAL:
                self.wrong.add(group_of(key))


class Groups:
    """The groups of one step on both sides, as they are now and as they were found equal."""

    def __init__(self, desk: Desk, flow: Flow, step: Step, *, taken: Taken, full: bool) -> None:
        self._desk = desk
        self._step = step
        self._whose = Whose(flow.name, step.name)
        self._now = {SOURCE: taken.of(step.read.stream), TARGET: taken.of(step.write.stream)}
        self._before: dict[str, dict[str, Known]] = {SOURCE: {}, TARGET: {}}
        if not full:
            with desk.state.reading() as connection:
                self._before = {side: remembered(connection, self._whose, side) for side in self._now}
        self._seen = Seen()
        self._looked: set[str] = set(self._now[SOURCE] or ())
        self.skipped = 0

    def verdicts(self, rows: Rows) -> Verdicts:
        """A verdict for every row that may differ; ``skipped`` is how many others were found equal before."""
        now, there = self._now[SOURCE], self._now[TARGET]
        if now is None or there is None or not self._before[SOURCE]:
            yield from self._noted(self._all(rows))
            return
        suspects, touched = changed(now, self._before[SOURCE]), changed(there, self._before[TARGET])
        # A page is cheaper to read by its place than by its keys.
        if 2 * len(suspects) > len(now) or 2 * len(touched) > len(there):
            yield from self._noted(self._all(rows))
            return
        if rows.follows_deletes:
            suspects |= rows.linked.groups() - now.keys()
        suspects |= self._touched(rows, touched, beside=suspects)
        self._looked &= suspects
        skipped = self._before[SOURCE].keys() - suspects
        self.skipped = sum(self._before[SOURCE][group].compared for group in skipped)
        yield from self._noted(rows.of_keys(self._keys(rows, suspects)))

    def remember(self) -> None:
        """Keep the groups looked at in which all was equal; the others are looked at again next time."""
        now, there = self._now[SOURCE], self._now[TARGET]
        if now is None or there is None:
            return
        wrong, before = self._seen.wrong, self._before
        equal = {
            SOURCE: {group: Known(now[group], self._seen.rows[group]) for group in self._looked - wrong},
            # A record that differs is found by its row's group, which is kept in mind as not equal.
            TARGET: {group: Known(digest) for group, digest in there.items()},
        }
        with self._desk.state.writing() as connection:
            for side, current in ((SOURCE, now), (TARGET, there)):
                gone = {*(before[side].keys() - current.keys()), *(wrong if side == SOURCE else ())}
                known = before[side]
                fresh = {group: this for group, this in equal[side].items() if known.get(group) != this}
                remember(connection, self._whose, side, equal=fresh, forget=gone)

    def _noted(self, pages: Verdicts) -> Verdicts:
        for verdicts in pages:
            self._seen.note(verdicts)
            yield verdicts

    def _all(self, rows: Rows) -> Verdicts:
        """Every row of the source, then the linked ones that it has no more."""
        yield from rows.of_window()
        if rows.follows_deletes:
            yield from rows.of_keys(self._gone(rows))

    def _gone(self, rows: Rows) -> Iterator[str]:
        """The keys of linked rows that are not in the source."""
        now, stream = self._now[SOURCE], self._step.read.stream
        if now is None:
            bare = Read(stream)
            key = rows.source.key_column(stream)
            for page in rows.linked.pages():
                keys = list(dict.fromkeys(row for row, _ in page))
                found = self._desk.ask(partial(rows.source.fetch, bare, keys))
                there = {str(row[key]) for row in found}
                yield from (row for row in keys if row not in there)
            return
        for groups in _some(sorted(rows.linked.groups()), _GROUPS):
            yield from sorted(rows.linked.rows_in(groups) - self._there(rows, groups, now))

    def _keys(self, rows: Rows, suspects: set[str]) -> Iterator[str]:
        """The keys in these groups, and of linked rows that were in them."""
        now = self._now[SOURCE]
        assert now is not None  # asked before
        for groups in _some(sorted(suspects), _GROUPS):
            keys = self._there(rows, groups, now)
            yield from sorted(keys | rows.linked.rows_in(groups) if rows.follows_deletes else keys)

    def _there(self, rows: Rows, groups: list[str], now: Digest) -> set[str]:
        stream = self._step.read.stream
        some = (self._desk.ask(partial(rows.source.keys, stream, group)) for group in groups if group in now)
        return set(chain.from_iterable(some))

    def _touched(self, rows: Rows, groups: set[str], *, beside: set[str]) -> set[str]:
        """The groups of rows that are not equal any more because a record changed or is gone."""
        touched: set[str] = set()
        candidates = (
            row for some in self._rows_of(rows, groups) for row in sorted(some) if group_of(row) not in beside
        )
        for verdicts in rows.of_keys(candidates):
            touched |= {group_of(key) for key, verdict in verdicts.items() if verdict.kind != EQUAL}
        return touched

    def _rows_of(self, rows: Rows, groups: set[str]) -> Iterator[set[str]]:
        """The rows whose records are, or were, in these groups of the target."""
        write = self._step.write
        target = self._desk.connector(write.system)
        now = self._now[TARGET] or {}
        if target.key_column(write.stream) == write.key:
            for some in _some(sorted(groups), _GROUPS):
                yield rows.linked.rows_of_groups(some)
            return
        # Links know records by the business key, groups are of the target's own key.
        for group in sorted(groups & now.keys()):
            keys = self._desk.ask(partial(target.keys, write.stream, group))
            found = self._desk.ask(partial(target.fetch, Read(write.stream), keys))
            yield rows.linked.rows_of({str(row[write.key]) for row in found if row[write.key] is not None})
        if groups:
            yield from self._recordless(rows)

    def _recordless(self, rows: Rows) -> Iterator[set[str]]:
        """The linked rows whose records the target has no more."""
        write = self._step.write
        target = self._desk.connector(write.system)
        for page in rows.linked.pages():
            wanted = {record for _, record in page}
            found = self._desk.ask(partial(target.lookup, write.stream, write.key, wanted))
            there = {str(row[write.key]) for row in found}
            yield {row for row, record in page if record not in there}


def _some(values: list[T], size: int) -> Iterator[list[T]]:
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
