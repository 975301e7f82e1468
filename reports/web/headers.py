"""What every answer tells the browser: run and load nothing but ours, keep nothing of who signed in.

An ASGI application comes in, the same with these headers goes out; an answer's own header of that name stays.
Static files alone may be kept by the browser. It looks at no request beyond its scheme and path.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
))  # fmt: skip
ALWAYS = {
    "Content-Security-Policy": CONTENT,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000"
"""A year; without subdomains, which are not ours to speak for."""


class SecureHeaders:
    """ASGI middleware; the outermost, so that refusals of the others have the headers too."""

    def __init__(self, app: ASGIApp, *, static: str = "/static/") -> None:
        self._app = app
        self._static = static

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                if scope.get("scheme") == "https":
                    headers.setdefault("Strict-Transport-Security", HSTS)
                if not scope["path"].startswith(self._static):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


def on_error(_request: Request, _error: Exception) -> Response:
    """The answer to a mistake of ours; Starlette makes it outside of all middleware, so it brings its own."""
    said = "this page could not be made; whoever runs the reports finds why in their log"
    return PlainTextResponse(said, 500, headers={**ALWAYS, "Cache-Control": "no-store"})
