"""Which worker sends a mail, and what is known of it afterwards: each is sent once.

claimed ─▶ sending (right before the server is told that the mail is whole) ─▶ sent
   └▶ waiting: known not sent, tried again        └▶ uncertain: nobody knows, never sent again
   └▶ failed: refused, or too late
   └▶ gone: no alert is left in it that may be told

Two workers are told apart by a mark that is new at each claim. SMTP has no transaction, so what a worker that
died left in ``sending`` may have arrived: once rather than twice. What left, or may have left, stands in the
audit log by the same transaction. It talks to no server.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from hub.state import State, upsert
from models.access import users
from models.mails import alerts, mails
from reports.access import audit

LEASE = dt.timedelta(minutes=10)
"""How long a worker has for one mail, which is longer than a server may take to answer."""
SETTLED = ("sent", "uncertain", "failed")
_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Mail:
    """A mail to be sent, before anybody has it."""

    kind: str
    key: str
    user_no: int
    due_at: dt.datetime


@dataclass(frozen=True)
class Claim:
    """A mail in this worker's hands."""

    key: str
    mark: str


class Lost(Exception):
    """Another worker has the mail by now: leave it alone."""


def open_mail(connection: sa.Connection, mail: Mail) -> None:
    """Have it wait to be sent; one that is there already stays as it is."""
    fresh = {
        "kind": mail.kind, "key": mail.key, "user_no": mail.user_no, "due_at": mail.due_at,
        "state": "waiting", "claim": "", "claimed_at": _NEVER, "tries": 0,
    }  # fmt: skip
    upsert(connection, mails, [fresh], keys=("key",), changes={})


def claim(state: State, mail: Mail, *, now: dt.datetime) -> Claim | None:
    """Take a mail; ``None`` when it is settled, or in another worker's hands."""
    mark = uuid.uuid4().hex
    left = sa.and_(mails.c.state == "claimed", mails.c.claimed_at < now - LEASE)
    free = sa.and_(mails.c.key == mail.key, sa.or_(mails.c.state == "waiting", left))
    taken = {"state": "claimed", "claim": mark, "claimed_at": now, "tries": mails.c.tries + 1}
    with state.writing() as connection:
        open_mail(connection, mail)
        if connection.execute(sa.update(mails).where(free).values(**taken)).rowcount != 1:
            return None
    return Claim(mail.key, mark)


def hold(connection: sa.Connection, claim: Claim) -> None:
    """Nobody else takes it before this transaction ends; ``Lost`` when somebody has."""
    _move(connection, claim, come_from=("claimed",), state_="claimed")


def drop(connection: sa.Connection, claim: Claim) -> None:
    """There is nothing left for it to say: it is gone, as if it had never been to be sent."""
    mine = sa.and_(mails.c.key == claim.key, mails.c.claim == claim.mark)
    connection.execute(sa.delete(mails).where(mine))


def about_to_send(state: State, claim: Claim, *, message_id: str) -> None:
    """From now on the mail may have arrived; ``Lost`` when it is no longer this worker's."""
    with state.writing() as connection:
        _move(connection, claim, come_from=("claimed",), state_="sending", message_id=message_id)


def sent(state: State, claim: Claim, *, to: str, now: dt.datetime) -> None:
    """The server has it. Says so also where a slow answer had made others think that nobody knows."""
    with state.writing() as connection:
        _move(connection, claim, come_from=("sending", "uncertain"), state_="sent", sent_at=now, error=None)
        _settle_alerts(connection, claim.key)
        _note(connection, f"{claim.key} to {to}", key=claim.key, outcome="done", now=now)


def put_back(state: State, claim: Claim, *, error: str) -> None:
    """It is known not to have been sent, and is to be tried again."""
    with state.writing() as connection:
        _move(connection, claim, come_from=("claimed", "sending"), state_="waiting", error=error)


def give_up(state: State, claim: Claim, *, error: str) -> None:
    """It is known not to have been sent, and trying again would give the same answer."""
    with state.writing() as connection:
        _move(connection, claim, come_from=("claimed", "sending"), state_="failed", error=error)
        _settle_alerts(connection, claim.key)


def doubt(state: State, claim: Claim, *, to: str, error: str, now: dt.datetime) -> None:
    """Whether it arrived is not known, and will not be."""
    with state.writing() as connection:
        _move(connection, claim, come_from=("sending",), state_="uncertain", error=error)
        _settle_alerts(connection, claim.key)
        _note(connection, f"{claim.key} to {to}", key=claim.key, outcome="uncertain", now=now)


def sweep(state: State, *, now: dt.datetime, latest: dt.timedelta) -> dict[str, list[str]]:
    """Settle what no worker will: keys by what they became, ``uncertain`` or ``failed`` (too late)."""
    old = mails.c.claimed_at < now - LEASE
    left = sa.and_(mails.c.state == "claimed", old)
    late = sa.and_(mails.c.due_at <= now - latest, sa.or_(mails.c.state == "waiting", left))
    why = {
        "uncertain": (sa.and_(mails.c.state == "sending", old),
                      "its worker ended while the server was being told that the mail is whole"),
        "failed": (late, "it could not be sent within a day of when it was due"),
    }  # fmt: skip
    swept: dict[str, list[str]] = {}
    with state.writing() as connection:
        for became, (where, error) in why.items():
            keys = list(connection.execute(sa.select(mails.c.key).where(where)).scalars())
            said = sa.func.coalesce(mails.c.error, error) if became == "failed" else error
            for key in keys:
                moved = sa.update(mails).where(mails.c.key == key, where).values(state=became, error=said)
                if connection.execute(moved).rowcount:
                    _settle_alerts(connection, key)
                    if became == "uncertain":  # whom it went to, its worker alone knew
                        _note(connection, key, key=key, outcome=became, now=now)
            swept[became] = keys
    return swept


def settled(connection: sa.Connection, *, since: dt.datetime) -> set[str]:
    """Keys of mails due since then that are never sent again."""
    query = sa.select(mails.c.key).where(mails.c.state.in_(SETTLED), mails.c.due_at >= since)
    return set(connection.execute(query).scalars())


def _move(
    connection: sa.Connection, claim: Claim, *, come_from: tuple[str, ...], state_: str, **more: object
) -> None:
    mine = sa.and_(mails.c.key == claim.key, mails.c.claim == claim.mark, mails.c.state.in_(come_from))
    if connection.execute(sa.update(mails).where(mine).values(state=state_, **more)).rowcount != 1:
        raise Lost(claim.key)


def _note(connection: sa.Connection, what: str, *, key: str, outcome: str, now: dt.datetime) -> None:
    """Keep in the audit log what left, or may have left, as whose."""
    whose = sa.outerjoin(mails, users, users.c.user_no == mails.c.user_no)
    query = sa.select(mails.c.user_no, users.c.sign_in_name).select_from(whose).where(mails.c.key == key)
    user = connection.execute(query).one()
    audit.note(
        connection, "mail", user_no=user.user_no, name=user.sign_in_name or "",
        what=what, outcome=outcome, at=now,
    )  # fmt: skip


def _settle_alerts(connection: sa.Connection, key: str) -> None:
    """Their crossing is told, or will never be: the next one is news."""
    told = {"crossed_at": None, "crossed_value": None, "mail_key": None}
    connection.execute(sa.update(alerts).where(alerts.c.mail_key == key).values(**told))
