"""Systems that repeat the secret they were given, and a look at everything that was left behind.

A server's refusal may hold the very password it refused; these two always do.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_SSL, _GSS = 80877103, 80877104


@contextmanager
def indiscreet_postgresql() -> Iterator[int]:
    """A server of PostgreSQL's protocol on this port; it refuses every login, and repeats its password."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_refuse_all, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]


def _refuse_all(listener: socket.socket) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            with client, suppress(OSError, struct.error):
                _refuse(client)


def _refuse(client: socket.socket) -> None:
    while _startup(client) in (_SSL, _GSS):
        client.sendall(b"N")
    client.sendall(b"R" + struct.pack("!ii", 8, 3))  # the password, please, in clear
    _kind, length = struct.unpack("!ci", client.recv(5))
    password = client.recv(length - 4).rstrip(b"\0")
    said = b"password authentication failed for user hub (given: " + password + b")"
    fields = b"SFATAL\0VFATAL\0C28P01\0M" + said + b"\0\0"
    client.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)


def _startup(client: socket.socket) -> int:
    length, code = struct.unpack("!ii", client.recv(8))
    if length > 8:
        client.recv(length - 8)
    return int(code)


@contextmanager
def indiscreet_api() -> Iterator[int]:
    """An HTTP system on this port that refuses every token, and repeats it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = self.headers.get("Authorization", "")
            body = json.dumps(
                {"status": 401, "title": "no", "detail": f"nobody has the token {given}"}
            ).encode()
            self.send_response(401)
            self.send_header("Content-Type", "application/problem+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(5)


def holding(folder: Path, words: Collection[str]) -> list[str]:
    """The files below this folder that hold one of the words in their bytes, and where."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        for word in words:
            if (at := content.find(word.encode())) >= 0:
                around = content[max(0, at - 120) : at + 60]
                found.append(f"{path.relative_to(folder)}: …{around!r}…")
    return found


class Watch:
    """Looks at every process's command line, again and again while the block runs."""

    def __init__(self, words: Collection[str]) -> None:
        self._words = [word.encode() for word in words]
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.seen: set[str] = set()
        self.looks = 0

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(10)

    def look_for(self, word: str) -> None:
        """Look for this one too, from now on."""
        self._words.append(word.encode())

    def _look(self) -> None:
        while not self._done.wait(0.1):
            self.looks += 1
            for folder in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    words = (folder / "cmdline").read_bytes()
                    if any(word in words for word in self._words):
                        self.seen.add(words.replace(b"\0", b" ").decode(errors="replace"))
