"""A real browser over a real server, both of this process: pages as people see them, and what went wrong.

The server answers with the strictest policy that the pages promise to live under, where the application does
not send its own; what breaks it is a complaint of the console.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import axe_playwright_python
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CHROMIUM = os.environ.get("TRIADA_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
))  # fmt: skip
Scheme = Literal["light", "dark"]
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
WORST = ("serious", "critical")


class WithPolicy:
    """ASGI middleware that adds the policy where an answer has none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                if b"content-security-policy" not in given:
                    message["headers"] = [*message["headers"], (b"content-security-policy", POLICY.encode())]
            await send(message)

        await self._app(scope, receive, sending)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The application on a free port of 127.0.0.1; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(WithPolicy(app), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield started
        finally:
            started.close()


class Reader:
    """A page of one width, scheme and language for many addresses: what it asked for and complained of."""

    def __init__(
        self, browser: Browser, base: str, *, size: tuple[int, int], scheme: Scheme, language: str
    ) -> None:
        self.base = base
        self.context: BrowserContext = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale=language
        )
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str, *, status: int = 200) -> Page:
        self.requests.clear()
        self.complaints.clear()
        answer = self.page.goto(f"{self.base}{path}")
        assert answer is not None and answer.status == status, (path, answer and answer.status)
        self.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        return self.page

    def elsewhere(self) -> list[str]:
        return [url for url in self.requests if not url.startswith((self.base, "data:"))]

    def ask(self, script: str) -> Any:
        return self.page.evaluate(script)

    def too_wide(self) -> list[str]:
        """What makes the page scroll to the side; one word where nothing can be named."""
        if self.ask("document.scrollingElement.scrollWidth - innerWidth") <= 0:
            return []
        return self.ask(WIDEST) or ["something"]

    def serious(self) -> list[tuple[str, Any]]:
        """What axe finds serious, and where."""
        self.ask(AXE)  # evaluated by the browser's own tools, which a page's policy does not stop
        return [(one["id"], one["nodes"]) for one in self.ask(ASK_AXE) if one["impact"] in WORST]


WIDEST = """[...document.querySelectorAll('body *')].filter(one =>
  one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.wide')).slice(0, 5)
  .map(one => one.outerHTML.slice(0, 120))"""
ASK_AXE = """() => axe.run(document, {resultTypes: ['violations']}).then(found =>
  found.violations.map(one => ({id: one.id, impact: one.impact, nodes: one.nodes.slice(0, 3)
  .map(node => node.html.slice(0, 160) + ' '
  + node.failureSummary.slice(0, 200))})))"""
