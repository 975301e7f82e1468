"""Reads a query of a system's database in columns, whatever database it is, for the build to select from.

Each system in one read-only snapshot: DuckDB itself reads PostgreSQL (``warehouse.attached``); ADBC gives
SQLite, and the connectors' driver MariaDB (``warehouse.mariadb``), as Arrow record batches. What MariaDB's is
too slow for is read apart. It knows no stream: queries come from ``warehouse.source_sql``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import URL

from connectors.errors import Misconfigured, Refused, TriadaError, Unreachable
from connectors.sql_engine import parse
from connectors.sql_errors import hush
from warehouse.attached import Attached
from warehouse.attached_words import DECLARED, answer_of, setting_of
from warehouse.mariadb import Apart, Snapshot

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Reader:
    """A database opened for reading into the build: ``ask(sql)`` gives a query's rows, to be read once.

    They are record batches, or, where the database is ``attached`` to the build, a relation of it: there
    columns come in their own types. All queries see one state of the database. ``answering`` tells a fault of
    the database, while its rows are read, from one of the build.
    """

    dialect: str
    ask: Callable[[str], pa.RecordBatchReader | str]
    attached: Attached | None = None
    answering: Callable[[], AbstractContextManager[None]] = nullcontext

    @contextmanager
    def selected(self, build: duckdb.DuckDBPyConnection, rows: pa.RecordBatchReader | str) -> Iterator[str]:
        """What a statement of the build selects these rows from."""
        with self.answering():
            if isinstance(rows, str):
                yield rows
                return
            build.register("arriving", rows)
            try:
                yield "arriving"
            finally:
                build.unregister("arriving")


@contextmanager
def open_reader(build: duckdb.DuckDBPyConnection, url: str, *, system: str) -> Iterator[Reader]:
    """A reader of the database behind a URL, as its connector takes it, for this build.

    A snapshot of PostgreSQL ends with the build's transaction, one of another with the context.
    ``Unreachable`` when it does not answer, ``Misconfigured`` when the URL is of another kind.
    """
    address = _parsed(url, system)
    kind = address.get_backend_name()
    with _hushed(address):
        if kind == "postgresql":
            attached = Attached(build, address, system=system)
            yield Reader("postgresql", attached.ask, attached, attached.answering)
        elif kind == "sqlite":
            yield from _sqlite(address, system)
        else:
            with closing(Snapshot(address, system=system)) as snapshot:
                yield Reader("mysql", snapshot.ask, answering=snapshot.answering)


@contextmanager
def open_apart(url: str, *, system: str) -> Iterator[Reader | None]:
    """What reads whole tables so much faster that it is worth it, each in a state of its own.

    None where ``open_reader`` is as fast, and where only its driver knows what the address says.
    """
    address = _parsed(url, system)
    if address.get_backend_name() in ("postgresql", "sqlite") or set(address.query) - {"charset"}:
        yield None
        return
    with _hushed(address):
        apart = Apart(address, system=system)
        yield Reader("mysql", apart.ask, answering=apart.answering)


@contextmanager
def _hushed(address: URL) -> Iterator[None]:
    """No password in an error: a server may repeat what it refused."""
    try:
        yield
    except TriadaError as error:
        hush(error, address)
        raise


def _parsed(url: str, system: str) -> URL:
    try:
        return parse("state" if system == "hub" else system, url)
    except Misconfigured as error:
        raise Misconfigured(f"{setting_of(system)}: {error}") from None


def _sqlite(address: URL, system: str) -> Iterator[Reader]:
    import adbc_driver_sqlite.dbapi as adbc
    from adbc_driver_manager import Error

    path = Path(address.database or "")
    if not path.is_file():
        wanted = (
            "the state that was read before; look at TRIADA_STATE_URL"
            if system == "hub"
            else "a store; run ./triada seed"
        )
        raise Unreachable(f"{system}: no database at {path.name}; expected {wanted}")
    try:
        connection = adbc.connect(f"file:{path}?mode=ro")
    except Error as error:
        raise Unreachable(_what(system, error, answer_of(system))) from None
    try:
        cursor = connection.cursor()

        def batches(sql: str) -> pa.RecordBatchReader:
            try:
                cursor.execute(sql)
                return cursor.fetch_record_batch()
            except Error as error:
                raise Refused(_what(system, error, DECLARED)) from None

        yield Reader("sqlite", batches)
        cursor.close()
    finally:
        connection.close()


def _what(system: str, error: Exception, expected: str) -> str:
    """The first line of a driver's message; drivers repeat the address, which may hold a password."""
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    if "://" in first:
        first = type(error).__name__
    return f"{system}: the warehouse could not read: {first[:300]}; expected {expected}"
