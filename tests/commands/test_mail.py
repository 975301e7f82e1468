"""`triada mail`: asked for in words, listed with what became of it, sent for real with Chromium."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from typer.testing import CliRunner

import settings
from cli import app
from connectors.errors import Misconfigured, Refused
from hub.airflow_settings import settings_in_task
from hub.state import State, open_state
from models.mails import alerts, mails, subscriptions
from reports.access import users
from reports.access.viewer import Viewer
from reports.export.pdf import NAMES
from reports.mail import claims
from reports.mail.office import open_office
from reports.mail.schedule import MAIL
from reports.mail.sending import send_due
from tests.reports.mail.fakes import NOW, FakePages, Mailbox, serving


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    """The database of a company that published nothing, with its users; joe is kept out."""
    monkeypatch.setenv("TRIADA_HOME", str(tmp_path))
    for name in ("STATE_URL", "SMTP_URL", "MAIL_FROM", "REPORTS_URL"):
        monkeypatch.delenv(f"TRIADA_{name}", raising=False)
    settings.load.cache_clear()
    opened = open_state(settings.load().url("state"))
    users.add(opened, "ann@example.com", now=NOW, role="executive", locale="es_MX")
    users.set_disabled(opened, users.add(opened, "joe", now=NOW, role="sales"), True)
    users.add(opened, "una@example.com", now=NOW, role="staff")
    users.add(opened, "gone", now=NOW, employee_no="E-0001")
    yield opened
    opened.close()
    settings.load.cache_clear()


def triada(*words: str) -> str:
    done = CliRunner().invoke(app, ["mail", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def listed() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(triada("list", "--json"))
    return rows


PAGES = FakePages(viewers={1: Viewer("Joe", "executive", user_no=1)})
SUBSCRIBE = ("subscribe", "Ann@Example.com", "--pages", "morning,hand-offs")


@pytest.mark.usefixtures("state")
def test_a_subscription_is_asked_for_in_words_and_listed() -> None:
    told = triada(*SUBSCRIBE, "--every", "mon,thu", "--at", "7:30", "--timezone", "America/Mexico_City")
    assert told == "S1: morning,hand-offs every mon,thu at 7:30 to Ann@Example.com\n"
    assert listed() == [
        {
            "id": "S1", "user_no": 1, "address": "ann@example.com", "what": "morning,hand-offs",
            "when": "mon,thu at 07:30", "timezone": "America/Mexico_City", "is_paused": False,
            "last_state": None, "last_at": None, "last_error": None,
        }
    ]  # fmt: skip


def test_the_language_is_the_users_unless_said(state: State) -> None:
    triada(*SUBSCRIBE)
    triada(*SUBSCRIBE, "--locale", "en")
    with state.reading() as connection:
        assert connection.execute(sa.select(subscriptions.c.locale)).scalars().all() == ["es_MX", "en"]


@pytest.mark.usefixtures("state")
def test_an_alert_is_asked_for_in_words_and_listed() -> None:
    told = triada(
        "alert", "ann@example.com", "--metric", "open_orders", "--below", "-1000.50", "--quiet", "20:00-7:00",
        "--address", "cfo@example.com",
    )  # fmt: skip
    assert told == "A1: open_orders below -1000.50 to ann@example.com\n"
    (row,) = listed()
    assert (row["id"], row["address"]) == ("A1", "cfo@example.com")
    assert (row["what"], row["when"]) == ("open_orders below -1000.50", "not 20:00-07:00")


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("subscribe", "nobody", "--pages", "morning"), "no user 'nobody' who may sign in"),
        (("subscribe", "joe", "--pages", "morning"), "no user 'joe' who may sign in"),
        ((*SUBSCRIBE, "--every", "someday"), "are no days"),
        ((*SUBSCRIBE, "--address", "a@b.example,c@d.example"), "is no mail address"),
        (("alert", "ann@example.com", "--metric", "open_orders"), "has one threshold"),
        (
            ("alert", "ann@example.com", "--metric", "open_orders", "--above", "1", "--below", "2"),
            "has one threshold",
        ),
        (("alert", "ann@example.com", "--metric", "open_orders", "--above", "much"), "is no number"),
        ((*SUBSCRIBE, "--locale", "fr"), "there are texts in en, es only"),
        (
            (*SUBSCRIBE[:3], "morning,orders"),
            "no page 'orders'; those for ann@example.com are morning, hand-offs, approvals, lead-to-cash, "
            "pipeline, supply, trust",
        ),
        (
            ("subscribe", "una@example.com", "--pages", "morning,supply"),
            "supply is not for the role staff that una@example.com has; expected some of morning, approvals, "
            "trust",
        ),
        (
            ("alert", "una@example.com", "--metric", "revenue_30d", "--above", "1"),
            r"'revenue_30d' is none of the numbers of una@example.com \(staff\); expected one of "
            "own_decisions, own_pending, own_longest_wait, own_hours, own_asked_30d, own_refused_90d",
        ),
        (("pause", "7"), "expected a number such as S7 or A3"),
        (("remove", "S7"), "there is no S7"),
    ],
)
def test_what_is_not_understood_is_told(words: tuple[str, ...], told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        triada(*words)
    assert listed() == []


@pytest.mark.usefixtures("state")
def test_whose_role_the_oa_says_needs_a_published_warehouse() -> None:
    with pytest.raises(Refused, match=r"Run `./triada build`\."):
        triada("subscribe", "gone", "--pages", "morning", "--address", "gone@example.com")
    assert listed() == []


@pytest.mark.usefixtures("state")
def test_one_is_paused_resumed_and_removed() -> None:
    triada(*SUBSCRIBE)
    triada("alert", "ann@example.com", "--metric", "open_orders", "--above", "1")
    triada("pause", "s1")
    triada("pause", "A1")
    assert [row["is_paused"] for row in listed()] == [True, True]
    triada("resume", "S1")
    triada("resume", "A1")
    assert [row["is_paused"] for row in listed()] == [False, False]
    triada("remove", "S1")
    assert [row["id"] for row in listed()] == ["A1"]


def test_what_was_due_while_paused_is_not_sent_after(state: State) -> None:
    triada(*SUBSCRIBE, "--every", "day", "--at", "00:00")
    make_old(state)
    triada("pause", "S1")
    triada("resume", "S1")
    with open_office(settings.load(), pages=PAGES) as office:
        assert send_due(office).counts["due"] == 0


def test_what_crossed_before_a_pause_is_not_told_after(state: State) -> None:
    triada("alert", "ann@example.com", "--metric", "open_orders", "--above", "10", "--quiet", "00:00-23:59")
    crossed = {"is_beyond": True, "crossed_at": NOW, "crossed_value": "11", "mail_key": "alerts:1:then"}
    with state.writing() as connection:
        connection.execute(sa.update(alerts).values(**crossed))
    triada("pause", "A1")
    triada("resume", "A1")
    with state.reading() as connection:
        row = connection.execute(sa.select(alerts)).mappings().one()
    assert {name: row[name] for name in crossed} == {**dict.fromkeys(crossed), "is_beyond": False}


def test_the_mails_of_one_taken_back_are_not_listed_with_a_new_one(state: State) -> None:
    for words in (SUBSCRIBE, ("alert", "ann@example.com", "--metric", "open_orders", "--above", "1")):
        number = triada(*words).partition(":")[0]
        kind = "subscription" if number == "S1" else "alerts"
        with state.writing() as connection:
            claims.open_mail(connection, claims.Mail(kind, f"{kind}:1:then", 1, NOW))
        assert listed()[-1]["last_state"] == "waiting"
        triada("remove", number)
        assert triada(*words).startswith(f"{number[0]}2: ")
        assert listed()[-1]["last_state"] is None


def make_old(state: State) -> None:
    """As if all had been asked for long ago."""
    with state.writing() as connection:
        connection.execute(sa.update(subscriptions).values(active_since=NOW.replace(year=2020)))


@pytest.mark.usefixtures("state")
def test_a_company_without_mail_needs_no_server() -> None:
    counts = {"due": 0, "sent": 0, "waiting": 0, "failed": 0, "uncertain": 0}
    assert json.loads(triada("send", "--json")) == {**counts, "notes": []}
    (stage,) = MAIL.stages
    assert stage.run(settings_in_task()) == {**counts, "written": 0}
    assert "0 sent" in triada("send")


def test_a_dry_run_says_what_is_due_and_sends_nothing(state: State) -> None:
    triada(*SUBSCRIBE, "--every", "day", "--at", "00:00")
    make_old(state)
    (key,) = json.loads(triada("send", "--dry-run", "--json"))["would_send"]
    assert key.startswith("subscription:1:20")
    assert f"due: {key}\n" in triada("send", "--dry-run")
    with state.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(mails)).scalar_one() == 0


@pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="no Chromium here: apt-get install chromium")
def test_a_mail_goes_out_for_real_with_a_pdf(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = Mailbox()
    triada(*SUBSCRIBE, "--every", "day", "--at", "00:00")
    make_old(state)
    with serving(mailbox) as port:
        monkeypatch.setenv("TRIADA_SMTP_URL", f"smtp://127.0.0.1:{port}")
        monkeypatch.setenv("TRIADA_MAIL_FROM", "Informes <reports@example.com>")
        settings.load.cache_clear()
        with open_office(settings.load(), pages=PAGES) as office:
            assert send_due(office).counts["sent"] == 1
    (mail,) = mailbox.mails
    (attached,) = mail.iter_attachments()
    (page,) = PdfReader(io.BytesIO(attached.get_content())).pages
    assert page.extract_text().split("\n") == ["Joe", "morning,hand-offs in es_MX"]
    (row,) = listed()
    assert row["last_state"] == "sent"


def test_a_due_mail_without_a_server_says_which_setting(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    triada(*SUBSCRIBE, "--every", "day", "--at", "00:00")
    make_old(state)
    for value, told in (("", "TRIADA_MAIL_FROM"), ("r@example.com", "TRIADA_SMTP_URL names no mail server")):
        monkeypatch.setenv("TRIADA_MAIL_FROM", value)
        settings.load.cache_clear()
        with open_office(settings.load(), pages=PAGES) as office, pytest.raises(Misconfigured, match=told):
            send_due(office)
    (row,) = listed()
    assert row["last_state"] == "waiting"
    assert "TRIADA_SMTP_URL" in row["last_error"]


def test_a_wrong_password_shows_in_no_listing(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    triada(*SUBSCRIBE, "--every", "day", "--at", "00:00")
    make_old(state)
    with serving(Mailbox()) as port:
        monkeypatch.setenv("TRIADA_SMTP_URL", f"smtp://joe:hunter22@127.0.0.1:{port}")
        monkeypatch.setenv("TRIADA_MAIL_FROM", "r@example.com")
        settings.load.cache_clear()
        with open_office(settings.load(), pages=PAGES) as office, pytest.raises(Refused):
            send_due(office)
    assert "hunter22" not in triada("list", "--json")
    log = settings.load().home / "logs" / "hub.jsonl"
    assert "takes no sign-in" in log.read_text()
    assert "hunter22" not in log.read_text()
