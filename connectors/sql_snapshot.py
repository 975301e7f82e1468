"""The snapshots that windows are read from, and what becomes of a reading whose snapshot is lost.

a window ─▶ its ``Held`` ─▶ questions asked of one snapshot. A connection that ends takes its snapshot along:
the question is asked again of a new one, and a reading goes on after its last row. Knows no rows.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import sqlalchemy as sa
import tenacity

from connectors.protocol import Window
from connectors.sql_errors import Fate, fault
from connectors.sql_late import open_snapshot

TRIES = 4
KEPT = 2
"""Snapshots a connector keeps open: a window that nobody releases must not use up its connections."""

T = TypeVar("T")
Last = tuple[int, tuple[Any, Any]]
"""The last row given out: the number of its strand, its stamp and key as the database orders them."""


class Held:
    """One window's snapshot, and how far a reading of it has come."""

    def __init__(
        self, window: Window, connection: sa.Connection | None, *, reopen: Callable[[Held], sa.Connection]
    ) -> None:
        self._connection = connection
        self._reopen = reopen
        self.window = window
        self.opened = 1
        self.given = 0
        self.last: Last | None = None
        self.given_before = 0
        self.resumed: Last | None = None
        self.whole_at: int | None = 1
        self._asking = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(TRIES),
            wait=tenacity.wait_random_exponential(multiplier=0.1, max=2),
            retry=tenacity.retry_if_exception(_passes),
            reraise=True,
        )

    @property
    def is_open(self) -> bool:
        """Whether its snapshot is kept."""
        return self._connection is not None

    def begin(self) -> None:
        """A reading begins at the first row."""
        self.given = self.given_before = 0
        self.last = self.resumed = None
        self.whole_at = None

    def gave(self, rows: int, last: Last) -> None:
        """These rows more were given out, the last one of them this."""
        self.given += rows
        self.last = last

    def end(self) -> None:
        """A reading has come to its last row."""
        self.whole_at = self.opened

    def ask(self, question: Callable[[sa.Connection], T]) -> T:
        """The answer of the snapshot, or of a new one when its connection has ended."""
        answer: T = self._asking(self._once, question)
        return answer

    def drop(self) -> None:
        """Give the connection back; the next question opens a new snapshot."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # It may be the connection itself that has failed.
            with suppress(Exception):
                connection.close()

    def _once(self, question: Callable[[sa.Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._reopen(self)
            self.opened += 1
            self.given_before, self.resumed = self.given, self.last
        try:
            return question(self._connection)
        except sa.exc.SQLAlchemyError as error:
            if _passes(error):
                self.drop()
            raise


class Snapshots:
    """The snapshots of one connector, each by the window it was opened for."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._held: list[Held] = []

    def make_room(self) -> None:
        """Let go of the oldest, so that one more is not over ``KEPT``; it is opened anew if it is asked."""
        for older in [one for one in self._held if one.is_open][: 1 - KEPT]:
            older.drop()

    def hold(self, window: Window, connection: sa.Connection | None) -> Held:
        """Keep a snapshot for the window; without one it is opened when it is first asked."""
        held = Held(window, connection, reopen=self._open)
        self._held.append(held)
        return held

    def of(self, window: Window) -> Held:
        """The window's snapshot; a new one for a window that was opened elsewhere."""
        for held in self._held:
            if held.window is window:
                return held
        return self.hold(window, None)

    def release(self, window: Window) -> None:
        """Let go of the window's snapshot; never raises."""
        for held in [one for one in self._held if one.window is window]:
            held.drop()
            self._held.remove(held)

    def close(self) -> None:
        """Let go of them all."""
        for held in self._held:
            held.drop()
        self._held.clear()

    def _open(self, held: Held) -> sa.Connection:
        self.make_room()
        # The one asked last is the last to be let go.
        self._held.sort(key=lambda one: one is held)
        return open_snapshot(self._engine)


def _passes(error: BaseException) -> bool:
    return isinstance(error, sa.exc.SQLAlchemyError) and fault(error).fate in (Fate.UNREACHABLE, Fate.AGAIN)
