"""Whatever a leashed program started ends with it, however the holder lets go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import leash
from tests.commands.processes import eventually, running_with

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="finds descendants in /proc"),
    pytest.mark.slow,
]

# A service with a worker in a session of its own that does not listen to SIGTERM, as stubborn as they come.
SERVICE = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        open(sys.argv[1], "w").close()
        time.sleep(300)
    time.sleep(300)
time.sleep(float(sys.argv[2]))
sys.exit(7)
"""


class Leashed:
    """A leash on the service, with the mark that all its processes carry."""

    def __init__(self, folder: Path, *, sleep_s: float = 300) -> None:
        self.mark = f"leash-{uuid.uuid4()}"
        started = folder / "started"
        self.process = subprocess.Popen(
            [sys.executable, "-I", leash.__file__, sys.executable, "-c", SERVICE, str(started), str(sleep_s)],
            env={**os.environ, "MARK": self.mark},
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        assert eventually(started.exists)

    def running(self) -> list[int]:
        return running_with(self.mark)


@pytest.fixture
def leashed(tmp_path: Path) -> Iterator[Leashed]:
    held = Leashed(tmp_path)
    yield held
    for pid in held.running():
        os.kill(pid, signal.SIGKILL)
    held.process.wait()
    assert held.process.stdin is not None
    held.process.stdin.close()


def test_sigterm_ends_the_service_and_what_it_started(leashed: Leashed) -> None:
    assert len(leashed.running()) == 4
    leashed.process.terminate()
    leashed.process.wait(20)
    assert leashed.running() == []


def test_a_holder_that_is_gone_ends_everything(leashed: Leashed) -> None:
    assert leashed.process.stdin is not None
    leashed.process.stdin.close()  # as the kernel does for a holder that was killed
    leashed.process.wait(20)
    assert leashed.running() == []


def test_ctrl_c_and_a_lost_terminal_do_not_reach_it(leashed: Leashed) -> None:
    for number in (signal.SIGINT, signal.SIGHUP):
        leashed.process.send_signal(number)
    assert not eventually(lambda: leashed.process.poll() is not None, within_s=1)
    assert len(leashed.running()) == 4


def test_the_end_of_the_service_ends_what_it_left_and_gives_its_status(tmp_path: Path) -> None:
    held = Leashed(tmp_path, sleep_s=1)
    with held.process:
        assert held.process.wait(20) == 7
    assert held.running() == []
