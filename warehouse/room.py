"""Says in one way that a build has no room left, and marks what was published stale.

An error of DuckDB, SQLite or the operating system about the disk or the memory ─▶ ``NoRoom`` with where,
what and what to do. It frees nothing: what the failed build wrote is swept by the next one.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.errors import Refused
from settings import Settings
from warehouse.status import mark_stale

_FULL = ("no space left on device", "database or disk is full", "disk quota exceeded", "offload data block")


class NoRoom(Refused):
    """The disk or the memory is full: stop. No source refused anything; the status says it already."""


@contextmanager
def refused_without_room(settings: Settings) -> Iterator[None]:
    """``NoRoom`` in place of any error that says there is no room; other errors pass."""
    try:
        yield
    except Exception as error:
        said = _no_room(error, settings)
        if not said:
            raise
        mark_stale(settings, error=said)
        raise NoRoom(said) from error


def _no_room(error: BaseException, settings: Settings) -> str:
    folder = settings.build_file.parent
    told = str(error).splitlines()[0] if str(error) else type(error).__name__
    chain = list(_causes(error))
    if any(_is_full(one) for one in chain):
        return (
            f"warehouse ({folder}): the disk is full, {_free_mb(folder)} MB are free: {told}; expected "
            "room for the build file, a second published file and what a build spills; free some and build "
            "again. What was published before stays"
        )
    if any(type(one).__name__ == "OutOfMemoryException" for one in chain):
        return (
            f"warehouse ({folder}): the build needs more memory than {settings.warehouse_memory}: {told}; "
            "raise TRIADA_WAREHOUSE_MEMORY and build again. What was published before stays"
        )
    return ""


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return any(words in str(error).lower() for words in _FULL)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _free_mb(folder: Path) -> str:
    return f"{shutil.disk_usage(folder).free / 1e6:.1f}"
