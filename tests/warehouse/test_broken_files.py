"""A file of the warehouse that is broken, or another user's: said with its path, cause and remedy."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import settings as product
from commands.build import build
from commands.build_screen import document
from commands.query import ask, list_tables
from connectors.errors import Refused
from settings import Settings
from tests.warehouse.company import settings_at
from tests.warehouse.conftest import build_all
from warehouse.build_file import open_build
from warehouse.build_lock import building_alone
from warehouse.status import read_status, write_status

FRESH = {"state": "fresh", "stale_since": None, "published_at": "2026-06-15T12:00:00+00:00"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose settings are this process's."""
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    product.load.cache_clear()
    (tmp_path / "warehouse").mkdir()
    return tmp_path


def garbage(path: Path) -> None:
    path.write_bytes(b"no database " * 1000)


def truncated(path: Path) -> None:
    with duckdb.connect(str(path)) as file:
        file.execute("create table many as from range(300000)")
    os.truncate(path, path.stat().st_size // 2)


def a_folder(path: Path) -> None:
    path.mkdir()


BROKEN = [garbage, truncated, a_folder]


@pytest.mark.parametrize("breaks", BROKEN)
def test_a_broken_build_file_is_refused_with_what_to_do(home: Path, breaks: Callable[[Path], None]) -> None:
    path = settings_at(home).build_file
    breaks(path)
    with (
        pytest.raises(
            Refused, match=r"build\.duckdb\): .*; .*move it away and run .*--full.*history"
        ) as told,
        open_build(settings_at(home)),
    ):
        pytest.fail("opened")
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


def test_a_block_that_cannot_be_read_is_refused_and_a_wrong_query_is_not(home: Path) -> None:
    settings = settings_at(home)
    with pytest.raises(Refused, match=r"build\.duckdb\): torn; expected"), open_build(settings):
        raise duckdb.IOException("torn")
    mine = pytest.raises(Refused, match=r"Permission denied; expected .*`ls -l`")
    with mine as told, open_build(settings):
        raise duckdb.IOException('Cannot open file "build.duckdb.wal": Permission denied')
    assert "move it away" not in str(told.value)
    with pytest.raises(duckdb.CatalogException), open_build(settings) as connection:
        connection.execute("from nowhere")


def test_a_build_says_so_in_its_document_and_the_publication_is_stale(home: Path) -> None:
    garbage(settings_at(home).build_file)
    settings_at(home).published_file.touch()
    write_status(settings_at(home), FRESH)
    done = json.loads(json.dumps(document(stopped := build(quiet=True))))
    assert (done["ok"], done["state"]) == (False, "stale")
    assert "build.duckdb" in stopped.problems[0]
    assert "--full" in stopped.problems[0]


def test_a_status_that_cannot_be_read_is_none(home: Path) -> None:
    (home / "warehouse" / "status.json").mkdir()
    assert read_status(settings_at(home))["state"] == "missing"


def test_a_lock_that_cannot_be_written_is_refused(home: Path) -> None:
    (home / "warehouse" / "build.lock").mkdir()
    refused = pytest.raises(Refused, match=r"build\.lock\): Is a directory; .* this user may read and write")
    with refused, building_alone(settings_at(home)):
        pytest.fail("held")


def test_another_users_folder_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_given: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("warehouse.build_file.sweep", denied)
    with pytest.raises(Refused, match=r"build\.duckdb\): Permission denied; .*`ls -l`"):
        open_build(settings_at(home)).__enter__()


@pytest.mark.parametrize("breaks", BROKEN)
def test_a_broken_publication_is_not_asked_and_not_fresh(home: Path, breaks: Callable[[Path], None]) -> None:
    settings = settings_at(home)
    good = settings.published_file
    duckdb.connect(str(good)).close()
    write_status(settings, FRESH)
    assert read_status(settings)["state"] == "fresh"
    good.unlink()
    breaks(good)
    status = read_status(settings)
    assert (status["state"], status["published_at"]) == ("stale", FRESH["published_at"])
    assert status["stale_since"]
    assert str(good) in status["error"]
    if breaks is not a_folder:
        refused = r"triada\.duckdb\): .*; .*`./triada build` publishes it anew"
        with pytest.raises(Refused, match=refused):
            ask("select 1", limit=None)
        with pytest.raises(Refused, match=refused):
            list_tables()


def test_a_publication_that_may_not_be_read_is_not_fresh(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size and time are as they were: only opening it tells."""
    settings = settings_at(home)
    settings.published_file.touch()
    write_status(settings, FRESH)
    opens = Path.open

    def denied(path: Path, *given: object, **named: object) -> object:
        if path == settings.published_file:
            raise PermissionError(13, "Permission denied")
        return opens(path, *given, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", denied)
    status = read_status(settings)
    assert status["state"] == "stale"
    assert "Permission denied; expected that this user may read it" in status["error"]


@pytest.mark.slow
def test_builds_go_on_once_it_is_mended(published: Settings, tmp_path: Path) -> None:
    garbage(published.published_file)
    assert read_status(published)["state"] == "stale"
    assert build_all(published)["tell"]
    assert read_status(published) | {"state": "fresh", "error": None} == read_status(published)
    garbage(published.build_file)
    with pytest.raises(Refused):
        build_all(published)
    shutil.move(published.build_file, tmp_path / "aside.duckdb")
    assert build_all(published)["state"] == "fresh"
