"""Around every answer: its request id, headers that keep browsers from guessing, one line in the log.

Every request of ``app`` passes here, refused ones too. Of a request only its method, path, status, time and
its caller's name are logged: no parameters, no headers, no bodies.
"""

from __future__ import annotations

import json
import logging
import re
import time
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stores.api.problems import REQUEST

LOG = logging.getLogger("triada.api")
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)


class Envelope:
    """Adds to each answer what every answer has, and logs it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, begun, status = _request_id(scope), time.monotonic(), 500
        REQUEST.set(request_id)

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()), *HEADERS, (b"x-request-id", request_id.encode())
                ]  # fmt: skip
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            LOG.info(
                "%s",
                json.dumps(
                    {
                        "request": request_id,
                        "method": scope["method"],
                        "path": scope["path"],
                        "status": status,
                        "ms": round((time.monotonic() - begun) * 1000, 1),
                        "caller": scope.get("triada.caller", ""),
                    }
                ),
            )


def _request_id(scope: Scope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given) else uuid.uuid4().hex
