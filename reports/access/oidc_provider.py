"""The other side of a company's sign-in: an OpenID provider, found by its issuer's address.

Its own description and keys are fetched when first needed and kept; a code goes in, the claims of a token
that passed every check come out. It keeps no state of a sign-in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

WAIT_S = 10
KEEP_S = 3600
"""Providers change their keys about daily, and keep the old one for a while."""
AGAIN_S = 30
"""A token with an unknown key has the keys fetched again, but not for every such token."""
SCOPE = "openid email profile"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures by the provider's private key; never ``none``, nor a secret that we share with it."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Unusable(Exception):
    """The provider or what it said cannot be used; ``is_away`` when it did not answer."""

    def __init__(self, message: str, *, is_away: bool = False) -> None:
        super().__init__(message)
        self.is_away = is_away


@dataclass
class _Kept:
    value: Mapping[str, Any] = field(default_factory=dict)
    at: float = float("-inf")


class Provider:
    """An OpenID provider; nothing is fetched before the first sign-in."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._turn = threading.Lock()
        self._described = _Kept()
        self._keys = _Kept()

    def address(self, *, back_to: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent; ``Unusable`` when the provider cannot be found."""
        endpoint = self._endpoint("authorization_endpoint")
        address, _ = self._client(back_to).create_authorization_url(
            endpoint, state=state, nonce=nonce, code_verifier=verifier
        )
        return str(address)

    def claims(
        self, code: str, *, back_to: str, verifier: str, nonce: str, now_s: int, leeway_s: int
    ) -> dict[str, Any]:
        """The claims of the token for a code; ``Unusable`` when it is not for us, now and for this try."""
        from authlib.common.errors import AuthlibBaseError

        try:
            token = self._client(back_to).fetch_token(
                self._endpoint("token_endpoint"),
                code=code,
                grant_type="authorization_code",
                code_verifier=verifier,
                timeout=WAIT_S,
            )
        except requests.RequestException as error:
            raise Unusable(f"the provider did not answer: {type(error).__name__}", is_away=True) from error
        except (AuthlibBaseError, ValueError) as error:
            raise Unusable(f"the provider refused the code: {getattr(error, 'error', 'no JSON')}") from error
        if not isinstance(token.get("id_token"), str):
            raise Unusable("the provider gave no token of who it is")
        checks = {"nonce": nonce, "client_id": self._client_id, "access_token": token.get("access_token")}
        return self._checked(token["id_token"], checks, now_s=now_s, leeway_s=leeway_s)

    def _checked(self, token: str, checks: Mapping[str, Any], *, now_s: int, leeway_s: int) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        header, claims = self._opened(token)
        must = {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._client_id},
            "nonce": {"essential": True},
        }
        try:
            CodeIDToken(claims, header, options=must, params=dict(checks)).validate(
                now=now_s, leeway=leeway_s
            )
        except (JoseError, ValueError, TypeError) as error:
            raise Unusable(f"the token does not hold: {error}") from error
        return claims

    def _opened(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a token that the provider signed."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        for older_than_s in (KEEP_S, AGAIN_S):
            try:
                keys = KeySet.import_key_set({"keys": self._signing_keys(older_than_s)})
                opened = jwt.decode(token, keys, algorithms=ALGORITHMS)
                return dict(opened.header), dict(opened.claims)
            except (JoseError, ValueError) as error:
                problem = type(error).__name__
        raise Unusable(f"the token is not signed by the provider ({problem})")

    def _signing_keys(self, older_than_s: float) -> list[Any]:
        with self._turn:
            self._keys = self._fresh(self._keys, self._described_endpoint("jwks_uri"), older_than_s)
            keys = self._keys.value.get("keys")
        if not isinstance(keys, list):
            raise Unusable("the provider's keys are no keys")
        usable = [key for key in keys if isinstance(key, dict) and key.get("kty") in ("RSA", "EC")]
        return [key for key in usable if key.get("use", "sig") == "sig"]

    def _endpoint(self, name: str) -> str:
        with self._turn:
            return self._described_endpoint(name)

    def _described_endpoint(self, name: str) -> str:
        where = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        self._described = self._fresh(self._described, where, KEEP_S)
        if self._described.value.get("issuer") != self._issuer:
            self._described = _Kept()
            raise Unusable(f"{where} describes another issuer than TRIADA_OIDC_ISSUER")
        endpoint = self._described.value.get(name)
        if not isinstance(endpoint, str):
            raise Unusable(f"{where} has no {name}")
        return _safe(endpoint)

    def _fresh(self, kept: _Kept, address: str, older_than_s: float) -> _Kept:
        now = time.monotonic()
        if now - kept.at < older_than_s:
            return kept
        try:
            answer = requests.get(_safe(address), timeout=WAIT_S, allow_redirects=False)
            answer.raise_for_status()
            value = answer.json()
        except requests.RequestException as error:
            raise Unusable(f"{address} did not answer: {type(error).__name__}", is_away=True) from error
        if not isinstance(value, dict):
            raise Unusable(f"{address} gave no JSON object")
        return _Kept(value, now)

    def _client(self, back_to: str) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self._client_id,
            self._client_secret or None,
            redirect_uri=back_to,
            scope=SCOPE,
            code_challenge_method="S256",
            token_endpoint_auth_method=self._method(),
        )

    def _method(self) -> str:
        """How the provider wants our secret: in a header as a rule, in the body where only that is taken."""
        if not self._client_secret:
            return "none"
        taken = self._described.value.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_basic" if "client_secret_basic" in taken else "client_secret_post"


def _safe(address: str) -> str:
    """An address that nobody on the way can read: https, or this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return address
    raise Unusable(f"{parts.scheme}://{parts.hostname} is not https")
