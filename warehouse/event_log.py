"""Reads the event log of the published file in order, and writes files of it that are whole or not there.

published file ─▶ events, objects and relations, a row at a time ─▶ ``ocel``, ``xes``. The log is core's
``fct_process_event``; nothing is worked out here.
"""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from connectors.errors import Misconfigured, Refused, Unreachable
from settings import Settings
from warehouse.leftovers import export_folder

if TYPE_CHECKING:
    import duckdb

    Log = duckdb.DuckDBPyConnection

ROWS_AT_ONCE = 5_000
READING: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "512MB",
}
"""Sorting a long log spills to disk; the rows themselves are never all in memory."""


@contextmanager
def open_log(settings: Settings) -> Iterator[Log]:
    """The published file, read-only; ``Misconfigured`` when nothing was published yet."""
    published = settings.published_file
    if not published.exists():
        raise Misconfigured("no warehouse was published yet; `./triada build` makes one")
    import duckdb

    with export_folder(published.parent) as spill:
        # Attached, not opened: DuckDB would hand out a database of that path which the process still holds.
        connection = duckdb.connect(":memory:", config=READING | {"temp_directory": str(spill)})
        try:
            quoted = str(published).replace("'", "''")
            connection.execute(f"attach '{quoted}' as published (read_only)")
            yield connection
        except duckdb.Error as error:
            raise Refused(f"{published}: {error}; expected the published warehouse") from error
        finally:
            connection.close()


def rows(log: Log, select: str, parameters: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The rows of a query as they come; a cursor of its own, so that two may be read side by side."""
    cursor = log.cursor()
    try:
        cursor.execute("use published")
        cursor.execute("set TimeZone = 'UTC'")
        cursor.execute(select, parameters)
        while page := cursor.fetchmany(ROWS_AT_ONCE):
            yield from page
    finally:
        cursor.close()


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """UTF-8 text that takes the place of ``path`` once it is whole; gzipped if the name ends in ``.gz``.

    ``Misconfigured`` when its folder is not there, ``Unreachable`` when the disk takes no more.
    """
    if not path.parent.is_dir():
        raise Misconfigured(
            f"{path}: there is no folder {path.parent}; expected one to write to; make it first"
        )
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with fresh.open("wb") as raw:
            with _text(raw, packed=path.suffix == ".gz") as text:
                yield text
            raw.flush()
            os.fsync(raw.fileno())
        fresh.replace(path)
    except OSError as error:
        raise Unreachable(
            f"{path}: {error.strerror or error}; expected room and leave to write; {path.name} is as it was"
        ) from error
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def _text(raw: io.BufferedWriter, *, packed: bool) -> Iterator[TextIO]:
    """The same log gives the same bytes: a gzip header without name and hour."""
    if not packed:
        text = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
        yield text
        text.detach()
        return
    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6, mtime=0) as zipped:
        pack = io.TextIOWrapper(zipped, encoding="utf-8", newline="\n")
        yield pack
        pack.detach()
