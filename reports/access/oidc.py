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
MOST = 10_000
"""Sign-ins begun and not finished that are remembered; whoever begins one is nobody yet."""
LEEWAY_S = 60
"""How far the provider's clock may be from ours."""
_COOKIE = "oidc"


class NotProven(Exception):
    """Who it is was not proven.

    ``reason`` is ``browser`` (it did not begin this), ``state``, ``provider``, ``token``, ``claim`` or
    ``unverified``.
    """

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
    """Sign-ins at ``provider``; ``claim`` is the part of its token that is the sign-in name.

    ``verifies_all`` says that it gives out verified mail addresses only, for one that does not say so itself.
    """

    state: State
    secret: Secret
    provider: Provider
    claim: str
    verifies_all: bool

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
        old = self._old(now)
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
            raise NotProven("browser", "this browser did not begin it")
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
        if self.claim == "email":
            self._check_verified(claims.get("email_verified"))
        return value

    def _check_verified(self, said: Any) -> None:
        """Whoever may write any address into an account there would be that address's owner here."""
        if said is None and not self.verifies_all:
            raise NotProven(
                "unverified",
                "the token does not say whether the mail address is verified (TRIADA_OIDC_EMAIL_VERIFIED)",
            )
        if said not in (None, True, "true"):
            raise NotProven("unverified", "the provider has not verified the mail address")

    def _old(self, now: dt.datetime) -> list[str]:
        """Those that are too late, and of the others the oldest beyond ``MOST``, some at a time.

        They make room rather than keep others out: else a few thousand requests would shut the door for all.
        """
        late = sa.select(begun.c.state_hash).where(begun.c.expires_at <= now)
        newest_first = sa.select(begun.c.state_hash).order_by(begun.c.expires_at.desc())
        with self.state.reading() as connection:
            found = connection.execute(late.limit(1000)).scalars().all()
            over = connection.execute(newest_first.offset(MOST - 1).limit(1000)).scalars().all()
        return [*found, *over]

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
