"""Asks an application as a server would, without one: raw paths and queries, any method.

starlette's own test client wants a package that nothing else here needs, and cleans addresses before it asks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI


@dataclass(frozen=True)
class Answer:
    """What came: ``error`` is what the application raised past its own handlers."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    seconds: float
    error: BaseException | None = None

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", errors="replace")


class Asker:
    """One loop for many questions; a context manager."""

    def __init__(self, app: FastAPI, *, headers: Mapping[str, str] | None = None) -> None:
        self._app = app
        self._headers = {"host": "127.0.0.1", **(headers or {})}
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Asker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def get(self, address: str, **more: Any) -> Answer:
        return self.ask("GET", address, **more)

    def ask(
        self, method: str, address: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """The whole answer to one request; ``address`` is what stands in the request line."""
        path, _, query = address.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "http",
            "path": unquote(path), "raw_path": path.encode("utf-8"), "query_string": query.encode("utf-8"),
            "root_path": "", "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 80), "state": {},
            "headers": [(name.lower().encode(), value.encode("latin-1", "replace"))
                        for name, value in {**self._headers, **(headers or {})}.items()],
        }  # fmt: skip
        return self._loop.run_until_complete(_ask(self._app, scope, body))


async def _ask(app: FastAPI, scope: dict[str, Any], body: bytes) -> Answer:
    began, parts = time.perf_counter(), []
    start: dict[str, Any] = {"status": 0, "headers": []}
    given = [{"type": "http.request", "body": body, "more_body": False}]
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if given:
            return given.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    error: BaseException | None = None
    try:
        await app(scope, receive, send)
    except Exception as raised:
        error = raised
    headers = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    seconds = time.perf_counter() - began
    return Answer(start["status"], headers, b"".join(parts), seconds, error)
