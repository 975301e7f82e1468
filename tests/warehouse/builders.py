"""Builds in processes of their own, which die at a given point: killed, as by a power cut or ``kill -9``.

A server process that has imported the warehouse is forked for each build: so it starts in milliseconds, and
dies like any other. The points are put around what the build calls; the warehouse knows none of them.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import warehouse.build_file
import warehouse.extract
import warehouse.gates
import warehouse.publish
import warehouse.status
from flows.warehouse import WAREHOUSE
from settings import Settings
from tests.warehouse.company import AS_OF

WAIT_S = 120.0
STAGES = tuple(stage.name for stage in WAREHOUSE.stages)
SLOW_TO_IMPORT = ("great_expectations", "duckdb", "pandas", "sqlglot", "checks.gx", "planning.tables")


@dataclass(frozen=True)
class Job:
    """A build of ``home``: which stages, and the ``nth`` pass of which point it dies at."""

    home: Path
    point: str = ""
    nth: int = 1
    stages: tuple[str, ...] = STAGES
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a build that came to its end counted, passed and took."""

    counts: dict[str, Any]
    passes: dict[str, int]
    error: str
    peak_mb: float
    seconds: float


class Counter:
    """Counts how often each point is passed; at the job's it kills its own process."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.passes: dict[str, int] = {}

    def passed(self, point: str) -> None:
        self.passes[point] = self.passes.get(point, 0) + 1
        if (point, self.passes[point]) == (self.job.point, self.job.nth):
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(WAIT_S)  # the signal is for the process: it may take a moment to reach this thread

    def around(self, owner: Any, name: str) -> None:
        """Pass ``before name`` and ``after name`` with each call of a function."""
        function: Callable[..., Any] = getattr(owner, name)

        def called(*given: Any, **named: Any) -> Any:
            self.passed(f"before {name}")
            answer = function(*given, **named)
            self.passed(f"after {name}")
            return answer

        setattr(owner, name, called)


class Watched:
    """A connection that passes ``before execute`` and ``after execute`` with each statement."""

    def __init__(self, connection: Any, counter: Counter) -> None:
        self._connection = connection
        self._counter = counter

    def execute(self, *given: Any) -> Any:
        self._counter.passed("before execute")
        answer = self._connection.execute(*given)
        self._counter.passed("after execute")
        return answer

    def commit(self) -> None:
        self._counter.passed("before commit")
        self._connection.commit()
        self._counter.passed("after commit")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def build(job: Job, told: Connection) -> None:
    """Run the real stages and tell what they counted."""
    for name in SLOW_TO_IMPORT:  # another test's fork server may have none of them: its peak would be less
        importlib.import_module(name)
    started_at = time.monotonic()
    counter = Counter(job)
    counts: dict[str, Any] = {}
    error = ""
    setattr(warehouse.extract, "extract", partial(warehouse.extract.extract, as_of=AS_OF))  # noqa: B010
    connect = warehouse.build_file.connect
    setattr(  # noqa: B010
        warehouse.build_file, "connect", lambda *given, **named: Watched(connect(*given, **named), counter)
    )
    for owner, name in (
        *((os, "replace"), (os, "fsync")),
        *((warehouse.publish, "write_status"), (warehouse.build_file, "sweep")),
    ):
        counter.around(owner, name)
    try:
        for stage in WAREHOUSE.stages:
            if stage.name in job.stages:
                counter.passed(f"before {stage.name}")
                counts[stage.name] = dict(stage.run(Settings(home=job.home, **job.settings)))
                counter.passed(f"after {stage.name}")
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told.send(Outcome(counts, counter.passes, error, peak_mb, time.monotonic() - started_at))


@contextmanager
def started(job: Job) -> Iterator[tuple[BaseProcess, Connection]]:
    """A build under way and where it tells its outcome; it is gone at the end, whatever happened."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([*SLOW_TO_IMPORT, __name__])
    mine, its = server.Pipe(duplex=False)
    process = server.Process(target=build, args=(job, its), daemon=True)
    process.start()
    its.close()
    try:
        yield process, mine
    finally:
        process.kill()
        process.join()
        mine.close()


def finished(job: Job) -> Outcome:
    """The outcome of a build that nobody disturbs."""
    with started(job) as (_, told):
        assert told.poll(WAIT_S), "the build did not come to its end"
        outcome: Outcome = told.recv()
        return outcome


def killed(job: Job, *, after_s: float | None = None) -> bool:
    """Whether the build died at its point, or ``after_s`` of its time; else it came to its end before."""
    with started(job) as (process, told):
        if after_s is not None:
            process.join(after_s)
            process.kill()
        try:
            assert told.poll(WAIT_S), "the build neither died nor came to its end"
            outcome: Outcome = told.recv()
        except EOFError:
            process.join()
            assert process.exitcode == -signal.SIGKILL
            return True
    assert not outcome.error, outcome.error
    return False
