"""A system in memory that speaks the connector protocol, and can be told to fail in the ways that matter."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from connectors.errors import LeaseLost, MissingDependency
from connectors.protocol import DELETED, Fence, Outcome, Read, Row, Window, Write

KEYS = {"orders": "order_no", "sales_orders": "crm_order_no", "customers": "account_no"}


class FakeSystem:
    """Streams as dicts by key, stamped by a counter; equal stamps come from ``put`` with ``tie=True``."""

    def __init__(self, system: str) -> None:
        self.system = system
        self.streams: dict[str, dict[str, Row]] = {}
        self.clock = 0
        self.asked: list[str] = []
        self.written: list[Row] = []
        self.drop: set[str] = set()  # rows the pages forget, as a broken connector would
        self.repeat: set[str] = set()  # rows the pages give twice
        self.refuse: Callable[[Row], Exception | None] = lambda _row: None
        self.before: dict[str, Callable[[], None]] = {}  # called once, before a call of that name
        self.closed = False
        self.released = 0
        self.shapes: dict[str, tuple[str, ...]] = {}
        self.fences: dict[str, int] = {}
        self.tombstones: dict[str, dict[str, int]] = {}

    def put(self, stream: str, *rows: Row, tie: bool = False) -> None:
        for row in rows:
            self.clock += 0 if tie else 1
            self.streams.setdefault(stream, {})[str(row[KEYS[stream]])] = {**row, "_stamp": self.clock}

    def remove(self, stream: str, key: str) -> None:
        del self.streams[stream][key]
        self.clock += 1
        self.tombstones.setdefault(stream, {})[key] = self.clock

    def open_window(self, read: Read, since: str | None) -> Window:
        self._asked("open_window")
        window = Window(since, str(self.clock), 0)
        return Window(since, window.until, len(self._inside(read, window)))

    def pages(self, read: Read, window: Window, size: int) -> Iterator[list[Row]]:
        key = self._key(read.stream)
        rows = [row for row in self._inside(read, window) if row[key] not in self.drop]
        rows += [row for row in rows if row[key] in self.repeat]
        for start in range(0, len(rows), size):
            self._asked("page")
            yield copy.deepcopy(rows[start : start + size])

    def bounds(self, read: Read, window: Window) -> tuple[int, int]:
        self._asked("bounds")
        return len(self._inside(read, window)), window.count

    def release(self, window: Window) -> None:  # noqa: ARG002
        self.released += 1

    def drift(self, stream: str) -> tuple[str, ...]:
        self._asked("drift")
        return self.shapes.get(stream, ())

    def digest(self, stream: str) -> None:  # noqa: ARG002
        return None

    def keys(self, stream: str, group: str) -> list[str]:  # noqa: ARG002
        return []

    def fetch(self, read: Read, keys: Collection[str]) -> list[Row]:
        self._asked("fetch")
        rows = self._rows(read.stream)
        return copy.deepcopy([rows[key] for key in keys if key in rows])

    def lookup(self, stream: str, column: str, values: Collection[Any] | None) -> list[Row]:
        self._asked("lookup")
        rows = self._rows(stream).values()
        return copy.deepcopy([row for row in rows if values is None or row.get(column) in values])

    def key_column(self, stream: str) -> str:
        return self._key(stream)

    def write(self, write: Write, rows: Sequence[Row], *, fence: Fence | None = None) -> list[Outcome]:
        self._asked("write")
        if fence is not None and fence.token < self.fences.setdefault(fence.name, fence.token):
            raise LeaseLost(f"{write.stream}: {fence.name} is another worker's now")
        if fence is not None:
            self.fences[fence.name] = fence.token
        return [self._write(write, row) for row in rows]

    def compare(self, write: Write, rows: Sequence[Row]) -> list[Outcome]:
        return [self._compare(write, row) for row in rows]

    def close(self) -> None:
        self.closed = True

    def _write(self, write: Write, row: Row) -> Outcome:
        key = str(row[write.key])
        if (error := self.refuse(row)) is not None:
            return Outcome(key, "refused", error)
        done = self._compare(write, row)
        name = write.stream.partition(".")[2]
        if done.effect == "deleted":
            self.remove(name, key)
        elif done.effect in ("inserted", "updated"):
            self.written.append(row)
            self.put(name, {**self._rows(write.stream).get(key, {}), **row})
        return done

    def _compare(self, write: Write, row: Row) -> Outcome:
        key = str(row[write.key])
        there = self._rows(write.stream).get(key)
        if row.get(DELETED):
            return Outcome(key, "unchanged" if there is None else "deleted")
        if there is None and write.owns:
            return Outcome(key, "refused", MissingDependency(f"no {key}", rule=f"record:{write.stream}"))
        if there is None:
            return Outcome(key, "inserted")
        changes = {name: (there.get(name), value) for name, value in row.items() if there.get(name) != value}
        changes = {name: change for name, change in changes.items() if name not in write.create}
        return Outcome(key, "updated" if changes else "unchanged", changes=changes)

    def _asked(self, call: str) -> None:
        self.asked.append(call)
        if (act := self.before.pop(call, None)) is not None:
            act()

    def _key(self, stream: str) -> str:
        return KEYS[stream.partition(".")[2]]

    def _rows(self, stream: str) -> dict[str, Row]:
        return self.streams.setdefault(stream.partition(".")[2], {})

    def _inside(self, read: Read, window: Window) -> list[Row]:
        since = int(window.since or 0)
        rows = [row for row in self._rows(read.stream).values() if since < row["_stamp"] <= int(window.until)]
        meant = [row for row in rows if all(row.get(name) == value for name, value in read.where.items())]
        inside = sorted(meant, key=lambda row: (row["_stamp"], row[self._key(read.stream)]))
        return [*inside, *self._deleted(read, window)] if read.deletes else inside

    def _deleted(self, read: Read, window: Window) -> list[Row]:
        there, key = self._rows(read.stream), self._key(read.stream)
        gone = self.tombstones.get(read.stream.partition(".")[2], {})
        return [
            {key: each, DELETED: True}
            for each, at in gone.items()
            if int(window.since or 0) < at <= int(window.until) and each not in there
        ]
