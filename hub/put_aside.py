"""Rows that could not be moved: put aside with their reason, and history once they moved.

The writing side of the quarantine, in the caller's transaction; ``hub.quarantine`` is what people ask.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from connectors.errors import MissingDependency, RowError
from connectors.protocol import Row
from hub.links import Whose, chunks
from hub.payload import dumps, holdable
from hub.state import upsert
from models.state import quarantine

OPEN = quarantine.c.state.in_(("quarantined", "waiting"))
"""The entries that are not history yet."""

_MOVED = "it moved, or is no longer there or meant"
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


def aside_of(key: str, row: Row, errors: Sequence[RowError]) -> Aside:
    """The row with all that is wrong with it; it waits when it is right and only misses something."""
    waits = all(isinstance(error, MissingDependency) for error in errors)
    rules = dict.fromkeys(error.rule for error in errors)
    reasons = dict.fromkeys(str(error) for error in errors)
    return Aside(key, "waiting" if waits else "quarantined", ", ".join(rules), " · ".join(reasons), row)


def put_aside(
    connection: sa.Connection, whose: Whose, stream: str, *, aside: Sequence[Aside], now: datetime
) -> None:
    """Keep all of these rows; one seen before is the same entry, with a count, open again if it was not."""
    rows = {
        each.key: {
            "flow": whose.flow,
            "step": whose.step,
            "stream": stream,
            "key": each.key,
            "state": each.state,
            "rule": holdable(each.rule[:_RULE_LENGTH]),
            "reason": holdable(each.reason[:_LONGEST_REASON]),
            "payload": dumps(each.row),
            "count": 1,
            "first_seen_at": now,
            "last_seen_at": now,
            **dict.fromkeys(("opened_at", "resolved_at", "resolved_by", "resolution")),
        }
        for each in aside
    }
    changed = ("state", "rule", "reason", "payload", "last_seen_at")
    changes = dict.fromkeys((*changed, "resolved_at", "resolved_by", "resolution"))
    # Written out: PyMySQL's batch insert takes no parameter after the values.
    again: sa.ColumnElement[Any] = sa.literal_column(f"'{now.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'")
    opened = sa.case((quarantine.c.resolved_at.is_(None), quarantine.c.opened_at), else_=again)
    # First, because MariaDB sets the columns one after the other, and it asks for one set later.
    seen = {"opened_at": opened, **changes, "count": quarantine.c["count"] + sa.literal_column("1")}
    upsert(
        connection, quarantine, [rows[key] for key in sorted(rows)], keys=("flow", "step", "key"),
        changes=seen,
    )  # fmt: skip


def release(
    connection: sa.Connection, whose: Whose, keys: Collection[str], *, run: int | None, now: datetime
) -> None:
    """Their open entries are history now, kept for whoever asks until they are forgotten."""
    by = "the hub" if run is None else f"run {run}"
    resolved = {"state": "resolved", "resolved_at": now, "resolved_by": by, "resolution": _MOVED}
    update = sa.update(quarantine).where(*whose.of(quarantine), OPEN).values(**resolved)
    for some in chunks(keys):
        connection.execute(update.where(quarantine.c["key"].in_(some)))
