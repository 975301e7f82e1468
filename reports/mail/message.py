"""A mail as it is sent: text, the same as HTML, and the pages as PDF.

sentences ─▶ parts ─▶ headers that hold one line each ─▶ bytes for a server. The same mail has the same
Message-ID at every try. It asks no page and no server.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses

from markupsafe import Markup, escape

from connectors.errors import Misconfigured
from reports.mail.asked import address_of
from reports.texts import plain

# Control characters, and those that turn the direction of what follows: none belongs in a header.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
LONGEST_SUBJECT = 150
# Mail programs know no other style than that of each element.
_BODY = (
    "font:16px/1.5 system-ui,-apple-system,sans-serif;color:#1c2326;background:#fff;max-width:38em;"
    "margin:0 auto;padding:16px 24px"
)
_HEAD = "font-size:14px;font-weight:600;color:#5a666b;margin:28px 0 2px;padding-top:12px"
_RULE = ";border-top:1px solid #d8dedf"
_FIRST = "font-size:18px;line-height:1.35;font-weight:600;margin:0 0 8px"
_LIST = "margin:0;padding-left:20px"
_NEXT = "margin:0 0 6px"
_SMALL = "font-size:13px;color:#5a666b;margin-top:32px;padding-top:12px"
_LINK = "color:#0a5c63"


@dataclass(frozen=True)
class Part:
    """One page's title and sentences; ``link`` is where it is, empty for nowhere."""

    title: str
    sentences: Sequence[str]
    link: str = ""


@dataclass(frozen=True)
class Attachment:
    """A PDF and its name."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Sender:
    """Whose mails these are: ``TRIADA_MAIL_FROM`` taken apart."""

    name: str
    address: str

    @classmethod
    def of(cls, text: str) -> Sender:
        """``Misconfigured`` when there is no address in it."""
        try:
            ((name, address),) = getaddresses([one_line(text)])
            return cls(name, address_of(address))
        except (ValueError, Misconfigured):
            raise Misconfigured(
                "TRIADA_MAIL_FROM is not one mail address; expected one such as Reports <reports@example.com>"
            ) from None


@dataclass(frozen=True)
class Letter:
    """What a mail says, before it has a form; ``key`` is what it is sent once for."""

    key: str
    to_name: str
    to: str
    subject: str
    greeting: str
    parts: Sequence[Part]
    footer: Sequence[str]
    locale: str
    attachment: Attachment | None = None


def message(letter: Letter, *, sender: Sender, at: dt.datetime) -> EmailMessage:
    """The mail, of ``at``."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(sender.name, sender.address)
    mail["To"] = _address(letter.to_name, letter.to)
    mail["Subject"] = one_line(letter.subject)[:LONGEST_SUBJECT]
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id(letter, sender)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    mail.set_content(_text(letter), cte="quoted-printable")
    mail.add_alternative(_html(letter), subtype="html", cte="quoted-printable")
    if letter.attachment is not None:
        mail.add_attachment(
            letter.attachment.content, maintype="application", subtype="pdf", filename=letter.attachment.name
        )
    mail["Content-Language"] = letter.locale.replace("_", "-")  # of all its parts
    return mail


def message_id(letter: Letter, sender: Sender) -> str:
    """The same for the same mail, at whichever try."""
    made = hashlib.sha256("\n".join((letter.key, letter.to, sender.address)).encode()).hexdigest()
    return f"<{made[:32]}@{sender.address.rpartition('@')[2]}>"


def one_line(text: str) -> str:
    """The text for a header: one line, and no character that is not seen."""
    return " ".join(_UNSEEN.sub(" ", text.encode("utf-8", "replace").decode()).split())


def _address(name: str, address: str) -> Address:
    return Address(display_name=one_line(name)[:100], addr_spec=address)


def _text(letter: Letter) -> str:
    lines = [letter.greeting]
    for part in letter.parts:
        lines += ["", one_line(part.title), *(f"- {plain(escape(sentence))}" for sentence in part.sentences)]
        lines += [f"  {part.link}"] if part.link else []
    return "\n".join([*lines, "", "-- ", *letter.footer, ""])


def _html(letter: Letter) -> str:
    body = Markup("<p>{}</p>").format(letter.greeting)
    for part in letter.parts:
        title = Markup('<a href="{}" style="{}">{}</a>').format(part.link, _LINK, part.title)
        body += Markup('<h2 style="{}">{}</h2>').format(_HEAD + _RULE, title if part.link else part.title)
        body += _sentences(part.sentences)
    body += Markup('<p style="{}">{}</p>').format(_SMALL + _RULE, Markup("<br>").join(letter.footer))
    lang = letter.locale.replace("_", "-")
    return Markup(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
        '<body><div style="{}">{}</div></body></html>\n'
    ).format(lang, letter.subject, _BODY, body)


def _sentences(sentences: Sequence[str]) -> Markup:
    """The first as a headline, the others below it."""
    said = Markup("").join(Markup('<p style="{}">{}</p>').format(_FIRST, one) for one in sentences[:1])
    more = Markup("").join(Markup('<li style="{}">{}</li>').format(_NEXT, one) for one in sentences[1:])
    return said + (Markup('<ul style="{}">{}</ul>').format(_LIST, more) if more else more)
