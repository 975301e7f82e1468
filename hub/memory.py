"""What the hub remembers of a step: how far it read, what it wrote for what, what it put aside, its runs.

A page is remembered in one transaction after the target has it: killed in between, the page is read again,
and the target's business keys make that harmless. It is the holder of the flow's lease who remembers, or
nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from hub import links
from hub.lease import Lease
from hub.links import Link, Whose
from hub.payload import holdable
from hub.prints import Conflict, note
from hub.put_aside import OPEN, Aside, put_aside, release
from hub.report import Tally
from hub.state import State, upsert
from models.state import cursors, quarantine, runs

DIED = "its worker died or was cut off; a later run took over"
_LONGEST_ERROR = 4_000


@dataclass(frozen=True)
class Page:
    """What became of a page.

    ``gone`` are rows deleted at their source, whose records followed them; ``refused`` rows of which the
    target did not take a record.
    """

    done: Sequence[Link] = ()
    aside: Sequence[Aside] = ()
    gone: Collection[str] = ()
    refused: Collection[str] = ()
    conflicts: Sequence[Conflict] = ()


class Memory:
    """The memory of one step of one flow; with a ``lease``, all that it keeps is its holder's or nothing."""

    def __init__(self, state: State, *, flow: str, step: str, lease: Lease | None = None) -> None:
        self._state = state
        self._lease = lease
        self._whose = Whose(flow, step)
        self._run: int | None = None

    def position(self) -> str | None:
        """Where the last good run ended; ``None`` before the first."""
        query = sa.select(cursors.c.position).where(*self._whose.of(cursors))
        with self._state.reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def aside(self) -> dict[str, str]:
        """The keys put aside, with their state, in the order they first came."""
        query = sa.select(quarantine.c["key"], quarantine.c.state).where(*self._whose.of(quarantine), OPEN)
        with self._state.reading() as connection:
            return {row.key: row.state for row in connection.execute(query.order_by(quarantine.c.id))}

    def targets(self, sources: Collection[str]) -> dict[str, list[str]]:
        """The keys of the records written for these rows and for no row but these."""
        with self._state.reading() as connection:
            return links.targets(connection, self._whose, sources)

    def prints(self, stream: str, targets: Collection[str]) -> dict[str, str]:
        """What was written to these records by any step, by their key; what was written last is last."""
        if not targets:
            return {}
        with self._state.reading() as connection:
            return links.prints(connection, stream, targets)

    def remember(self, page: Page, *, streams: tuple[str, str], free: Collection[str] = ()) -> None:
        """Keep what became of a page, and which keys are ``free`` again; all of it or nothing."""
        if not (page.done or page.aside or page.gone or page.refused or page.conflicts or free):
            return
        now = datetime.now(UTC)
        with self._writing() as connection:
            links.unlink(connection, self._whose, page.gone)
            links.link(connection, self._whose, streams=streams, done=page.done, now=now)
            links.take_back(connection, self._whose, page.refused)
            put_aside(connection, self._whose, streams[0], aside=page.aside, now=now)
            release(connection, self._whose, free, run=self._run, now=now)
            note(connection, self._whose, streams[1], conflicts=page.conflicts, now=now)

    def release(self, keys: Collection[str]) -> None:
        """Note that these rows are put aside no more."""
        with self._writing() as connection:
            release(connection, self._whose, keys, run=self._run, now=datetime.now(UTC))

    def intend(self, pairs: Sequence[tuple[str, str]], *, streams: tuple[str, str]) -> None:
        """Link rows and records that are about to be written, where they are not linked yet."""
        with self._writing() as connection:
            links.intend(connection, self._whose, pairs, streams=streams, now=datetime.now(UTC))

    def confirm(self) -> None:
        """``LeaseLost`` when this worker may no longer write."""
        if self._lease is not None:
            self._lease.renew()

    def open_run(self) -> int:
        """Note that a run began; its number. One that still counts as running has died: the lease is ours."""
        now, flow = datetime.now(UTC), self._whose.flow
        run = {"flow": flow, "step": self._whose.step, "state": "running", "started_at": now}
        died = {"state": "failed", "finished_at": now, "error": DIED}
        with self._writing() as connection:
            connection.execute(
                sa.update(runs).where(runs.c.flow == flow, runs.c.state == "running").values(**died)
            )
            made = connection.execute(sa.insert(runs).values(**run, **asdict(Tally()))).inserted_primary_key
            assert made is not None  # one row was inserted
            self._run = int(made[0])
            return self._run

    def unfinished_before(self, run: int) -> bool:
        """Whether the step's run before this one failed or was killed: what it wrote, nobody was told."""
        earlier = sa.select(runs.c.state).where(*self._whose.of(runs), runs.c.id < run)
        with self._state.reading() as connection:
            last = connection.execute(earlier.order_by(runs.c.id.desc()).limit(1)).scalar_one_or_none()
        return last not in (None, "done")

    def close_run(self, run: int, tally: Tally, *, position: str | None) -> None:
        """Note that it went well and, with a ``position``, move the cursor there: both or neither."""
        now = datetime.now(UTC)
        with self._writing() as connection:
            if position is not None:
                whose = {"flow": self._whose.flow, "step": self._whose.step}
                row = {**whose, "position": position, "moved_at": now}
                moved = {"position": None, "moved_at": None}
                upsert(connection, cursors, [row], keys=("flow", "step"), changes=moved)
            _end_run(connection, run, tally, state="done", finished_at=now, error=None)

    def fail_run(self, run: int, tally: Tally, *, error: str) -> None:
        """Note that it failed and why; the cursor stays. Who lost the lease may still say so."""
        now, why = datetime.now(UTC), holdable(error[:_LONGEST_ERROR])
        with self._state.writing() as connection:
            _end_run(connection, run, tally, state="failed", finished_at=now, error=why)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._state.writing() as connection:
            if self._lease is not None:
                self._lease.confirm(connection)
            yield connection


def _end_run(connection: sa.Connection, run: int, tally: Tally, **values: Any) -> None:
    connection.execute(sa.update(runs).where(runs.c.id == run).values(**values, **asdict(tally)))
