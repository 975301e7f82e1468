"""Alerts looked at, and put into mails: what ``reports.mail.alerts`` decides, kept in the hub's database.

their numbers, each as its user may see it ─▶ crossings kept ─▶ those that may be told, one mail for each user
and address ─▶ those that still may when it is written. It decides nothing and sends nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa

from connectors.errors import TriadaError
from hub.state import State
from models.mails import alerts as table
from models.mails import mails
from reports.mail import alerts, claims
from reports.mail.claims import Claim, Mail, open_mail
from reports.mail.kept import Alert, read_alerts
from reports.mail.pages import Pages

LOG = logging.getLogger("triada.mail")


class _Met(Exception):
    """Another worker puts the same alerts into a mail."""


def look(
    state: State, pages: Pages, *, now: dt.datetime, keep: bool = True
) -> tuple[list[Alert], list[Exception]]:
    """Every alert after its number was looked at, and what came in the way; ``keep`` remembers what was seen.

    A number that cannot be had changes nothing of its alert, and nothing of the others.
    """
    with state.reading() as connection:
        before = read_alerts(connection)
    after: list[Alert] = []
    errors: list[Exception] = []
    for alert in before:
        value = None
        try:
            value = _value(pages, alert)
        except Exception as error:  # a page's own fault must not keep others from being warned
            LOG.error("alert %s: %s could not be had: %s", alert.id, alert.metric, _said(error))
            errors.append(error)
        after.append(alerts.looked(alert, value, now=now))
    if keep:
        _keep(state, before, after)
    return after, errors


def put_into_mails(state: State, *, now: dt.datetime) -> None:
    """Give each alert that may be told its mail, which waits to be sent."""
    with state.reading() as connection:
        groups = alerts.to_tell(read_alerts(connection), now=now)
    for group in groups:
        mail = Mail("alerts", alerts.key_of(group, now=now), user_no=group[0].user_no, due_at=now)
        free = sa.and_(table.c.id.in_([alert.id for alert in group]), table.c.mail_key.is_(None))
        try:
            with state.writing() as connection:
                taken = connection.execute(sa.update(table).where(free).values(mail_key=mail.key))
                if taken.rowcount != len(group):
                    raise _Met
                open_mail(connection, mail)
        except _Met:
            LOG.info("%s: another worker has it", mail.key)


def in_mails(state: State) -> list[tuple[Mail, list[Alert]]]:
    """Mails that wait to tell of alerts, with those that are in each: none, where they were taken back."""
    query = sa.select(mails).where(mails.c.kind == "alerts", mails.c.state.in_(("waiting", "claimed")))
    with state.reading() as connection:
        rows = connection.execute(query.order_by(mails.c.id)).all()
        inside = read_alerts(connection)
    return [
        (Mail(row.kind, row.key, row.user_no, row.due_at), [one for one in inside if one.mail_key == row.key])
        for row in rows
    ]


def still_told(state: State, claim: Claim, *, now: dt.datetime) -> list[Alert]:
    """The alerts of a mail in this worker's hands that may be told now; ``Lost`` when another has it.

    A mail that the server put off may come to an alert's quiet hours, or to its pause. Those are each alert's
    own, so it leaves the mail alone and keeps no other from being told. Its crossing stays to be told, in a
    mail of its own time: the day within which that must go begins when the quiet hours end. A mail that all
    have left is gone.
    """
    with state.writing() as connection:
        claims.hold(connection, claim)
        inside = [alert for alert in read_alerts(connection) if alert.mail_key == claim.key]
        told = [alert for alert in inside if alerts.may_be_told(alert, now=now)]
        if out := [alert.id for alert in inside if alert not in told]:
            connection.execute(sa.update(table).where(table.c.id.in_(out)).values(mail_key=None))
        if not told:
            claims.drop(connection, claim)
    return told


def _value(pages: Pages, alert: Alert) -> Decimal | None:
    viewer = None if alert.is_paused else pages.viewer(alert.user_no)
    return None if viewer is None else pages.number(viewer, alert.metric)


def _keep(state: State, before: Sequence[Alert], after: Sequence[Alert]) -> None:
    with state.writing() as connection:
        for old, new in zip(before, after, strict=True):
            if new == old:
                continue
            # Whoever looked later knows better.
            still = sa.and_(
                table.c.id == new.id,
                table.c.is_beyond == old.is_beyond,
                sa.or_(table.c.looked_at.is_(None), table.c.looked_at <= new.looked_at),
            )
            seen = {
                "is_beyond": new.is_beyond,
                "last_value": _text(new.last_value),
                "looked_at": new.looked_at,
            }
            if new.crossed_at != old.crossed_at:
                seen |= {"crossed_at": new.crossed_at, "crossed_value": _text(new.crossed_value)}
            connection.execute(sa.update(table).where(still).values(**seen))


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, TriadaError) else type(error).__name__
