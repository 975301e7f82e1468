"""The stages of the promises that need processes: databases made once a kind, filled anew for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.promises.stage import Databases, Stage, filled, made
from tests.promises.wire import served
from tests.promises.world_company import any_company, companies, company

__all__ = ["any_company", "companies", "company", "databases_of", "stage"]


@pytest.fixture(scope="session")
def databases_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Databases]]:
    """Gives the databases of a kind, made when first asked for."""
    there: dict[str, Databases] = {}
    with ExitStack() as stack:

        def give(kind: str) -> Databases:
            if kind not in there:
                there[kind] = stack.enter_context(made(kind, request, tmp_path_factory.mktemp(kind)))
            return there[kind]

        yield give


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def stage(
    request: pytest.FixtureRequest, databases_of: Callable[[str], Databases], tmp_path: Path
) -> Iterator[Stage]:
    """Orders to book in a database of each kind in turn."""
    with filled(databases_of(request.param), tmp_path) as made_up:
        yield made_up


@pytest.fixture(scope="session")
def api(databases_of: Callable[[str], Databases]) -> Iterator[tuple[str, str]]:
    """The API of the ERP on SQLite: its address, and the hub's token."""
    with served("erp", databases_of("sqlite").urls["erp"]) as there:
        yield there


@pytest.fixture
def http_stage(
    databases_of: Callable[[str], Databases], api: tuple[str, str], tmp_path: Path
) -> Iterator[Stage]:
    """Orders to book by way of the ERP's API."""
    with filled(databases_of("sqlite"), tmp_path) as made_up:
        yield replace(made_up.behind(*api), kind="http")
