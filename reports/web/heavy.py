"""What takes a browser or a workbook's memory: a few at once, a few more wait, one for a reader at a time.

A call ─▶ a thread of its own kind ─▶ its answer, or :class:`Busy`. Pages have their threads to themselves,
whatever is printed meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from connectors.errors import TriadaError
from reports.export.pdf import AT_ONCE

Answer = TypeVar("Answer")

WAITING = 8
"""How many wait beside those that are made; who comes then is told to come again."""
RETRY_AFTER_S = 20


class Busy(TriadaError):
    """Too many files are being made; try again after ``RETRY_AFTER_S`` seconds."""


class Heavy:
    """The heavy work of one service."""

    def __init__(self) -> None:
        self._limiter = anyio.CapacityLimiter(AT_ONCE)
        self._lock = threading.Lock()
        self._whose: set[object] = set()

    async def run(self, call: Callable[[], Answer], *, whose: object) -> Answer:
        """What ``call`` gives; ``Busy`` when there is one of this reader's already, or too many wait."""
        with self._lock:
            if whose in self._whose or len(self._whose) >= AT_ONCE + WAITING:
                raise Busy("other files are being made; this one was not begun")
            self._whose.add(whose)
        try:
            return await anyio.to_thread.run_sync(call, limiter=self._limiter)
        finally:
            with self._lock:
                self._whose.discard(whose)
