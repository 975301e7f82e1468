"""A round tells of a number beyond its threshold: at each crossing once, outside quiet hours."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import Misconfigured, Unreachable
from hub.state import State
from models.mails import alerts
from reports.mail import claims
from reports.mail.sending import Office, send_due
from tests.reports.mail.fakes import (
    NOTHING,
    NOW,
    Clock,
    FakePages,
    Killed,
    Mailbox,
    part,
    watch,
)


def test_an_alert_is_told_at_each_crossing_and_only_then(
    office: Office, mailbox: Mailbox, state: State, pages: FakePages, clock: Clock
) -> None:
    watch(state)
    sent = []
    for value in (9, 10, 11, 12, None, 13, 10, 9, 15, 16):
        pages.numbers["open_orders"] = None if value is None else Decimal(value)
        sent.append(send_due(office).counts["sent"])
        clock.later(minutes=15)
    assert sent == [0, 0, 1, 0, 0, 0, 0, 0, 1, 0]
    first, second = mailbox.mails
    assert first["subject"] == "Tríada: Open orders (en)"
    assert "Open orders (en) is 11, above 10." in part(first, "plain")
    assert "Open orders (en) is 15, above 10." in part(second, "html")
    assert [*first.iter_attachments()] == []


def test_alerts_of_a_user_come_in_one_mail_and_others_in_their_own(
    office: Office, mailbox: Mailbox, state: State, pages: FakePages
) -> None:
    watch(state)
    watch(state, metric="cash", comparison="below", threshold="1000.50")
    watch(state, 9, "ann@example.com")
    pages.numbers = {"open_orders": Decimal(11), "cash": Decimal("-1234.5000")}
    assert send_due(office).counts["sent"] == 2
    by_address = dict(zip(mailbox.to, mailbox.mails, strict=True))
    both = part(by_address["joe@example.com"], "plain")
    assert "Open orders (en) is 11, above 10." in both
    assert "Cash (en) is -1,234.5, below 1,000.5." in both
    assert "https://reports.example.com/numbers/cash\n" in both.replace("\r\n", "\n")
    assert "(A1, A2)" in both
    assert "triada mail pause A1; triada mail pause A2" in both
    assert "Cash" not in part(by_address["ann@example.com"], "plain")


def test_quiet_hours_over_midnight_hold_an_alert_until_they_end(
    office: Office, mailbox: Mailbox, state: State, pages: FakePages, clock: Clock
) -> None:
    watch(state, quiet="20:00-07:00")
    clock.now = dt.datetime(2026, 11, 23, 19, 30, tzinfo=dt.UTC)  # 20:30 in Madrid
    for value in (11, 12, 9, 14):  # crosses, comes back, crosses again: one mail
        pages.numbers["open_orders"] = Decimal(value)
        send_due(office)
        clock.later(hours=2)
    assert mailbox.taken == []
    clock.now = dt.datetime(2026, 11, 24, 5, 59, 59, tzinfo=dt.UTC)
    send_due(office)
    assert mailbox.taken == []
    clock.later(seconds=1)
    assert send_due(office).counts["sent"] == 1
    text = part(mailbox.mails[0], "plain")
    assert "Open orders (en) is 14, above 10. It was 11 when it crossed, at Nov 23, 2026, 8:30:00" in text


def test_what_crossed_under_an_old_role_is_not_told_under_the_new_one(
    office: Office, mailbox: Mailbox, state: State, pages: FakePages, clock: Clock
) -> None:
    watch(state, quiet="20:00-07:00")
    clock.now = dt.datetime(2026, 11, 23, 20, tzinfo=dt.UTC)
    pages.numbers["open_orders"] = Decimal(14)
    send_due(office)
    pages.numbers["open_orders"] = None  # the number is not the new role's
    clock.later(hours=12)
    with pytest.raises(Misconfigured, match="to see any more"):
        send_due(office)
    assert mailbox.taken == []


def test_an_alert_that_came_back_in_quiet_hours_is_told_as_such(
    office: Office, mailbox: Mailbox, state: State, pages: FakePages, clock: Clock
) -> None:
    watch(state, quiet="20:00-07:00", locale="es")
    clock.now = dt.datetime(2026, 11, 23, 20, tzinfo=dt.UTC)
    for value in (11, 9):
        pages.numbers["open_orders"] = Decimal(value)
        send_due(office)
        clock.later(hours=6)
    clock.later(hours=1)
    send_due(office)
    assert "vuelve a estar en 9. Había cruzado 10" in part(mailbox.mails[0], "plain")


def test_an_alert_mail_is_retried_as_it_was_while_new_crossings_get_their_own(
    office: Office, mailbox: Mailbox, state: State, pages: FakePages, clock: Clock
) -> None:
    watch(state)
    watch(state, metric="cash", comparison="below", threshold="0")
    pages.numbers = {"open_orders": Decimal(11), "cash": Decimal(5)}
    mailbox.answers["RCPT"] = ["451 later"]
    with pytest.raises(Unreachable):
        send_due(office)
    pages.numbers["cash"] = Decimal(-5)
    clock.later(minutes=15)
    assert send_due(office).counts["sent"] == 2
    texts = [part(mail, "plain") for mail in mailbox.mails]
    assert [("Open orders" in text, "Cash" in text) for text in texts] == [(True, False), (False, True)]


def test_an_alert_in_doubt_is_not_told_twice_and_arms_again(
    office: Office,
    mailbox: Mailbox,
    pages: FakePages,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch(office.state)
    pages.numbers["open_orders"] = Decimal(11)

    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(claims, "sent", killed)
        with pytest.raises(Killed):
            send_due(office)
    clock.later(minutes=11)
    assert send_due(office).counts["uncertain"] == 1
    assert send_due(office).counts == NOTHING
    for value in (9, 12):
        pages.numbers["open_orders"] = Decimal(value)
        clock.later(minutes=15)
        send_due(office)
    assert len(mailbox.taken) == 2


def test_a_number_that_cannot_be_had_keeps_no_other_from_being_told(
    office: Office, mailbox: Mailbox, state: State, pages: FakePages
) -> None:
    watch(state, metric="broken_metric")
    watch(state)
    pages.broken.add("broken_metric")
    pages.numbers["open_orders"] = Decimal(11)
    with pytest.raises(KeyError):
        send_due(office)
    assert len(mailbox.taken) == 1


def test_what_an_older_look_saw_does_not_undo_a_later_one(state: State, pages: FakePages) -> None:
    from reports.mail import watching

    watch(state)
    pages.numbers["open_orders"] = Decimal(11)
    watching.look(state, pages, now=NOW)
    pages.numbers["open_orders"] = Decimal(9)
    watching.look(state, pages, now=NOW - dt.timedelta(minutes=5))
    with state.reading() as connection:
        row = connection.execute(sa.select(alerts)).one()
    assert (row.is_beyond, row.last_value, row.looked_at) == (True, "11", NOW)
