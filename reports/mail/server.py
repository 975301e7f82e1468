"""Where mails go out: the address of a mail server, read from the settings.

``TRIADA_SMTP_URL`` in, a ``Server`` out whose password no message shows. It connects to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.errors import Misconfigured

PORTS = {"smtp": 25, "smtps": 465}
ENCRYPTION = ("auto", "require", "never")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
EXPECTED = "smtp://user:password@host:587?starttls=require or smtps://user:password@host"


@dataclass(frozen=True)
class Server:
    """A mail server; ``encryption`` is about STARTTLS, where ``smtps`` encrypts from the start."""

    host: str
    port: int
    encryption: str
    is_tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """As messages show it."""
        return f"mail server {self.host}:{self.port}"


def server_of(url: str) -> Server:
    """The server of ``TRIADA_SMTP_URL``; ``Misconfigured`` tells what is wrong without repeating it."""
    try:
        parts = urlsplit(url)
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
        encryption = options.pop("starttls", ["auto"])[-1]
        port = parts.port or PORTS.get(parts.scheme, 0)
        known = parts.scheme in PORTS and parts.hostname and encryption in ENCRYPTION and not options
        if (
            not known
            or parts.path not in ("", "/")
            or parts.fragment
            or bool(parts.username) < bool(parts.password)
        ):
            raise ValueError
    except ValueError:
        raise Misconfigured(
            f"TRIADA_SMTP_URL is no address of a mail server; expected {EXPECTED}; what is no letter or "
            "digit in user or password is written as in URLs, %40 for @"
        ) from None
    return Server(
        host=str(parts.hostname), port=port, encryption=encryption, is_tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""), password=unquote(parts.password or ""),
    )  # fmt: skip
