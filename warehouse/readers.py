"""Reads a query of a system's database as Arrow record batches, whatever database it is.

ADBC reads SQLite and PostgreSQL, each system in one read-only snapshot; connectorx reads MariaDB, where
each query is a snapshot of its own. It knows no stream: queries come from ``warehouse.source_sql``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import URL

from connectors.errors import Misconfigured, Refused, TriadaError, Unreachable
from connectors.sql_engine import parse
from connectors.sql_errors import hush

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 50_000


@dataclass(frozen=True)
class Reader:
    """A database opened for reading: ``batches(sql)`` gives a query's record batches, to be read to the end.

    ``typed``: columns come in their own types, and all queries see one state of the database.
    """

    dialect: str
    batches: Callable[[str], pa.RecordBatchReader]
    typed: bool = False


@contextmanager
def open_reader(url: str, *, system: str) -> Iterator[Reader]:
    """A reader of the database behind a URL, as its connector takes it; the snapshot ends with the context.

    ``Unreachable`` when it does not answer, ``Misconfigured`` when the URL is of another kind.
    """
    named = "state" if system == "hub" else system
    try:
        address = parse(named, url)
    except Misconfigured as error:
        raise Misconfigured(f"TRIADA_{named.upper()}_URL: {error}") from None
    kinds = {"sqlite": _sqlite, "postgresql": _postgresql}
    try:
        yield from kinds.get(address.get_backend_name(), _mysql)(address, system)
    except TriadaError as error:
        hush(error, address)  # a server may repeat what it refused
        raise


def _sqlite(address: URL, system: str) -> Iterator[Reader]:
    import adbc_driver_sqlite.dbapi as adbc

    path = Path(address.database or "")
    if not path.is_file():
        wanted = (
            "the state that was read before; look at TRIADA_STATE_URL"
            if system == "hub"
            else "a store; run ./triada seed"
        )
        raise Unreachable(f"{system}: no database at {path.name}; expected {wanted}")
    yield from _adbc(lambda: adbc.connect(f"file:{path}?mode=ro"), "sqlite", system)


def _postgresql(address: URL, system: str) -> Iterator[Reader]:
    import adbc_driver_postgresql.dbapi as adbc

    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    yield from _adbc(
        lambda: adbc.connect(plain),
        "postgresql",
        system,
        first="set transaction isolation level repeatable read, read only",
    )


def _adbc(connect: Callable[[], Any], dialect: str, system: str, first: str = "") -> Iterator[Reader]:
    from adbc_driver_manager import Error

    try:
        connection = connect()
    except Error as error:
        raise Unreachable(_what(system, error, "an answer; check the address and that it runs")) from None
    try:
        cursor = connection.cursor()
        if first:
            cursor.execute(first)

        def batches(sql: str) -> pa.RecordBatchReader:
            try:
                cursor.execute(sql)
                return cursor.fetch_record_batch()
            except Error as error:
                raise Refused(_what(system, error, "the stream's declared columns")) from None

        yield Reader(dialect, batches, typed=dialect == "postgresql")
        cursor.close()
    finally:
        connection.close()


def _mysql(address: URL, system: str) -> Iterator[Reader]:
    import pymysql

    # connectorx retries for half a minute and prints each try: ask once before it does.
    try:
        pymysql.connect(
            host=address.host or "127.0.0.1",
            port=address.port or 3306,
            user=address.username,
            password=address.password or "",
            database=address.database,
            connect_timeout=10,
        ).close()
    except pymysql.Error as error:
        raise Unreachable(_what(system, error, "an answer; check the address and that it runs")) from None
    yield Reader("mysql", lambda sql: _connectorx(address, sql, system))


def _connectorx(address: URL, sql: str, system: str) -> pa.RecordBatchReader:
    import connectorx

    # connectorx knows the scheme mysql alone, and speaks utf8mb4 without being told.
    plain = address.set(drivername="mysql", query={}).render_as_string(hide_password=False)
    try:
        return connectorx.read_sql(plain, sql, return_type="arrow_stream", batch_size=BATCH_ROWS)
    except RuntimeError as error:
        raise Refused(_what(system, error, "the stream's declared columns")) from None


def _what(system: str, error: Exception, expected: str) -> str:
    """The first line of a driver's message; drivers repeat the address, which may hold a password."""
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    if "://" in first:
        first = type(error).__name__
    return f"{system}: the warehouse could not read: {first[:300]}; expected {expected}"
