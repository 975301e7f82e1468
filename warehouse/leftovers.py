"""Sweeps what builds that died left in the warehouse folder.

Half-written files, and what DuckDB put on the disk for want of memory. Whoever sweeps
holds the folder (``warehouse.build_lock``), so that none of it belongs to a process that lives; an export
holds no folder but its own, and that stays while the export lives. What DuckDB keeps beside the build file
to repair it (``build.duckdb.wal``) is no leftover.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from settings import Settings

EXPORT = ".export-"
YOUNG_S = 5.0
"""Between making its folder and locking it an export needs a moment; one so young is left for the next."""


def spill_folder(settings: Settings) -> Path:
    """Where a build puts what does not fit into its memory."""
    return settings.build_file.with_name("build.spill")


def fresh_file(path: Path) -> Path:
    """The name under which a file is written before it takes the place of ``path``."""
    return path.with_name(f".{path.name}.new")


def discard(fresh: Path) -> None:
    """Remove what was not put in place, with the log that DuckDB may have beside it."""
    for path in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        path.unlink(missing_ok=True)


def put_in_place(fresh: Path, target: Path) -> None:
    """At once, and on the disk, so that a power cut after it finds the whole file."""
    sync(fresh)
    fresh.replace(target)
    sync(target.parent)


@contextmanager
def export_folder(folder: Path) -> Iterator[Path]:
    """A folder in ``folder`` for what an export spills, locked while it is in use and gone afterwards."""
    with TemporaryDirectory(prefix=EXPORT, dir=folder, ignore_cleanup_errors=True) as made:
        handle = os.open(made, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield Path(made)
        finally:
            os.close(handle)


def _sweep_exports(folder: Path) -> None:
    """Those of processes that died: a lock ends with its process."""
    for path in folder.glob(f"{EXPORT}*"):
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:  # its export ended just now
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - path.stat().st_mtime > YOUNG_S:
                shutil.rmtree(path, ignore_errors=True)
        except (BlockingIOError, FileNotFoundError):
            continue
        finally:
            os.close(handle)


def sync(path: Path) -> None:
    """What is written to a file, or which files a folder has, is on the disk afterwards."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(settings: Settings) -> None:
    """Remove every leftover; the caller holds the folder."""
    folder = settings.published_file.parent
    for pattern in (f".{settings.published_file.name}.*", f".{settings.build_file.name}.*", ".status.json.*"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
    _sweep_exports(folder)
    shutil.rmtree(spill_folder(settings), ignore_errors=True)
