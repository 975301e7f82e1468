"""A published file to render, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import settings
from tests.reports import published


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
