"""Opens, makes and looks into the three stores' databases.

Addresses come from the caller as text, engines go to whoever acts on a store. No rule lives here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from models import SYSTEMS, ddl
from models.internal import INTERNAL

BUSY_TIMEOUT_MS = 30_000
SEED_MARK = "_seed"
# SQLAlchemy's bare names mean other drivers in other versions (postgresql:// is psycopg 3 in 2.1).
DRIVERS = {
    "postgres": "postgresql+psycopg2",
    "postgresql": "postgresql+psycopg2",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}


def open_stores(urls: Mapping[str, str]) -> dict[str, sa.Engine]:
    """An engine for each system named in ``urls`` (oa, crm, erp); an embedded store's folder is made."""
    return {system: _engine(sa.make_url(url)) for system, url in urls.items()}


def create_stores(engines: Mapping[str, sa.Engine]) -> None:
    """Make the tables and triggers that are not there yet."""
    for system, engine in engines.items():
        ddl.create(engine, SYSTEMS[system])


def is_empty(engines: Mapping[str, sa.Engine]) -> bool:
    """True when no stream of any of the stores has a row, tables missing or not."""
    return not any(_has_rows(engine, SYSTEMS[system]) for system, engine in engines.items())


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that decides on what it reads; on SQLite it waits for its turn before it reads."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("begin immediate")
        yield connection


def _has_rows(engine: sa.Engine, metadata: sa.MetaData) -> bool:
    there = set(sa.inspect(engine).get_table_names())
    with engine.connect() as connection:
        return any(
            connection.execute(_any_row(table)).first()
            for table in metadata.sorted_tables
            if table.name in there and table.name not in INTERNAL - {"tombstones"}
        )


def _any_row(table: sa.Table) -> sa.Select[int]:
    query = sa.select(sa.literal(1)).select_from(table).limit(1)
    # The mark of a seed (``stores.seed.mark``) is nobody's record.
    return query.where(table.c.stream != SEED_MARK) if table.name == "tombstones" else query


def _engine(url: sa.URL) -> sa.Engine:
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    backend = url.get_backend_name()
    if backend == "sqlite":
        return _sqlite(url)
    if backend == "postgresql":
        return sa.create_engine(
            url, pool_pre_ping=True, hide_parameters=True, connect_args={"options": "-c timezone=UTC"}
        )
    engine = sa.create_engine(
        url, pool_pre_ping=True, hide_parameters=True, connect_args={"charset": "utf8mb4"}
    )
    sa.event.listen(engine, "connect", _set_up_mariadb)
    return engine


def _sqlite(url: sa.URL) -> sa.Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, hide_parameters=True)
    sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("pragma foreign_keys = on")
        # Asking first: setting it again needs a lock that a reader may hold.
        if cursor.execute("pragma journal_mode").fetchone()[0] != "wal":
            cursor.execute("pragma journal_mode = wal")
    finally:
        cursor.close()


def _set_up_mariadb(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set time_zone = '+00:00', sql_mode = concat(@@sql_mode, ',STRICT_ALL_TABLES')")
