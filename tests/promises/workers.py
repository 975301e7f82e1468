"""Workers in processes of their own, which stop at a given point of a run: killed, paused, or waiting.

A server process that has imported the hub is forked for each worker: so a worker starts in milliseconds,
and dies like any other. The points are put around the hub's own functions here; the hub knows none.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from connectors import sql_engine
from hub import links
from hub.desk import Desk
from hub.lease import Lease
from hub.memory import Memory
from hub.page import Mover
from hub.run import run_step
from tests.promises.stage import FLOW, Stage, desk_of, settings_of

WAIT_S = 60.0
RENEWING = threading.Lock()


@dataclass(frozen=True)
class Job:
    """What a worker does: a run of the step, which at ``point`` the ``nth`` time does ``act``."""

    home: Path
    urls: Mapping[str, str]
    point: str = ""
    nth: int = 2
    act: str = "kill"
    settings: Mapping[str, Any] = field(default_factory=dict)
    lock_s: int = sql_engine.LOCK_TIMEOUT_S
    idle_s: int = sql_engine.IDLE_TIMEOUT_S
    host: str = ""
    token: str = ""


@dataclass(frozen=True)
class Point:
    """A place in a run: before or after the ``nth`` call of a function."""

    owner: Any
    name: str
    after: bool


POINTS = {
    "run opened": Point(Memory, "open_run", after=True),
    "page read": Point(Mover, "prepare", after=False),
    "page checked": Point(Mover, "prepare", after=True),
    "page made": Point(Desk, "write", after=False),
    "target committed": Point(Desk, "write", after=True),
    "hub transaction": Point(links, "link", after=True),
    "page remembered": Point(Memory, "remember", after=True),
    "all remembered": Point(Memory, "close_run", after=False),
    "cursor moved": Point(Memory, "close_run", after=True),
}
"""``target transaction`` is one more: everything is sent, the commit is not."""
ONCE = frozenset({"run opened", "all remembered", "cursor moved"})


def work(job: Job, told: Connection) -> None:
    """Run the step and tell how it ended: what it counted, or the error."""
    sql_engine.LOCK_TIMEOUT_S, sql_engine.IDLE_TIMEOUT_S = job.lock_s, job.idle_s
    if job.host:
        socket.gethostname = lambda: job.host
    if job.point:
        _put(job, told)
    try:
        with desk_of(settings_of(job.home, job.urls, **job.settings), job.token) as desk:
            told.send(("done", run_step(desk, FLOW, step="book")))
    except Exception as error:
        told.send(("failed", f"{type(error).__name__}: {error}"))


def _put(job: Job, told: Connection) -> None:
    """Have the worker act once it comes to its point."""
    renew = Lease.renew

    def renewed(lease: Lease) -> None:
        with RENEWING:
            renew(lease)

    setattr(Lease, "renew", renewed)  # noqa: B010
    left = 1 if job.point in ONCE else job.nth

    def pass_by() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            _act(job.act, told)

    if job.point == "target transaction":
        database = Path(str(sa.make_url(job.urls["erp"]).database)).name

        def committing(connection: sa.Connection) -> None:
            if database in str(connection.engine.url.database):
                pass_by()

        sa.event.listen(sa.Engine, "commit", committing)
        return
    point = POINTS[job.point]
    setattr(point.owner, point.name, _around(getattr(point.owner, point.name), point, pass_by))


def _around(function: Callable[..., Any], point: Point, pass_by: Callable[[], None]) -> Callable[..., Any]:
    def called(*given: Any, **named: Any) -> Any:
        if not point.after:
            pass_by()
        answer = function(*given, **named)
        if point.after:
            pass_by()
        return answer

    return called


def _act(act: str, told: Connection) -> None:
    # To this very thread: sent to the process, another thread may take it while this one goes on.
    if act == "kill":
        signal.pthread_kill(threading.get_ident(), signal.SIGKILL)
    elif act == "stop":
        # Not in the midst of a renewal: a file stays locked for as long as who locked it is paused. Inside a
        # transaction of this thread's own, a renewal can only be waiting.
        quiet = RENEWING.acquire(timeout=0.5)
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
        if quiet:
            RENEWING.release()
    else:
        told.send(("at", act))
        assert told.poll(WAIT_S), "nobody let the worker go on"
        told.recv()


class Worker:
    """A worker while it works, and how it ended."""

    def __init__(self, process: BaseProcess, told: Connection) -> None:
        self.process = process
        self._told = told

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def died(self) -> bool:
        """Whether it was killed, waited for."""
        self.process.join(WAIT_S)
        return self.process.exitcode == -signal.SIGKILL or self._complains()

    def stopped(self) -> bool:
        """Whether it came to its point and was paused there, waited for."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until and self.process.is_alive():
            if psutil.Process(self.pid).status() == psutil.STATUS_STOPPED:
                return True
            time.sleep(0.01)
        return self._complains()

    def at_its_point(self) -> bool:
        """Whether it came to its point and waits there, waited for."""
        how, said = self.says()
        assert how == "at", f"instead of coming to its point it {how}: {said}"
        return True

    def _complains(self) -> bool:
        said = self._told.recv() if self._told.poll() else "nothing"
        raise AssertionError(f"it did not come to its point; it said {said}")

    def go_on(self) -> None:
        """Let it go on from where it waits or was paused."""
        if psutil.Process(self.pid).status() == psutil.STATUS_STOPPED:
            os.kill(self.pid, signal.SIGCONT)
        else:
            self._told.send("go")

    def kill(self) -> None:
        """Kill it as the system would."""
        os.kill(self.pid, signal.SIGKILL)

    def says(self) -> tuple[str, Any]:
        """The next it tells: ``at``, ``done`` with its report, or ``failed`` with its error; waited for."""
        assert self._told.poll(WAIT_S), "the worker said nothing"
        said: tuple[str, Any] = self._told.recv()
        return said


@contextmanager
def started(stage: Stage, point: str = "", **job: Any) -> Iterator[Worker]:
    """A worker of this stage on such a ``Job``; nothing of it is left at the end."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.promises.workers"])
    here, there = context.Pipe()
    process = context.Process(
        target=work, args=(Job(stage.home, stage.urls, point, token=stage.token, **job), there)
    )
    process.start()
    there.close()
    try:
        yield Worker(process, here)
    finally:
        process.kill()
        process.join(WAIT_S)
        process.close()
        here.close()
