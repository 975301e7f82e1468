"""Writes batches of documents so that good rows arrive whatever becomes of the others.

A batch is compared and applied in one transaction, behind the lease's fence. If the database refuses it,
it is rolled back and halved until the bad row is alone and can be told by its rule. Two writers of one new
key meet at its unique constraint: the later one reads again and compares. Translates no system errors but by
the function given.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from connectors.errors import RowError, TriadaError
from connectors.protocol import Fence, Outcome, Row, Write
from connectors.sql_changes import apply, imagine
from connectors.sql_document import Document, Target, documents, find_target
from connectors.sql_engine import writing
from connectors.sql_errors import Fate, Fault, fault
from connectors.sql_fence import raise_fence
from connectors.sql_plan import Plan, plan, there
from connectors.sql_refusal import broken_references, rejection
from connectors.sql_words import TooLarge

TRIES = 6
Stop = Callable[[Fault], TriadaError]


@dataclass(frozen=True)
class _Job:
    """One call of ``write``: where to, behind which fence, and who makes the error of the system's faults."""

    engine: sa.Engine
    target: Target
    fence: Fence | None
    stop: Stop


def write_rows(
    engine: sa.Engine, write: Write, rows: Sequence[Row], *, fence: Fence | None, stop: Stop
) -> list[Outcome]:
    """One outcome a row, in order; ``stop`` makes the error of a fault that is the whole system's."""
    job = _Job(engine, find_target(write), fence, stop)
    outcomes: dict[int, Outcome] = {}
    if fence is not None and not rows:
        with writing(engine) as connection:
            raise_fence(connection, fence, system=write.system)
    for wave in _waves(documents(job.target, rows, outcomes)):
        outcomes |= _settle(job, wave)
    return [outcomes[position] for position in range(len(rows))]


def compare_rows(engine: sa.Engine, write: Write, rows: Sequence[Row]) -> list[Outcome]:
    """What ``write_rows`` would do, but for what only the database itself refuses; nothing is sent."""
    target = find_target(write)
    outcomes: dict[int, Outcome] = {}
    given = documents(target, rows, outcomes)
    with engine.connect() as connection:
        held = there(connection, target, given)
        for wave in _waves(given):
            plans = plan(target, wave, held)
            broken = broken_references(connection, target, list(zip(wave, plans, strict=True)))
            for one, done in zip(wave, plans, strict=True):
                if one.position in broken:
                    done = Plan(effect="refused", error=broken[one.position])  # noqa: PLW2901
                imagine(target, one, done, held=held)
                outcomes[one.position] = _outcome(one, done)
    return [outcomes[position] for position in range(len(rows))]


def _outcome(one: Document, done: Plan) -> Outcome:
    return Outcome(one.key, done.effect, done.error, done.changes)


def _waves(given: Sequence[Document]) -> Iterator[list[Document]]:
    """A key's second row is compared with what its first one left: so each wave has a key once."""
    seen: dict[str, int] = defaultdict(int)
    waves: dict[int, list[Document]] = defaultdict(list)
    for one in given:
        waves[seen[one.key]].append(one)
        seen[one.key] += 1
    yield from waves.values()


def _settle(job: _Job, wave: list[Document]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    pending = [wave]
    while pending:
        batch = pending.pop()
        result = _attempt(job, batch)
        if not isinstance(result, Fault):
            outcomes |= result
            continue
        refused = _blame(job, batch, problem=result)
        outcomes |= {
            d.position: Outcome(d.key, "refused", refused[d.position]) for d in batch if d.position in refused
        }
        rest = [one for one in batch if one.position not in refused]
        # All that is known to be bad was taken out: the rest may well pass whole. Otherwise halve.
        middle = len(rest) if refused else (len(rest) + 1) // 2
        pending += [half for half in (rest[middle:], rest[:middle]) if half]
    return outcomes


def _attempt(job: _Job, batch: list[Document]) -> dict[int, Outcome] | Fault:
    """The batch's outcomes, committed; or why the database refused it, rolled back."""
    problem = Fault(Fate.AGAIN, "not tried")
    for tried in range(TRIES):
        found: set[str] = set()
        try:
            with writing(job.engine) as connection:
                if job.fence is not None:
                    raise_fence(connection, job.fence, system=job.target.write.system)
                held = there(connection, job.target, batch)
                found = set(held.records)
                plans = plan(job.target, batch, held)
                apply(connection, job.target, plans)
            return {one.position: _outcome(one, done) for one, done in zip(batch, plans, strict=True)}
        except TooLarge as error:
            return Fault(Fate.DATA, str(error))
        except sa.exc.SQLAlchemyError as error:
            problem = fault(error)
            if problem.fate in (Fate.UNREACHABLE, Fate.REFUSED):
                raise job.stop(problem) from error
        if problem.fate is Fate.AGAIN:
            # A deadlock: whoever won is done soon, and jitter keeps two losers apart.
            time.sleep(random.uniform(0.01, 0.05) * 2**tried)
        elif problem.fate is not Fate.UNIQUE or not _appeared(job, batch, found=found):
            return problem
    if problem.fate is Fate.AGAIN:
        raise job.stop(problem)
    return problem


def _appeared(job: _Job, batch: list[Document], *, found: set[str]) -> bool:
    with job.engine.connect() as connection:
        return not found >= there(connection, job.target, batch).records.keys()


def _blame(job: _Job, batch: list[Document], *, problem: Fault) -> dict[int, RowError]:
    """The documents known to be bad; none when only halving can tell."""
    if problem.fate is Fate.FOREIGN_KEY:
        with job.engine.connect() as connection:
            plans = plan(job.target, batch, there(connection, job.target, batch))
            broken = broken_references(connection, job.target, list(zip(batch, plans, strict=True)))
        if broken:
            return broken
    return {batch[0].position: rejection(job.target, batch[0], problem)} if len(batch) == 1 else {}
