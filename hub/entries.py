"""Rows put aside, as people ask for them: a list by filters, one with its history, how many there are.

An entry is open (quarantined or waiting) until its row moves or somebody discards it; then it is history.
Times are RFC 3339 text, so that an entry is JSON as it is. It changes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.errors import Misconfigured
from hub import interventions
from hub.desk import Desk
from hub.payload import instant
from hub.put_aside import OPEN
from models.state import quarantine as table

_LISTED = ("id", "flow", "step", "key", "rule", "reason", "count", "first_seen_at", "last_seen_at")
_ENDED = ("state", "resolved_at", "resolved_by", "resolution")
_SETTLED = table.c.state.in_(("resolved", "discarded"))


@dataclass(frozen=True)
class Wanted:
    """Which entries: ``flow`` may be ``orders`` or ``orders.book``, ``key`` may hold ``*`` for anything."""

    flow: str = ""
    rule: str = ""
    key: str = ""
    since: datetime | None = None


def entries(
    desk: Desk, *, waiting: bool = False, resolved: bool = False, wanted: Wanted | None = None
) -> list[dict[str, Any]]:
    """The rows quarantined, or with ``waiting`` those that wait, in the order they first came.

    With ``resolved`` those that moved or were discarded, with when, by whom and why.
    """
    names = (*_LISTED, *_ENDED) if resolved else _LISTED
    state = _SETTLED if resolved else table.c.state == ("waiting" if waiting else "quarantined")
    query = sa.select(*(table.c[name] for name in names)).where(
        state, *_meant(wanted or Wanted(), table.c.resolved_at if resolved else table.c.last_seen_at)
    )
    with desk.state.reading() as connection:
        return [_entry(row) for row in connection.execute(query.order_by(table.c.id)).mappings()]


def show(desk: Desk, entry: int) -> dict[str, Any]:
    """One entry with its state, stream, the row as it was read and what people did about it.

    ``payload`` is ``None`` once it was forgotten; ``Misconfigured`` when there is no such entry.
    """
    names = (*_LISTED, *_ENDED, "stream", "opened_at", "payload")
    with desk.state.reading() as connection:
        row = one(connection, entry, names)
        done = interventions.of_entry(connection, entry)
    payload = json.loads(row["payload"]) if row["payload"] else None
    return {**_entry(row), "payload": payload, "interventions": done}


def counts(desk: Desk) -> dict[str, dict[str, int]]:
    """How many rows each flow has put aside: ``{"orders": {"waiting": 2, "quarantined": 1}}``."""
    number = sa.func.count().label("number")
    query = sa.select(table.c.flow, table.c.state, number).where(OPEN)
    found: dict[str, dict[str, int]] = {}
    with desk.state.reading() as connection:
        for flow, state, rows in connection.execute(query.group_by(table.c.flow, table.c.state)):
            found.setdefault(flow, {"waiting": 0, "quarantined": 0})[state] = rows
    return found


def one(connection: sa.Connection, entry: int, names: Sequence[str]) -> Any:
    """These columns of an entry; ``Misconfigured`` when there is none of that number."""
    query = sa.select(*(table.c[name] for name in names)).where(table.c.id == entry)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Misconfigured(f"there is no entry {entry} in the quarantine; `quarantine list` shows them")
    return row


def _meant(wanted: Wanted, seen_at: Any) -> list[sa.ColumnElement[bool]]:
    flow, _, step = wanted.flow.partition(".")
    meant: list[sa.ColumnElement[bool]] = []
    if flow:
        meant.append(table.c.flow == flow)
    if step:
        meant.append(table.c.step == step)
    if wanted.rule:  # a row may break several; they are kept as one text
        meant.append((", " + table.c.rule + ", ").contains(f", {wanted.rule}, ", autoescape=True))
    if wanted.key:
        meant.append(_like(wanted.key))
    if wanted.since:
        meant.append(seen_at >= wanted.since)
    return meant


def _like(pattern: str) -> sa.ColumnElement[bool]:
    key: sa.ColumnElement[str] = table.c["key"]
    if "*" not in pattern:
        return key == pattern
    return key.like(re.sub("([/%_])", r"/\1", pattern).replace("*", "%"), escape="/")


def _entry(row: Any) -> dict[str, Any]:
    """The row with its times as text."""
    return {name: instant(value) if isinstance(value, datetime) else value for name, value in row.items()}
