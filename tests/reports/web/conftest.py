"""Marked worlds: the whole company, and the same with something told otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.reports.web.browser import chromium
from tests.reports.web.marked import World, build

Tell = Callable[[World], Path]


@pytest.fixture(scope="session")
def tell(tmp_path_factory: pytest.TempPathFactory) -> Tell:
    """Gives the published file of a world, made once."""
    made: dict[World, Path] = {}

    def told(world: World) -> Path:
        if world not in made:
            made[world] = build(tmp_path_factory.mktemp("world") / "triada.duckdb", world)
        return made[world]

    return told


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, for the tests of one module."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def whole(tell: Tell) -> Path:
    """Everybody's rows."""
    return tell(World())
