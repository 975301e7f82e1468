"""The one secret of the reports, and the keys made of it, one for each use.

``TRIADA_REPORTS_SECRET``, or a file made once under home that its owner alone may read, comes in; keyed
hashes and signed cookie values go out. It keeps nothing in a database.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from itsdangerous import BadSignature, Signer

from connectors.errors import Misconfigured
from settings import Settings

SHORTEST = 32
"""Letters of a secret that cannot be guessed, when they are random."""


@dataclass(frozen=True)
class Secret:
    """Makes keyed hashes and signs; what it does for one ``purpose`` is worth nothing for another."""

    _value: bytes = field(repr=False)

    def key(self, purpose: str, text: str) -> str:
        """A keyed hash of ``text``: 64 hexadecimal digits."""
        return hmac.new(self._value, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()

    def sign(self, purpose: str, text: str) -> str:
        """``text`` with its signature behind it."""
        return self._signer(purpose).sign(text).decode()

    def unsign(self, purpose: str, signed: str) -> str | None:
        """The text that was signed; ``None`` when nobody here signed it."""
        try:
            return self._signer(purpose).unsign(signed).decode()
        except (BadSignature, UnicodeError):
            return None

    def _signer(self, purpose: str) -> Signer:
        return Signer(
            self._value, salt=f"triada.{purpose}", key_derivation="hmac", digest_method=hashlib.sha256
        )


def secret_of(settings: Settings) -> Secret:
    """The secret that is set, else the one in the file; ``Misconfigured`` when it is too short."""
    given = settings.reports_secret.get_secret_value()
    if given and len(given) < SHORTEST:
        raise Misconfigured(
            f"TRIADA_REPORTS_SECRET has {len(given)} letters, expected {SHORTEST} or more random ones; "
            "leave it out and one is made"
        )
    return Secret((given or _kept(settings.home.resolve() / "access" / "reports-secret")).encode())


def _kept(path: Path) -> str:
    """What the file holds; two first processes at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        number, name = tempfile.mkstemp(dir=path.parent)  # which nobody else may read
        try:
            with os.fdopen(number, "w") as file:
                file.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                Path(path).hardlink_to(name)  # whole, or not at all
        finally:
            Path(name).unlink()
    kept = path.read_text().strip()
    if len(kept) < SHORTEST:
        raise Misconfigured(f"{path} holds no secret; delete it and one is made (everybody signs in again)")
    return kept
