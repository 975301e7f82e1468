"""What the hub remembers of a step: how far it read, what it wrote for what, what it put aside, its runs.

A page is remembered in one transaction after the target has it: killed in between, the page is read again,
and the target's business keys make that harmless.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from connectors.protocol import Row
from hub.payload import dumps
from hub.report import Tally
from hub.state import State, upsert
from models.state import cursors, links, quarantine, runs

_CHUNK = 500
_LONGEST_REASON = 4_000
_RULE_LENGTH = 200


@dataclass(frozen=True)
class Aside:
    """A row that could not be moved; ``state`` is ``waiting`` or ``quarantined``."""

    key: str
    state: str
    rule: str
    reason: str
    row: Row


@dataclass(frozen=True)
class Link:
    """A record written for a row; ``changed`` when the target changed."""

    source_key: str
    target_key: str
    changed: bool


class Memory:
    """The memory of one step of one flow."""

    def __init__(self, state: State, *, flow: str, step: str) -> None:
        self._state = state
        self.flow = flow
        self.step = step

    def position(self) -> str | None:
        """Where the last good run ended; ``None`` before the first."""
        query = sa.select(cursors.c.position).where(*self._mine(cursors))
        with self._state.reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def aside(self) -> dict[str, str]:
        """The keys put aside, with their state, in the order they first came."""
        query = sa.select(quarantine.c["key"], quarantine.c.state).where(*self._mine(quarantine))
        with self._state.reading() as connection:
            return {row.key: row.state for row in connection.execute(query.order_by(quarantine.c.id))}

    def remember(
        self, *, streams: tuple[str, str], done: Sequence[Link], aside: Sequence[Aside], free: Collection[str]
    ) -> None:
        """Keep what became of a page: links, rows put aside, and the keys that are ``free`` again."""
        if not (done or aside or free):
            return
        now = datetime.now(UTC)
        with self._state.writing() as connection:
            self._link(connection, streams=streams, done=done, now=now)
            self._put_aside(connection, streams[0], aside=aside, now=now)
            self._release(connection, free)

    def release(self, keys: Collection[str]) -> None:
        """Forget that these rows were put aside."""
        with self._state.writing() as connection:
            self._release(connection, keys)

    def open_run(self) -> int:
        """Note that a run began; its number."""
        counts = asdict(Tally())
        run = {"flow": self.flow, "step": self.step, "state": "running", "started_at": datetime.now(UTC)}
        with self._state.writing() as connection:
            made = connection.execute(sa.insert(runs).values(**run, **counts)).inserted_primary_key
            assert made is not None  # one row was inserted
            return int(made[0])

    def unfinished_before(self, run: int) -> bool:
        """Whether the step's run before this one failed or was killed: what it wrote, nobody was told."""
        earlier = sa.select(runs.c.state).where(*self._mine(runs), runs.c.id < run)
        with self._state.reading() as connection:
            last = connection.execute(earlier.order_by(runs.c.id.desc()).limit(1)).scalar_one_or_none()
        return last not in (None, "done")

    def close_run(self, run: int, tally: Tally, *, position: str | None) -> None:
        """Note that it went well and, with a ``position``, move the cursor there: both or neither."""
        now = datetime.now(UTC)
        with self._state.writing() as connection:
            if position is not None:
                row = {"flow": self.flow, "step": self.step, "position": position, "moved_at": now}
                moved = {"position": None, "moved_at": None}
                upsert(connection, cursors, [row], keys=("flow", "step"), changes=moved)
            self._end_run(connection, run, tally, state="done", finished_at=now, error=None)

    def fail_run(self, run: int, tally: Tally, *, error: str) -> None:
        """Note that it failed and why; the cursor stays."""
        now = datetime.now(UTC)
        with self._state.writing() as connection:
            self._end_run(
                connection, run, tally, state="failed", finished_at=now, error=error[:_LONGEST_REASON]
            )

    def _mine(self, table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
        return table.c.flow == self.flow, table.c.step == self.step

    def _end_run(self, connection: sa.Connection, run: int, tally: Tally, **values: Any) -> None:
        connection.execute(sa.update(runs).where(runs.c.id == run).values(**values, **asdict(tally)))

    def _link(
        self, connection: sa.Connection, *, streams: tuple[str, str], done: Sequence[Link], now: datetime
    ) -> None:
        where = {"source_stream": streams[0], "target_stream": streams[1], "written_at": now}
        for changed in (True, False):
            pairs = dict.fromkeys(
                (link.source_key, link.target_key) for link in done if link.changed is changed
            )
            rows = [
                {"flow": self.flow, "step": self.step, "source_key": source, "target_key": target, **where}
                for source, target in sorted(pairs)
            ]
            # An unchanged record is linked all the same: a run killed after its write left none.
            changes = {"written_at": None} if changed else {}
            keys = ("flow", "step", "source_key", "target_key")
            upsert(connection, links, rows, keys=keys, changes=changes)

    def _put_aside(
        self, connection: sa.Connection, stream: str, *, aside: Sequence[Aside], now: datetime
    ) -> None:
        rows = {
            each.key: {
                "flow": self.flow,
                "step": self.step,
                "stream": stream,
                "key": each.key,
                "state": each.state,
                "rule": each.rule[:_RULE_LENGTH],
                "reason": each.reason[:_LONGEST_REASON],
                "payload": dumps(each.row),
                "count": 1,
                "first_seen_at": now,
                "last_seen_at": now,
            }
            for each in aside
        }
        changes = dict.fromkeys(("state", "rule", "reason", "payload", "last_seen_at"))
        # Written out: PyMySQL's batch insert takes no parameter after the values.
        seen = {**changes, "count": quarantine.c["count"] + sa.literal_column("1")}
        upsert(
            connection, quarantine, [rows[key] for key in sorted(rows)], keys=("flow", "step", "key"),
            changes=seen,
        )  # fmt: skip

    def _release(self, connection: sa.Connection, keys: Collection[str]) -> None:
        wanted = sorted(keys)
        for start in range(0, len(wanted), _CHUNK):
            some = quarantine.c["key"].in_(wanted[start : start + _CHUNK])
            connection.execute(sa.delete(quarantine).where(*self._mine(quarantine), some))
