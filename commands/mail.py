"""Pages and alerts by mail: asked for, listed, paused and taken back in the hub's own database; sent at once.

A user's sign-in name and a person's words come in, rows of subscriptions and alerts go out. What is due, and
how it is sent once, ``reports.mail`` knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from connectors.errors import Misconfigured
from hub.state import State, open_state
from models.mails import alerts, mails, subscriptions
from reports.access import users
from reports.access.users import User
from reports.access.viewer import Viewer
from reports.mail import asked, kept
from settings import load

TABLES = {"S": subscriptions, "A": alerts}
"""Tables by the letter of a number such as S7 or A3."""


def subscribe(
    user: str, *, pages: str, every: str, at: str, address: str = "", timezone: str = "", locale: str = ""
) -> str:
    """Have pages mailed; the number to call it by."""
    from reports.mail.pages import check_pages

    with _state() as state:
        account, viewer = find(state, user)
        check_pages(asked.pages_of(pages), viewer)
        with state.writing() as connection:
            number = kept.add_subscription(
                connection,
                account.user_no,
                address=address or account.sign_in_name,
                pages=pages,
                every=every,
                at=at,
                timezone=timezone or load().timezone,
                locale=locale or account.locale,
                now=datetime.now(UTC),
            )
    return f"S{number}"


def watch(
    user: str,
    *,
    metric: str,
    comparison: str,
    threshold: str,
    quiet: str = "",
    address: str = "",
    timezone: str = "",
    locale: str = "",
) -> str:
    """Have a number watched; the number to call it by."""
    from reports.mail.pages import check_metric

    with _state() as state:
        account, viewer = find(state, user)
        check_metric(metric, viewer)
        with state.writing() as connection:
            number = kept.add_alert(
                connection,
                account.user_no,
                address=address or account.sign_in_name,
                metric=metric,
                comparison=comparison,
                threshold=threshold,
                quiet=quiet,
                timezone=timezone or load().timezone,
                locale=locale or account.locale,
                now=datetime.now(UTC),
            )
    return f"A{number}"


def everything() -> list[dict[str, Any]]:
    """Subscriptions and alerts with what became of the last mail of each."""
    with _state() as state, state.reading() as connection:
        rows = [_listed("S", row) for row in connection.execute(sa.select(subscriptions).order_by("id"))]
        rows += [_listed("A", row) for row in connection.execute(sa.select(alerts).order_by("id"))]
        for row in rows:
            kind = "subscription" if row["id"][0] == "S" else "alerts"
            query = sa.select(mails).where(kept.is_of(kind, int(row["id"][1:])))
            last = connection.execute(query.order_by(mails.c.id.desc()).limit(1)).one_or_none()
            row |= {"last_state": None, "last_at": None, "last_error": None}
            if last is not None:
                row |= {
                    "last_state": last.state,
                    "last_at": last.sent_at or last.due_at,
                    "last_error": last.error,
                }
    return rows


def set_paused(number: str, paused: bool) -> None:
    """Send nothing for now, or again from now on: what was due meanwhile is not sent.

    An alert tells what is beyond its threshold from now on, as if it had just been asked for.
    """
    anew = {"is_beyond": False, "crossed_at": None, "crossed_value": None, "mail_key": None}
    values: dict[str, Any] = {"is_paused": paused}
    if not paused:
        values |= {"active_since": datetime.now(UTC)} if number[:1].upper() == "S" else anew
    _change(number, lambda table, where: sa.update(table).where(where).values(**values))


def remove(number: str) -> None:
    """Take it back."""
    _change(number, lambda table, where: sa.delete(table).where(where))


def send(*, dry_run: bool = False) -> dict[str, Any]:
    """Send what is due, or with ``dry_run`` only say what: counts, or keys under ``would_send``."""
    from reports.mail.office import open_office
    from reports.mail.sending import counts_of, due_now, send_due

    with open_office(load()) as office:
        if dry_run:
            return {"would_send": due_now(office)}
        done = send_due(office)
        return {**counts_of(done), "notes": done.notes}


def find(state: State, name: str) -> tuple[User, Viewer]:
    """The user of a sign-in name and who that is today; ``Misconfigured`` when nobody may sign in so."""
    from reports.mail.pages import pages_of

    user = users.find(state, name)
    viewer = pages_of(load(), state).viewer(user.user_no) if user else None
    if user is None or viewer is None:
        raise Misconfigured(f"there is no user {name!r} who may sign in; `./triada user list` shows who may")
    return user, viewer


def _listed(letter: str, row: Any) -> dict[str, Any]:
    if letter == "S":
        what, when = row.pages, f"{row.weekdays} at {row.at_time}"
    else:
        what = f"{row.metric} {row.comparison} {row.threshold}"
        when = f"not {row.quiet_from}-{row.quiet_to}" if row.quiet_from else "at once"
    return {
        "id": f"{letter}{row.id}", "user_no": row.user_no, "address": row.address, "what": what, "when": when,
        "timezone": row.timezone, "is_paused": row.is_paused,
    }  # fmt: skip


def _change(number: str, statement: Any) -> None:
    table = TABLES.get(number[:1].upper())
    if table is None or not number[1:].isdecimal():
        raise Misconfigured(f"{number!r} is no subscription or alert; expected a number such as S7 or A3")
    with _state() as state, state.writing() as connection:
        if connection.execute(statement(table, table.c.id == int(number[1:]))).rowcount == 0:
            raise Misconfigured(f"there is no {number}; `./triada mail list` shows those that are there")


@contextmanager
def _state() -> Iterator[State]:
    state = open_state(load().url("state"))
    try:
        yield state
    finally:
        state.close()
