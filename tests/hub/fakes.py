"""A system in memory that speaks the connector protocol, and can be told to fail in the ways that matter."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from connectors.protocol import Outcome, Read, Row, Window, Write

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

    def put(self, stream: str, *rows: Row, tie: bool = False) -> None:
        for row in rows:
            self.clock += 0 if tie else 1
            self.streams.setdefault(stream, {})[str(row[KEYS[stream]])] = {**row, "_stamp": self.clock}

    def remove(self, stream: str, key: str) -> None:
        del self.streams[stream][key]

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

    def count(self, read: Read, window: Window) -> int:
        self._asked("count")
        return len(self._inside(read, window))

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

    def write(self, write: Write, rows: Sequence[Row]) -> list[Outcome]:
        self._asked("write")
        return [self._write(write, row) for row in rows]

    def close(self) -> None:
        self.closed = True

    def _write(self, write: Write, row: Row) -> Outcome:
        key = str(row[write.key])
        if (error := self.refuse(row)) is not None:
            return Outcome(key, "refused", error)
        name = write.stream.partition(".")[2]
        there = self._rows(write.stream).get(key)
        after = {**(there or {}), **row}
        if there is not None and after == there:
            return Outcome(key, "unchanged")
        self.written.append(row)
        self.put(name, after)
        return Outcome(key, "inserted" if there is None else "updated")

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
        return sorted(meant, key=lambda row: (row["_stamp"], row[self._key(read.stream)]))
