"""Rows of the hub's state, as the hub would have written them by noon of 15 June 2026."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa

from models import state
from settings import Settings
from tests.warehouse.company import at

SEEN = "06-14 08:00"


def remember(settings: Settings, table: sa.Table, *rows: dict[str, Any]) -> None:
    """Insert rows into the hub's database, made when it is not there."""
    engine = sa.create_engine(settings.url("state"))
    state.METADATA.create_all(engine)
    with engine.begin() as connection:
        for row in rows:
            connection.execute(table.insert(), row)
    engine.dispose()


def aside(place: str, stream: str, key: str, payload: Any, **more: Any) -> dict[str, Any]:
    """An entry of the quarantine; ``place`` is ``flow.step``, ``payload`` a row or the text kept of it."""
    flow, _, step = place.partition(".")
    text = payload if isinstance(payload, str) else json.dumps(payload)
    seen: dict[str, Any] = {"first_seen_at": at(SEEN), "last_seen_at": at(SEEN), "count": 1}
    entry = {"flow": flow, "step": step, "stream": stream, "key": key, "state": "quarantined"}
    return entry | seen | {"rule": "a_rule", "reason": f"came {text}", "payload": text} | more


def ran(step: str, started: str, seconds: float | None, **counts: Any) -> dict[str, Any]:
    """A run of the orders flow; without seconds it has not ended."""
    start = at(started)
    end = None if seconds is None else start + dt.timedelta(seconds=seconds)
    none = dict.fromkeys(("read", "written", "unchanged", "waiting", "quarantined"), 0)
    state_ = "running" if seconds is None else "done"
    return (
        {"flow": "orders", "step": step, "state": state_, "started_at": start, "finished_at": end}
        | none
        | counts
    )


def comparison(step: str, stream: str, when: str, *, equal: int, **found: int) -> dict[str, Any]:
    """What a comparison found; what was not repaired is still different."""
    zero = dict.fromkeys(("different", "missing", "extra", "repaired"), 0) | found
    wrong = zero["different"] + zero["missing"] + zero["extra"]
    counts = {"equal": equal, "compared": equal + wrong, "still_different": wrong - zero["repaired"]}
    return {"flow": "orders", "step": step, "stream": stream, "compared_at": at(when)} | counts | zero
