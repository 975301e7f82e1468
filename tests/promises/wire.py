"""A store behind its API, and a wire that breaks: the request arrives and is done, the answer does not.

hub ─▶ ``Wire`` ─▶ server. It passes bytes on; once it has seen a mark in what the hub sends, it acts.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import uvicorn

from stores.api.app import make_app
from stores.api.store import Limits
from stores.api.tokens import add_token


@contextmanager
def served(system: str, url: str) -> Iterator[tuple[str, str]]:
    """The API of a store on a free port: its address, and a token for the hub."""
    app = make_app(system, url, limits=Limits(rate=10_000, burst=10_000))
    app.state.store.prepare()
    with app.state.store.engine.begin() as connection:
        token = add_token(connection, system, name="hub", scopes=f"{system}:hub", at=datetime.now(UTC))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", str(token)
        finally:
            server.should_exit = True
            thread.join(20)


class Wire:
    """A way to a server; the ``nth`` time the hub sends ``mark``, ``act`` and lose the answer."""

    def __init__(self, port: int, *, mark: bytes, nth: int = 1, at_once: bool = False) -> None:
        self._to = port
        self._mark = mark
        self._left = nth
        self._at_once = at_once
        self._lock = threading.Lock()
        self.act: Callable[[], None] = lambda: None
        self.lost = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                broken = threading.Event()
                threading.Thread(target=self._there, args=(near, far, broken), daemon=True).start()
                threading.Thread(target=self._back, args=(near, far, broken), daemon=True).start()

    def _there(self, near: socket.socket, far: socket.socket, broken: threading.Event) -> None:
        """What the hub sends."""
        with contextlib.suppress(OSError):
            while some := near.recv(1 << 20):
                if self._is_it(some):
                    broken.set()
                    if self._at_once:
                        self.act()
                far.sendall(some)
        with contextlib.suppress(OSError):
            far.shutdown(socket.SHUT_WR)  # the server's answer may still be to come, and to be lost

    def _back(self, near: socket.socket, far: socket.socket, broken: threading.Event) -> None:
        """What the server answers."""
        with contextlib.suppress(OSError):
            while some := far.recv(1 << 20):
                if broken.is_set():
                    self.lost += 1
                    if not self._at_once:
                        self.act()
                    break
                near.sendall(some)
        _end(near, far)

    def _is_it(self, some: bytes) -> bool:
        if self._mark not in some:
            return False
        with self._lock:
            self._left -= 1
            return self._left == 0


def _end(*sides: socket.socket) -> None:
    for side in sides:
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
        side.close()


@contextmanager
def wire(port: int, *, mark: bytes, nth: int = 1, at_once: bool = False) -> Iterator[Wire]:
    """A wire to this port while the block runs."""
    made = Wire(port, mark=mark, nth=nth, at_once=at_once)
    try:
        yield made
    finally:
        made.close()
