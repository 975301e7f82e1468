"""One published file as each viewer may see it, kept open as long as somebody reads it.

file ─▶ one database in memory, with the file attached read-only ─▶ one catalogue a scope, whose ``core`` and
``marts`` are views that leave out what its viewer may not see ─▶ rows. It formats nothing, and no select
reaches the file but through those views.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.errors import TriadaError
from connectors.published_file import CONFIG, NAME
from reports.access.scope import make_scope, scope_key
from reports.access.viewer import Viewer
from reports.told import BadAddress

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

Row = Mapping[str, Any]
log = logging.getLogger(__name__)

LIMIT_S = 10.0
"""A select that takes longer is stopped: nobody waits that long for a page, and others wait behind it."""
STREAM_LIMIT_S = 300.0
"""The same for all rows of a file, which somebody does wait for; the reader's taking them is in it."""
KEPT_ROWS = 100_000
"""Rows of answers kept a publication: it never changes, so the same question has the same answer."""
LARGEST_KEPT = 2000
"""Rows; larger answers are not kept."""


class TooSlow(TriadaError):
    """A select took longer than it may."""


class TooLarge(TriadaError):
    """A select needs more memory than readers have together."""


class Publication:
    """One published file, opened; several threads may ask at once."""

    def __init__(self, path: Path) -> None:
        import duckdb

        self.identity = identity(path)
        self._lock = threading.Lock()
        # Apart: making somebody's views must not hold up who gets a kept answer.
        self._scoping = threading.Lock()
        self._scopes: dict[tuple[str, str | None], str] = {}
        self._asked: dict[Any, Future[list[Row]]] = {}
        self._kept: OrderedDict[Any, list[Row]] = OrderedDict()
        self._kept_rows = 0
        self._root = duckdb.connect(":memory:", config={**CONFIG, "threads": 2})
        quoted = str(path).replace("'", "''")
        self._root.execute(f"attach '{quoted}' as {NAME} (read_only)")
        self._root.execute("set enable_progress_bar = false")

    def rows(self, viewer: Viewer, select: str, values: Mapping[str, Any], *, limit_s: float) -> list[Row]:
        """What this viewer sees of a select; rows are shared between readers and never to be changed."""
        question = (scope_key(viewer), select, tuple(sorted(values.items())))
        with self._lock:
            if question in self._kept:
                self._kept.move_to_end(question)
                return self._kept[question]
            asked, mine = self._asked.get(question), Future[list[Row]]()
            if asked is None:
                self._asked[question] = mine
        if asked is not None:  # somebody waits for the same answer already
            return asked.result()
        try:
            mine.set_result(self._answer(viewer, select, values, limit_s=limit_s))
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._asked[question]
                if mine.exception() is None:
                    self._keep(question, mine.result())
        return mine.result()

    def _answer(self, viewer: Viewer, select: str, values: Mapping[str, Any], *, limit_s: float) -> list[Row]:
        with self._scoping:
            catalogue, cursor = self._catalogue(viewer), self._root.cursor()
        return _ask(cursor, catalogue, select, values, limit_s=limit_s)

    def _keep(self, question: Any, found: list[Row]) -> None:
        if len(found) > LARGEST_KEPT:
            return
        self._kept[question] = found
        # An answer without rows takes room too.
        self._kept_rows += len(found) + 1
        while self._kept_rows > KEPT_ROWS:
            _, oldest = self._kept.popitem(last=False)
            self._kept_rows -= len(oldest) + 1

    def table(self, viewer: Viewer, name: str, select: str, *, limit_s: float) -> str:
        """A select as a table of this viewer's, made once: for what several selects of a page are made of."""
        self.rows(viewer, f"create table if not exists own.{name} as {select}", {}, limit_s=limit_s)
        return f"own.{name}"

    @contextmanager
    def stream(
        self, viewer: Viewer, select: str, values: Mapping[str, Any], *, limit_s: float = STREAM_LIMIT_S
    ) -> Iterator[Any]:
        """A cursor with a select's answer, for one that is too long to hold; closed with the context."""
        with self._scoping:
            catalogue, cursor = self._catalogue(viewer), self._root.cursor()
        with _asking(cursor, values, limit_s=limit_s):
            cursor.execute(f"use {catalogue}")
            cursor.execute("set TimeZone = 'UTC'")
            yield cursor.execute(select, dict(values))

    def _catalogue(self, viewer: Viewer) -> str:
        key = scope_key(viewer)
        if key not in self._scopes:
            name = f"seen_{len(self._scopes)}"
            make_scope(self._root, viewer, catalogue=name)
            self._scopes[key] = name
        return self._scopes[key]


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
    with _asking(cursor, values, limit_s=limit_s):
        cursor.execute(f"use {catalogue}")
        cursor.execute("set TimeZone = 'UTC'")
        answer = cursor.execute(select, dict(values)) if values else cursor.execute(select)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@contextmanager
def _asking(
    cursor: duckdb.DuckDBPyConnection, values: Mapping[str, Any], *, limit_s: float
) -> Iterator[None]:
    """A question and its rows within ``limit_s``; what goes wrong, as what its reader can do about it."""
    import duckdb

    begun = time.monotonic()
    stop = threading.Timer(limit_s, cursor.interrupt)
    stop.daemon = True
    stop.start()
    try:
        yield
    except duckdb.InterruptException:
        taken = time.monotonic() - begun
        raise TooSlow(
            f"reports: a question took {taken:.0f} s; choose a shorter period or fewer rows"
        ) from None
    except duckdb.OutOfMemoryException as error:
        log.warning("a question was stopped: %s", error)
        raise TooLarge("reports: a question needs more memory than there is; choose fewer rows") from error
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        if not values:  # then no reader's number is the cause
            raise
        log.warning("a question with %s could not be reckoned: %s", sorted(values), error)
        raise BadAddress("bad.beyond") from error
    finally:
        stop.cancel()
        cursor.close()
