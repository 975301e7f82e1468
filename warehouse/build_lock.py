"""Lets one builder at a time have the warehouse folder; the operating system frees it when that one dies.

An advisory lock on ``build.lock``, held for a step or, by who runs all steps in one process, for a build. It
is a file of its own: to open and close the build file beside DuckDB would drop DuckDB's own lock on it.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from connectors.errors import Unreachable
from settings import Settings

WAIT_S = 60.0
"""Longer than a step of a company of usual size takes; Airflow tries again after it."""
POLL_S = 0.05

_held: ContextVar[frozenset[Path]] = ContextVar("held", default=frozenset())


@contextmanager
def building_alone(settings: Settings, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the warehouse folder; ``Unreachable`` when another builder still has it after ``wait_s``.

    Whoever holds it may ask again and has it at once; another thread of the same process may not.
    """
    path = settings.build_file.with_name("build.lock")
    if path in _held.get():
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        _take(lock.fileno(), path, wait_s)
        token = _held.set(_held.get() | {path})
        try:
            yield
        finally:
            _held.reset(token)


def _take(handle: int, path: Path, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Unreachable(
                    f"warehouse ({path.parent}): another build still has it after {wait_s:g} s; expected to "
                    "build alone; wait for it and build again"
                ) from None
            time.sleep(POLL_S)
        else:
            return
