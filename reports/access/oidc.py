"""A company's own sign-in: OpenID Connect, by authorization code with PKCE, nonce and state.

begin (where to send the browser, a cookie that binds it) ─▶ the provider asks who it is ─▶ finish (the code
is exchanged, the token checked) ─▶ the claim that names a user. Verifier and nonce are keyed hashes of the
state, so only its own hash is kept, to be used once. It makes no user and no session.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.state import State
from models.access import begun
from reports.access.oidc_provider import Provider, Unusable
from reports.access.secret import Secret

LASTS = dt.timedelta(minutes=10)
LEEWAY_S = 60
"""How far the provider's clock may be from ours."""
_COOKIE = "oidc"


class NotProven(Exception):
    """Who it is was not proven; ``reason`` is ``state``, ``provider``, ``token`` or ``claim``."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True)
class Begun:
    """Where to send the browser, and the cookie value to send with it."""

    address: str
    cookie: str


@dataclass(frozen=True)
class Oidc:
    """Sign-ins at ``provider``; ``claim`` is the part of its token that is the sign-in name."""

    state: State
    secret: Secret
    provider: Provider
    claim: str

    def begin(self, *, back_to: str, next_path: str, now: dt.datetime) -> Begun:
        """Start one; ``back_to`` is our address that the provider sends the browser to.

        ``NotProven`` when the provider does not answer.
        """
        state = secrets.token_urlsafe(32)
        try:
            address = self.provider.address(
                back_to=back_to, state=state, nonce=self._nonce(state), verifier=self._verifier(state)
            )
        except Unusable as error:
            raise NotProven("provider", str(error)) from error
        with self.state.reading() as connection:
            query = sa.select(begun.c.state_hash).where(begun.c.expires_at <= now).limit(1000)
            old = connection.execute(query).scalars().all()
        with self.state.writing() as connection:
            if old:
                connection.execute(sa.delete(begun).where(begun.c.state_hash.in_(old)))
            connection.execute(sa.insert(begun).values(state_hash=_hash(state), expires_at=now + LASTS))
        return Begun(address, self.secret.sign(_COOKIE, f"{state} {next_path}"))

    def finish(
        self, cookie: str, answer: Mapping[str, str], *, back_to: str, now: dt.datetime
    ) -> tuple[str, str]:
        """The claim's value and the path to go on to; ``NotProven`` for anything out of order.

        ``answer`` is what the provider sent the browser back with.
        """
        state, _, next_path = (self.secret.unsign(_COOKIE, cookie) or "").partition(" ")
        if not state or not secrets.compare_digest(state.encode(), answer.get("state", "").encode()):
            raise NotProven("state", "this browser did not begin it")
        if not self._take(state, now):
            raise NotProven("state", "it was used before, or came too late")
        if "error" in answer or not answer.get("code"):
            raise NotProven("provider", f"the provider said {answer.get('error') or 'nothing'}")
        try:
            claims = self.provider.claims(
                answer["code"], back_to=back_to, verifier=self._verifier(state), nonce=self._nonce(state),
                now_s=int(now.timestamp()), leeway_s=LEEWAY_S,
            )  # fmt: skip
        except Unusable as error:
            raise NotProven("provider" if error.is_away else "token", str(error)) from error
        return self._named(claims), next_path

    def _named(self, claims: Mapping[str, Any]) -> str:
        value = claims.get(self.claim)
        if not isinstance(value, str) or not value.strip():
            raise NotProven("claim", f"the token has no claim {self.claim}")
        # Whoever may write any address into an account there would be that address's owner here.
        if self.claim == "email" and claims.get("email_verified", True) not in (True, "true"):
            raise NotProven("claim", "the provider has not verified the mail address")
        return value

    def _take(self, state: str, now: dt.datetime) -> bool:
        """Use a state up; ``False`` when it was, or is too old."""
        mine = sa.and_(begun.c.state_hash == _hash(state), begun.c.expires_at > now)
        with self.state.writing() as connection:
            return connection.execute(sa.delete(begun).where(mine)).rowcount == 1

    def _verifier(self, state: str) -> str:
        return self.secret.key("oidc verifier", state)

    def _nonce(self, state: str) -> str:
        return self.secret.key("oidc nonce", state)


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
