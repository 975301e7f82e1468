"""A mail server: one dialogue a mail, and what became of the mail in words that can be relied on.

an address from the settings ─▶ connect, encrypt, sign in ─▶ sender, recipient, text ─▶ the word just before
the end ─▶ the end ─▶ accepted. Errors of ``smtplib`` become ``Unreachable`` (later), ``Refused`` (never) or
``Uncertain``; none names the password. It makes no mail and remembers none.
"""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from connectors.errors import Refused, TriadaError, Unreachable
from reports.mail.server import LOOPBACK, Server

TIMEOUT_S = 30.0
# RFC 5321, 4.5.3.2.6, wants ten minutes for the answer to the end of the data: a mail given up earlier may
# arrive. Three are enough for servers that do not scan while one waits, and fit the lease of a mail.
END_TIMEOUT_S = 180.0


class Uncertain(TriadaError):
    """The server was told that the mail is whole and did not answer: it may have it, or not."""


class RecipientRefused(Refused):
    """The server takes mails, and not this one."""


class Post:
    """A dialogue with a server that is ready to take mails."""

    def __init__(self, server: Server, client: smtplib.SMTP) -> None:
        self._server, self._client = server, client

    def send(self, content: bytes, *, sender: str, to: str, before_end: Callable[[], None]) -> None:
        """Send one mail; ``before_end`` is called when all but its end is with the server.

        What it raises ends the dialogue with nothing sent. ``Unreachable`` and ``RecipientRefused`` say that
        nothing was sent, ``Uncertain`` that nobody knows.
        """
        lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
        with _translated(self._server):
            self._client.ehlo_or_helo_if_needed()
            self._begin(sender)
            self._say(self._client.rcpt(to), expected=(250, 251))
            self._say(self._client.docmd("DATA"), expected=(354,))
            self._client.send(re.sub(rb"(?m)^\.", b"..", lines.rstrip(b"\r\n") + b"\r\n"))
        try:
            before_end()
        except BaseException:
            self._client.close()  # without its end the server has no mail (RFC 5321, 4.1.1.4)
            raise
        self._end()

    def _begin(self, sender: str) -> None:
        answer = self._client.mail(sender)
        if answer[0] >= 500:  # no mail would go, whoever it is for
            said = _said(self._server, smtplib.SMTPResponseException(*answer))
            raise Refused(f"{self._server.place} refused the sender {sender}: {said}; see TRIADA_MAIL_FROM")
        self._say(answer, expected=(250,))

    def _end(self) -> None:
        try:
            if self._client.sock is not None:
                self._client.sock.settimeout(END_TIMEOUT_S)
            self._client.send(b".\r\n")
            answer = self._client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Uncertain(
                f"{self._server.place} was given the whole mail and did not answer ({type(error).__name__}): "
                "it may have arrived. It is not sent again, so that nobody gets it twice; its log knows"
            ) from None
        with _translated(self._server):
            self._say(answer, expected=(250,))

    def _say(self, answer: tuple[int, bytes], *, expected: tuple[int, ...]) -> None:
        code, said = answer
        if code not in expected:
            raise smtplib.SMTPResponseException(code, said)


@contextmanager
def post(server: Server, *, timeout_s: float = TIMEOUT_S) -> Iterator[Post]:
    """A dialogue, signed in; ended with the block.

    ``Unreachable`` when nobody answers in time or says later, ``Refused`` for the password or the encryption.
    """
    with _translated(server):
        client = _connected(server, timeout_s)
        try:
            _encrypt_and_sign_in(server, client)
        except BaseException:
            client.close()
            raise
    try:
        yield Post(server, client)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            client.quit()
        client.close()


def _connected(server: Server, timeout_s: float) -> smtplib.SMTP:
    if server.is_tls:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=timeout_s, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=timeout_s)


def _encrypt_and_sign_in(server: Server, client: smtplib.SMTP) -> None:
    client.ehlo_or_helo_if_needed()
    encrypted = server.is_tls
    if not encrypted and server.encryption != "never":
        if client.has_extn("starttls"):
            client.starttls(context=ssl.create_default_context())
            client.ehlo()
            encrypted = True
        elif server.encryption == "require":
            raise Refused(
                f"{server.place} offers no STARTTLS, and TRIADA_SMTP_URL requires it; nothing was sent. Use "
                "another port, or smtps://"
            )
    if not server.user:
        return
    if not encrypted and server.encryption != "never" and server.host not in LOOPBACK:
        raise Refused(
            f"{server.place} offers no encryption, and the password would be readable on the way; nothing "
            "was sent. Use smtps://, or say ?starttls=never if the way is safe"
        )
    _sign_in(server, client)


def _sign_in(server: Server, client: smtplib.SMTP) -> None:
    if "PLAIN" in client.esmtp_features.get("auth", "").upper().split():
        # By hand, because smtplib takes ASCII alone; RFC 4616 has UTF-8.
        given = base64.b64encode(f"\0{server.user}\0{server.password}".encode()).decode()
        code, said = client.docmd("AUTH", f"PLAIN {given}")
        if code not in (235, 503):
            raise smtplib.SMTPAuthenticationError(code, said)
        return
    try:
        client.login(server.user, server.password)
    except UnicodeError:  # which holds the password
        raise Refused(
            f"{server.place} takes user and password in ASCII only, and those of TRIADA_SMTP_URL are not; "
            "nothing was sent"
        ) from None


@contextmanager
def _translated(server: Server) -> Iterator[None]:
    """Errors as the product has them; what a server said is shown, what was said to it is not."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        if 400 <= error.smtp_code < 500:
            raise Unreachable(
                f"{server.place} takes no sign-in now: {_said(server, error)}; try later"
            ) from None
        raise Refused(
            f"{server.place} refused user and password of TRIADA_SMTP_URL: {_said(server, error)}; nothing "
            "was sent. Correct the setting"
        ) from None
    except smtplib.SMTPResponseException as error:
        if 400 <= error.smtp_code < 500:
            raise Unreachable(
                f"{server.place} says later: {_said(server, error)}; it is tried again"
            ) from None
        raise RecipientRefused(
            f"{server.place} refused the mail: {_said(server, error)}; correct its address"
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise Refused(
            f"{server.place} takes no sign-in; leave user and password out of the setting"
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise Refused(
            f"{server.place} has no certificate that this machine trusts ({error.verify_message}); nothing "
            "was sent. Use the name that the certificate has, or have its issuer trusted"
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        if type(error) is smtplib.SMTPException:
            raise Refused(f"{server.place} takes no sign-in that is known here; nothing was sent") from None
        raise Unreachable(
            f"{server.place} does not answer ({type(error).__name__}); expected a mail server there. It is "
            "tried again; TRIADA_SMTP_URL says where"
        ) from None


def _said(server: Server, error: smtplib.SMTPResponseException) -> str:
    raw = error.smtp_error
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    if server.password:
        text = text.replace(server.password, "***")
    return f"{error.smtp_code} {' '.join(text.split())[:200]}"
