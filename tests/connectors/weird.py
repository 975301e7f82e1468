"""A shop's HTTP system, real and deliberately odd, for tests of what an ``Api`` declaration can say.

Pages by number and shifts them as rows change, stamps in whole seconds, orders at random unless told, says
errors with status 200, and answers now and then with 429 or "busy". Its clock stands still between changes.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "shop-key-7f3a"
START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@dataclass
class Shop:
    """What the shop has and how it behaves."""

    customers: dict[int, dict[str, Any]] = field(default_factory=dict)
    clock: dt.datetime = START
    moody: bool = False
    asked: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    largest: int = 50
    between_pages: Any = None
    url: str = ""

    def put(self, rows: int) -> None:
        """New customers, all stamped with the same second, which is then over."""
        for number in range(len(self.customers) + 1, len(self.customers) + rows + 1):
            self.customers[number] = {
                "id": number,
                "company": {"title": f"Company {number}", "country": "ES"},
                "limit": 1000.1,
                "since": "2026-01-01",
                "changed": _second(self.clock),
                "colour": "blue",
            }
        self.tick()

    def touch(self, number: int) -> None:
        """A customer changes now."""
        self.customers[number]["changed"] = _second(self.clock)
        self.tick()

    def tick(self) -> None:
        """Time goes on."""
        self.clock += dt.timedelta(seconds=2)

    def answer(self, path: str, query: dict[str, list[str]], key: str) -> tuple[int, dict[str, str], Any]:
        """Status, headers and body."""
        self.asked.append(path)
        if key != TOKEN:
            return 200, {}, {"error": {"code": "bad_key", "message": f"key {key!r} is not known"}}
        if self.moody and len(self.asked) % 5 == 0:
            return 429, {"Retry-After": "0"}, {"message": "too many"}
        if self.moody and len(self.asked) % 7 == 0:
            return 200, {}, {"error": {"code": "busy", "message": "come later"}}
        if not path.startswith("/v2/customers"):
            return 404, {}, {"message": "no such page"}
        if wanted := path.removeprefix("/v2/customers").strip("/"):
            found = self.customers.get(int(wanted)) if wanted.isdigit() else None
            return (200, {}, {"data": found}) if found else (404, {}, {"message": "no such customer"})
        return 200, {}, self._page({name: values[0] for name, values in query.items()})

    def _page(self, asked: dict[str, str]) -> dict[str, Any]:
        rows = [each for each in self.customers.values() if each["changed"] >= asked.get("modified_from", "")]
        if asked.get("sort") == "changed,id":
            rows.sort(key=lambda each: (each["changed"], each["id"]))
        else:
            random.Random(len(self.asked)).shuffle(rows)
        self.sizes.append(int(asked.get("per_page", 20)))
        size = min(self.sizes[-1], self.largest)
        start = (int(asked.get("page", 1)) - 1) * size
        page = [dict(each) for each in rows[start : start + size]]
        if self.between_pages is not None:
            self.between_pages(self)
        return {"data": page, "meta": {"count": len(rows)}}


@contextmanager
def serving(shop: Shop) -> Iterator[str]:
    """The shop's address while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            key = self.headers.get("X-Api-Key", "")
            status, headers, body = shop.answer(parts.path, parse_qs(parts.query), key)
            content = json.dumps(body).encode()
            self.send_response_only(status)
            for name, value in {"Date": format_datetime(shop.clock, usegmt=True), **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        shop.url = f"http://127.0.0.1:{server.server_port}"
        yield shop.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dripping(*, head: bytes, drop: bytes, every_s: float) -> Iterator[str]:
    """The address of a system that sends a head, and then a drop now and then without end."""
    stop = threading.Event()

    def drip(system: socket.socket) -> None:
        with suppress(OSError):  # whoever asked has hung up
            connection, _ = system.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(head)
                while not stop.wait(every_s):
                    connection.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as system:
        system.settimeout(5)
        thread = threading.Thread(target=drip, args=(system,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{system.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()


def _second(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
