"""The office that sends mails, put together from the settings: database, pages, printer, mail server.

Settings in, an ``Office`` out that is closed at the end. Server and sender are read from the settings when
the first mail is to be sent, so a company without mail needs none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial

from connectors.errors import Misconfigured
from hub import logs
from hub.state import open_state
from reports.export.pdf import pdf
from reports.mail.letters import Writer
from reports.mail.message import Sender
from reports.mail.pages import Pages, pages_of
from reports.mail.sending import Office
from reports.mail.server import server_of
from reports.mail.smtp import Post, post
from settings import Settings


@contextmanager
def open_office(settings: Settings, *, pages: Pages | None = None) -> Iterator[Office]:
    """An office over these settings; ``pages`` are the company's own unless given."""
    logs.start(settings)
    state = open_state(settings.url("state"))
    try:
        writer = Writer(
            pages=pages or pages_of(settings, state),
            company=settings.company,
            url=settings.reports_url,
            pdf=partial(pdf, chromium=settings.chromium or None),
        )
        yield Office(
            state=state,
            writer=writer,
            sender=partial(_sender, settings),
            post=partial(_post, settings),
            clock=partial(datetime.now, UTC),
        )
    finally:
        state.close()


def _sender(settings: Settings) -> Sender:
    if not settings.mail_from:
        raise Misconfigured(
            "mails are due and TRIADA_MAIL_FROM says nobody who sends them; set it to an address such as "
            "Reports <reports@example.com>"
        )
    return Sender.of(settings.mail_from)


def _post(settings: Settings) -> AbstractContextManager[Post]:
    url = settings.smtp_url.get_secret_value()
    if not url:
        raise Misconfigured(
            "mails are due and TRIADA_SMTP_URL names no mail server; set it to one such as "
            "smtp://user:password@host:587?starttls=require"
        )
    return post(server_of(url))
