"""What the hub no longer needs, it forgets: old rows by age, a person's data by key when that is asked for.

age ─▶ payloads of settled entries after ``TRIADA_KEEP_DAYS``, history after 400 days; a run does it, at most
once an hour. a key ─▶ everywhere it is, with who and why, without the key. It touches no system: those
forget by themselves.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.errors import Misconfigured, TriadaError
from hub import interventions
from hub.desk import Desk
from hub.interventions import act_of
from hub.logs import erase_from_logs
from hub.state import State, upsert
from models.state import chores, conflicts, links, quarantine, reconciliations, runs
from models.state import interventions as acts

LOG = logging.getLogger("triada.hub")
HISTORY = timedelta(days=400)
"""How long runs, settled entries and what people did are kept: a year can be compared with the one before."""

EVERY = timedelta(hours=1)
FORGOTTEN = "(forgotten)"
_CHORE = "forget"
_SOME = 1_000
_AT_ONCE = 20_000
"""Rows of a kind that the end of a run takes on; the rest waits for the next hour."""

_SETTLED = quarantine.c.state.in_(("resolved", "discarded"))


def forget_when_due(desk: Desk, *, now: datetime | None = None) -> None:
    """Forget what is old, unless that was done within the hour; stops no run."""
    at = now or datetime.now(UTC)
    try:
        if _is_due(desk.state, at):
            forget_old(desk, now=at, at_most=_AT_ONCE)
    except TriadaError as error:
        LOG.warning("what is old could not be forgotten now, the next hour tries again: %s", error)


def forget_old(desk: Desk, *, now: datetime | None = None, at_most: int | None = None) -> dict[str, int]:
    """Forget what is old; how many rows of each kind it was."""
    at = now or datetime.now(UTC)
    kept, history = at - timedelta(days=desk.settings.keep_days), at - HISTORY
    empty = {"payload": "", "reason": FORGOTTEN}
    last = [
        sa.select(sa.func.max(runs.c.id)).where(condition).group_by(runs.c.flow, runs.c.step)
        for condition in (sa.true(), runs.c.state == "done")
    ]
    old_runs = (runs.c.started_at < history, *(runs.c.id.not_in(newest) for newest in last))
    old_entries = (_SETTLED, quarantine.c.resolved_at < history)
    old_payloads = (_SETTLED, quarantine.c.resolved_at <= kept, quarantine.c.payload != "")
    done = {
        "payloads": _each(desk.state, quarantine, old_payloads, change=empty, at_most=at_most),
        "conflicts": _each(desk.state, conflicts, (conflicts.c.seen_at <= kept,), at_most=at_most),
        "entries": _each(desk.state, quarantine, old_entries, at_most=at_most),
        "interventions": _each(desk.state, acts, (acts.c.at < history,), at_most=at_most),
        "runs": _each(desk.state, runs, old_runs, at_most=at_most),
        "reconciliations": _each(
            desk.state, reconciliations, (reconciliations.c.compared_at < history,), at_most=at_most
        ),
    }
    if any(done.values()):
        LOG.info("forgot what is old: %s", ", ".join(f"{n} {what}" for what, n in done.items() if n))
    return done


def forget_key(desk: Desk, key: str, *, by: str = "", why: str = "") -> dict[str, int]:
    """Erase a business key, and the rows kept under it, from the memory and the log; how much of each it was.

    Entries, links and conflicts of that key go; entries of other keys that hold it lose their payload and
    reason; errors of failed runs and reasons people gave that hold it are blanked. Recorded with who and why,
    without the key.
    """
    if not key.strip():
        raise Misconfigured("no key was given; expected the business key of one record, such as L-0042")
    holds = re.compile(
        rf"(?<![\w-]){re.escape(key)}(?![\w-])|{re.escape(json.dumps(key, ensure_ascii=False))}"
    )
    act = act_of("forget", by=by, why=holds.sub(FORGOTTEN, why))
    with desk.state.writing() as connection:
        done = {
            "entries": _delete(connection, quarantine.c["key"] == key, quarantine),
            "payloads": _blank(connection, quarantine, {"payload": "", "reason": FORGOTTEN}, key, holds),
            "links": _delete(connection, sa.or_(links.c.source_key == key, links.c.target_key == key), links),
            "conflicts": _delete(connection, conflicts.c["key"] == key, conflicts)
            + _blank(connection, conflicts, {"lost": FORGOTTEN, "kept": FORGOTTEN}, key, holds),
            "runs": _blank(connection, runs, {"error": FORGOTTEN}, key, holds),
            "words": _blank(connection, acts, {"why": FORGOTTEN}, key, holds)
            + _blank(connection, quarantine, {"resolution": FORGOTTEN}, key, holds),
        }
        outcome = ", ".join(f"{what}: {number}" for what, number in done.items())
        interventions.record(connection, act, {None: outcome})
    return {**done, "log lines": erase_from_logs(desk.settings, holds, instead=FORGOTTEN)}


def _is_due(state: State, now: datetime) -> bool:
    """Whether it was not done within the hour; the one that is told so does it."""
    mine = chores.c.name == _CHORE
    with state.reading() as connection:
        done_at = connection.execute(sa.select(chores.c.done_at).where(mine)).scalar_one_or_none()
    if done_at is not None and now - done_at < EVERY:
        return False
    never = {"name": _CHORE, "done_at": datetime(1970, 1, 1, tzinfo=UTC)}
    with state.writing() as connection:
        upsert(connection, chores, [never], keys=("name",), changes={})
        late = sa.update(chores).where(mine, chores.c.done_at <= now - EVERY).values(done_at=now)
        return connection.execute(late).rowcount == 1


def _each(
    state: State,
    table: sa.Table,
    conditions: Sequence[sa.ColumnElement[bool]],
    *,
    change: dict[str, Any] | None = None,
    at_most: int | None,
) -> int:
    """Change or delete the rows so, a few at a time: others write here too."""
    done = 0
    while at_most is None or done < at_most:
        with state.writing() as connection:
            query = sa.select(table.c.id).where(*conditions).limit(_SOME)
            some = list(connection.execute(query).scalars())
            mine = table.c.id.in_(some)
            if some:
                connection.execute(sa.update(table).where(mine).values(**change) if change
                                   else sa.delete(table).where(mine))  # fmt: skip
        done += len(some)
        if len(some) < _SOME:
            break
    return done


def _delete(connection: sa.Connection, condition: sa.ColumnElement[bool], table: sa.Table) -> int:
    return connection.execute(sa.delete(table).where(condition)).rowcount


def _blank(
    connection: sa.Connection, table: sa.Table, change: dict[str, str], key: str, holds: re.Pattern[str]
) -> int:
    """Blank these columns where one of them holds the key; how many rows did."""
    found = list(_holding(connection, table, tuple(change), key, holds))
    for start in range(0, len(found), _SOME):
        some = table.c.id.in_(found[start : start + _SOME])
        connection.execute(sa.update(table).where(some).values(**change))
    return len(found)


def _holding(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], key: str, holds: re.Pattern[str]
) -> Iterator[int]:
    # As text, and as JSON writes it; that it is not a part of a longer key, only the expression can say.
    forms = dict.fromkeys((key, json.dumps(key, ensure_ascii=False)[1:-1]))
    near = sa.or_(*(table.c[name].contains(form, autoescape=True) for name in columns for form in forms))
    query = sa.select(table.c.id, *(table.c[name] for name in columns)).where(near)
    for number, *texts in connection.execute(query):
        if any(text and holds.search(text) for text in texts):
            yield number
