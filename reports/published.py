"""Which publication readers read: the newest at a path, or the last one until the next is ready.

path ─▶ ``Publication``. What is in it, and who sees what of it, that knows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from connectors.errors import Refused
from reports.publication import Publication, identity


class Published:
    """The newest publication at a path; a reader of it stays with the one it was given.

    With ``follows``, somebody calls :meth:`renew` from time to time, and readers keep the last one until the
    next one is ready; without, the newest is opened as soon as somebody asks.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.follows = False
        self._lock = threading.Lock()
        self._now: Publication | None = None
        self._ready: tuple[int, int, int] | None = None
        self._behind: tuple[Publication, float] | None = None

    def now(self) -> Publication:
        """The publication to read; ``Refused`` when there is none or it cannot be read."""
        with self._lock:
            if self._now is None or (not self.follows and self._now.identity != self._identity()):
                self._now = self._open()
            return self._now

    def renew(self, make_ready: Callable[[Publication], None]) -> None:
        """Open what was published since and have it made ready; only then readers get it.

        Called by one thread alone; ``Refused`` where ``now`` refuses.
        """
        last, newest = self.now(), self._identity()
        if newest == self._ready:
            return
        opened = last if last.identity == newest else self._open()
        make_ready(opened)
        with self._lock:
            self._now = opened
        self._ready = opened.identity

    def behind_s(self) -> float:
        """Seconds for which readers got this one publication and no newer one, since this was first asked."""
        now, newest = self.now(), self._identity()
        with self._lock:
            if now.identity == newest:
                self._behind = None
                return 0.0
            if self._behind is None or self._behind[0] is not now:
                self._behind = (now, time.monotonic())
            return time.monotonic() - self._behind[1]

    def _open(self) -> Publication:
        import duckdb

        try:
            return Publication(self.path)
        except (FileNotFoundError, duckdb.Error) as error:
            raise self._none() from error

    def _identity(self) -> tuple[int, int, int]:
        try:
            return identity(self.path)
        except FileNotFoundError as error:
            raise self._none() from error

    def _none(self) -> Refused:
        return Refused(f"reports: no published warehouse is at {self.path}; `./triada build` makes one")
