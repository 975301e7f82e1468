"""Keeps one service and everything it starts on a leash: when the holder lets go, all of it ends.

supervisor → leash → service → its workers. The leash holds the end of a pipe (standard input); it ends the
service when told to (SIGTERM) and when the pipe closes, which also a killed supervisor causes. Airflow's
workers make process groups of their own, so groups are not enough: the leash is the reaper of all its
descendants (Linux), and leaves when none is alive. Run as a program, with the standard library alone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

GRACE_S = 12.0
"""How long a service may take to end by itself: Airflow's scheduler lets short tasks finish."""

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_AFTER_COMMAND = 2  # where the parent's number stands behind the command's name in /proc/*/stat


def main(command: list[str]) -> int:
    """Run ``command`` until it ends or the leash is pulled; its exit status."""
    pulled = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: pulled.set())
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    service = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    for ignored in (signal.SIGINT, signal.SIGHUP):  # afterwards: the service would inherit deaf ears
        signal.signal(ignored, signal.SIG_IGN)
    threading.Thread(target=_wait_for_end_of_pipe, args=(pulled,), daemon=True).start()
    while service.poll() is None and not pulled.wait(0.2):
        pass
    if service.poll() is None:
        service.terminate()
        _wait(service, GRACE_S)
    _end_the_rest(service)
    return service.returncode if service.returncode is not None else 1


def _wait_for_end_of_pipe(pulled: threading.Event) -> None:
    while os.read(0, 1024):
        pass
    pulled.set()


def _wait(service: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        service.wait(seconds)
    except subprocess.TimeoutExpired:
        service.kill()


def _end_the_rest(service: subprocess.Popen[bytes]) -> None:
    """Ask what the service left behind to end, then kill it; new ones too, until none is alive."""
    deadline = time.monotonic() + 3
    while alive := _descendants():
        number = signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL
        for pid in alive:
            _signal(pid, number)
        time.sleep(0.2)
        _reap(service)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _reap(service: subprocess.Popen[bytes]) -> None:
    """Take leave of ended children, those inherited as well; they would count as alive otherwise."""
    service.poll()
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return


def _descendants() -> list[int]:
    """All processes under this one, from /proc; none where there is no /proc."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[_AFTER_COMMAND - 1]), []).append(int(stat.parent.name))
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
