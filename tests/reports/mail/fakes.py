"""Small fakes: pages that say a sentence, a mail server that keeps what it takes and fails when told to."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from babel.numbers import format_decimal

from hub.state import State
from models.mails import mails
from reports.access.viewer import Viewer
from reports.mail import kept
from reports.mail.letters import Writer
from reports.mail.message import Sender
from reports.mail.pages import Pages
from reports.mail.sending import Office
from reports.mail.server import server_of
from reports.mail.smtp import post

NOW = dt.datetime(2026, 11, 23, 7, 5, tzinfo=dt.UTC)
"""A Monday, 08:05 in Madrid."""


NOTHING = {"due": 0, "sent": 0, "waiting": 0, "failed": 0, "uncertain": 0}


class Killed(BaseException):
    """What a `kill -9` looks like from inside: no line after it runs that would catch an error."""


@dataclass
class FakePages:
    """One sentence a page; viewers by number."""

    viewers: dict[int, Viewer] = field(
        default_factory=lambda: {
            7: Viewer("Joe", "sales", "E-7", user_no=7), 9: Viewer("Ann", "executive", "E-9", user_no=9),
        }
    )  # fmt: skip
    numbers: dict[str, Decimal | None] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def viewer(self, user_no: int) -> Viewer | None:
        return self.viewers.get(user_no)

    def standing(self, viewer: Viewer, *, locale: str) -> list[str]:
        return [f"As of then, for {viewer.name} ({locale})."]

    def summary(self, viewer: Viewer, page: str, *, locale: str) -> tuple[str, list[str]]:
        if page in self.broken:
            raise KeyError("a fault of the page with a secret in it")
        return page.title(), [f"{viewer.name} sees {page} as {viewer.role} in {locale}."]

    def html(self, viewer: Viewer, pages: Any, *, locale: str) -> str:
        return f"<h1>{viewer.name}</h1><p>{','.join(pages)} in {locale}</p>"

    def number(self, viewer: Viewer, metric: str) -> Decimal | None:
        if metric in self.broken or viewer.user_no not in self.viewers:
            raise KeyError(metric)
        return self.numbers.get(metric)

    def metric_name(self, metric: str, *, locale: str) -> str:
        return f"{metric.replace('_', ' ').capitalize()} ({locale})"

    def value(self, metric: str, value: Decimal, *, locale: str) -> str:  # noqa: ARG002
        return format_decimal(Decimal(f"{value.normalize():f}"), locale=locale)


@dataclass
class Mailbox:
    """A server's handler: keeps mails, and answers as told at each step of the dialogue."""

    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    answers: dict[str, str | list[str]] = field(default_factory=dict)
    on_data: Callable[[], object] = lambda: None

    async def handle_MAIL(
        self, _server: Any, _session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("MAIL")

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        answer = self._answer(address, self._answer("RCPT"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        answer = self._answer("DATA")
        if answer.startswith("250"):
            self.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        self.on_data()
        return answer

    def _answer(self, step: str, default: str = "250 OK") -> str:
        answer = self.answers.get(step, default)
        if isinstance(answer, list):
            return answer.pop(0) if answer else default
        return answer

    @property
    def mails(self) -> list[EmailMessage]:
        return [read(content) for _, _, content in self.taken]

    @property
    def to(self) -> list[str]:
        return [address for _, addresses, _ in self.taken for address in addresses]


def read(content: bytes) -> EmailMessage:
    made = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(made, EmailMessage)
    return made


def part(mail: EmailMessage, kind: str) -> str:
    """The mail's text or HTML."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def states(state: State) -> dict[str, str]:
    """What became of each mail, by its key."""
    with state.reading() as connection:
        rows = connection.execute(sa.select(mails.c.key, mails.c.state).order_by(mails.c.id))
        return {row.key: row.state for row in rows}


def password_is(user: str, password: str) -> Callable[..., AuthResult]:
    """Lets one user in."""

    def check(
        _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        same = given.login == user.encode() and given.password == password.encode()
        return AuthResult(success=same, handled=False)

    return check


class _Controller(Controller):
    """Finds out the port it was given before it knocks at its own door."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def serving(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """The port of a server on this machine."""
    controller = _Controller(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


class Clock:
    """An hour that stands still until it is moved."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


def office_of(
    state: State, pages: Pages, clock: Clock, *, port: int, pdf: Callable[[str], bytes] | None = None
) -> Office:
    """An office that sends to a server on this machine."""
    writer = Writer(
        pages=pages,
        company="Tríada",
        url="https://reports.example.com/",
        pdf=pdf or (lambda html: b"%PDF-1.7 " + html.encode()),
    )
    return Office(
        state=state,
        writer=writer,
        sender=lambda: Sender.of("Informes <reports@example.com>"),
        post=lambda: post(server_of(f"smtp://127.0.0.1:{port}"), timeout_s=5),
        clock=clock,
    )


def subscribe(state: State, user_no: int = 7, address: str = "joe@example.com", **changes: Any) -> int:
    """Mondays at 08:00 in Madrid, asked for in good time."""
    asked: dict[str, Any] = {
        "address": address, "pages": "morning,hand-offs", "every": "monday", "at": "08:00",
        "timezone": "Europe/Madrid", "locale": "en", "now": NOW - dt.timedelta(days=30),
    }  # fmt: skip
    with state.writing() as connection:
        return kept.add_subscription(connection, user_no, **{**asked, **changes})


def watch(state: State, user_no: int = 7, address: str = "joe@example.com", **changes: Any) -> int:
    """Open orders above ten."""
    asked: dict[str, Any] = {
        "address": address, "metric": "open_orders", "comparison": "above", "threshold": "10", "quiet": "",
        "timezone": "Europe/Madrid", "locale": "en", "now": NOW - dt.timedelta(days=30),
    }  # fmt: skip
    with state.writing() as connection:
        return kept.add_alert(connection, user_no, **{**asked, **changes})
