"""Rows put aside: list them, look at one, move it once it is mended, or drop it.

a number ─▶ its entry (``hub.entries``) ─▶ read again and moved, or dropped ─▶ history, with who
and why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from connectors.errors import Misconfigured, TriadaError
from hub import interventions
from hub.checking import NO_KEY
from hub.desk import Desk
from hub.entries import Wanted, counts, entries, one, show
from hub.interventions import Act, act_of
from hub.payload import instant
from hub.put_aside import OPEN
from hub.run import StepReport, replay_step
from hub.words import Flow
from models.state import quarantine as table

__all__ = ["Wanted", "counts", "discard", "entries", "replay", "show"]


def replay(
    desk: Desk, flows: Iterable[Flow], *, entry: int | None = None, by: str = "", why: str = ""
) -> list[StepReport]:
    """Read one entry's row, or every open one's, again from its source and move it; one report a step.

    Steps run in the order of the flows, so that what a replay brings lets what waited for it go. Entries of
    an import have no source to ask here: replaying all leaves them for the next import of their source.
    So it does with rows that have no key; one of those alone is ``Misconfigured``. A discarded entry that is
    asked for by its number is open again.
    """
    act = act_of("replay", by=by, why=why)
    known = [(flow, step.name) for flow in flows for step in flow.steps]
    names = {(flow.name, step) for flow, step in known}
    chosen = _chosen(desk, entry) if entry is None else _to_replay(desk, entry, names)
    reports = []
    for flow, step in known:
        if mine := chosen.get((flow.name, step)):
            try:
                reports.append(replay_step(desk, flow, step=step, keys=list(mine)))
            except BaseException as error:
                _record(desk, act, dict.fromkeys(mine.values(), f"failed: {type(error).__name__}"))
                raise
            _settle(desk, act, mine.values())
    return reports


def discard(desk: Desk, entry: int, *, by: str = "", why: str = "") -> None:
    """Drop an entry; its row is read again when it changes at its source."""
    act = act_of("discard", by=by, why=why)
    now = datetime.now(UTC)
    dropped = {"state": "discarded", "resolved_at": now, "resolved_by": act.by, "resolution": act.why}
    with desk.state.writing() as connection:
        row = one(connection, entry, ("state", "resolved_at", "resolved_by"))
        if not connection.execute(
            sa.update(table).where(table.c.id == entry, OPEN).values(**dropped)
        ).rowcount:
            raise _is_settled(entry, row, "nothing is left to discard")
        interventions.record(connection, act, {entry: "discarded"})


def _chosen(desk: Desk, entry: int | None) -> dict[tuple[str, str], dict[str, int]]:
    """The open entries to replay, or this one: their keys and numbers by flow and step."""
    query = sa.select(table.c.flow, table.c.step, table.c["key"], table.c.id).order_by(table.c.id)
    chosen: dict[tuple[str, str], dict[str, int]] = {}
    with desk.state.reading() as connection:
        for flow, step, key, number in connection.execute(
            query.where(OPEN if entry is None else table.c.id == entry)
        ):
            chosen.setdefault((flow, step), {})[key] = number
    return chosen


def _to_replay(
    desk: Desk, entry: int, names: Collection[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, int]]:
    """The entry, open; ``Misconfigured`` when it cannot be replayed."""
    with desk.state.reading() as connection:
        row = one(connection, entry, ("flow", "step", "key", "state", "resolved_at", "resolved_by"))
    if row["key"].startswith(NO_KEY):
        raise Misconfigured(
            f"entry {entry} has no key to read it by: mend it at its source, where it comes again by itself, "
            "and discard the entry"
        )
    if (row["flow"], row["step"]) not in names:
        raise Misconfigured(
            f"entry {entry} came by {row['flow']}.{row['step']}, which is no flow here: mend its source and "
            "import it again, or discard the entry"
        )
    if row["state"] == "resolved":
        raise _is_settled(entry, row, "nothing is left to replay")
    if row["state"] == "discarded":
        again = dict.fromkeys(("resolved_at", "resolved_by", "resolution"))
        with desk.state.writing() as connection:
            opened = {"state": "quarantined", "opened_at": datetime.now(UTC), **again}
            connection.execute(sa.update(table).where(table.c.id == entry).values(**opened))
    return _chosen(desk, entry)


def _settle(desk: Desk, act: Act, numbers: Collection[int]) -> None:
    """Keep who had these replayed, beside what became of each."""
    outcomes: dict[int | None, str] = {}
    wanted = sorted(numbers)
    with desk.state.writing() as connection:
        for start in range(0, len(wanted), 500):
            some = table.c.id.in_(wanted[start : start + 500])
            for number, state in connection.execute(sa.select(table.c.id, table.c.state).where(some)):
                outcomes[number] = "moved" if state == "resolved" else f"still {state}"
            how = f"{act.why} (" + table.c.resolved_by + ": " + table.c.resolution + ")"
            # In this order, because MariaDB sets the columns one after the other.
            who = [(table.c.resolution, how), (table.c.resolved_by, act.by)]
            moved = sa.update(table).where(some, table.c.state == "resolved")
            connection.execute(moved.ordered_values(*who))
        interventions.record(connection, act, outcomes)


def _record(desk: Desk, act: Act, outcomes: Mapping[int | None, str]) -> None:
    with suppress(TriadaError), desk.state.writing() as connection:  # the first error is the one to tell
        interventions.record(connection, act, outcomes)


def _is_settled(entry: int, row: Any, what: str) -> Misconfigured:
    return Misconfigured(
        f"entry {entry} is {row['state']} since {instant(row['resolved_at'])} by {row['resolved_by']}: {what}"
        "; `quarantine list` shows the open ones"
    )
