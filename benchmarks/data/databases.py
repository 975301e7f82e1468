"""Databases for a benchmark: each of its own name, dropped at the end, with the tables of one system.

Addresses come from ``TRIADA_TEST_POSTGRESQL`` and ``TRIADA_TEST_MARIADB``, or are this machine's.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

SERVERS = {
    "postgresql": ("TRIADA_TEST_POSTGRESQL", "postgresql+psycopg2://postgres@127.0.0.1:5432/postgres"),
    "mariadb": ("TRIADA_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/test"),
}


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The address of a fresh database on the PostgreSQL or MariaDB server."""
    variable, default = SERVERS[kind]
    server = sa.make_url(os.environ.get(variable, default))
    name = f"triada_bench_{uuid.uuid4().hex[:8]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(sa.text(f"create database {name}"))
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            with admin.connect() as connection:
                connection.execute(sa.text(f"drop database {name}"))
    finally:
        admin.dispose()


@contextmanager
def engine(url: str) -> Iterator[sa.Engine]:
    """An engine, disposed at the end."""
    made = sa.create_engine(url)
    try:
        yield made
    finally:
        made.dispose()
