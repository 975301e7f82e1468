"""The published warehouse as one viewer may see it, kept open until another publication takes its place.

path ─▶ one database in memory a publication, with the file attached read-only ─▶ one catalogue a scope, whose
``core`` and ``marts`` are views that leave out what its viewer may not see ─▶ rows. It formats nothing, and
no select reaches the file but through those views.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.errors import Refused, TriadaError
from connectors.published_file import CONFIG, NAME
from reports.access.scope import make_scope
from reports.access.viewer import Viewer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

Row = Mapping[str, Any]

LIMIT_S = 10.0
"""A select that takes longer is stopped: nobody waits that long for a page, and others wait behind it."""
KEPT_RESULTS = 4000
"""Answers kept a publication: it never changes, so the same question has the same answer."""
KEPT_ROWS = 2000
"""Larger answers are not kept."""


class TooSlow(TriadaError):
    """A select took longer than a page may."""


class Publication:
    """One published file, opened; several threads may ask at once."""

    def __init__(self, path: Path) -> None:
        import duckdb

        self.identity = identity(path)
        self._lock = threading.Lock()
        self._scopes: dict[tuple[str, str | None], str] = {}
        self._kept: OrderedDict[Any, list[Row]] = OrderedDict()
        self._root = duckdb.connect(":memory:", config={**CONFIG, "threads": 2})
        quoted = str(path).replace("'", "''")
        self._root.execute(f"attach '{quoted}' as {NAME} (read_only)")
        self._root.execute("set enable_progress_bar = false")

    def rows(self, viewer: Viewer, select: str, values: Mapping[str, Any], *, limit_s: float) -> list[Row]:
        """What this viewer sees of a select; rows are shared between readers and never to be changed."""
        question = (viewer.key, select, tuple(sorted(values.items())))
        with self._lock:
            if question in self._kept:
                self._kept.move_to_end(question)
                return self._kept[question]
            catalogue = self._catalogue(viewer)
            cursor = self._root.cursor()
        found = _ask(cursor, catalogue, select, values, limit_s=limit_s)
        if len(found) <= KEPT_ROWS:
            with self._lock:
                self._kept[question] = found
                while len(self._kept) > KEPT_RESULTS:
                    self._kept.popitem(last=False)
        return found

    @contextmanager
    def stream(self, viewer: Viewer, select: str, values: Mapping[str, Any]) -> Iterator[Any]:
        """A cursor with a select's answer, for one that is too long to hold; closed with the context."""
        with self._lock:
            catalogue, cursor = self._catalogue(viewer), self._root.cursor()
        try:
            cursor.execute(f"use {catalogue}")
            cursor.execute("set TimeZone = 'UTC'")
            yield cursor.execute(select, dict(values))
        finally:
            cursor.close()

    def _catalogue(self, viewer: Viewer) -> str:
        if viewer.key not in self._scopes:
            name = f"seen_{len(self._scopes)}"
            make_scope(self._root, viewer, catalogue=name)
            self._scopes[viewer.key] = name
        return self._scopes[viewer.key]


class Published:
    """The newest publication at a path; a reader of it stays with the one it was given."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._now: Publication | None = None

    def now(self) -> Publication:
        """The publication that is in place; ``Refused`` when there is none or it cannot be read."""
        import duckdb

        try:
            found = identity(self.path)
            with self._lock:
                if self._now is None or self._now.identity != found:
                    self._now = Publication(self.path)
                return self._now
        except (FileNotFoundError, duckdb.Error) as error:
            raise Refused(
                f"reports: no published warehouse is at {self.path}; `./triada build` makes one"
            ) from error


def identity(path: Path) -> tuple[int, int, int]:
    """What tells one publication from the next: a new file takes the old one's name."""
    found = path.stat()
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _ask(
    cursor: duckdb.DuckDBPyConnection,
    catalogue: str,
    select: str,
    values: Mapping[str, Any],
    *,
    limit_s: float,
) -> list[Row]:
    import duckdb

    begun = time.monotonic()
    stop = threading.Timer(limit_s, cursor.interrupt)
    stop.daemon = True
    stop.start()
    try:
        cursor.execute(f"use {catalogue}")
        cursor.execute("set TimeZone = 'UTC'")
        answer = cursor.execute(select, dict(values)) if values else cursor.execute(select)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    except duckdb.InterruptException:
        taken = time.monotonic() - begun
        raise TooSlow(
            f"reports: a question took {taken:.0f} s; choose a shorter period or fewer rows"
        ) from None
    finally:
        stop.cancel()
        cursor.close()
