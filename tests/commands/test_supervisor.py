"""Services run until told to stop; one that keeps dying stops everything and names its log."""

from __future__ import annotations

import os
import sys
import threading
import uuid
from pathlib import Path

import pytest

from commands import supervisor
from commands.supervisor import Service, supervise
from tests.commands.processes import eventually, running_with


def service(folder: Path, name: str, code: str) -> Service:
    return Service(name, f"does {name}", [sys.executable, "-c", code], folder / f"{name}.log")


def run(services: list[Service], folder: Path, *, stop: threading.Event, mark: str) -> tuple[int, list[str]]:
    said: list[str] = []
    status = supervise(
        services,
        {**os.environ, "MARK": mark},
        folder=folder,
        stop=stop,
        say=said.append,
        ready=(folder / "ready").exists,
    )
    return status, said


def test_services_run_until_told_to_stop_and_none_is_left(tmp_path: Path) -> None:
    stop, mark = threading.Event(), str(uuid.uuid4())
    code = "import pathlib, time; print('hello', flush=True); pathlib.Path('ready').touch(); time.sleep(60)"
    ended: list[tuple[int, list[str]]] = []
    thread = threading.Thread(
        target=lambda: ended.append(run([service(tmp_path, "one", code)], tmp_path, stop=stop, mark=mark))
    )
    thread.start()
    assert eventually((tmp_path / "ready").exists)
    assert (tmp_path / "one.log").read_text() == "hello\n"
    assert len([pid for pid in running_with(mark) if pid != os.getpid()]) == 2
    eventually(lambda: False, within_s=1.0)  # one round more, in which it finds itself ready
    stop.set()
    thread.join(30)
    ((status, said),) = ended
    assert status == 0
    assert said[0] == f"one            does one; log {tmp_path / 'one.log'}"
    assert said[1].startswith("ready after ")
    assert said[-1] == "stopping"
    assert running_with(mark) == []


def test_a_service_that_dies_once_is_started_again(tmp_path: Path) -> None:
    stop, mark = threading.Event(), str(uuid.uuid4())
    code = """
import pathlib, sys, time
if not pathlib.Path("once").exists():
    pathlib.Path("once").touch()
    sys.exit(3)
pathlib.Path("again").touch()
time.sleep(60)
"""
    ended: list[tuple[int, list[str]]] = []
    thread = threading.Thread(
        target=lambda: ended.append(run([service(tmp_path, "one", code)], tmp_path, stop=stop, mark=mark))
    )
    thread.start()
    assert eventually((tmp_path / "again").exists)
    stop.set()
    thread.join(30)
    ((status, said),) = ended
    assert status == 0
    assert f"one ended (status 3), starts again in 1 s; log {tmp_path / 'one.log'}" in said


def test_a_service_that_keeps_dying_stops_all_with_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "TRIES", 2)
    mark = str(uuid.uuid4())
    services = [
        service(tmp_path, "sound", "import time; time.sleep(60)"),
        service(tmp_path, "sick", "print('no luck'); raise SystemExit(3)"),
    ]
    status, said = run(services, tmp_path, stop=threading.Event(), mark=mark)
    assert status == 1
    assert f"sick ended 2 times (status 3); see {tmp_path / 'sick.log'}" in said
    assert (tmp_path / "sick.log").read_text().count("no luck") == 2
    assert running_with(mark) == []


def test_a_lost_terminal_does_not_keep_services_from_being_ended(tmp_path: Path) -> None:
    stop, mark = threading.Event(), str(uuid.uuid4())

    def gone(line: str) -> None:
        if line == "stopping":
            raise OSError("the terminal is gone")
        stop.set()

    status = supervise(
        [service(tmp_path, "one", "import time; time.sleep(60)")],
        {**os.environ, "MARK": mark},
        folder=tmp_path,
        stop=stop,
        say=gone,
        ready=lambda: False,
    )
    assert status == 0
    assert running_with(mark) == []


def test_a_long_log_is_put_aside_before_a_service_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LOG_BYTES", 10)
    (tmp_path / "one.log").write_text("a long story of yesterday")
    stop = threading.Event()
    stop.set()
    run([service(tmp_path, "one", "pass")], tmp_path, stop=stop, mark="none")
    assert (tmp_path / "one.log.1").read_text() == "a long story of yesterday"
