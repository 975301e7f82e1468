"""Opens the published warehouse for reading, for one request: the way every reader of ours takes.

path ─▶ a connection of its own with the file attached read-only ─▶ closed with the request. The connection
stays with the publication it opened, whole, however many take its place meanwhile; the next request sees the
newest. Never sees the private build file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.errors import Refused

if TYPE_CHECKING:
    import duckdb

NAME = "published"
# Nothing is fetched at run time. A reader that wants more memory than this is refused it: it would spill
# beside the file, and leave that there when it is killed.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1GB",
    "temp_directory": "",
}


@contextmanager
def open_published(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection where ``marts.mart_metric`` is a table's name; instants are UTC.

    ``Refused`` when the file is not there or is no DuckDB file, and when a query of the caller's fails.
    """
    import duckdb

    # Attached, not opened: DuckDB would hand out a database of that path which the process still holds.
    connection = duckdb.connect(":memory:", config=CONFIG)
    try:
        quoted = str(path).replace("'", "''")
        connection.execute(f"attach '{quoted}' as {NAME} (read_only)")
        connection.execute(f"use {NAME}")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")  # standard output is the command's own
        yield connection
    except duckdb.Error as error:
        raise Refused(
            f"published ({path}): {error}; expected the published warehouse. Run `./triada build`."
        ) from error
    finally:
        connection.close()
