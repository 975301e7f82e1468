"""One database at a time, made as a store makes it, empty at the start of every test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.protocol import Connector
from connectors.sql import SqlConnector
from models import SYSTEMS, ddl

KINDS = ("sqlite", "postgresql", "mariadb")
Stores = Callable[[str], dict[str, str]]


@dataclass(frozen=True)
class Database:
    """A CRM and an ERP on one kind of database; the engines are for what others do behind the hub's back."""

    kind: str
    urls: dict[str, str]
    engines: dict[str, sa.Engine]

    def sql(self, system: str, statement: str) -> list[tuple[object, ...]]:
        """What a person at the database's own prompt would do."""
        with self.engines[system].begin() as connection:
            result = connection.execute(sa.text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []


@pytest.fixture(scope="session")
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stores:
    """Gives the addresses of a CRM and an ERP of a kind, made once a session."""
    made: dict[str, dict[str, str]] = {}

    def make(kind: str) -> dict[str, str]:
        if kind not in made:
            folder = tmp_path_factory.mktemp(kind)
            new = None if kind == "sqlite" else request.getfixturevalue(f"new_{kind}")
            made[kind] = {s: new() if new else f"sqlite:///{folder / s}.db" for s in ("crm", "erp")}
            for system, url in made[kind].items():
                engine = sa.create_engine(url)
                ddl.create(engine, SYSTEMS[system])
                engine.dispose()
        return made[kind]

    return make


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, stores: Stores, tmp_path: Path) -> Iterator[Database]:
    """Each kind of database in turn."""
    urls = stores(request.param)
    if request.param == "sqlite":
        urls = {system: f"sqlite:///{_copy(url, tmp_path)}" for system, url in urls.items()}
    engines = {system: sa.create_engine(url) for system, url in urls.items()}
    try:
        yield Database(request.param, urls, engines)
        for system, engine in engines.items():
            if request.param != "sqlite":
                _empty(engine, SYSTEMS[system])
    finally:
        for engine in engines.values():
            engine.dispose()


@pytest.fixture
def crm(database: Database) -> Iterator[Connector]:
    """The CRM through its connector; nothing is read twice, which ``test_sql_late`` is about."""
    connector = SqlConnector("crm", database.urls["crm"], overlap_s=0)
    yield connector
    connector.close()


@pytest.fixture
def erp(database: Database) -> Iterator[Connector]:
    """The ERP through its connector; nothing is read twice, which ``test_sql_late`` is about."""
    connector = SqlConnector("erp", database.urls["erp"], overlap_s=0)
    yield connector
    connector.close()


def _copy(url: str, folder: Path) -> Path:
    template = Path(str(sa.make_url(url).database))
    return Path(shutil.copy(template, folder / template.name))


def _empty(engine: sa.Engine, metadata: sa.MetaData) -> None:
    tables = [*reversed(metadata.sorted_tables)]
    tables.sort(key=lambda table: table.name == "tombstones")
    with engine.begin() as connection:
        for table in tables:
            connection.execute(table.delete())
