"""Keeps leashed programs running: starts them, starts one that died again, ends them all.

up → supervise → a leash for each program. It knows neither Airflow nor what the programs do.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from commands import leash

Say = Callable[[str], None]
"""Prints one line; may fail with ``OSError`` when the terminal is gone."""

TRIES = 4
"""How often a program that keeps dying is started before everything stops."""
SOUND_AFTER_S = 60.0
"""A program that lived this long is sound: its next death counts as the first."""
LOG_BYTES = 5_000_000
"""A log longer than this is put aside when its program is started, as ``.log.1``."""


@dataclass
class Service:
    """One program: ``does`` is what its line on the screen says."""

    name: str
    does: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_s: float = 0.0
    again_s: float = 0.0


def supervise(
    services: Sequence[Service],
    environment: Mapping[str, str],
    *,
    folder: Path,
    stop: threading.Event,
    say: Say,
    ready: Callable[[], bool],
) -> int:
    """Run all until ``stop`` is set (0) or one would not stay alive (1); none is left running."""
    begun, is_ready = time.monotonic(), False
    try:
        for service in services:
            _start(service, environment, folder=folder)
            tell(say, f"{service.name:<14} {service.does}; log {service.log}")
        while not stop.wait(0.5):
            if not all(_alive(service, environment, folder=folder, say=say) for service in services):
                return 1
            if not is_ready and (is_ready := ready()):
                tell(say, f"ready after {time.monotonic() - begun:.0f} s; Ctrl-C stops everything")
        return 0
    finally:
        tell(say, "stopping")
        _end(services)


def tell(say: Say, line: str) -> None:
    """Say it if anybody can hear: the terminal may be gone, and services still have to be ended."""
    with contextlib.suppress(OSError):
        say(line)


def _start(service: Service, environment: Mapping[str, str], *, folder: Path) -> None:
    """Start it in a session of its own: Ctrl-C is for the supervisor, which ends services in order."""
    if service.log.exists() and service.log.stat().st_size > LOG_BYTES:
        service.log.replace(service.log.with_suffix(".log.1"))
    with service.log.open("ab") as log:
        service.process = subprocess.Popen(
            [sys.executable, "-I", leash.__file__, *service.command],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    service.started_s = time.monotonic()


def _alive(service: Service, environment: Mapping[str, str], *, folder: Path, say: Say) -> bool:
    """Whether it runs, or will again; a dead one is started again, later each time."""
    if service.process is None:
        if time.monotonic() >= service.again_s:
            _start(service, environment, folder=folder)
        return True
    status = service.process.poll()
    if status is None:
        return True
    _let_go(service.process)
    lived_s = time.monotonic() - service.started_s
    service.deaths = 1 if lived_s > SOUND_AFTER_S else service.deaths + 1
    if service.deaths >= TRIES:
        tell(say, f"{service.name} ended {service.deaths} times (status {status}); see {service.log}")
        return False
    pause_s = 2 ** (service.deaths - 1)
    tell(say, f"{service.name} ended (status {status}), starts again in {pause_s} s; log {service.log}")
    service.process, service.again_s = None, time.monotonic() + pause_s
    return True


def _end(services: Sequence[Service]) -> None:
    running = [service.process for service in services if service.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + leash.GRACE_S + 10
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _let_go(process)


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Close our end of the pipe; the leash at its other end has ended."""
    if process.stdin is not None:
        process.stdin.close()
