"""A mail holds what it was given and nothing else: no header, recipient or markup comes in with a name."""

from __future__ import annotations

import re
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from connectors.errors import Misconfigured
from reports.mail.message import Attachment, Letter, Part, Sender, message, message_id
from reports.mail.words import _WORDS
from tests.reports.mail.fakes import NOW, part, read

SENDER = Sender("Informes", "reports@example.com")
LETTER = Letter(
    key="subscription:1:2026-11-23", to_name="Joe", to="joe@example.com", subject="Tríada: Morning",
    greeting="Joe, this is it.", parts=[Part("Morning", ["12.345 € más", "-- not a signature"])],
    footer=["Why."], locale="es_MX",
)  # fmt: skip
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version",
    "Content-Type",
}  # fmt: skip


def made(letter: Letter, sender: Sender = SENDER) -> EmailMessage:
    return read(message(letter, sender=sender, at=NOW).as_bytes())


EVIL = "Joe\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>"


@pytest.mark.parametrize("field", ["to_name", "subject", "greeting"])
def test_a_name_with_line_breaks_adds_no_header_and_no_recipient(field: str) -> None:
    changes: dict[str, Any] = {field: EVIL}
    mail = made(replace(LETTER, **changes))
    assert set(mail.keys()) <= HEADERS
    assert [address.addr_spec for address in mail["to"].addresses] == ["joe@example.com"]
    assert "<script>" not in part(mail, "html")


def test_a_senders_name_with_line_breaks_adds_no_header() -> None:
    mail = made(LETTER, Sender(EVIL, "reports@example.com"))
    assert set(mail.keys()) <= HEADERS
    assert [address.addr_spec for address in mail["from"].addresses] == ["reports@example.com"]


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_name_or_subject_breaks_a_mail(name: str, subject: str) -> None:
    mail = made(replace(LETTER, to_name=name, subject=subject, greeting=name))
    assert set(mail.keys()) <= HEADERS
    assert [address.addr_spec for address in mail["to"].addresses] == ["joe@example.com"]


def test_titles_sentences_and_links_are_escaped_in_html_and_plain_in_text() -> None:
    parts = [Part("A <b>", ["x < y & z", Markup("Ken &amp; Co")], 'https://x.example/?a=1&b="2"')]
    mail = made(replace(LETTER, parts=parts))
    html, text = part(mail, "html"), part(mail, "plain")
    assert "A &lt;b&gt;" in html
    assert "x &lt; y &amp; z" in html
    assert "Ken &amp; Co" in html
    assert 'href="https://x.example/?a=1&amp;b=&#34;2&#34;"' in html
    assert "- x < y & z\n- Ken & Co\n" in text


def test_the_first_sentence_is_a_headline_and_the_others_a_list() -> None:
    html = part(made(replace(LETTER, parts=[Part("Morning", ["Most", "Less", "Least"])])), "html")
    assert re.findall(r"<(p|li)[^>]*>(Most|Less|Least)</\1>", html) == [
        ("p", "Most"), ("li", "Less"), ("li", "Least"),
    ]  # fmt: skip
    assert "<ul" not in part(made(replace(LETTER, parts=[Part("Morning", ["Most"])])), "html")


def test_accents_and_signs_arrive_in_header_and_both_texts() -> None:
    mail = made(LETTER)
    assert mail["subject"] == "Tríada: Morning"
    assert all("12.345 € más" in part(mail, kind) for kind in ("plain", "html"))
    assert mail["content-language"] == "es-MX"
    assert mail["auto-submitted"] == "auto-generated"


def test_an_attachment_is_a_pdf_of_its_name() -> None:
    mail = made(replace(LETTER, attachment=Attachment("informe.pdf", b"%PDF-1.7\r\n.\r\n")))
    (one,) = mail.iter_attachments()
    assert (one.get_filename(), one.get_content_type(), one.get_content()) == (
        "informe.pdf", "application/pdf", b"%PDF-1.7\r\n.\r\n",
    )  # fmt: skip


def test_the_message_id_is_the_same_at_each_try_and_another_for_another_mail() -> None:
    assert message_id(LETTER, SENDER) == message_id(replace(LETTER, subject="else"), SENDER)
    others = {
        message_id(replace(LETTER, key="x"), SENDER),
        message_id(replace(LETTER, to="a@b.example"), SENDER),
    }
    assert len(others | {message_id(LETTER, SENDER)}) == 3
    assert message_id(LETTER, SENDER).endswith("@example.com>")


def test_a_very_long_subject_is_cut() -> None:
    assert len(made(replace(LETTER, subject="x" * 5000))["subject"]) == 150


@pytest.mark.parametrize("text", ["", "Reports", "a@b@c", "r@example.com, x@example.com\r\nBcc: y", "<>"])
def test_a_sender_without_an_address_is_told(text: str) -> None:
    with pytest.raises(Misconfigured, match="TRIADA_MAIL_FROM"):
        Sender.of(text)


def test_a_sender_may_have_a_name() -> None:
    assert Sender.of('"Informes, S.A." <r@example.com>') == Sender("Informes, S.A.", "r@example.com")
    assert Sender.of("r@example.com") == Sender("", "r@example.com")


def test_both_languages_say_the_same() -> None:
    assert set(_WORDS["en"]) == set(_WORDS["es"])


def test_an_amount_stays_in_one_piece_in_the_text() -> None:
    mail = made(replace(LETTER, parts=[Part("Morning", ["1\u00a0000\u202f€  wait\nfor Joe"])]))
    assert "1\u00a0000\u202f€ wait for Joe" in part(mail, "plain")
