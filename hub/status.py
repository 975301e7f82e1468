"""How each flow stands: when it ran, how it ended, how far behind it is, what it put aside, who runs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hub import entries
from hub.desk import Desk
from hub.lease import has_ended
from hub.payload import instant
from hub.schedule import interval
from hub.waits import OPENED
from hub.words import Flow
from models.state import conflicts, leases, quarantine, runs

_NOTHING = {"waiting": 0, "quarantined": 0}
_STATES = ("died", "running", "failed", "done")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Last:
    """The last run of a step."""

    state: str
    started_at: datetime
    error: str | None


def status(desk: Desk, flows: Iterable[Flow], *, now: datetime | None = None) -> list[dict[str, Any]]:
    """One row a flow; times are RFC 3339 text.

    ``state`` is ``never``, ``running``, ``died`` (it was running, and nobody holds its lease), ``failed``
    (the last run of one of its steps did) or ``done``. ``lag_s`` is how long ago the last run ended after
    which every step had done its work; ``None`` while one never has. ``next_run_at`` is when it is due by
    its schedule.
    """
    at = now or datetime.now(UTC)
    latest, done, aside, held = _latest(desk), _done(desk), entries.counts(desk), _holders(desk, at)
    return [
        _row(
            flow,
            [_judged(latest[flow.name, step.name], held=flow.name in held) for step in flow.steps
             if (flow.name, step.name) in latest],
            done=[done.get((flow.name, step.name)) for step in flow.steps],
            aside=aside.get(flow.name, _NOTHING),
            now=at,
        )
        for flow in flows
    ]  # fmt: skip


def details(desk: Desk, flows: Iterable[Flow], *, now: datetime | None = None) -> list[dict[str, Any]]:
    """What an engineer wants to know beside ``status``, one row a flow.

    ``held_by`` runs it now, ``error`` is the first line of why the last run of a step failed,
    ``oldest_wait_at`` since when the row that waits longest does, ``conflicts`` how many edits of a field by
    a system that does not own it were overwritten in the last day.
    """
    at = now or datetime.now(UTC)
    latest, held, waits, lost = _latest(desk), _holders(desk, at), _oldest_waits(desk), _conflicts(desk, at)
    rows = []
    for flow in flows:
        last = [(step.name, latest.get((flow.name, step.name))) for step in flow.steps]
        errors = [f"{step}: {run.error}" for step, run in last if run and run.state == "failed" and run.error]
        wait = waits.get(flow.name)
        rows.append(
            {
                "flow": flow.name,
                "held_by": held.get(flow.name),
                "oldest_wait_at": instant(wait) if wait else None,
                "error": errors[0].splitlines()[0] if errors else None,
                "conflicts": lost.get(flow.name, 0),
            }
        )
    return rows


def _row(
    flow: Flow,
    last: list[_Last],
    *,
    done: list[datetime | None],
    aside: dict[str, int],
    now: datetime,
) -> dict[str, Any]:
    states = {run.state for run in last}
    started = max((run.started_at for run in last), default=None)
    finished = [at for at in done if at is not None]
    behind = (now - min(finished)).total_seconds() if len(finished) == len(done) and finished else None
    return {
        "flow": flow.name,
        "state": next((word for word in _STATES if word in states), "never"),
        "last_run_at": instant(started) if started else None,
        "lag_s": None if behind is None else max(0, round(behind)),
        **aside,
        "next_run_at": instant(started + interval(flow.every)) if started else None,
    }


def _judged(run: _Last, *, held: bool) -> _Last:
    """A run that says it is running, when nobody holds the flow's lease, has died."""
    return _Last("died", run.started_at, run.error) if run.state == "running" and not held else run


def _latest(desk: Desk) -> dict[tuple[str, str], _Last]:
    """The last run of each step."""
    newest = sa.select(sa.func.max(runs.c.id)).group_by(runs.c.flow, runs.c.step)
    columns = (runs.c.flow, runs.c.step, runs.c.state, runs.c.started_at, runs.c.error)
    with desk.state.reading() as connection:
        found = connection.execute(sa.select(*columns).where(runs.c.id.in_(newest)))
        return {(flow, step): _Last(state, at, error) for flow, step, state, at, error in found}


def _done(desk: Desk) -> dict[tuple[str, str], datetime]:
    """When each step last ended well."""
    newest = (
        sa.select(sa.func.max(runs.c.id)).where(runs.c.state == "done").group_by(runs.c.flow, runs.c.step)
    )
    query = sa.select(runs.c.flow, runs.c.step, runs.c.finished_at).where(runs.c.id.in_(newest))
    with desk.state.reading() as connection:
        return {(flow, step): at for flow, step, at in connection.execute(query)}


def _holders(desk: Desk, now: datetime) -> dict[str, str]:
    """Who runs each flow now."""
    query = sa.select(leases.c.flow, leases.c.holder).where(leases.c.expires_at > now)
    with desk.state.reading() as connection:
        return {flow: holder for flow, holder in connection.execute(query) if not has_ended(holder)}


def _oldest_waits(desk: Desk) -> dict[str, datetime]:
    query = sa.select(quarantine.c.flow, sa.func.min(OPENED)).where(quarantine.c.state == "waiting")
    with desk.state.reading() as connection:
        return {row.flow: row[1] for row in connection.execute(query.group_by(quarantine.c.flow))}


def _conflicts(desk: Desk, now: datetime) -> dict[str, int]:
    query = sa.select(conflicts.c.flow, sa.func.count()).where(conflicts.c.seen_at >= now - _DAY)
    with desk.state.reading() as connection:
        return {row.flow: row[1] for row in connection.execute(query.group_by(conflicts.c.flow))}
