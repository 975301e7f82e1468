"""Whether a request that changes something comes from a page of ours: looked at once, before any route.

The token in the form, or in the header ``X-CSRF-Token``, must be the one made for the browser's session; the
sign-in form's for a signed cookie it had before. An ``Origin`` of another site is refused anyway. It does not
know whether the session still lasts.
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reports.access import sessions
from reports.access.secret import Secret
from reports.web.cookies import BEFORE, SESSION, cookie

FIELD, HEADER = "csrf_token", "x-csrf-token"
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
SIGN_IN = "/sign-in"
LARGEST_FORM = 64 * 1024
_FORM = "application/x-www-form-urlencoded"
_PURPOSE = "before"


class TooLarge(Exception):
    """A form of more than ``LARGEST_FORM`` bytes."""


def token(request: Request, secret: Secret) -> str:
    """The token for a page's forms and its ``X-CSRF-Token``; it looks different each time it is made."""
    return _made(secret, _bound_to(request, secret, before=False), secrets.token_hex(16))


def token_before(secret: Secret, before: str) -> str:
    """The token for the sign-in form of a browser with this ``BEFORE`` cookie."""
    return _made(secret, secret.unsign(_PURPOSE, before) or "", secrets.token_hex(16))


def before_cookie(request: Request, secret: Secret) -> str:
    """The value of the browser's ``BEFORE`` cookie, or a new one."""
    there = cookie(request, BEFORE)
    return there if secret.unsign(_PURPOSE, there) else secret.sign(_PURPOSE, secrets.token_urlsafe(16))


class Csrf:
    """ASGI middleware: 403 for what does not come from a page of ours, 413 for too large a form."""

    def __init__(self, app: ASGIApp, *, secret: Secret) -> None:
        self._app = app
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        given = request.headers.get(HEADER, "")
        if not given and request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
            try:
                body = await _read(receive)
            except TooLarge:
                await PlainTextResponse("the form is too large", 413)(scope, receive, send)
                return
            given = (parse_qs(body.decode("latin-1")).get(FIELD) or [""])[-1]
            receive = _again(body, receive)
        if not _is_ours(request) or not self._is_good(request, given):
            said = "this page was open too long, or the request came from elsewhere; load the page again"
            await PlainTextResponse(said, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_good(self, request: Request, given: str) -> bool:
        before = request.url.path.rstrip("/") == SIGN_IN
        bound = _bound_to(request, self._secret, before=before)
        wanted = _made(self._secret, bound, given.partition(".")[0])
        return bool(bound) and hmac.compare_digest(wanted.encode(), given.encode())


def _bound_to(request: Request, secret: Secret, *, before: bool) -> str:
    """What the browser has that no other site knows; empty when it has nothing of ours."""
    if before:
        return secret.unsign(_PURPOSE, cookie(request, BEFORE)) or ""
    return secret.unsign(sessions.PURPOSE, cookie(request, SESSION)) or ""


def _made(secret: Secret, bound: str, salt: str) -> str:
    # With a salt: a page that is sent compressed must not give away a token that is the same each time.
    return f"{salt}.{secret.key('csrf', f'{salt} {bound}')}" if bound else ""


def _is_ours(request: Request) -> bool:
    """Whether the browser says that the page is ours; one that says nothing is judged by its token."""
    origin = request.headers.get("origin")
    if origin is not None:
        parts = urlsplit(origin)
        return (parts.scheme, parts.netloc) == (request.url.scheme, request.url.netloc)
    return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > LARGEST_FORM:
            raise TooLarge
        if not message.get("more_body"):
            return body


def _again(body: bytes, receive: Receive) -> Receive:
    """Give the application the body that was read here, then whatever comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay
