"""Windows over a database: one snapshot each, read in the order of stamp and key, deletes after the rows.

since ─▶ ``open`` ─▶ ``pages`` ─▶ ``bounds``. What may still be committed from before a window's end is found
by ``sql_late``; the position remembers it, the next window brings it. Translates no errors.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from connectors.errors import Misconfigured
from connectors.protocol import DELETED, Read, Row, Window
from connectors.sql_late import Opened, open_for_window
from connectors.sql_position import XIDS, Position, between, not_before, position, row_xid
from connectors.sql_read import attach_lines
from connectors.sql_rows import read_stored
from connectors.sql_snapshot import Last, Snapshots
from connectors.sql_strand import STAMP, Strand, beyond, newest, strands_of
from connectors.sql_stream import Stream, find_stream

LOG = logging.getLogger("triada.connectors")
SEEN = 20_000
"""Transactions a position lists at most: as many commit while one stays open before reading stops for it."""
TICK = dt.timedelta(microseconds=1)


class Windows:
    """The windows of one connector."""

    def __init__(self, engine: sa.Engine, *, overlap: dt.timedelta) -> None:
        self._engine = engine
        self._overlap = overlap
        self._snapshots = Snapshots(engine)
        self._buries: bool | None = None

    def open(self, read: Read, since: str | None) -> Window:
        """What changed since, as the database is now; see ``protocol.Source``."""
        stream, before = find_stream(read.stream, read.lines), position(read.stream, since)
        strands = self._strands(stream, read)
        self._snapshots.make_room()
        opened = open_for_window(self._engine, strands, before, overlap=self._overlap)
        try:
            before = _usable(before, opened)
            until = _until(read, strands, opened, before)
            window = Window(before.text() if before else None, until.text(), 0)
            window = replace(window, count=_count(opened.connection, strands, window))
        except BaseException:
            opened.connection.close()
            raise
        self._snapshots.hold(window, opened.connection)
        return window

    def pages(self, read: Read, window: Window, size: int) -> Iterator[list[Row]]:
        """The window's rows, at most ``size`` a page; a page that is lost is asked for again."""
        if size < 1:
            raise Misconfigured(f"{read.stream}: a page of {size} rows; expected at least 1")
        stream = find_stream(read.stream, read.lines)
        held = self._snapshots.of(window)
        held.begin()
        for number, strand in enumerate(self._strands(stream, read)):
            last: Last | None = None
            while True:
                page = partial(_page, stream=stream, strand=strand, window=window, last=last, size=size)
                rows, stored = held.ask(page)
                if rows:
                    last = number, (stored[-1][STAMP], stored[-1][stream.key.name])
                    held.gave(len(rows), last)
                    yield rows
                if len(rows) < size:
                    break
        held.end()

    def bounds(self, read: Read, window: Window) -> tuple[int, int]:
        """What its snapshot counts; where that was lost, what was read before and the rest of the new one.

        A snapshot lost after the last page leaves only what there is now, and what there was.
        """
        strands = self._strands(find_stream(read.stream, read.lines), read)
        held = self._snapshots.of(window)
        left = held.ask(lambda connection: _count(connection, strands, window, after=held.resumed))
        if held.whole_at == held.opened:
            return held.given_before + left, held.given_before + left
        now = held.ask(partial(_count, strands=strands, window=window))
        return min(now, window.count), max(now, window.count)

    def release(self, window: Window) -> None:
        """Let go of the window's snapshot; never raises."""
        self._snapshots.release(window)

    def close(self) -> None:
        """Let go of every snapshot."""
        self._snapshots.close()

    def _strands(self, stream: Stream, read: Read) -> tuple[Strand, ...]:
        if read.deletes and self._buries is None:
            self._buries = sa.inspect(self._engine).has_table("tombstones")
            if not self._buries:
                LOG.warning("%s keeps no tombstones: its deletes are found by a reconcile", read.system)
        return strands_of(stream, read, buries=bool(self._buries))


def _usable(before: Position | None, opened: Opened) -> Position | None:
    """The position, without transaction ids where they say nothing: another server, or two milliards ago."""
    if before is None or before.xmin is None:
        return before
    if opened.xmax is not None and before.xmin <= opened.xmax < before.xmin + XIDS // 2:
        return before
    return replace(before, xmin=None, xids=())


def _until(read: Read, strands: Sequence[Strand], opened: Opened, before: Position | None) -> Position:
    """The newest stamp, and what may still be committed before it."""
    at = newest(opened.connection, strands, opened.clock)
    if before is not None and before.at is not None and (at is None or at < before.at):
        at = before.at
    early = at if opened.ties else opened.early
    if at is None or early is None or early > at:
        return Position(at)
    if opened.xmin is None or opened.xmax is None or opened.xmin == opened.xmax:
        return Position(at, early, opened.xmin)
    xids = _xids(opened.connection, strands, Position(at, early, opened.xmin))
    if len(xids) <= SEEN:
        return Position(at, early, opened.xmin, xids)
    LOG.warning(
        "%s: %s, and more than %d others have committed since: nothing newer than %s is read until it ends",
        read.stream, opened.why or "a transaction is open", SEEN, early,
    )  # fmt: skip
    return _settled(before, early)


def _xids(connection: sa.Connection, strands: Sequence[Strand], here: Position) -> tuple[int, ...]:
    """The transactions from ``xmin`` on whose rows the snapshot shows; when too many, not all."""
    assert here.xmin is not None  # asked before
    found: set[int] = set()
    for strand in strands:
        inside = [strand.stamp >= here.early, strand.stamp <= here.at, not_before(here.xmin), *strand.its]
        query = sa.select(row_xid()).select_from(strand.table).where(*inside).distinct().limit(SEEN + 1)
        found.update(connection.execute(query).scalars())
    return tuple(sorted(found))


def _settled(before: Position | None, early: dt.datetime) -> Position:
    """Everything that nothing can be committed among any more; the rest stays for later windows."""
    last = early - TICK
    if before is None or before.at is None or before.at <= last:
        return Position(last)
    return replace(before, early=max(early, before.early) if before.early else None, upto=last)


def _count(
    connection: sa.Connection, strands: Sequence[Strand], window: Window, after: Last | None = None
) -> int:
    """The database's own number of rows in the window, or of those after one."""
    total = 0
    for number, strand in enumerate(strands):
        if after is None or number >= after[0]:
            query = sa.select(sa.func.count()).select_from(strand.table).where(*_inside(strand, window))
            if after is not None and number == after[0]:
                query = query.where(beyond(strand, after[1], dialect=connection.dialect.name))
            total += int(connection.execute(query).scalar_one())
    return total


def _page(
    connection: sa.Connection, *, stream: Stream, strand: Strand, window: Window, last: Last | None, size: int
) -> tuple[list[Row], Sequence[Row]]:
    """Rows with their lines, or deleted ones; and by what the database orders them."""
    order = strand.stamp, strand.key
    query = sa.select(*strand.columns).where(*_inside(strand, window)).order_by(*order).limit(size)
    if last is not None:
        query = query.where(beyond(strand, last[1], dialect=connection.dialect.name))
    rows, stored = read_stored(connection, query)
    if strand.deletes:
        return [{**row, DELETED: True} for row in rows], stored
    attach_lines(connection, stream, rows)
    return rows, stored


def _inside(strand: Strand, window: Window) -> list[sa.ColumnElement[bool]]:
    name = strand.table.name
    until = position(name, window.until)
    assert until is not None  # a window has an end
    return [*strand.its, *strand.meant, *between(strand.stamp, position(name, window.since), until)]
