"""A store's API in this process, asked as a client asks it, over each kind of database."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from stores.api.app import make_app
from stores.api.store import Limits, Store
from stores.api.tokens import add_token

KINDS = ("sqlite", "postgresql", "mariadb")
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
ACCOUNT = {"account_no": "A-1", "name": "Acme", "owner_no": "E-0007", "currency": "EUR"}


@dataclass
class Api:
    """One store's API: ``as_`` says with which scopes the next requests are made."""

    system: str
    app: Any
    runner: asyncio.Runner
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        found: Store = self.app.state.store
        return found

    def token(self, scopes: str) -> str:
        """A token with these scopes, made when it is first wanted."""
        if scopes not in self.tokens:
            with self.store.engine.begin() as connection:
                made = add_token(connection, self.system, name=scopes[:64], scopes=scopes, at=NOW)
            self.tokens[scopes] = made
        return self.tokens[scopes]

    def ask(self, method: str, path: str, *, scopes: str = "", **more: Any) -> httpx.Response:
        """One request; with all of the hub's scopes unless others are named."""
        return self.ask_all([(method, path, more)], scopes=scopes)[0]

    def ask_all(
        self, asked: Sequence[tuple[str, str, dict[str, Any]]], *, scopes: str = ""
    ) -> list[httpx.Response]:
        """Requests at the same time."""
        token = self.token(scopes or f"{self.system}:hub")

        async def together() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await asyncio.gather(
                    *(
                        client.request(
                            method,
                            path,
                            **{
                                **more,
                                "headers": {"Authorization": f"Bearer {token}", **more.get("headers", {})},
                            },
                        )
                        for method, path, more in asked
                    )
                )

        return self.runner.run(together())

    def get(self, path: str, **more: Any) -> Any:
        """The document of a GET that must succeed."""
        answer = self.ask("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def batch(self, stream: str, records: Sequence[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
        """The outcomes of a batch that must be taken."""
        headers = more.pop("headers", {})
        answer = self.ask("POST", f"/{stream}/batch", json={"records": records, **more}, headers=headers)
        assert answer.status_code == 200, answer.text
        outcomes: list[dict[str, Any]] = answer.json()["outcomes"]
        return outcomes

    def rules(self, method: str, path: str, *, status: int, **more: Any) -> dict[str, str]:
        """Field to rule of a problem that must come with that status."""
        answer = self.ask(method, path, **more)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        return {one["field"]: one["rule"] for one in answer.json()["errors"]}

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What a person at the database's own prompt would do."""
        with self.store.engine.begin() as connection:
            result = connection.execute(sa.text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []


Make = Callable[..., Api]


@pytest.fixture
def make_api(tmp_path: Path) -> Iterator[Make]:
    """Makes the API of a system over a database: SQLite unless an address is given."""
    made: list[Api] = []
    with asyncio.Runner() as runner:

        def make(system: str = "crm", url: str = "", *, limits: Limits | None = None) -> Api:
            app = make_app(
                system, url or f"sqlite:///{tmp_path / system}.db", limits=limits or Limits(rate=10_000)
            )
            api = Api(system, app, runner)
            made.append(api)
            api.store.prepare()
            return api

        yield make
        for api in made:
            api.store.close()


@pytest.fixture
def crm(make_api: Make) -> Api:
    """The CRM's API over SQLite."""
    return make_api("crm")


@pytest.fixture(scope="session")
def crm_urls(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Gives the address of the one CRM on a kind of server that the session's tests share."""
    made: dict[str, str] = {}

    def url(kind: str) -> str:
        if kind not in made:
            made[kind] = request.getfixturevalue(f"new_{kind}")()
        return made[kind]

    return url


@pytest.fixture(params=KINDS)
def any_crm(request: pytest.FixtureRequest, make_api: Make, crm_urls: Callable[[str], str]) -> Iterator[Api]:
    """The CRM's API over each kind of database in turn, empty."""
    if request.param == "sqlite":
        yield make_api("crm")
        return
    api = make_api("crm", crm_urls(request.param))
    yield api
    tables = [*reversed(api.store.metadata.sorted_tables)]
    tables.sort(key=lambda table: table.name == "tombstones")
    with api.store.engine.begin() as connection:
        for table in tables:
            connection.execute(table.delete())
