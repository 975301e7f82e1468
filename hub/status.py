"""How each flow stands: when it ran, how it ended, how far behind it is, what it put aside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from hub import quarantine
from hub.desk import Desk
from hub.payload import instant
from hub.schedule import interval
from hub.words import Flow
from models.state import runs

_NOTHING = {"waiting": 0, "quarantined": 0}


def status(desk: Desk, flows: Iterable[Flow], *, now: datetime | None = None) -> list[dict[str, Any]]:
    """One row a flow; times are RFC 3339 text.

    ``state`` is ``never``, ``running``, ``failed`` (the last run of one of its steps did) or ``done``.
    ``lag_s`` is how long ago the last run ended after which every step had done its work; ``None`` while
    one never has. ``next_run_at`` is when it is due by its schedule.
    """
    at = now or datetime.now(UTC)
    latest, done, aside = _latest(desk), _done(desk), quarantine.counts(desk)
    return [
        _row(
            flow,
            [latest[flow.name, step.name] for step in flow.steps if (flow.name, step.name) in latest],
            done=[done.get((flow.name, step.name)) for step in flow.steps],
            aside=aside.get(flow.name, _NOTHING),
            now=at,
        )
        for flow in flows
    ]


def _row(
    flow: Flow,
    last: list[tuple[str, datetime]],
    *,
    done: list[datetime | None],
    aside: dict[str, int],
    now: datetime,
) -> dict[str, Any]:
    states = {state for state, _ in last}
    started = max((at for _, at in last), default=None)
    finished = [at for at in done if at is not None]
    behind = (now - min(finished)).total_seconds() if len(finished) == len(done) and finished else None
    return {
        "flow": flow.name,
        "state": next((word for word in ("running", "failed", "done") if word in states), "never"),
        "last_run_at": instant(started) if started else None,
        "lag_s": None if behind is None else max(0, round(behind)),
        **aside,
        "next_run_at": instant(started + interval(flow.every)) if started else None,
    }


def _latest(desk: Desk) -> dict[tuple[str, str], tuple[str, datetime]]:
    """The state and start of each step's last run."""
    newest = sa.select(sa.func.max(runs.c.id)).group_by(runs.c.flow, runs.c.step)
    query = sa.select(runs.c.flow, runs.c.step, runs.c.state, runs.c.started_at).where(runs.c.id.in_(newest))
    with desk.state.reading() as connection:
        return {(flow, step): (state, at) for flow, step, state, at in connection.execute(query)}


def _done(desk: Desk) -> dict[tuple[str, str], datetime]:
    """When each step last ended well."""
    ended = sa.func.max(runs.c.finished_at)
    query = sa.select(runs.c.flow, runs.c.step, ended).where(runs.c.state == "done")
    with desk.state.reading() as connection:
        return {
            (flow, step): at
            for flow, step, at in connection.execute(query.group_by(runs.c.flow, runs.c.step))
        }
