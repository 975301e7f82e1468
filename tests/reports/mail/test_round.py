"""A round sends what is due as its user sees it, once, whatever fails on the way and whoever else sends."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import Misconfigured, Refused, Unreachable
from hub.state import State, open_state
from models.mails import mails, subscriptions
from reports.access import audit
from reports.mail import claims, sending, smtp
from reports.mail.sending import Office, due_now, send_due
from tests.reports.mail.fakes import (
    NOTHING,
    Clock,
    FakePages,
    Killed,
    Mailbox,
    office_of,
    part,
    serving,
    states,
    subscribe,
    watch,
)


def test_a_mail_has_text_html_and_the_pages_as_the_user_sees_them(
    office: Office, mailbox: Mailbox, state: State
) -> None:
    subscribe(state)
    assert send_due(office).counts == {**NOTHING, "due": 1, "sent": 1}
    (mail,) = mailbox.mails
    assert mailbox.taken[0][:2] == ("reports@example.com", ["joe@example.com"])
    assert mail["subject"] == "Tríada: Morning, Hand-Offs, Monday, November 23, 2026"
    assert (mail["from"], mail["to"]) == ("Informes <reports@example.com>", "Joe <joe@example.com>")
    for kind in ("plain", "html"):
        assert "Joe sees morning as sales in en." in part(mail, kind)
        assert "https://reports.example.com/hand-offs" in part(mail, kind)
        assert "triada mail pause S1" in part(mail, kind)
    (pdf,) = mail.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type()) == ("report-2026-11-23.pdf", "application/pdf")
    assert pdf.get_content() == b"%PDF-1.7 <h1>Joe</h1><p>morning,hand-offs in en</p>"
    assert states(state) == {"subscription:1:2026-11-23": "sent"}


def test_a_subject_names_a_few_pages_and_counts_the_others(
    office: Office, mailbox: Mailbox, state: State
) -> None:
    subscribe(state, pages="morning,hand-offs,approvals,supply,trust")
    send_due(office)
    (mail,) = mailbox.mails
    assert mail["subject"] == "Tríada: Morning, Hand-Offs, Approvals +2, Monday, November 23, 2026"
    assert "Joe, this is what the reports say. As of then, for Joe (en)." in part(mail, "plain")
    assert part(mail, "plain").count("https://reports.example.com/") == 6


def test_a_second_round_sends_nothing(office: Office, mailbox: Mailbox, state: State, clock: Clock) -> None:
    subscribe(state)
    send_due(office)
    for _ in range(8):
        clock.later(hours=3)
        assert send_due(office).counts == NOTHING
    assert len(mailbox.taken) == 1


def test_a_week_later_the_next_one_goes_with_another_id(
    office: Office, mailbox: Mailbox, state: State, clock: Clock
) -> None:
    subscribe(state)
    send_due(office)
    clock.later(days=7)
    send_due(office)
    first, second = (mail["message-id"] for mail in mailbox.mails)
    assert first != second


def test_what_is_due_can_be_asked_without_sending(office: Office, mailbox: Mailbox, state: State) -> None:
    subscribe(state)
    watch(state)
    office.writer.pages.numbers["open_orders"] = Decimal(11)  # type: ignore[attr-defined]
    for _ in range(2):
        assert due_now(office) == ["subscription:1:2026-11-23", "alerts:1:2026-11-23T07:05:00.000000Z"]
    assert mailbox.taken == []
    assert states(state) == {}


STEPS = ["before claim", "after claim", "before DATA", "before the end", "marked", "after DATA"]


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_leaves_one_mail_or_tells_of_doubt(
    step: str, office: Office, mailbox: Mailbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(office.state)

    def killed(*_: Any, **__: Any) -> Any:
        raise Killed

    marked = claims.about_to_send
    with monkeypatch.context() as patch:
        if step == "before claim":
            patch.setattr(claims, "claim", killed)
        elif step == "after claim":
            patch.setattr(sending, "_attempt", killed)
        elif step == "before DATA":
            patch.setattr(smtp.Post, "_begin", killed)
        elif step == "before the end":
            patch.setattr(claims, "about_to_send", killed)
        elif step == "marked":
            patch.setattr(claims, "about_to_send", lambda *a, **k: (marked(*a, **k), killed()))
        else:
            patch.setattr(claims, "sent", killed)
        with pytest.raises(Killed):
            send_due(office)
    arrived = len(mailbox.taken)
    assert arrived == (step == "after DATA")
    # A retry at once finds the mail in the dead worker's hands, unless that had none yet.
    assert send_due(office).counts["sent"] == (step == "before claim")
    clock.later(minutes=11)
    later = send_due(office)
    doubtful = step in ("marked", "after DATA")
    assert later.counts["uncertain"] == doubtful
    assert len(mailbox.taken) == (0 if step == "marked" else 1)
    assert any("subscription:1:2026-11-23: uncertain" in note for note in later.notes) == doubtful
    clock.later(minutes=11)
    assert send_due(office).counts == NOTHING
    assert list(states(office.state).values()) == ["uncertain" if doubtful else "sent"]
    (noted,) = audit.last(office.state)
    assert noted["outcome"] == ("uncertain" if doubtful else "done")
    assert noted["what"].startswith("subscription:1:2026-11-23")


def test_a_mail_is_marked_sent_with_its_note_in_the_audit_log_or_not_at_all(
    office: Office, mailbox: Mailbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(office.state)

    def down(*_: Any, **__: Any) -> None:
        raise Unreachable("state: it does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(audit, "note", down)
        with pytest.raises(Unreachable):
            send_due(office)
    assert list(states(office.state).values()) == ["sending"]
    clock.later(minutes=11)
    assert send_due(office).counts["uncertain"] == 1
    assert [row["outcome"] for row in audit.last(office.state)] == ["uncertain"]
    assert len(mailbox.taken) == 1


def test_a_database_that_fails_after_the_mail_went_sends_no_second(
    office: Office, mailbox: Mailbox, state: State, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(state)

    def down(*_: Any, **__: Any) -> None:
        raise Unreachable("state: it does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(claims, "sent", down)
        with pytest.raises(Unreachable):
            send_due(office)
    for _ in range(3):
        send_due(office)
        clock.later(minutes=11)
    assert len(mailbox.taken) == 1


def test_a_database_that_fails_before_the_end_sends_once_it_is_back(
    office: Office, mailbox: Mailbox, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(state)

    def down(*_: Any, **__: Any) -> None:
        raise Unreachable("state: it does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(claims, "about_to_send", down)
        with pytest.raises(Unreachable):
            send_due(office)
    assert mailbox.taken == []
    assert send_due(office).counts["sent"] == 1
    assert len(mailbox.taken) == 1


def test_workers_at_once_send_one(state_url: str, mailbox: Mailbox, port: int, clock: Clock) -> None:
    first = open_state(state_url)
    for number in range(5):
        subscribe(first, address=f"joe{number}@example.com")
    watch(first)
    gate, told, wrong = threading.Barrier(4), [], []

    def work() -> None:
        own = open_state(state_url)
        pages = FakePages(numbers={"open_orders": Decimal(11)})
        try:
            gate.wait(timeout=30)
            told.append(send_due(office_of(own, pages, clock, port=port)).counts["sent"])
        except Exception as error:
            wrong.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert wrong == []
    clock.later(minutes=11)  # whatever one of them left behind
    own = office_of(first, FakePages(numbers={"open_orders": Decimal(11)}), clock, port=port)
    assert send_due(own).counts["sent"] + sum(told) == 6
    found = states(first)
    first.close()
    assert sorted(mailbox.to) == sorted(["joe@example.com", *(f"joe{n}@example.com" for n in range(5))])
    assert set(found.values()) == {"sent"}


def test_a_paused_worker_that_wakes_up_late_sends_nothing(
    office: Office, mailbox: Mailbox, state: State, clock: Clock
) -> None:
    subscribe(state)
    other = replace(office)

    def asleep(html: str) -> bytes:
        clock.later(minutes=11)
        assert send_due(other).counts["sent"] == 1
        return b"%PDF-1.7 late" + html.encode()

    slow = replace(office, writer=replace(office.writer, pdf=asleep))
    assert send_due(slow).counts["sent"] == 0
    assert len(mailbox.taken) == 1


def test_a_server_that_is_down_keeps_all_mails_for_the_next_try(
    office: Office, mailbox: Mailbox, state: State, pages: FakePages, clock: Clock
) -> None:
    subscribe(state)
    subscribe(state, 9, "ann@example.com")
    with serving(Mailbox()) as gone:
        pass
    with pytest.raises(Unreachable, match=rf"mail server 127.0.0.1:{gone} does not answer"):
        send_due(office_of(state, pages, clock, port=gone))
    assert states(state) == {"subscription:1:2026-11-23": "waiting"}  # one try was enough to know
    assert send_due(office).counts["sent"] == 2
    assert sorted(mailbox.to) == ["ann@example.com", "joe@example.com"]


def test_a_mail_that_could_not_go_for_a_day_is_given_up_and_told(
    state: State, pages: FakePages, clock: Clock, office: Office, mailbox: Mailbox
) -> None:
    subscribe(state)
    with serving(Mailbox()) as gone:
        pass
    down = office_of(state, pages, clock, port=gone)
    for _ in range(24):
        with pytest.raises(Unreachable):
            send_due(down)
        clock.later(hours=1)
    clock.later(minutes=1)
    done = send_due(office)
    assert (done.counts["failed"], mailbox.taken) == (1, [])
    assert done.notes == ["subscription:1:2026-11-23: failed: see `triada mail list`"]


def test_a_refused_recipient_stops_no_other_and_is_not_tried_again(
    office: Office, mailbox: Mailbox, state: State, clock: Clock
) -> None:
    subscribe(state)
    subscribe(state, 9, "ann@example.com")
    mailbox.answers["joe@example.com"] = "550 5.1.1 no such mailbox"
    with pytest.raises(Refused, match=r"refused the mail: 550 5\.1\.1 no such mailbox; correct its address"):
        send_due(office)
    assert mailbox.to == ["ann@example.com"]
    assert sorted(states(state).values()) == ["failed", "sent"]
    clock.later(minutes=15)
    assert send_due(office).counts == NOTHING


def test_a_recipient_put_off_is_tried_again_and_stops_no_other(
    office: Office, mailbox: Mailbox, state: State
) -> None:
    subscribe(state)
    subscribe(state, 9, "ann@example.com")
    mailbox.answers["joe@example.com"] = ["451 greylisted, come back"]
    with pytest.raises(Unreachable, match="says later: 451 greylisted"):
        send_due(office)
    assert mailbox.to == ["ann@example.com"]
    send_due(office)
    assert mailbox.to == ["ann@example.com", "joe@example.com"]


def test_a_mail_refused_at_its_end_is_known_not_to_have_gone(
    office: Office, mailbox: Mailbox, state: State
) -> None:
    subscribe(state)
    mailbox.answers["DATA"] = ["452 disk full"]
    with pytest.raises(Unreachable, match="452 disk full"):
        send_due(office)
    assert states(state) == {"subscription:1:2026-11-23": "waiting"}
    assert send_due(office).counts["sent"] == 1


def test_a_server_that_never_answers_the_end_leaves_a_doubt_and_no_second_mail(
    office: Office, mailbox: Mailbox, state: State, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(state)
    monkeypatch.setattr(smtp, "END_TIMEOUT_S", 0.3)
    answered = threading.Event()
    mailbox.on_data = lambda: answered.wait(3)
    done = send_due(office)
    answered.set()
    assert done.counts["uncertain"] == 1
    assert "it may have arrived. It is not sent again" in done.notes[0]
    mailbox.on_data = lambda: None
    for _ in range(3):
        clock.later(minutes=15)
        assert send_due(office).counts == NOTHING
    assert len(mailbox.taken) == 1


def test_a_user_who_is_gone_gets_nothing_and_that_is_told_once(
    office: Office, mailbox: Mailbox, state: State, pages: FakePages
) -> None:
    subscribe(state)
    watch(state)
    pages.numbers["open_orders"] = Decimal(11)
    del pages.viewers[7]
    done = send_due(office)
    assert (done.counts["failed"], mailbox.taken) == (1, [])
    assert "user 7 is disabled or gone" in done.notes[0]
    assert send_due(office).counts == NOTHING


def test_a_broken_page_stops_no_other_mail_and_its_fault_shows_no_data(
    office: Office, mailbox: Mailbox, state: State, pages: FakePages
) -> None:
    subscribe(state, pages="broken")
    subscribe(state, 9, "ann@example.com")
    pages.broken.add("broken")
    with pytest.raises(KeyError):
        send_due(office)
    assert mailbox.to == ["ann@example.com"]
    with state.reading() as connection:
        errors = (
            connection.execute(sa.select(mails.c.error).where(mails.c.state == "waiting")).scalars().all()
        )
    assert errors == ["KeyError while it was written"]
    pages.broken.clear()
    send_due(office)
    assert mailbox.to == ["ann@example.com", "joe@example.com"]


def test_without_a_sender_a_due_mail_waits(office: Office, state: State, mailbox: Mailbox) -> None:
    def nobody() -> Any:
        raise Misconfigured("TRIADA_MAIL_FROM says nobody")

    subscribe(state)
    with pytest.raises(Misconfigured, match="TRIADA_MAIL_FROM"):
        send_due(replace(office, sender=nobody))
    assert list(states(state).values()) == ["waiting"]
    assert send_due(office).counts["sent"] == 1
    assert len(mailbox.taken) == 1


def test_paused_subscriptions_send_nothing(office: Office, mailbox: Mailbox, state: State) -> None:
    subscribe(state)
    with state.writing() as connection:
        connection.execute(sa.update(subscriptions).values(is_paused=True))
    assert send_due(office).counts == NOTHING
    assert mailbox.taken == []


def test_a_new_subscription_is_mailed_on_the_day_that_an_old_one_was_taken_back(
    state_url: str, mailbox: Mailbox, port: int, clock: Clock
) -> None:
    state = open_state(state_url)
    office = office_of(state, FakePages(), clock, port=port)
    assert subscribe(state) == 1
    assert send_due(office).counts["sent"] == 1
    with state.writing() as connection:
        connection.execute(sa.delete(subscriptions))
    assert subscribe(state, address="new@example.com", at="09:00", now=clock.now) == 2
    clock.later(hours=1)
    assert send_due(office).counts["sent"] == 1
    assert mailbox.to == ["joe@example.com", "new@example.com"]
    assert subscribe(state) == 3
    state.close()
