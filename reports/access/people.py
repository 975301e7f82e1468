"""Who works here today, as the published warehouse has it.

``core.dim_employee`` ─▶ name and role by number, read again when another file took its place. It says nothing
of who may sign in.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.published_file import open_published
from reports.access.users import Person

Row = tuple[str, str, str, "dt.date | None"]


class PublishedPeople:
    """Called with an ``employee_no``: the person, or ``None`` for somebody unknown or gone.

    ``timezone`` is the company's: its day decides who has left. ``Refused`` when no warehouse is published.
    """

    def __init__(
        self,
        published: Path,
        timezone: str,
        *,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._published = published
        self._zone = ZoneInfo(timezone)
        self._clock = clock
        self._turn = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._rows: Mapping[str, Row] = {}

    def __call__(self, employee_no: str) -> Person | None:
        row = self._current().get(employee_no)
        return None if row is None or self._has_left(row) else Person(row[1], row[2])

    def everybody(self) -> dict[str, Person]:
        """All who work here today, by number in order."""
        return {no: Person(row[1], row[2]) for no, row in self._current().items() if not self._has_left(row)}

    def _has_left(self, row: Row) -> bool:
        return row[3] is not None and row[3] < self._clock().astimezone(self._zone).date()

    def _current(self) -> Mapping[str, Row]:
        with self._turn:
            there = _identity(self._published)
            if there is None or there != self._seen:
                self._rows = _read(self._published)
                self._seen = there
            return self._rows


def _identity(path: Path) -> tuple[int, int, int] | None:
    """What tells one publication from the next; ``None`` when there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _read(path: Path) -> dict[str, Row]:
    query = """
        select employee_no, name, role, left_on from core.dim_employee
        where is_current order by employee_no"""
    with open_published(path) as connection:
        return {row[0]: row for row in connection.execute(query).fetchall()}
