"""A seed that was cut short is told from a company that is there, and from one that nobody seeded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import stores.seed
from commands import seed as seeding
from connectors.errors import Misconfigured
from models import crm
from settings import SYSTEMS, Settings, load
from stores.engines import create_stores, is_empty
from stores.seed import mark
from tests.stores.conftest import AS_OF, Engines, dispose

WHOLE = stores.seed.seed


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Embedded stores in a folder of the test's own, and a seed that takes no time."""
    for name in [*(f"TRIADA_{system.upper()}_URL" for system in SYSTEMS), "TRIADA_FILES_URL"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    monkeypatch.setattr("stores.seed.seed", lambda engines, **_: WHOLE(engines, as_of=AS_OF, fraction=0.05))
    # The settings are read once a process.
    load.cache_clear()
    yield load()
    load.cache_clear()


@pytest.fixture
def engines(settings: Settings) -> Iterator[Engines]:
    """The stores, with nothing in them yet."""
    opened = seeding.open_stores(settings)
    yield opened
    dispose(opened)


def put_a_person(engines: Engines) -> None:
    person = {"employee_no": "E-1", "name": "Ana", "department_no": "D-1", "is_active": True}
    with engines["crm"].begin() as connection:
        connection.execute(crm.staff.insert().values(**person))


def marks(engines: Engines) -> set[tuple[str, str]]:
    found = set()
    for engine in engines.values():
        with engine.connect() as connection:
            found |= {
                (stream, key)
                for stream, key in connection.exec_driver_sql('select stream, "key" from tombstones')
            }
    return found


def test_a_whole_seed_says_so_and_is_there_already_the_next_time(
    settings: Settings, engines: Engines
) -> None:
    assert seeding.seed_empty(settings, engines, as_of=AS_OF)["crm.orders"] > 0
    assert marks(engines) == {("_seed", "complete")}
    assert seeding.seed_empty(settings, engines, as_of=AS_OF) == {}
    with pytest.raises(Misconfigured, match="hold records already"):
        seeding.seed(scale=1, seed=7, as_of=AS_OF)


def test_a_seed_cut_short_between_two_stores_is_said_and_not_taken_for_a_company(
    settings: Settings, engines: Engines
) -> None:
    create_stores(engines)
    mark.start(engines)
    put_a_person(engines)
    with pytest.raises(Misconfigured, match="seeding was interrupted"):
        seeding.seed_empty(settings, engines, as_of=AS_OF)
    with pytest.raises(Misconfigured, match="empty the stores"):
        seeding.seed(scale=1, seed=7, as_of=AS_OF)


def test_a_seed_without_its_inbox_is_not_complete(
    settings: Settings, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("stores.seed.write_inbox", fail)
    with pytest.raises(OSError, match="disk is full"):
        seeding.seed_empty(settings, engines, as_of=AS_OF)
    assert mark.was_interrupted(engines)


def test_a_seed_cut_short_before_its_first_commit_is_simply_done_again(
    settings: Settings, engines: Engines
) -> None:
    create_stores(engines)
    mark.start(engines)
    assert is_empty(engines)
    assert seeding.seed_empty(settings, engines, as_of=AS_OF)["crm.orders"] > 0
    assert not mark.was_interrupted(engines)


def test_a_company_that_nobody_seeded_is_there_already(settings: Settings, engines: Engines) -> None:
    create_stores(engines)
    put_a_person(engines)
    assert seeding.seed_empty(settings, engines, as_of=AS_OF) == {}
    assert marks(engines) == set()


def test_a_mark_left_in_empty_stores_is_withdrawn_before_an_import_fills_them(engines: Engines) -> None:
    create_stores(engines)
    mark.start(engines)
    mark.withdraw(engines)
    put_a_person(engines)
    assert not mark.was_interrupted(engines)
    mark.start(engines)
    mark.withdraw(engines)
    assert mark.was_interrupted(engines), "what a cut seed left behind keeps its mark"
