"""What people do to the hub's memory, kept with who and why: an entry replayed or discarded, a key forgotten.

It keeps none of the data; what is done, ``hub.quarantine`` and ``hub.forget`` do.
"""

from __future__ import annotations

import getpass
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from hub.payload import instant
from models.state import interventions

LOG = logging.getLogger("triada.hub")
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Act:
    """Something a person does: ``act`` is replay, discard or forget."""

    act: str
    by: str
    why: str


def act_of(act: str, *, by: str, why: str) -> Act:
    """An act by this person, or by whoever is signed in to the machine."""
    return Act(act, (by.strip() or _user())[:_LONGEST_NAME], why.strip() or "no reason given")


def record(connection: sa.Connection, act: Act, outcomes: Mapping[int | None, str]) -> None:
    """Keep what came of it: by entry, or under ``None`` for all of the memory."""
    now = datetime.now(UTC)
    done = {"act": act.act, "by": act.by, "why": act.why, "at": now}
    rows = [{**done, "entry": entry, "outcome": outcome} for entry, outcome in outcomes.items()]
    if rows:
        connection.execute(sa.insert(interventions), rows)
    for entry, outcome in outcomes.items():
        LOG.info("%s of %s by %s: %s", act.act, "a key" if entry is None else entry, act.by, outcome)


def of_entry(connection: sa.Connection, entry: int) -> list[dict[str, Any]]:
    """What was done to an entry, oldest first; times are RFC 3339 text."""
    names = ("at", "act", "by", "why", "outcome")
    query = sa.select(*(interventions.c[name] for name in names)).where(interventions.c.entry == entry)
    rows = connection.execute(query.order_by(interventions.c.id)).mappings()
    return [{**row, "at": instant(row["at"])} for row in rows]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's number without a name
        return "unknown"
