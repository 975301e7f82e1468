"""A hundred readers while fifty publications happen: no error, one whole version each, old ones gone."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from connectors.errors import Refused, Unreachable
from connectors.published_file import open_published
from settings import Settings
from tests.warehouse.conftest import build_all
from warehouse.build_file import open_build
from warehouse.build_lock import building_alone
from warehouse.publish import publish
from warehouse.status import read_status

PROCESSES, THREADS, PUBLICATIONS = 4, 25, 50
PAUSE_S = 1.0  # between two requests of a reader
WAIT_S = 60.0


@dataclass
class Read:
    """What the readers of a process saw: versions, how often, and what went wrong."""

    versions: set[int] = field(default_factory=set)
    times: int = 0
    wrong: list[str] = field(default_factory=list)


def read_on(path: Path, told: Connection) -> None:
    """Read with every thread until told to stop: the version must agree in two tables, and with a sum."""
    seen, stop, guard = Read(), threading.Event(), threading.Lock()

    def read() -> None:
        while not stop.is_set():
            try:
                with open_published(path) as file:
                    one = file.execute("select max(days_away), count(*) from core.dim_version").fetchone()
                    two = file.execute("select max(version), sum(part) from marts.mart_version").fetchone()
            except Exception as error:
                with guard:
                    seen.wrong.append(repr(error))
                return
            with guard:
                seen.times += 1
                if one is None or two is None or (one[0], one[0] * 10) != (two[0], two[1]) or one[1] != 10:
                    seen.wrong.append(f"{one} {two}")
                else:
                    seen.versions.add(one[0])
            stop.wait(PAUSE_S)

    threads = [threading.Thread(target=read) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    told.recv()
    stop.set()
    for thread in threads:
        thread.join()
    told.send(seen)


@contextmanager
def readers(path: Path) -> Iterator[list[Connection]]:
    """Processes full of readers; sending anything to one stops it, and it tells what it saw."""
    server = multiprocessing.get_context("forkserver")
    pipes = [server.Pipe() for _ in range(PROCESSES)]
    processes = [server.Process(target=read_on, args=(path, its), daemon=True) for _, its in pipes]
    for process in processes:
        process.start()
    try:
        yield [mine for mine, _ in pipes]
    finally:
        for process in processes:
            process.kill()
            process.join()


def publish_version(settings: Settings, version: int) -> None:
    """Publish with the version in place of two tables' rows, by the real publisher."""
    with open_build(settings) as build:
        build.execute(f"update core.dim_version set days_away = {version}")
        build.execute(f"update marts.mart_version set version = {version}, part = {version}")
    assert publish(settings)["state"] == "fresh"


def held_open(folder: Path) -> list[str]:
    """Files of the folder that some process holds though they have no name any more."""
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith(str(folder)) and target.endswith("(deleted)"):
            found.append(target)
    return found


def used(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.iterdir())


@pytest.fixture
def versioned(published: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A published company with two more tables, which carry the number of the publication."""
    from warehouse import describe

    shown = tuple(
        describe.Described(relation, "A version.", ("n",), {"n": "place"} | columns, {"n": ""} | units)
        for relation, columns, units in (
            ("core.dim_version", {"days_away": "version"}, {"days_away": ""}),
            ("marts.mart_version", {"version": "version", "part": "part"}, {"version": "", "part": ""}),
        )
    )
    few = tuple(table for table in describe.tables() if table.relation.startswith("marts.mart_s"))
    monkeypatch.setattr(describe, "tables", lambda: (*few, *shown))
    with open_build(published) as build:
        build.execute("create table core.dim_version as select i as n, 0 as days_away from range(10) r(i)")
        build.execute(
            "create table marts.mart_version as select i as n, 0 as version, 0 as part from range(10) r(i)"
        )
    publish(published)
    return published


@pytest.mark.slow
def test_a_hundred_readers_while_fifty_publications_happen(versioned: Settings) -> None:
    folder = versioned.published_file.parent
    publish_version(versioned, 1)
    before = used(folder)
    with readers(versioned.published_file) as told:
        for version in range(2, PUBLICATIONS + 2):
            publish_version(versioned, version)
        for each in told:
            each.send("stop")
        seen: list[Read] = [each.recv() for each in told]
        assert [wrong for read in seen for wrong in read.wrong] == []
        assert min(read.times for read in seen) >= THREADS
        versions = set().union(*(read.versions for read in seen))
        assert versions <= set(range(1, PUBLICATIONS + 2))
        assert len(versions) > PUBLICATIONS // 5
        # Nobody reads any more: no old version is held, and the disk has its room back.
        assert held_open(folder) == []
    assert used(folder) < before * 1.5


def test_a_reader_keeps_its_version_and_the_next_request_sees_the_newest(versioned: Settings) -> None:
    publish_version(versioned, 1)
    with open_published(versioned.published_file) as old:
        publish_version(versioned, 2)
        with open_published(versioned.published_file) as new:
            assert new.execute("select max(version) from marts.mart_version").fetchone() == (2,)
        assert old.execute("select max(version) from marts.mart_version").fetchone() == (1,)
        assert held_open(versioned.published_file.parent) != []
    assert held_open(versioned.published_file.parent) == []


def test_a_reader_can_change_nothing_and_is_told_where_there_is_nothing(versioned: Settings) -> None:
    with pytest.raises(Refused, match="read-only"), open_published(versioned.published_file) as file:
        file.execute("drop table marts.mart_version")
    with (
        pytest.raises(Refused, match="expected the published warehouse"),
        open_published(versioned.home / "nothing.duckdb"),
    ):
        pass
    assert not (versioned.home / "nothing.duckdb").exists()


def test_a_second_builder_waits_a_while_and_is_then_told(versioned: Settings) -> None:
    """Of the same process or of another one: neither build sees the other's half."""
    failed: list[str] = []

    def second() -> None:
        try:
            with open_build(versioned, wait_s=0.3):
                failed.append("both build")
        except Unreachable as error:
            failed.append(str(error))

    with open_build(versioned):
        started = time.monotonic()
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        assert time.monotonic() - started >= 0.3
    assert len(failed) == 1
    assert "expected to be alone; wait until it has ended" in failed[0]


def test_a_builder_that_waits_goes_on_when_the_other_is_done(versioned: Settings) -> None:
    order: list[str] = []

    def second() -> None:
        with open_build(versioned, wait_s=WAIT_S):
            order.append("second")

    with building_alone(versioned):
        thread = threading.Thread(target=second)
        thread.start()
        with open_build(versioned):  # whoever has the folder has it for each of its steps
            order.append("first")
    thread.join()
    assert order == ["first", "second"]


def hold(settings: Settings, told: Connection) -> None:
    """Build, leave something half-written, and never end."""
    with open_build(settings) as build:
        build.execute("begin")
        build.execute("create table core.half as select 1 as half")
        settings.published_file.with_name(".triada.duckdb.new").write_bytes(b"half")
        told.send("holds")
        time.sleep(WAIT_S)


def test_what_a_live_builder_writes_is_left_alone_and_what_a_dead_one_left_is_swept(
    versioned: Settings,
) -> None:
    server = multiprocessing.get_context("forkserver")
    mine, its = server.Pipe()
    process = server.Process(target=hold, args=(versioned, its), daemon=True)
    process.start()
    assert mine.poll(WAIT_S)
    half = versioned.published_file.with_name(".triada.duckdb.new")
    with pytest.raises(Unreachable), open_build(versioned, wait_s=0.1):
        pass
    assert half.exists()
    process.kill()
    process.join()
    with open_build(versioned, wait_s=0.1) as build:
        assert not half.exists()
        assert build.execute("select 1 from duckdb_tables() where table_name = 'half'").fetchall() == []


def test_the_status_is_of_the_file_that_is_there(published: Settings) -> None:
    """Whatever a status that was written for another file says, or when there is none."""
    good = read_status(published)
    status = published.published_file.with_name("status.json")
    told = status.read_bytes()
    build_all(published)
    newer = read_status(published)
    assert newer["published_at"] > good["published_at"]
    status.write_bytes(told)
    assert read_status(published) == newer
    status.unlink()
    assert read_status(published) == newer
    published.published_file.unlink()
    assert read_status(published)["state"] == "missing"
