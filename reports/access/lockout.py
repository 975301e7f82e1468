"""Guessing takes ever longer: failed sign-ins counted by sign-in name and by address.

Before a password is looked at, the try is counted as failed; a right one takes that back. So any number of
tries at once, in any number of processes, are counted before one of them is answered. Names and addresses are
kept as keyed hashes. It does not know whether a name exists.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.state import State, upsert
from models.access import failures as table
from reports.access.secret import Secret

FREE = 5
"""The failure from which on the next try has to wait."""
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(minutes=15)
"""Somebody else's guessing keeps the owner of a name out no longer than this at a time."""
FORGOTTEN_AFTER = dt.timedelta(hours=12)


@dataclass(frozen=True)
class Attempt:
    """One try: ``wait_s`` seconds to wait when it was not let through; ``next_s`` after it, when it fails."""

    subjects: tuple[str, ...]
    wait_s: int = 0
    next_s: int = 0


@dataclass(frozen=True)
class Lockout:
    """The counts of all who try."""

    state: State
    secret: Secret

    def attempt(self, name: str, address: str, *, now: dt.datetime) -> Attempt:
        """Count a try of a normalised sign-in name from an address, unless either has to wait."""
        return self._count((self.secret.key("name", name), self.secret.key("address", network(address))), now)

    def is_news(self, address: str, *, now: dt.datetime) -> bool:
        """Count a failure at the company's own sign-in; whether the log needs it.

        An address's first few it does, then ever fewer, or anybody could fill it up. Nobody is held up: there
        is no password of ours to guess.
        """
        return not self._count((self.secret.key("oidc", network(address)),), now).wait_s

    def _count(self, subjects: tuple[str, ...], now: dt.datetime) -> Attempt:
        """Count a failure of each, unless one has to wait."""
        if wait_s := self._prepare(subjects, now):
            return Attempt(subjects, wait_s)
        next_s = 0
        with self.state.writing() as connection:
            rows = self._locked(connection, subjects)
            if wait_s := _wait_s(rows, now):
                return Attempt(subjects, wait_s)
            for row in rows:
                count = 1 if row.failed_at + FORGOTTEN_AFTER <= now else row.failures + 1
                next_s = max(next_s, self._set(connection, row.subject, count, at=now))
        return Attempt(subjects, next_s=next_s)

    def succeeded(self, attempt: Attempt) -> None:
        """The password was right: nothing is held against the name, nor its failures against the address.

        The address keeps what it did to other names, or an account of one's own would buy guesses.
        """
        name, address = attempt.subjects
        with self.state.writing() as connection:
            rows = {row.subject: row for row in self._locked(connection, attempt.subjects)}
            if address in rows:
                mine = rows[name].failures if name in rows else 1
                count = max(0, rows[address].failures - mine)
                self._set(connection, address, count, at=rows[address].failed_at)
            if name in rows:
                self._set(connection, name, 0, at=rows[name].failed_at)

    def forget(self, *, now: dt.datetime) -> None:
        """Delete counts that no longer matter."""
        with self.state.reading() as connection:
            query = sa.select(table.c.subject).where(table.c.failed_at <= now - FORGOTTEN_AFTER)
            old = connection.execute(query.limit(1000)).scalars().all()
        if old:
            with self.state.writing() as connection:
                still = sa.and_(table.c.subject.in_(old), table.c.failed_at <= now - FORGOTTEN_AFTER)
                connection.execute(sa.delete(table).where(still))

    def _prepare(self, subjects: tuple[str, ...], now: dt.datetime) -> int:
        """Have their rows there, in a transaction of its own: a lock can only be taken on a row.

        Gives the seconds to wait, if any: then nothing is written, however often it is tried.
        """
        with self.state.reading() as connection:
            rows = connection.execute(sa.select(table).where(table.c.subject.in_(subjects))).all()
        if wait_s := _wait_s(rows, now):
            return wait_s
        for subject in sorted(set(subjects) - {row.subject for row in rows}):
            row = {"subject": subject, "failures": 0, "failed_at": now, "locked_until": None}
            with self.state.writing() as connection:
                upsert(connection, table, [row], keys=("subject",), changes={})
        return 0

    def _locked(self, connection: sa.Connection, subjects: tuple[str, ...]) -> list[sa.Row[Any]]:
        """Their rows, locked in the same order by everybody, so that nobody waits for each other."""
        found: list[sa.Row[Any]] = []
        for subject in sorted(subjects):
            query = sa.select(table).where(table.c.subject == subject).with_for_update()
            found += connection.execute(query).all()
        return found

    def _set(self, connection: sa.Connection, subject: str, count: int, *, at: dt.datetime) -> int:
        """Write a count; the seconds that the next try has to wait."""
        over = count - FREE
        wait = None if over < 0 else min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(over, 20))
        values = {"failures": count, "failed_at": at, "locked_until": None if wait is None else at + wait}
        connection.execute(sa.update(table).where(table.c.subject == subject).values(**values))
        return int(wait.total_seconds()) if wait else 0


def _wait_s(rows: Sequence[sa.Row[Any]], now: dt.datetime) -> int:
    until = max((row.locked_until for row in rows if row.locked_until), default=now)
    return max(0, math.ceil((until - now).total_seconds()))


def network(address: str) -> str:
    """What one customer of a network has: an IPv4 address, or 64 bits of IPv6, within which it may choose."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(parsed), 64), strict=False))
    return str(parsed)
