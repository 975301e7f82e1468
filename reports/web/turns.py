"""Whose turn it is when files are made: a few at once, a few that wait, one for each reader.

Who asks and what makes the file come in; the file comes out, or :class:`Busy` at once. What is made holds a
thread of its own kind, so that pages are answered however many files are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

import anyio.to_thread

from connectors.errors import TriadaError

Made = TypeVar("Made")
WAITING = 4
"""Who waits for a turn; the next one is sent away."""
RETRY_S = 30


class Busy(TriadaError):
    """As many are made, and wait, as may be; another try after ``RETRY_S`` may be in time."""


class OneAtATime(Busy):
    """The reader's last file of this kind is not there yet."""


class Turns:
    """Turns for one kind of file, ``at_once`` of them at the same time; used from one event loop."""

    def __init__(self, at_once: int) -> None:
        self._most = at_once + WAITING
        self._limiter = anyio.CapacityLimiter(at_once)
        self._asked: set[Hashable] = set()

    async def take(self, who: Hashable, make: Callable[[], Made]) -> Made:
        """What ``make`` gives, in a thread, when it is this reader's turn."""
        if who in self._asked:
            raise OneAtATime(f"{who!r} has asked for one already")
        if len(self._asked) >= self._most:
            raise Busy(f"{self._most} others have asked")
        self._asked.add(who)
        try:
            return await anyio.to_thread.run_sync(make, limiter=self._limiter)
        finally:
            self._asked.discard(who)
