"""Reads a MariaDB database from one read-only snapshot, however many queries ask it.

query of lines (``warehouse.lines``) ─▶ record batches of texts, few rows at a time in memory. One connection
in one transaction, begun before the first query: what others commit meanwhile is seen in none of them. Tables
of an engine without transactions have no snapshot. It knows no stream.
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
from warehouse.lines import columns_of

if TYPE_CHECKING:
    import pyarrow as pa

FETCHED_ROWS, BATCH_BYTES = 16, 8 * 2**20
"""So many rows are taken at a time, until a batch has so many bytes: few long texts, or many short rows."""
SILENT_S = 600
"""A server that says nothing for so long is lost; before its first row it adds up the stream."""
PATIENT_S = 28_800

# The snapshot waits for the other systems, and the server for the build to take the rows. A query waits
# behind somebody's ALTER no longer than for a lock. Texts mean the same whatever the server's mode is.
_SET_UP = f"""set time_zone = '+00:00', sql_mode = '', wait_timeout = {PATIENT_S},
    net_write_timeout = {SILENT_S}, idle_transaction_timeout = 0, idle_readonly_transaction_timeout = 0,
    lock_wait_timeout = {LOCK_TIMEOUT_S}"""
_BEGIN = (
    _SET_UP,
    "set session transaction isolation level repeatable read",
    "start transaction with consistent snapshot, read only",
)


class Snapshot:
    """A MariaDB database as it was when this was made, until it is closed."""

    def __init__(self, address: sa.URL, *, system: str) -> None:
        """``Unreachable`` when it does not answer or does not let us in."""
        import pymysql
        from pymysql.constants import CLIENT

        self._system = system
        self._failed: TriadaError | None = None
        self._connection: Any = None
        given, named = address.get_dialect()().create_connect_args(address)
        ours = {"charset": "utf8mb4", "use_unicode": False, "client_flag": CLIENT.MULTI_STATEMENTS}
        times = {"connect_timeout": CONNECT_TIMEOUT_S, "read_timeout": SILENT_S}
        try:
            self._connection = pymysql.connect(*given, **{**named, **ours, **times})
            for statement in _BEGIN:
                self._connection.query(statement)
        except (pymysql.Error, OSError, RuntimeError, TypeError) as error:
            self.close()
            raise Unreachable(self._said(_cause(error), answer_of(system))) from None

    def ask(self, sql: str) -> pa.RecordBatchReader:
        """The rows of a query, to be read before the next: statements, of which the first names the columns.

        ``Refused`` or ``Unreachable`` when there are none to be had; later on ``answering`` says so.
        """
        import pyarrow as pa
        import pymysql

        cursor = self._connection.cursor(pymysql.cursors.SSCursor)
        try:
            cursor.execute(sql)
            cursor.fetchall()
        except pymysql.Error as error:
            raise self._fault(error) from None
        schema = pa.schema([(column[0], pa.string()) for column in cursor.description])
        return pa.RecordBatchReader.from_batches(schema, self._batches(cursor, schema))

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

    def close(self) -> None:
        """End the snapshot; rows that nobody took are not waited for."""
        connection = self._connection
        if connection is not None and connection.open:
            connection.close()
        if connection is not None and connection._result is not None:
            # Else the driver reads on from the closed line when the cursor is collected.
            connection._result.unbuffered_active = connection._result.has_next = False

    def _batches(self, cursor: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        import pymysql

        try:
            while cursor.nextset():
                while lines := _some(cursor):
                    yield columns_of(lines, schema)
        except pymysql.Error as error:
            self._failed = self._fault(error)
            raise self._failed from None
        except TypeError:  # a null has no length
            self._failed = Refused(self._said("a row is longer than its server makes a value", _LONGER))
            raise self._failed from None

    def _fault(self, error: Exception) -> TriadaError:
        found = fault(sa.exc.DBAPIError("", None, error))
        if found.fate in (Fate.UNREACHABLE, Fate.AGAIN):
            return Unreachable(self._said(found.text, "an answer until all is read; build again"))
        return Refused(self._said(found.text, DECLARED))

    def _said(self, cause: str, expected: str) -> str:
        return f"{self._system}: the warehouse could not read: {cause[:300]}; expected {expected}"


_LONGER = "no more than max_allowed_packet; raise it on the server, or shorten the row's texts"


def _some(cursor: Any) -> list[bytes]:
    """The next lines of a statement, none at its end."""
    lines: list[bytes] = []
    size = 0
    while size < BATCH_BYTES and (rows := cursor.fetchmany(FETCHED_ROWS)):
        some = [row for (row,) in rows]
        size += sum(map(len, some))
        lines += some
    return lines


def _cause(error: Exception) -> str:
    """What a driver says, without the number before it."""
    return str(error.args[-1] if error.args else "").partition("\n")[0] or type(error).__name__
