"""A published story, built once; and copies of it, or of empty stores, for tests that change things."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import models
from settings import Settings
from tests.warehouse.company import AS_OF, make_stores, run_sql, settings_at
from tests.warehouse.large import FILL, UNTOUCHED
from tests.warehouse.process_story import tell as tell_processes
from tests.warehouse.story import tell
from warehouse import attached
from warehouse.build import core, marts
from warehouse.extract import extract
from warehouse.gates import gate
from warehouse.publish import publish

Ask = Callable[[str], list[tuple[Any, ...]]]


def build_all(settings: Settings) -> dict[str, Any]:
    """Every step in its order; what publish said."""
    extract(settings, as_of=AS_OF)
    core(settings)
    marts(settings)
    gate(settings)
    return dict(publish(settings))


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the story, built and published; only to be read."""
    settings = settings_at(tmp_path_factory.mktemp("told"))
    make_stores(settings)
    tell(settings)
    build_all(settings)
    return settings


@pytest.fixture(scope="session")
def empty_stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of three empty stores; only to be copied."""
    settings = settings_at(tmp_path_factory.mktemp("empty"))
    make_stores(settings)
    return settings.home


@pytest.fixture(scope="session")
def ask(told: Settings) -> Iterator[Ask]:
    """Asks the story's published file."""
    connection = duckdb.connect(str(told.published_file), read_only=True)
    connection.execute("set TimeZone = 'UTC'")
    yield lambda sql: connection.execute(sql).fetchall()
    connection.close()


@pytest.fixture(scope="session")
def processes(empty_stores: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the story that processes are counted from, built and published; only to be read."""
    home = tmp_path_factory.mktemp("processes") / "home"
    shutil.copytree(empty_stores, home)
    settings = settings_at(home)
    tell_processes(settings)
    build_all(settings)
    return settings


@pytest.fixture
def company(empty_stores: Path, tmp_path: Path) -> Settings:
    """Empty stores of a company of its own."""
    shutil.copytree(empty_stores, tmp_path / "home")
    return settings_at(tmp_path / "home")


@pytest.fixture
def published(told: Settings, tmp_path: Path) -> Settings:
    """The story, published, in stores and files that may be changed."""
    shutil.copytree(told.home, tmp_path / "home")
    return settings_at(tmp_path / "home")


def ask_build(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    """Asks the private build file."""
    connection = duckdb.connect(str(settings.build_file), read_only=True)
    try:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@pytest.fixture
def large(tmp_path: Path, new_postgresql: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Payments on about a hundred pages, where a large table begins with ten."""
    monkeypatch.setattr(attached, "PAGES", 5)
    settings = settings_at(tmp_path, **{f"{system}_url": new_postgresql() for system in models.SYSTEMS})
    make_stores(settings)
    run_sql(settings, "erp", UNTOUCHED, FILL, "analyze payments")
    return settings
