"""A small OpenID provider on this machine: describes itself, signs tokens with a key of its own.

What it puts into the next token, and how, a test can change; it checks the code's PKCE verifier, the client's
secret and the address as a real one does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "reports", "the client's secret"


@dataclass
class Provider:
    """Its address, what it says of whoever signs in, and what a test spoils."""

    issuer: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    person: dict[str, Any] = field(
        default_factory=lambda: {"email": "Joe", "email_verified": True, "sub": "42"}
    )
    spoilt: dict[str, Any] = field(default_factory=dict)
    signs_with: RSAKey | None = None
    described_as: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def go(self, address: str) -> str:
        """What a browser does there: signs in and is sent back; the path and query of ours."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?{urlencode({'code': code, 'state': asked['state']})}"

    def description(self) -> dict[str, Any]:
        at = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token")}
        return {"issuer": self.described_as or self.issuer, "jwks_uri": f"{self.issuer}/keys", **at}

    def keys(self) -> dict[str, Any]:
        used_for = [self.key.as_dict(private=False), {"kty": "odd"}, {"kty": "RSA", "use": "enc"}]
        return {"keys": used_for}

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The answer for a code, once; ``None`` for anything out of order."""
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or authorization != f"Basic {basic}" or challenge != asked["code_challenge"]:
            return None
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            **self.person, **self.spoilt,
        }  # fmt: skip
        key = self.signs_with or self.key
        told = {name: value for name, value in claims.items() if value is not None}
        signed = jwt.encode({"alg": "RS256", "kid": key.kid or "one"}, told, key)
        return {"id_token": signed, "access_token": "for nothing", "token_type": "Bearer"}


@contextmanager
def serving() -> Iterator[Provider]:
    """One that answers on a free port of 127.0.0.1 while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            if self.path == "/.well-known/openid-configuration":
                self._say(provider.description())
            elif self.path == "/keys":
                self._say(provider.keys())
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            said = provider.token(form, self.headers.get("authorization", ""))
            self._say(said or {"error": "invalid_grant"}, status=200 if said else 400)

        def _say(self, document: dict[str, Any], *, status: int = 200) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing in the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
