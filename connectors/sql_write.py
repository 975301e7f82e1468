"""Writes batches of documents so that good rows arrive whatever becomes of the others.

A batch is compared and applied in one transaction. If the database refuses it, it is rolled back and halved
until the bad row is alone and can be told by its rule. Two writers of one new key meet at its unique
constraint: the later one reads again and compares. Translates no system errors but by the function given.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa

from connectors.errors import RecordRejected, RowError, TriadaError
from connectors.protocol import Outcome, Row, Write
from connectors.sql_document import Document, Target, document, find_target, shown
from connectors.sql_engine import writing
from connectors.sql_errors import Fate, Fault, fault
from connectors.sql_plan import Records, apply, existing, plan
from connectors.sql_refusal import missing_references, rejection

TRIES = 6
Stop = Callable[[Fault], TriadaError]


def write_rows(engine: sa.Engine, write: Write, rows: Sequence[Row], *, stop: Stop) -> list[Outcome]:
    """One outcome a row, in order; ``stop`` makes the error of a fault that is the whole system's."""
    target = find_target(write)
    outcomes: dict[int, Outcome] = {}
    documents = []
    for position, row in enumerate(rows):
        try:
            documents.append(document(target, position, row))
        except RecordRejected as error:
            outcomes[position] = Outcome(shown(row.get(write.key) or ""), "refused", error)
    for wave in _waves(documents):
        outcomes |= _settle(engine, target, wave, stop=stop)
    return [outcomes[position] for position in range(len(rows))]


def _waves(documents: Sequence[Document]) -> Iterator[list[Document]]:
    """A key's second row is compared with what its first one left: so each wave has a key once."""
    seen: dict[str, int] = defaultdict(int)
    waves: dict[int, list[Document]] = defaultdict(list)
    for one in documents:
        waves[seen[one.key]].append(one)
        seen[one.key] += 1
    yield from waves.values()


def _settle(engine: sa.Engine, target: Target, wave: list[Document], *, stop: Stop) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    pending = [wave]
    while pending:
        batch = pending.pop()
        result = _attempt(engine, target, batch, stop=stop)
        if not isinstance(result, Fault):
            outcomes |= result
            continue
        refused = _blame(engine, target, batch, problem=result)
        outcomes |= {
            d.position: Outcome(d.key, "refused", refused[d.position]) for d in batch if d.position in refused
        }
        rest = [one for one in batch if one.position not in refused]
        # All that is known to be bad was taken out: the rest may well pass whole. Otherwise halve.
        middle = len(rest) if refused else (len(rest) + 1) // 2
        pending += [half for half in (rest[middle:], rest[:middle]) if half]
    return outcomes


def _attempt(
    engine: sa.Engine, target: Target, batch: list[Document], *, stop: Stop
) -> dict[int, Outcome] | Fault:
    """The batch's outcomes, committed; or why the database refused it, rolled back."""
    problem = Fault(Fate.AGAIN, "not tried")
    for tried in range(TRIES):
        found: Records = {}
        try:
            with writing(engine) as connection:
                found = existing(connection, target, batch)
                plans = plan(connection, target, batch, found=found)
                apply(connection, target, plans)
            return {
                one.position: Outcome(one.key, done.effect, done.error)
                for one, done in zip(batch, plans, strict=True)
            }
        except sa.exc.SQLAlchemyError as error:
            problem = fault(error)
            if problem.fate in (Fate.UNREACHABLE, Fate.REFUSED):
                raise stop(problem) from error
        if problem.fate is Fate.AGAIN:
            # A deadlock: whoever won is done soon, and jitter keeps two losers apart.
            time.sleep(random.uniform(0.01, 0.05) * 2**tried)
        elif problem.fate is not Fate.UNIQUE or not _appeared(engine, target, batch, found=found):
            return problem
    if problem.fate is Fate.AGAIN:
        raise stop(problem)
    return problem


def _appeared(engine: sa.Engine, target: Target, batch: list[Document], *, found: Records) -> bool:
    with engine.connect() as connection:
        return not found.keys() >= existing(connection, target, batch).keys()


def _blame(
    engine: sa.Engine, target: Target, batch: list[Document], *, problem: Fault
) -> dict[int, RowError]:
    """The documents known to be bad; none when only halving can tell."""
    if problem.fate is Fate.FOREIGN_KEY:
        with engine.connect() as connection:
            found = existing(connection, target, batch)
            plans = plan(connection, target, batch, found=found)
            missing = missing_references(connection, target, list(zip(batch, plans, strict=True)))
        if missing:
            return missing
    return {batch[0].position: rejection(target, batch[0], problem)} if len(batch) == 1 else {}
