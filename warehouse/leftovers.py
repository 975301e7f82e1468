"""Sweeps what builds that died left in the warehouse folder.

Half-written files, and what DuckDB put on the disk for want of memory. Whoever sweeps
holds the folder (``warehouse.build_lock``), so that none of it belongs to a process that lives. What DuckDB
keeps beside the build file to repair it (``build.duckdb.wal``) is no leftover.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from settings import Settings


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


def sweep(settings: Settings) -> None:
    """Remove every leftover; the caller holds the folder."""
    folder = settings.published_file.parent
    for pattern in (f".{settings.published_file.name}.*", f".{settings.build_file.name}.*", ".status.json.*"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
    shutil.rmtree(spill_folder(settings), ignore_errors=True)
