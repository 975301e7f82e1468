"""Says in one way that a file of the warehouse cannot be opened, read or written, and what to do.

An error of the operating system or of DuckDB about the file ─▶ ``Refused`` with path, cause and remedy. It
looks at no file itself and mends none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.errors import Refused

_READABLE = "expected a file and a folder that this user may read and write; `ls -l` says whose they are"
_BUILD = (
    "expected the private build file; move it away and run `./triada build --full`, which makes all but the "
    "history of versions: docs/operations.md"
)


@contextmanager
def refused_when_closed(path: Path) -> Iterator[None]:
    """``Refused`` in place of what the operating system says of the file; no other error is touched."""
    try:
        yield
    except OSError as error:
        raise Refused(f"warehouse ({path}): {error.strerror or error}; {_READABLE}") from error


@contextmanager
def refused_when_broken(path: Path, *, opening: bool = False) -> Iterator[None]:
    """``Refused`` in place of what DuckDB says of a build file that it cannot read or write.

    While ``opening`` it that is whatever it says; later an error may be of a query, and those pass.
    """
    import duckdb

    of_the_file = (duckdb.IOException, duckdb.FatalException, duckdb.SerializationException)
    try:
        yield
    except duckdb.Error as error:
        if not opening and not isinstance(error, of_the_file):
            raise
        said = str(error).partition("\n")[0]
        what = _READABLE if "permission denied" in said.lower() else _BUILD
        raise Refused(f"warehouse ({path}): {said}; {what}") from error
