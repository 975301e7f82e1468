"""Tells what DuckDB says of an attached PostgreSQL database from what it says of its files, and the cause.

An error ─▶ whose it is, whether the database was lost, the line that says why. Words of DuckDB's extension,
of libpq and of PostgreSQL; it raises nothing.
"""

from __future__ import annotations

DECLARED = "the stream's declared columns, in a table or a view: docs/streams.md"
"""What a database that refuses a query was expected to have."""

_KINDS = ("", "Binder Error: ", "Invalid Input Error: ", "Invalid Error: ", "IO Error: ")
# How what the extension says begins.
_BEGINNINGS = (
    "Failed to prepare",
    "Failed to execute",
    "Failed to fetch",
    "Failed to describe prepared",
    "Failed to copy data",
    "Unable to",
    "Postgres",
    "Connection pool",
    "CTID mismatch",
    "Expected Postgres",
    "Expected an array",
    "Need at least",
    "Unsupported type for postgres",
    "Invalid unicode",
)
_OF_THE_SOURCE = tuple(kind + words for kind in _KINDS for words in _BEGINNINGS)
_LOST = (
    "unable to connect",
    "unable to read binary copy data",
    "connection to server",
    "no connection to",
    "server closed the connection",
    "terminating connection",
    "could not receive data",
    "too many connections",
    "connection slots",
    "lock timeout",
    "statement timeout",
    "invalid snapshot identifier",
    "connection pool",
)


def is_of_the_source(error: BaseException, folder: str) -> bool:
    """Whether an error while rows are read is of the database, and not of a file in the build's folder.

    What DuckDB says of a file that it cannot read or write names the file.
    """
    import duckdb

    said = str(error)
    if isinstance(error, duckdb.IOException):
        return not (folder and folder in said)
    return said.partition("\n")[0].startswith(_OF_THE_SOURCE)


def is_lost(error: BaseException) -> bool:
    """Whether the database went away or let us wait, and may answer the next time."""
    said = str(error).lower()
    return any(words in said for words in _LOST)


def cause_of(error: BaseException) -> str:
    """The line that says why: PostgreSQL's own, or what stands after the query or the address it is about."""
    said = str(error)
    for severity in ("ERROR:  ", "FATAL:  "):
        if severity in said:
            said = said.partition(severity)[2]
            break
    else:
        said = said.rpartition('": ')[2] or said
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return (lines[0] if lines else "the connection was lost")[:300]


def answer_of(system: str) -> str:
    """What a system that does not answer was expected to give."""
    return f"an answer; check {setting_of(system)} and that it runs"


def setting_of(system: str) -> str:
    """The setting that holds the system's address."""
    return f"TRIADA_{'STATE' if system == 'hub' else system.upper()}_URL"
