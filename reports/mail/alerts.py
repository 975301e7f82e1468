"""When an alert is told: once each time its number goes beyond the threshold, and not in quiet hours.

a value ─▶ beyond or not ─▶ crossed just now? ─▶ kept until it may be told. Pure functions over ``Alert``;
they read no clock and no database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from reports.mail.kept import Alert


def looked(alert: Alert, value: Decimal | None, *, now: dt.datetime) -> Alert:
    """The alert after its number was looked at.

    No value changes nothing. A value on this side arms it anew; a crossing that is not told yet stays to be
    told, as it was first seen.
    """
    if value is None:
        return alert
    beyond = is_beyond(alert, value)
    after = replace(alert, is_beyond=beyond, last_value=value, looked_at=now)
    if beyond and not alert.is_beyond and alert.crossed_at is None:
        return replace(after, crossed_at=now, crossed_value=value, mail_key=None)
    return after


def is_beyond(alert: Alert, value: Decimal) -> bool:
    """Whether the value is past the threshold; one that is equal is not."""
    return value > alert.threshold if alert.comparison == "above" else value < alert.threshold


def is_quiet(alert: Alert, now: dt.datetime) -> bool:
    """Whether these are its quiet hours: from the first time of day, up to and without the second."""
    if alert.quiet is None:
        return False
    begin, end = alert.quiet
    local = now.astimezone(ZoneInfo(alert.timezone)).time()
    return begin <= local < end if begin < end else local >= begin or local < end


def may_be_told(alert: Alert, *, now: dt.datetime) -> bool:
    """Whether it is neither paused nor in its quiet hours."""
    return not alert.is_paused and not is_quiet(alert, now)


def to_tell(alerts: Iterable[Alert], *, now: dt.datetime) -> list[list[Alert]]:
    """Alerts that may be told now and are in no mail yet, together for each user, address and language."""
    groups: dict[tuple[int, str, str], list[Alert]] = {}
    for alert in alerts:
        is_new = alert.crossed_at is not None and alert.mail_key is None
        if is_new and may_be_told(alert, now=now):
            groups.setdefault((alert.user_no, alert.address, alert.locale), []).append(alert)
    return list(groups.values())


def key_of(alerts: Iterable[Alert], *, now: dt.datetime) -> str:
    """The key of the mail that tells of these from now on.

    Not by when they crossed: one that left a mail is told in another, which needs a key of its own.
    """
    first = min(alert.id for alert in alerts)
    return f"alerts:{first}:{now:%Y-%m-%dT%H:%M:%S.%fZ}"
