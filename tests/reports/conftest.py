"""A published file to render, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import settings
from tests.reports import morning_story, published
from tests.reports.published_ahead import AS_OF


@pytest.fixture(autouse=True)
def company(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A company in Madrid that counts in euros, whatever the machine's environment says."""
    monkeypatch.setenv("TRIADA_TIMEZONE", "Europe/Madrid")
    monkeypatch.setenv("TRIADA_CURRENCY", "EUR")
    settings.load.cache_clear()
    yield
    settings.load.cache_clear()


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published.build(tmp_path_factory.mktemp("published") / "triada.duckdb")


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published.build(tmp_path_factory.mktemp("empty") / "triada.duckdb", empty=True)


@pytest.fixture(scope="session")
def crowded_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 gaps and names of 160 letters without a blank."""
    folder = tmp_path_factory.mktemp("crowded")
    return published.build(folder / "triada.duckdb", gaps=200, long_names=True)


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> settings.Settings:
    """The story of the warehouse told on to a morning, built by the warehouse itself; only to be read."""
    return morning_story.build(tmp_path_factory.mktemp("morning"))


@pytest.fixture(scope="session")
def unread(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file with every table and no row but which publication it is."""
    path = tmp_path_factory.mktemp("unread") / "triada.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute("set timezone = 'UTC'; create schema core; create schema marts")
        database.execute((Path(__file__).parent / "web" / "published.ddl").read_text("utf-8"))
        database.execute("insert into marts.mart_publication values ($at, $at, 'empty', [])", {"at": AS_OF})
    return path
