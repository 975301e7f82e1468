"""Subscriptions and alerts as they are kept in the hub's database.

What people asked for goes in, ``Subscription`` and ``Alert`` come out. It decides neither what is due nor
what is beyond a threshold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from models.mails import alerts, mails, subscriptions
from reports.mail import asked
from reports.mail.asked import WEEKDAYS


@dataclass(frozen=True)
class Subscription:
    """Pages for one address on ``weekdays`` (0 is Monday) at a time of day in ``timezone``."""

    id: int
    user_no: int
    address: str
    pages: tuple[str, ...]
    weekdays: frozenset[int]
    at: dt.time
    timezone: str
    locale: str
    is_paused: bool
    active_since: dt.datetime


@dataclass(frozen=True)
class Alert:
    """A number watched for one address, quiet from ``quiet[0]`` to ``quiet[1]``, and what was last seen."""

    id: int
    user_no: int
    address: str
    metric: str
    comparison: str
    threshold: Decimal
    timezone: str
    locale: str
    quiet: tuple[dt.time, dt.time] | None = None
    is_paused: bool = False
    is_beyond: bool = False
    last_value: Decimal | None = None
    looked_at: dt.datetime | None = None
    crossed_at: dt.datetime | None = None
    crossed_value: Decimal | None = None
    mail_key: str | None = None


def read_subscriptions(connection: sa.Connection) -> list[Subscription]:
    """All of them, by number."""
    rows = connection.execute(sa.select(subscriptions).order_by(subscriptions.c.id)).mappings()
    return [
        Subscription(
            pages=tuple(row["pages"].split(",")),
            weekdays=frozenset(map(WEEKDAYS.index, row["weekdays"].split(","))),
            at=dt.time.fromisoformat(row["at_time"]),
            **{name: row[name] for name in ("id", "user_no", "address", "timezone", "locale")},
            is_paused=row["is_paused"],
            active_since=row["active_since"],
        )
        for row in rows
    ]


def read_alerts(connection: sa.Connection) -> list[Alert]:
    """All of them, by number."""
    rows = connection.execute(sa.select(alerts).order_by(alerts.c.id)).mappings()
    same = ("id", "user_no", "address", "metric", "comparison", "timezone", "locale", "is_paused",
            "is_beyond", "looked_at", "crossed_at", "mail_key")  # fmt: skip
    return [
        Alert(
            threshold=Decimal(row["threshold"]),
            quiet=_quiet(row["quiet_from"], row["quiet_to"]),
            last_value=_decimal(row["last_value"]),
            crossed_value=_decimal(row["crossed_value"]),
            **{name: row[name] for name in same},
        )
        for row in rows
    ]


def add_subscription(
    connection: sa.Connection,
    user_no: int,
    *,
    address: str,
    pages: str,
    every: str,
    at: str,
    timezone: str,
    locale: str,
    now: dt.datetime,
) -> int:
    """Keep one; its number."""
    row = {
        "user_no": user_no, "address": asked.address_of(address), "pages": ",".join(asked.pages_of(pages)),
        "weekdays": ",".join(WEEKDAYS[day] for day in asked.weekdays_of(every)), "at_time": asked.time_of(at),
        "timezone": asked.zone_of(timezone), "locale": asked.locale_of(locale), "is_paused": False,
        "created_at": now, "active_since": now,
    }  # fmt: skip
    return _insert(connection, subscriptions, row, kind="subscription")


def add_alert(
    connection: sa.Connection,
    user_no: int,
    *,
    address: str,
    metric: str,
    comparison: str,
    threshold: str,
    quiet: str,
    timezone: str,
    locale: str,
    now: dt.datetime,
) -> int:
    """Keep one; its number."""
    begin, end = asked.quiet_of(quiet) if quiet else (None, None)
    row = {
        "user_no": user_no, "address": asked.address_of(address), "metric": asked.metric_of(metric),
        "comparison": asked.comparison_of(comparison),
        "threshold": f"{asked.threshold_of(threshold, metric):f}", "quiet_from": begin, "quiet_to": end,
        "timezone": asked.zone_of(timezone), "locale": asked.locale_of(locale), "is_paused": False,
        "created_at": now, "is_beyond": False,
    }  # fmt: skip
    return _insert(connection, alerts, row, kind="alerts")


def is_of(kind: str, number: int) -> sa.ColumnElement[bool]:
    """Mails whose key has this number."""
    begins: sa.ColumnElement[bool] = mails.c.key.startswith(f"{kind}:{number}:", autoescape=True)
    return begins


def _quiet(begin: str | None, end: str | None) -> tuple[dt.time, dt.time] | None:
    return (dt.time.fromisoformat(begin), dt.time.fromisoformat(end)) if begin and end else None


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _insert(connection: sa.Connection, table: sa.Table, row: dict[str, Any], *, kind: str) -> int:
    """Insert under a number that no mail's key has.

    SQLite gives the number of one that was taken back again, and that one's mails would be taken for this
    one's: today's as sent already.
    """
    key: Sequence[Any] = connection.execute(sa.insert(table).values(**row)).inserted_primary_key or (0,)
    first = number = int(key[0])
    while connection.execute(sa.select(mails.c.id).where(is_of(kind, number)).limit(1)).first():
        number += 1
    if number != first:
        connection.execute(sa.update(table).where(table.c.id == first).values(id=number))
    return number
