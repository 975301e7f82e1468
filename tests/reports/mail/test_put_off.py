"""A mail of alerts that the server put off: each alert waits for its own quiet hours or pause."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import Unreachable
from hub.state import State, open_state
from models.mails import alerts
from reports.mail import claims, sending, watching
from reports.mail.sending import Office, Round, due_now, send_due
from tests.reports.mail.fakes import (
    NOTHING,
    Clock,
    FakePages,
    Mailbox,
    office_of,
    part,
    states,
    watch,
)

EVENING = dt.datetime(2026, 11, 23, 18, 50, tzinfo=dt.UTC)
"""19:50 in Madrid, ten minutes before the quiet hours."""
MORNING = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
"""When they end."""
NIGHT = "20:00-07:00"


def put_off(office: Office, mailbox: Mailbox, clock: Clock) -> None:
    """A round at 19:50 whose mails the server does not take yet."""
    clock.now = EVENING
    office.writer.pages.numbers.update(open_orders=Decimal(11), cash=Decimal(-5))  # type: ignore[attr-defined]
    mailbox.answers["RCPT"] = "451 later"
    with pytest.raises(Unreachable):
        send_due(office)
    mailbox.answers.clear()


def watch_cash(state: State, **changes: Any) -> int:
    return watch(state, metric="cash", comparison="below", threshold="0", **changes)


def pause(state: State, number: int) -> None:
    with state.writing() as connection:
        connection.execute(sa.update(alerts).where(alerts.c.id == number).values(is_paused=True))


def told(mailbox: Mailbox) -> list[tuple[bool, bool]]:
    """Of each mail, whether it tells of open orders and whether of cash."""
    texts = [part(mail, "plain") for mail in mailbox.mails]
    return [("Open orders" in text, "Cash" in text) for text in texts]


def test_an_alert_put_off_into_its_quiet_hours_is_told_when_they_end(
    office: Office, mailbox: Mailbox, state: State, clock: Clock
) -> None:
    watch(state, quiet=NIGHT)
    put_off(office, mailbox, clock)
    clock.later(minutes=15)
    assert due_now(office) == []
    while clock.now < MORNING:
        assert send_due(office).counts == NOTHING
        clock.later(minutes=15)
    assert mailbox.taken == []
    clock.now = MORNING
    assert send_due(office).counts == {**NOTHING, "due": 1, "sent": 1}
    assert "Open orders (en) is 11, above 10." in part(mailbox.mails[0], "plain")
    assert list(states(state).values()) == ["sent"]


def test_its_day_to_go_begins_when_the_quiet_hours_end(
    office: Office, mailbox: Mailbox, state: State, clock: Clock
) -> None:
    watch(state, quiet=NIGHT)
    put_off(office, mailbox, clock)
    clock.later(minutes=15)
    send_due(office)
    clock.now = MORNING
    mailbox.answers["RCPT"] = "451 later"
    with pytest.raises(Unreachable):
        send_due(office)
    mailbox.answers.clear()
    clock.now = EVENING + dt.timedelta(days=1, minutes=5)
    assert send_due(office).counts == {**NOTHING, "due": 1, "sent": 1}


def test_the_quiet_hours_of_one_alert_hold_up_no_other_of_the_same_mail(
    state_url: str, mailbox: Mailbox, port: int, clock: Clock
) -> None:
    state = open_state(state_url)
    office = office_of(state, FakePages(), clock, port=port)
    watch(state, quiet=NIGHT)
    watch_cash(state)
    put_off(office, mailbox, clock)
    assert len(states(state)) == 1
    clock.later(minutes=15)
    assert due_now(office) == list(states(state))
    assert send_due(office).counts["sent"] == 1
    assert told(mailbox) == [(False, True)]
    clock.now = MORNING
    assert send_due(office).counts["sent"] == 1
    assert told(mailbox) == [(False, True), (True, False)]
    first, second = (mail["message-id"] for mail in mailbox.mails)
    assert first != second
    assert list(states(state).values()) == ["sent", "sent"]
    state.close()


def test_an_alert_paused_while_its_mail_waits_leaves_it_and_no_empty_mail_stays(
    office: Office, mailbox: Mailbox, state: State, clock: Clock
) -> None:
    watch(state)
    watch_cash(state)
    watch(state, 9, "ann@example.com")
    put_off(office, mailbox, clock)
    pause(state, 1)
    pause(state, 3)
    clock.later(minutes=15)
    assert send_due(office).counts == {**NOTHING, "due": 1, "sent": 1}
    assert (mailbox.to, told(mailbox)) == (["joe@example.com"], [(False, True)])
    assert list(states(state).values()) == ["sent"]
    clock.later(days=2)
    assert send_due(office).counts == NOTHING


def test_a_mail_whose_alerts_were_all_taken_back_is_gone(
    office: Office, mailbox: Mailbox, state: State, clock: Clock
) -> None:
    watch(state)
    put_off(office, mailbox, clock)
    with state.writing() as connection:
        connection.execute(sa.delete(alerts))
    clock.later(minutes=15)
    assert send_due(office).counts == NOTHING
    assert (mailbox.taken, states(state)) == ([], {})


def test_what_another_worker_took_out_of_a_mail_is_not_told_in_it(
    office: Office, mailbox: Mailbox, state: State, clock: Clock
) -> None:
    watch(state, quiet=NIGHT)
    watch_cash(state)
    put_off(office, mailbox, clock)
    clock.later(minutes=15)
    (job,) = sending._jobs(office, now=clock.now)  # listed, and not claimed yet
    mailbox.answers["RCPT"] = "451 later"
    with pytest.raises(Unreachable):
        send_due(office)
    mailbox.answers.clear()
    clock.now = MORNING - dt.timedelta(minutes=1)
    assert sending._one(office, job, done=Round())
    clock.now = MORNING
    send_due(office)
    assert told(mailbox) == [(False, True), (True, False)]


def test_a_worker_whose_mail_another_has_takes_nothing_out_of_it(state: State, clock: Clock) -> None:
    watch(state)
    watching.look(state, FakePages(numbers={"open_orders": Decimal(11)}), now=clock.now)
    watching.put_into_mails(state, now=clock.now)
    ((mail, _),) = watching.in_mails(state)
    slow = claims.claim(state, mail, now=clock.now)
    clock.later(minutes=11)
    quick = claims.claim(state, mail, now=clock.now)
    assert slow is not None and quick is not None
    pause(state, 1)
    with pytest.raises(claims.Lost):
        watching.still_told(state, slow, now=clock.now)
    assert [len(inside) for _, inside in watching.in_mails(state)] == [1]
    assert watching.still_told(state, quick, now=clock.now) == []
