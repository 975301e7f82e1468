"""An OA, a CRM and an ERP in real databases, the hub between them, and people who edit behind its back.

``made`` makes the tables once a kind; every test gets them empty. The hub's own state is SQLite.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.protocol import Connector
from connectors.registry import connect
from connectors.sql_engine import make_engine, parse
from hub import quarantine
from hub.desk import RULES, Desk, open_desk
from hub.preview import Change, preview_step
from hub.report import StepReport
from hub.run import run_flow, run_step
from hub.steps import step_named
from hub.words import Flow
from models import SYSTEMS, ddl, state
from settings import Settings

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ON = date(2026, 11, 20)
Connect = Callable[[str, str], Connector]


@dataclass
class Company:
    """The three systems and the hub; ``connect`` may be swapped for a connector that misbehaves."""

    kind: str
    urls: Mapping[str, str]
    engines: Mapping[str, sa.Engine]
    home: Path
    rules: Path = RULES
    page_rows: int = 100
    connect: Connect = connect
    settings: dict[str, Any] = field(default_factory=dict)

    def desk(self) -> AbstractContextManager[Desk]:
        settings = Settings(home=self.home, page_rows=self.page_rows, **self.settings)
        urls = {f"{system}_url": url for system, url in self.urls.items()}
        return open_desk(
            settings.model_copy(update=urls), connect=self.connect, rules=self.rules, patience_s=0
        )

    def run(self, flow: Flow, step: str = "") -> list[StepReport]:
        """Run the flow, or one step of it, as one worker would."""
        with self.desk() as desk:
            return [run_step(desk, flow, step=step)] if step else run_flow(desk, flow)

    def preview(self, flow: Flow, step: str) -> tuple[StepReport, list[Change]]:
        with self.desk() as desk:
            return preview_step(desk, flow, step_named(flow, step))

    def replay(self, flow: Flow, entry: int | None = None) -> list[StepReport]:
        with self.desk() as desk:
            return quarantine.replay(desk, [flow], entry=entry)

    def put(self, stream: str, *rows: Mapping[str, Any]) -> None:
        """Rows as a user of the system would add them."""
        system, _, table = stream.partition(".")
        with self.engines[system].begin() as connection:
            connection.execute(sa.insert(SYSTEMS[system].tables[table]), [dict(row) for row in rows])

    def sql(self, system: str, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What a person at the database's own prompt would do."""
        with self.engines[system].begin() as connection:
            result = connection.execute(sa.text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    def rows(self, stream: str, *columns: str) -> list[tuple[Any, ...]]:
        """A stream's rows, some columns, in key order."""
        system, _, name = stream.partition(".")
        table = SYSTEMS[system].tables[name]
        query = sa.select(*(table.c[column] for column in columns)).order_by(*table.primary_key.columns)
        with self.engines[system].connect() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def memory(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """What the hub remembers."""
        kept = state.METADATA.tables[table]
        query = sa.select(*(kept.c[column] for column in columns)).order_by(*kept.primary_key.columns)
        with self.desk() as desk, desk.state.reading() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table of the three systems and of the hub's state."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        for system in self.engines:
            with self.engines[system].connect() as connection:
                found |= _dumped(system, connection, SYSTEMS[system])
        with self.desk() as desk, desk.state.reading() as connection:
            found |= _dumped("state", connection, state.METADATA)
        return found

    def stamps(self, stream: str) -> dict[str, datetime]:
        """When each row of a stream last changed, by key."""
        system, _, name = stream.partition(".")
        (key,) = SYSTEMS[system].tables[name].primary_key.columns
        return dict(self.rows(stream, key.name, "updated_at"))


def account(number: int, **changes: Any) -> dict[str, Any]:
    """An active account of the CRM."""
    return {
        "account_no": f"A-{number:06d}", "name": f"Company {number}", "country": "ES", "city": "Vigo",
        "owner_no": "E-1", "currency": "EUR", "status": "active", "created_on": ON,
        **changes,
    }  # fmt: skip


def employee(number: int, **changes: Any) -> dict[str, Any]:
    """An employee of the OA; the department is put by ``departments``."""
    return {
        "employee_no": f"E-{number:04d}", "name": f"Person {number}", "email": f"p{number}@example.org",
        "role": "staff", "department_no": "D-1", "country": "ES", "timezone": "Europe/Madrid",
        "hired_on": ON,
        **changes,
    }  # fmt: skip


DEPARTMENT = {"department_no": "D-1", "name": "Sales", "country": "ES"}
ITEM = {
    "item_no": "IT-0001", "name": "Wheel", "kind": "finished", "unit": "pcs", "unit_price": Decimal(5),
    "standard_cost": Decimal(2), "currency": "EUR", "lead_time_days": 3, "min_stock": Decimal(0),
    "is_active": True,
}  # fmt: skip


def order(number: int, **changes: Any) -> dict[str, Any]:
    """A confirmed order of the CRM for the first account; its line is ``order_line``."""
    return {
        "order_no": f"CO-2026-{number:05d}", "account_no": "A-000001", "status": "confirmed",
        "ordered_at": AT, "currency": "EUR", "total_amount": Decimal(10), "approval_status": "none",
        **changes,
    }  # fmt: skip


def order_line(number: int, **changes: Any) -> dict[str, Any]:
    """The one line of an order."""
    no = f"CO-2026-{number:05d}"
    return {
        "order_line_no": f"{no}:1", "order_no": no, "line_no": 1, "item_no": "IT-0001",
        "quantity": Decimal(2), "unit_price": Decimal(5), "discount_rate": Decimal(0),
        "line_amount": Decimal(10),
        **changes,
    }  # fmt: skip


@dataclass(frozen=True)
class Made:
    """The databases of one kind, with tables and without rows."""

    kind: str
    urls: Mapping[str, str]
    engines: Mapping[str, sa.Engine]


@contextmanager
def made(kind: str, folder: Path, new: Callable[[], str] | None) -> Iterator[Made]:
    """The three systems' databases; ``new`` gives the address of one more on a server."""
    urls = {system: new() if new else f"sqlite:///{folder / system}.db" for system in SYSTEMS}
    with ExitStack() as stack:
        engines = _engines(urls, stack)
        for system, engine in engines.items():
            ddl.create(engine, SYSTEMS[system])
            engine.dispose()  # a file that is copied must be whole, without a journal beside it
        yield Made(kind, urls, engines)


@contextmanager
def empty(made: Made, home: Path) -> Iterator[Company]:
    """A company whose systems are empty, and a hub that remembers nothing."""
    with ExitStack() as stack:
        if made.kind == "sqlite":
            paths = {system: Path(str(sa.make_url(url).database)) for system, url in made.urls.items()}
            urls = {system: f"sqlite:///{shutil.copy(path, home)}" for system, path in paths.items()}
            engines: Mapping[str, sa.Engine] = _engines(urls, stack)
        else:
            urls, engines = dict(made.urls), made.engines
            stack.callback(_clear, engines)
        yield Company(made.kind, urls, engines, home)


def _engines(urls: Mapping[str, str], stack: ExitStack) -> dict[str, sa.Engine]:
    engines = {}
    for system, url in urls.items():
        if url.startswith("sqlite"):
            Path(str(sa.make_url(url).database)).touch()
        engines[system] = make_engine(parse(system, url))
        stack.callback(engines[system].dispose)
    return engines


def _clear(engines: Mapping[str, sa.Engine]) -> None:
    for system, engine in engines.items():
        tables: Sequence[sa.Table] = [*reversed(SYSTEMS[system].sorted_tables)]
        with engine.begin() as connection:
            # A delete leaves a tombstone, so that table is last.
            for table in sorted(tables, key=lambda each: each.name == "tombstones"):
                connection.execute(sa.delete(table))


def _dumped(
    system: str, connection: sa.Connection, metadata: sa.MetaData
) -> dict[str, list[tuple[Any, ...]]]:
    return {
        f"{system}.{table.name}": [
            tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
        ]
        for table in metadata.sorted_tables
    }


@pytest.fixture(scope="session")
def companies(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Made]]:
    """Gives the databases of a kind, made when first asked for."""
    there: dict[str, Made] = {}
    with ExitStack() as stack:

        def give(kind: str) -> Made:
            if kind not in there:
                new = None if kind == "sqlite" else request.getfixturevalue(f"new_{kind}")
                folder = tmp_path_factory.mktemp(f"company_{kind}")
                there[kind] = stack.enter_context(made(kind, folder, new))
            return there[kind]

        yield give


@pytest.fixture
def company(companies: Callable[[str], Made], tmp_path: Path) -> Iterator[Company]:
    """A company on SQLite."""
    with empty(companies("sqlite"), tmp_path) as there:
        yield there


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def any_company(
    request: pytest.FixtureRequest, companies: Callable[[str], Made], tmp_path: Path
) -> Iterator[Company]:
    """A company on each kind of database in turn."""
    with empty(companies(request.param), tmp_path) as there:
        yield there
