"""A small office whose people sign in: a hub's database on each of the three kinds, and an application."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Annotated, Any

import pytest
import sqlalchemy as sa
from fastapi import Depends, FastAPI, Request
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse

from hub.state import State, open_state
from models import access
from reports.access import users
from reports.access.passwords import Passwords
from reports.access.secret import Secret
from reports.access.users import Person, User
from reports.access.viewer import Viewer
from reports.web import csrf, door, headers, sign_in
from settings import Settings
from tests.reports.access.browser import Browser

NOW = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)
PASSWORD = "seven green lamps hum"
SECRET = Secret(b"0123456789abcdef0123456789abcdef")
CHEAP_KIB = 8


@dataclass
class Office:
    """The people of the OA, a clock to move, and the application over one database."""

    state: State
    settings: Settings
    now: dt.datetime = NOW
    people: dict[str, Person] = field(default_factory=dict)
    app: FastAPI = field(default_factory=FastAPI)

    def pass_time(self, **much: float) -> None:
        self.now += dt.timedelta(**much)

    def add(self, name: str, **more: Any) -> User:
        kept = Passwords(CHEAP_KIB).hash(PASSWORD)
        return users.add(self.state, name, now=self.now, **{"password_hash": kept, **more})

    def acts(self) -> list[tuple[str, str, str]]:
        """The audit log, oldest first: action, name, outcome."""
        with self.state.reading() as connection:
            query = sa.select(access.audit).order_by(access.audit.c.id)
            return [(row.action, row.sign_in_name, row.outcome) for row in connection.execute(query)]

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        with self.state.reading() as connection:
            return [dict(row) for row in connection.execute(sa.select(table)).mappings()]

    def rows_of_users(self) -> dict[str, User]:
        return {user.sign_in_name: user for user in users.everybody(self.state)}

    def open(self) -> None:
        """Make the application anew, as a second process would."""
        self.app = make_app(self.settings, self.state, people=self.people.get, clock=lambda: self.now)

    def browser(self, **more: Any) -> Browser:
        return Browser(self.app, **more)


def make_app(
    settings: Settings,
    state: State,
    *,
    people: Callable[[str], Person | None],
    clock: Callable[[], dt.datetime],
) -> FastAPI:
    """An application with one page, put together as the product's own is."""
    app = FastAPI(openapi_url=None)
    app.state.door = door.open_door(settings, state, people=people, clock=clock)
    app.add_middleware(csrf.Csrf, secret=app.state.door.secret)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=door.hosts(settings))
    app.add_middleware(headers.SecureHeaders)
    app.add_exception_handler(Exception, headers.on_error)
    app.add_exception_handler(door.NotSignedIn, door.on_not_signed_in)
    app.include_router(sign_in.router())

    def first(request: Request, viewer: Annotated[Viewer, Depends(door.signed_in)]) -> HTMLResponse:
        token = csrf.token(request, app.state.door.secret)
        field = f'<input type="hidden" name="csrf_token" value="{token}">'
        return HTMLResponse(f"<p>{escape(viewer.name)}, {viewer.role}</p>{field}")

    def change(viewer: Annotated[Viewer, Depends(door.signed_in)]) -> HTMLResponse:
        return HTMLResponse(f"changed by {viewer.name}")

    app.add_api_route("/", first, response_model=None)
    app.add_api_route("/orders", first, response_model=None)
    app.add_api_route("/change", change, methods=["POST", "DELETE"], response_model=None)
    app.add_api_route("/static/report.css", lambda: HTMLResponse("", media_type="text/css"))
    return app


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An address of each kind, made once a module: servers take long over tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('state') / 'state.db'}"
    return str(request.getfixturevalue(f"new_{request.param}")())


@pytest.fixture
def state(database: str) -> Iterator[State]:
    """The hub's database, empty of users."""
    opened = open_state(database)
    yield opened
    with opened.writing() as connection:
        for table in access.METADATA.sorted_tables:
            connection.execute(sa.delete(table))
    opened.close()


@pytest.fixture
def office(state: State, tmp_path: Path) -> Office:
    """Over each kind of database."""
    return _office(state, tmp_path)


@pytest.fixture(scope="session")
def new_state_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub's database of SQLite to copy: making one takes longer than a test."""
    path = tmp_path_factory.mktemp("new") / "state.db"
    open_state(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def small(tmp_path: Path, new_state_file: Path) -> Iterator[Office]:
    """The same over SQLite, for what does not depend on the database."""
    (tmp_path / "state.db").write_bytes(new_state_file.read_bytes())
    state = open_state(f"sqlite:///{tmp_path / 'state.db'}")
    yield _office(state, tmp_path)
    state.close()


def _office(state: State, home: Path) -> Office:
    made = Office(state, Settings(home=home, password_memory_kib=CHEAP_KIB))
    made.people |= {"E-0007": Person("Joe Marín", "sales"), "E-0008": Person("Anna Weiss", "finance")}
    made.add("joe", employee_no="E-0007")
    made.open()
    return made
