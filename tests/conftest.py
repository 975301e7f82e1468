"""Addresses of real databases to test against: embedded SQLite always, servers when one answers.

Every database made here has a name of its own and is dropped at the end; a test that needs a server skips
with the reason when none answers.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

SYSTEMS = ("oa", "crm", "erp")
SERVERS = {
    "postgresql": ("TRIADA_TEST_POSTGRESQL", "postgresql+psycopg2://postgres@127.0.0.1:5432/postgres"),
    "mariadb": ("TRIADA_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/test"),
}
CREATE = {
    "postgresql": "create database {name} encoding 'UTF8' template template0",
    "mariadb": "create database {name} character set utf8mb4",
}
DROP = {
    # `force` ends connections that a failing test left behind; MariaDB drops whoever is connected.
    "postgresql": "drop database if exists {name} with (force)",
    "mariadb": "drop database if exists {name}",
}


@pytest.fixture
def sqlite_urls(tmp_path: Path) -> dict[str, str]:
    """Three SQLite addresses, one a system; the files are not there yet."""
    return {system: f"sqlite:///{tmp_path / system}.db" for system in SYSTEMS}


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[Callable[[], str]]:
    """Gives the address of one more fresh empty PostgreSQL database at each call."""
    yield from _databases("postgresql")


@pytest.fixture(scope="session")
def new_mariadb() -> Iterator[Callable[[], str]]:
    """Gives the address of one more fresh empty MariaDB database at each call."""
    yield from _databases("mariadb")


@pytest.fixture(scope="session")
def postgresql_url(new_postgresql: Callable[[], str]) -> str:
    """A fresh empty PostgreSQL database for the whole test session."""
    return new_postgresql()


@pytest.fixture(scope="session")
def mariadb_url(new_mariadb: Callable[[], str]) -> str:
    """A fresh empty MariaDB database for the whole test session."""
    return new_mariadb()


def _databases(kind: str) -> Iterator[Callable[[], str]]:
    variable, default = SERVERS[kind]
    address = sa.make_url(os.environ.get(variable, default))
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    made: list[str] = []

    def new() -> str:
        name = f"triada_test_{uuid.uuid4().hex[:12]}"
        _execute(engine, CREATE[kind].format(name=name))
        made.append(name)
        return address.set(database=name).render_as_string(hide_password=False)

    try:
        _execute(engine, "select 1")
    except sa.exc.OperationalError as error:
        engine.dispose()
        pytest.skip(f"no {kind} answers at {address} ({variable}): {error.orig}")
    try:
        yield new
    finally:
        for name in made:
            _execute(engine, DROP[kind].format(name=name))
        engine.dispose()


def _execute(engine: sa.Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
