"""Sessions: who is signed in, as rows of the hub's database that end by themselves.

A sign-in makes a random token; the browser's cookie carries it signed, the database only its hash. Cookie
value in, user out. It sets no cookie.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from hub.state import State
from models.access import sessions, users
from reports.access.secret import Secret
from reports.access.users import User

PURPOSE = "session"
SEEN_EVERY = dt.timedelta(minutes=1)
"""A page of ten parts is one write, not ten."""


@dataclass(frozen=True)
class Sessions:
    """All sessions: each ends ``lasts`` after its sign-in, or ``idle`` after its last request."""

    state: State
    secret: Secret
    lasts: dt.timedelta
    idle: dt.timedelta

    def open(self, user_no: int, *, now: dt.datetime) -> str:
        """The cookie value of a new session; those that are over are swept out."""
        token = secrets.token_urlsafe(32)
        row = {
            "token_hash": _hash(token), "user_no": user_no, "created_at": now, "seen_at": now,
            "expires_at": now + self.lasts,
        }  # fmt: skip
        with self.state.reading() as connection:
            over = sa.or_(sessions.c.expires_at <= now, sessions.c.seen_at <= now - self.idle)
            old = connection.execute(sa.select(sessions.c.token_hash).where(over)).scalars().all()
        with self.state.writing() as connection:
            if old:  # by key: a range would lock rows that others write
                connection.execute(sa.delete(sessions).where(sessions.c.token_hash.in_(old)))
            connection.execute(sa.insert(sessions).values(**row))
        return self.secret.sign(PURPOSE, token)

    def user(self, cookie: str, *, now: dt.datetime) -> User | None:
        """Whose session it is; ``None`` when it is over, ended, or was never one."""
        token = self.secret.unsign(PURPOSE, cookie)
        if token is None:
            return None
        query = sa.select(users, sessions.c.seen_at, sessions.c.expires_at).join_from(
            sessions, users, users.c.user_no == sessions.c.user_no
        )
        with self.state.reading() as connection:
            found = connection.execute(query.where(sessions.c.token_hash == _hash(token))).mappings()
            row = dict(found.one_or_none() or {})
        if not row:
            return None
        seen_at, expires_at = row.pop("seen_at"), row.pop("expires_at")
        if now >= expires_at or now >= seen_at + self.idle or row["is_disabled"]:
            return None
        if now >= seen_at + SEEN_EVERY:
            self._see(token, now)
        return User(**row)

    def close(self, cookie: str) -> None:
        """End the session of this cookie, if it is one."""
        token = self.secret.unsign(PURPOSE, cookie)
        if token is not None:
            with self.state.writing() as connection:
                connection.execute(sa.delete(sessions).where(sessions.c.token_hash == _hash(token)))

    def _see(self, token: str, now: dt.datetime) -> None:
        mine = sa.and_(sessions.c.token_hash == _hash(token), sessions.c.seen_at <= now - SEEN_EVERY)
        with self.state.writing() as connection:
            connection.execute(sa.update(sessions).where(mine).values(seen_at=now))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
