"""Reads a MariaDB database: any query from one read-only snapshot, or one query apart, several times as fast.

query ─▶ record batches of texts, few rows at a time in memory. A snapshot is one connection in one
transaction, begun before its first query: what others commit meanwhile is seen in none of them. Tables of an
engine without transactions have none (docs/decisions/0018-mariadb-is-read-from-one-snapshot.md). It knows no
stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from connectors.errors import Refused, TriadaError, Unreachable
from connectors.sql_engine import CONNECT_TIMEOUT_S, LOCK_TIMEOUT_S
from connectors.sql_errors import Fate, fault
from warehouse.attached_words import DECLARED, answer_of

if TYPE_CHECKING:
    import pyarrow as pa

APART_ROWS = 50_000
FETCHED_ROWS, BATCH_BYTES = 16, 8 * 2**20
"""So many rows are taken at a time, until a batch has so many bytes: few long texts, or many short rows."""
SILENT_S = 600
"""A server that says nothing for so long is lost; before its first row it adds up the stream."""
PATIENT_S = 28_800

# The snapshot and the server wait for the build to take the rows. A query waits behind somebody's ALTER no
# longer than for a lock.
_BEGIN = (
    f"set time_zone = '+00:00', wait_timeout = {PATIENT_S}, net_write_timeout = {SILENT_S}",
    "set idle_transaction_timeout = 0, idle_readonly_transaction_timeout = 0",
    f"set lock_wait_timeout = {LOCK_TIMEOUT_S}",
    "set session transaction isolation level repeatable read",
    "start transaction with consistent snapshot, read only",
)


class _Answers:
    """Tells a fault of the database, while its rows are read, from one of the build that reads them."""

    def __init__(self, system: str) -> None:
        self._system = system
        self._failed: TriadaError | None = None

    @contextmanager
    def answering(self) -> Iterator[None]:
        """``Refused`` or ``Unreachable`` in place of what DuckDB says when rows stop coming."""
        import duckdb

        try:
            yield
        except duckdb.Error:
            if self._failed is None:
                raise
            raise self._failed from None

    def _told(self, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
        import pyarrow as pa

        def watched() -> Iterator[pa.RecordBatch]:
            try:
                yield from batches
            except (GeneratorExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # where a line is lost, connectorx panics with an error of its own
                self._failed = self._fault(error)
                raise self._failed from None

        return pa.RecordBatchReader.from_batches(schema, watched())

    def _fault(self, error: BaseException) -> TriadaError:
        import pymysql

        if not isinstance(error, pymysql.Error):
            return Unreachable(self._said(_cause(error), _UNTIL_ALL))
        found = fault(sa.exc.DBAPIError("", None, error))
        if found.fate in (Fate.UNREACHABLE, Fate.AGAIN):
            return Unreachable(self._said(found.text, _UNTIL_ALL))
        return Refused(self._said(found.text, DECLARED))

    def _said(self, cause: str, expected: str) -> str:
        return f"{self._system}: the warehouse could not read: {cause[:300]}; expected {expected}"


class Snapshot(_Answers):
    """A MariaDB database as it was when this was made, until it is closed."""

    def __init__(self, address: sa.URL, *, system: str) -> None:
        """``Unreachable`` when it does not answer or does not let us in."""
        import pymysql

        super().__init__(system)
        self._connection: Any = None
        self._cursor: Any = None
        ours: dict[str, Any] = {"charset": "utf8mb4", "connect_timeout": CONNECT_TIMEOUT_S}
        try:
            given, named = address.get_dialect()().create_connect_args(address)
            self._connection = pymysql.connect(*given, **{**named, **ours, "read_timeout": SILENT_S})
            for statement in _BEGIN:
                self._connection.query(statement)
        except (pymysql.Error, OSError, RuntimeError, TypeError, ValueError) as error:
            self.close()
            raise Unreachable(self._said(_cause(error), answer_of(system))) from None

    def ask(self, sql: str) -> pa.RecordBatchReader:
        """The rows of a query of texts, to be read before the next query.

        ``Refused`` or ``Unreachable`` when there are none to be had; later on ``answering`` says so.
        """
        import pyarrow as pa
        import pymysql

        self._cursor = self._connection.cursor(pymysql.cursors.SSCursor)
        try:
            self._cursor.execute(sql)
        except pymysql.Error as error:
            raise self._fault(error) from None
        schema = pa.schema([(column[0], pa.string()) for column in self._cursor.description])
        return self._told(schema, _batches(self._cursor, schema))

    def close(self) -> None:
        """End the snapshot; rows that nobody took are not waited for."""
        connection = self._connection
        if connection is not None and connection.open:
            connection.close()
        if connection is not None and connection._result is not None:
            # Else the driver reads on from the closed line when the cursor, kept until now, is collected.
            connection._result.unbuffered_active = False
        self._cursor = None


class Apart(_Answers):
    """A MariaDB database of which each query is a state of its own: several times as fast as a snapshot."""

    def __init__(self, address: sa.URL, *, system: str) -> None:
        """``Unreachable`` when it does not answer or does not let us in."""
        super().__init__(system)
        # connectorx tries for half a minute and prints each try: ask once before it does.
        Snapshot(address, system=system).close()
        # connectorx knows the scheme mysql alone, and speaks utf8mb4 without being told.
        self._url = address.set(drivername="mysql", query={}).render_as_string(hide_password=False)

    def ask(self, sql: str) -> pa.RecordBatchReader:
        """The rows of a query. ``Refused`` or ``Unreachable`` when there are none to be had, as above."""
        import connectorx

        # Each query has a connection of its own: what a snapshot sets once is set for it.
        one = f"set statement time_zone = '+00:00', lock_wait_timeout = {LOCK_TIMEOUT_S} for {sql}"
        try:
            found = connectorx.read_sql(self._url, one, return_type="arrow_stream", batch_size=APART_ROWS)
        except RuntimeError as error:
            cause = _cause(error)
            if any(words in cause for words in _LOST):
                raise Unreachable(self._said(cause, _UNTIL_ALL)) from None
            raise Refused(self._said(cause, DECLARED)) from None
        return self._told(found.schema, iter(found))


_UNTIL_ALL = "an answer until all is read; build again"
_LOST = ("timed out waiting for connection", "IoError", "DriverError", "Lock wait timeout")


def _batches(cursor: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    while rows := _some(cursor):
        columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _some(cursor: Any) -> list[tuple[str | None, ...]]:
    """The next rows, none at the end."""
    found: list[tuple[str | None, ...]] = []
    size = 0
    while size < BATCH_BYTES and (rows := cursor.fetchmany(FETCHED_ROWS)):
        size += sum(len(value) for row in rows for value in row if value)
        found += rows
    return found


def _cause(error: BaseException) -> str:
    """What a driver says, without the number before it; never an address, which may hold a password."""
    said = str(error.args[-1] if error.args else "").partition("\n")[0]
    return type(error).__name__ if not said or "://" in said else said
