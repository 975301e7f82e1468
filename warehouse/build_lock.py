"""One build at a time: a lock beside the build file, held for a stage or for all of them.

Whoever opens the build file holds it: a stage of the DAG while it runs, ``triada build`` from its first
stage to its last, so that it never comes between the gates and the publication of another. It ends with its
process, however that ends. It says nothing about readers: the published file is never locked.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TextIO

from connectors.errors import Unreachable
from settings import Settings
from warehouse.broken import refused_when_closed

WAIT_S = 30.0
"""Longer than a stage usually takes, shorter than anybody wonders; a task is then tried again by Airflow."""
POLL_S = 0.1
# Of this thread alone: another one is another builder.
_held: ContextVar[frozenset[Path]] = ContextVar("held", default=frozenset())

log = logging.getLogger("triada.warehouse")


class BeingBuilt(Unreachable):
    """Another build has the build file: come later. It says nothing about any system."""


@contextmanager
def building_alone(
    settings: Settings, *, wait_s: float = WAIT_S, say: Callable[[str], object] = log.warning
) -> Iterator[None]:
    """Hold the lock; ``BeingBuilt`` when another build holds it for longer than ``wait_s``.

    ``Refused`` when this user may not write it.

    Within a block that holds it already, this does nothing. ``say`` is told once when there is a wait.
    """
    path = settings.build_file.with_name("build.lock")
    if path in _held.get():
        yield
        return
    with refused_when_closed(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Never truncated on opening: it names the process that holds it.
        opened = path.open("a+", encoding="utf-8")
    with opened as lock:
        _take(lock, wait_s=wait_s, say=say)
        _sign(lock, f"process {os.getpid()}")
        before = _held.set(_held.get() | {path})
        try:
            yield
        finally:
            _held.reset(before)
            _sign(lock, "")


def _take(lock: TextIO, *, wait_s: float, say: Callable[[str], object]) -> None:
    deadline = time.monotonic() + wait_s
    told = False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BeingBuilt(
                    f"the warehouse is being built by {_holder(lock)}, waited {wait_s:g} s for it; "
                    "expected to be alone; wait until it has ended and build again"
                ) from None
            if not told:
                say(f"the warehouse is being built by {_holder(lock)}; waiting up to {wait_s:g} s for it")
                told = True
            time.sleep(POLL_S)
        else:
            return


def _sign(lock: TextIO, holder: str) -> None:
    """Say who holds it, for whoever waits; on a full disk nobody is named, and the lock still holds."""
    with suppress(OSError):
        os.ftruncate(lock.fileno(), 0)
        os.pwrite(lock.fileno(), holder.encode(), 0)


def _holder(lock: TextIO) -> str:
    lock.seek(0)
    return lock.read().strip() or "another process"
