"""Which subscriptions' mails are due: a pure function of now, the subscriptions and the mails settled.

A day and a time of day in somebody's zone ─▶ an instant ─▶ due from then on for a day. After a machine was
down only the latest missed one is. It sends nothing and reads no clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reports.mail.kept import Subscription

LATEST = dt.timedelta(hours=24)
"""How long after its time a mail is still worth sending."""


@dataclass(frozen=True)
class Due:
    """A mail that is due since ``at``; ``on`` is its day in the subscription's zone."""

    subscription: Subscription
    on: dt.date
    at: dt.datetime

    @property
    def key(self) -> str:
        """What is sent once."""
        return f"subscription:{self.subscription.id}:{self.on}"


def due(now: dt.datetime, subscriptions: Iterable[Subscription], *, settled: Collection[str]) -> list[Due]:
    """One mail at most a subscription, by number: the latest within a day, unless that is ``settled``."""
    found = (_latest(now, one) for one in subscriptions if not one.is_paused)
    return [one for one in found if one is not None and one.key not in settled]


def instant_on(day: dt.date, at: dt.time, zone: ZoneInfo) -> dt.datetime:
    """When it is that time on that day.

    Where clocks skip it, the instant that it would have been; where they show it twice, the first.
    """
    return dt.datetime.combine(day, at, tzinfo=zone).astimezone(dt.UTC)


def _latest(now: dt.datetime, subscription: Subscription) -> Due | None:
    zone = ZoneInfo(subscription.timezone)
    today = now.astimezone(zone).date()
    for back in range(3):
        day = today - dt.timedelta(days=back)
        if day.weekday() not in subscription.weekdays:
            continue
        at = instant_on(day, subscription.at, zone)
        if max(now - LATEST, subscription.active_since - dt.timedelta(microseconds=1)) < at <= now:
            return Due(subscription, day, at)
    return None
