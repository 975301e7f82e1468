"""A seeded company for reading, and a small one of its own for tests that act."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from stores.engines import open_stores
from stores.seed import seed

AS_OF = dt.date(2026, 11, 23)
Engines = dict[str, sa.Engine]


def open_folder(folder: Path) -> Engines:
    return open_stores({system: f"sqlite:///{folder / system}.db" for system in ("oa", "crm", "erp")})


def dispose(engines: Engines) -> None:
    for engine in engines.values():
        engine.dispose()


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """The seeded company at scale 1; tests only read it."""
    engines = open_folder(tmp_path_factory.mktemp("company"))
    seed(engines, as_of=AS_OF)
    yield engines
    dispose(engines)


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company's files, to be copied."""
    folder = tmp_path_factory.mktemp("small")
    engines = open_folder(folder)
    seed(engines, as_of=AS_OF, fraction=0.05)
    dispose(engines)
    return folder


@pytest.fixture
def own(small_folder: Path, tmp_path: Path) -> Iterator[Engines]:
    """A small company of the test's own."""
    shutil.copytree(small_folder, tmp_path / "own")
    engines = open_folder(tmp_path / "own")
    yield engines
    dispose(engines)
