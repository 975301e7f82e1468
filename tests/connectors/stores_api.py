"""A store API on a free port for a test: uvicorn in a thread, a token of the hub's, and faults on demand."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa
import uvicorn
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stores.api.app import make_app
from stores.api.store import Limits
from stores.api.tokens import add_token

QUICKLY = Limits(rate=100_000, burst=100_000)
Fault = Callable[[Scope], Response | str | None]


@dataclass
class Served:
    """An API that runs; ``faults`` are taken one a request: a response instead of its own, or ``lost``.

    ``lost``: the store does what was asked, and the connection ends before its answer. ``None``: no fault.
    """

    url: str = ""
    token: str = ""
    faults: list[Response | str | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


class Faulty:
    """The application behind the faults."""

    def __init__(self, app: ASGIApp, served: Served) -> None:
        self._app, self._served = app, served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._served.asked.append(f"{scope['method']} {scope['path']}")
        fault = self._served.faults.pop(0) if self._served.faults else None
        if isinstance(fault, Response):
            await fault(scope, receive, send)
        elif fault == "lost":
            await self._app(scope, receive, _nowhere)
            head = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]}
            await send(head)  # the server can only end a connection in the middle of an answer
            raise ConnectionAbortedError("the connection ends without the answer")
        else:
            await self._app(scope, receive, send)


async def _nowhere(_message: Message) -> None:
    """An answer that nobody gets."""


def problem(status: int, detail: str, **headers: str) -> Response:
    """A problem as a store answers it."""
    body = {"type": "about:blank", "title": detail, "status": status, "detail": detail, "errors": []}
    return JSONResponse(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


@contextmanager
def serving(system: str, database: str, *, limits: Limits = QUICKLY) -> Iterator[Served]:
    """The API of a store over its database, which must be there, while the block runs."""
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        now = dt.datetime.now(dt.UTC)
        token = add_token(connection, system, name=f"hub {now}", scopes=f"{system}:hub", at=now)
    engine.dispose()
    served = Served(token=token)
    app = Faulty(make_app(system, database, limits=limits), served)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, date_header=False)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise AssertionError("the API did not start")
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        served.url = f"http://127.0.0.1:{port}"
        yield served
    finally:
        server.should_exit = True
        thread.join()
