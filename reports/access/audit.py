"""The audit log: who signed in or failed to, took an export, was mailed, changed a user; and the outcome.

An act comes in, a row stays. No password, token or payload is ever part of one; a name that nobody has is
kept by its beginning alone, for people type passwords into the wrong field.
"""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from typing import Any

import sqlalchemy as sa

from hub.state import State
from models.access import audit as table

ACTIONS = (
    "sign_in", "sign_in_failed", "locked", "sign_out", "export", "mail",
    "user_added", "user_password", "user_disabled", "user_enabled",
)  # fmt: skip
_LONGEST = 200
_BEGINNING = 3


def note(
    where: State | sa.Connection,
    action: str,
    *,
    outcome: str = "done",
    user_no: int | None = None,
    name: str = "",
    what: str = "",
    address: str = "",
    at: dt.datetime | None = None,
) -> None:
    """Keep an act of ``ACTIONS``; ``name`` is shortened where ``user_no`` says that nobody has it.

    Given a connection, it is kept with what else that transaction writes, or not at all.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is no action of the audit log; there are {', '.join(ACTIONS)}")
    row = {
        "at": at or dt.datetime.now(dt.UTC), "user_no": user_no, "action": action,
        "sign_in_name": _clean(name if user_no is not None else shortened(name)),
        "what": _clean(what), "address": _clean(address)[:64], "outcome": _clean(outcome),
    }  # fmt: skip
    with where.writing() if isinstance(where, State) else nullcontext(where) as connection:
        connection.execute(sa.insert(table).values(**row))


def last(state: State, limit: int = 50) -> list[dict[str, Any]]:
    """The last acts, newest first."""
    with state.reading() as connection:
        query = sa.select(table).order_by(table.c.id.desc()).limit(limit)
        return [dict(row) for row in connection.execute(query).mappings()]


def shortened(name: str) -> str:
    """The beginning of a name that is nobody's."""
    return name if not name else f"{name[:_BEGINNING]}…"


def _clean(text: str) -> str:
    """One line of printable letters: a log is read in terminals."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:_LONGEST]
