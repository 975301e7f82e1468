"""Rows put aside: list them, look at one, move it once it is mended, or drop it.

Times are RFC 3339 text, so that an entry is JSON as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from connectors.errors import Misconfigured
from hub.desk import Desk
from hub.page import NO_KEY
from hub.payload import instant
from hub.run import StepReport, replay_step
from hub.words import Flow
from models.state import quarantine as table

_LISTED = ("id", "flow", "step", "key", "rule", "reason", "count", "first_seen_at", "last_seen_at")


def entries(desk: Desk, *, waiting: bool) -> list[dict[str, Any]]:
    """The rows quarantined, or with ``waiting`` those that wait, in the order they first came."""
    state = "waiting" if waiting else "quarantined"
    query = sa.select(*(table.c[name] for name in _LISTED)).where(table.c.state == state)
    with desk.state.reading() as connection:
        return [_entry(row) for row in connection.execute(query.order_by(table.c.id)).mappings()]


def show(desk: Desk, entry: int) -> dict[str, Any]:
    """One entry with its state, stream and the row as it was read; ``Misconfigured`` when there is none."""
    names = (*_LISTED, "state", "stream", "payload")
    query = sa.select(*(table.c[name] for name in names)).where(table.c.id == entry)
    with desk.state.reading() as connection:
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise _none(entry)
    return {**_entry(row), "payload": json.loads(row["payload"])}


def replay(desk: Desk, flows: Iterable[Flow], *, entry: int | None = None) -> list[StepReport]:
    """Read one entry's row, or every one's, again from its source and move it; one report a step.

    Steps run in the order of the flows, so that what a replay brings lets what waited for it go. Entries of
    an import have no source to ask here: replaying all leaves them for the next import of their source.
    So it does with rows that have no key; one of those alone is ``Misconfigured``.
    """
    query = sa.select(table.c.flow, table.c.step, table.c["key"]).order_by(table.c.id)
    if entry is not None:
        query = query.where(table.c.id == entry)
    keys: dict[tuple[str, str], list[str]] = {}
    with desk.state.reading() as connection:
        for flow, step, key in connection.execute(query):
            keys.setdefault((flow, step), []).append(key)
    if entry is not None and not keys:
        raise _none(entry)
    if entry is not None and any(key.startswith(NO_KEY) for (key,) in keys.values()):
        raise Misconfigured(
            f"entry {entry} has no key to read it by: mend it at its source, where it comes again by itself, "
            "and discard the entry"
        )
    known = [(flow, step.name) for flow in flows for step in flow.steps]
    strange = set(keys) - {(flow.name, step) for flow, step in known}
    if entry is not None and strange:
        ((flow_name, step_name),) = strange
        raise Misconfigured(
            f"entry {entry} came by {flow_name}.{step_name}, which is no flow here: mend its source and "
            "import it again, or discard the entry"
        )
    return [
        replay_step(desk, flow, step=step, keys=keys[flow.name, step])
        for flow, step in known
        if (flow.name, step) in keys
    ]


def discard(desk: Desk, entry: int) -> None:
    """Drop an entry; its row is read again when it changes at its source."""
    with desk.state.writing() as connection:
        dropped = connection.execute(sa.delete(table).where(table.c.id == entry)).rowcount
    if not dropped:
        raise _none(entry)


def counts(desk: Desk) -> dict[str, dict[str, int]]:
    """How many rows each flow has put aside: ``{"orders": {"waiting": 2, "quarantined": 1}}``."""
    number = sa.func.count().label("number")
    query = sa.select(table.c.flow, table.c.state, number).group_by(table.c.flow, table.c.state)
    found: dict[str, dict[str, int]] = {}
    with desk.state.reading() as connection:
        for flow, state, rows in connection.execute(query):
            found.setdefault(flow, {"waiting": 0, "quarantined": 0})[state] = rows
    return found


def _entry(row: Any) -> dict[str, Any]:
    return {
        **row,
        "first_seen_at": instant(row["first_seen_at"]),
        "last_seen_at": instant(row["last_seen_at"]),
    }


def _none(entry: int) -> Misconfigured:
    return Misconfigured(f"there is no entry {entry} in the quarantine; `quarantine list` shows them")
