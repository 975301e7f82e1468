"""Database addresses and the connections behind them: bounded, timed, UTC.

An address becomes an engine when the connector is first used; every connection gets its session set up here.
Reads and writes open their transactions here. Knows no streams and translates no errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from connectors.errors import Misconfigured
from connectors.port import check_port
from models import SYSTEMS

CONNECT_TIMEOUT_S = 10
LOCK_TIMEOUT_S = 30
# More than the wait for a lock. pymysql also waits this long for the greeting of a server that stays silent.
ANSWER_TIMEOUT_S = 60
# A worker that is paused while it writes holds locks: after this long the server ends its transaction.
IDLE_TIMEOUT_S = 30
POOL_SIZE = 4
PACKET = "packet_bytes"
"""Where a MariaDB connection's ``info`` says how long a statement its server takes."""

# SQLAlchemy's bare names mean other drivers in other versions (postgresql:// is psycopg 3 in 2.1).
DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg2",
    "postgresql": "postgresql+psycopg2",
    "postgresql+psycopg2": "postgresql+psycopg2",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "mariadb+pymysql": "mariadb+pymysql",
}


def parse(system: str, url: str) -> sa.URL:
    """The address with its driver named; ``Misconfigured`` tells what is wrong without repeating it."""
    known = "sqlite:///file, postgresql://user@host/database or mariadb://user@host/database"
    if url.partition("?")[0].count("@") > 1:
        # Else what stands behind the first of them is taken for a host, and told as one.
        raise Misconfigured(
            f"{system}: its URL holds more than one @; write those of the password as %40, and likewise "
            "%2F for / and %3A for : in it"
        )
    check_port(system, url)
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise Misconfigured(f"{system}: its URL is no database address; expected {known}") from None
    driver = DRIVERS.get(parsed.drivername)
    if driver is None:
        # The reader of an address puts its setting before the name of the system.
        if system.rpartition(" ")[2] in SYSTEMS:
            known = known.replace(" or ", ", ") + ", or http(s)://host (a store's API)"
        raise Misconfigured(f"{system}: no connector for {parsed.drivername!r} addresses; expected {known}")
    if not parsed.database or parsed.database == ":memory:":
        raise Misconfigured(f"{system}: its {driver} URL names no database; expected {known}")
    return parsed.set(drivername=driver)


def place(url: sa.URL) -> str:
    """The address as messages show it: no user, password or parameters."""
    host = f"{url.host or ''}{f':{url.port}' if url.port else ''}"
    return f"{url.get_backend_name()} {host + '/' if host else ''}{url.database}"


def secrets_in(url: sa.URL) -> list[str]:
    """What of an address must never show: its password, also when it came as a parameter."""
    parameters = [
        value for name, value in url.query.items() if "pass" in name.lower() or "pwd" in name.lower()
    ]
    texts = [value if isinstance(value, str) else " ".join(value) for value in parameters]
    return [secret for secret in (str(url.password or ""), *texts) if secret]


def make_engine(url: sa.URL) -> sa.Engine:
    """The engine of a parsed address: nothing connects yet."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=True,
        pool_recycle=1800,
        **(_postgresql() if url.get_backend_name() == "postgresql" else _mariadb()),
    )
    if engine.dialect.name != "postgresql":
        sa.event.listen(engine, "connect", _set_up_mariadb)
    return engine


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that will write; on SQLite it waits for its turn before it reads what it compares."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("begin immediate")
        elif engine.dialect.name == "postgresql":
            connection.exec_driver_sql(
                f"set local idle_in_transaction_session_timeout = {IDLE_TIMEOUT_S * 1000}"
            )
        yield connection


def _sqlite(url: sa.URL) -> sa.Engine:
    # mode=rw: a mistyped path is an error, not a new empty store.
    path = quote(str(Path(str(url.database)).absolute()))
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=f"file:{path}", query={"mode": "rw", "uri": "true"}),
        hide_parameters=True,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        connect_args={"timeout": LOCK_TIMEOUT_S},
    )
    sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(f"pragma busy_timeout = {LOCK_TIMEOUT_S * 1000}")
        cursor.execute("pragma foreign_keys = on")
        if cursor.execute("pragma journal_mode").fetchone()[0] != "wal":
            cursor.execute("pragma journal_mode = wal")
    finally:
        cursor.close()


def _postgresql() -> dict[str, Any]:
    options = f"-c timezone=UTC -c lock_timeout={LOCK_TIMEOUT_S}s -c statement_timeout={ANSWER_TIMEOUT_S}s"
    arguments = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": "triada",
        "client_encoding": "utf8",
        "options": options,
    }
    # psycopg2 alone sends an update for every row by itself.
    return {"connect_args": arguments, "executemany_mode": "values_plus_batch"}


def _mariadb() -> dict[str, Any]:
    arguments = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "read_timeout": ANSWER_TIMEOUT_S,
        "write_timeout": ANSWER_TIMEOUT_S,
        "charset": "utf8mb4",
    }
    return {"connect_args": arguments}


def _set_up_mariadb(connection: Any, record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "set time_zone = '+00:00', sql_mode = concat(@@sql_mode, ',STRICT_ALL_TABLES'), "
            f"innodb_lock_wait_timeout = {LOCK_TIMEOUT_S}, idle_write_transaction_timeout = {IDLE_TIMEOUT_S}"
        )
        cursor.execute("select @@max_allowed_packet")
        record.info[PACKET] = int(cursor.fetchone()[0])
