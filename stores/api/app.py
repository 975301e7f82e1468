"""The API of one store as an application: every path once, with its handler and the scope it takes.

``make_app`` puts store, door and routes together; nothing connects before it is started or asked. No page
of it loads anything from elsewhere: there is no browser page at all, only ``/openapi.json``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import sqlalchemy as sa
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from stores.api import batch, deeds_crm, deeds_erp, deeds_oa, edits, reads
from stores.api.actions import Act
from stores.api.ask import Answer, Ask
from stores.api.door import Door, Handler, on_http_error
from stores.api.envelope import Envelope
from stores.api.openapi import document
from stores.api.store import Limits, Store

ACTIONS = {"oa": deeds_oa.ACTIONS, "crm": deeds_crm.ACTIONS, "erp": deeds_erp.ACTIONS}


def make_app(system: str, url: str, *, limits: Limits | None = None, currency: str = "EUR") -> FastAPI:
    """The API of ``oa``, ``crm`` or ``erp`` over a database; ``app.state.store`` is its store."""
    store = Store(system, url, currency=currency)
    door = Door(store, limits or Limits())

    @asynccontextmanager
    async def alive(_app: FastAPI) -> AsyncIterator[None]:
        store.prepare()
        try:
            yield
        finally:
            store.close()

    app = FastAPI(title=f"Tríada {system.upper()}", openapi_url=None, lifespan=alive)
    app.state.store = store
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_middleware(Envelope)
    for method, path, handler, scope in _routes(system):
        app.add_api_route(path, _endpoint(door, handler, scope), methods=[method], response_model=None)
    return app


def _health(ask: Ask) -> Answer:
    with ask.store.reading() as connection:
        connection.execute(sa.select(sa.literal(1)))
    return Answer({"status": "ok"})


def _openapi(ask: Ask) -> Answer:
    return Answer(document(ask.store, ACTIONS[ask.store.system]))


def _routes(system: str) -> list[tuple[str, str, Handler, str | None]]:
    """Method, path, handler, and the scope that it takes: none but a token at all, or ``None``: no token."""
    read, write, hub = (f"{system}:{may}" for may in ("read", "write", "hub"))
    deeds = [
        ("POST", f"/{one.stream}{'/{key:path}' if one.on_record else ''}/{one.name}", Act(one), one.scope)
        for one in ACTIONS[system]
    ]
    return [
        ("GET", "/health", _health, None),
        ("GET", "/openapi.json", _openapi, None),
        ("GET", "/", reads.describe, ""),
        ("POST", "/{stream}/batch", batch.batch, hub),
        *deeds,
        ("POST", "/{stream}", edits.post, write),
        ("PUT", "/{stream}/{key:path}", edits.put, write),
        ("DELETE", "/{stream}/{key:path}", edits.delete, write),
        ("GET", "/{stream}/digest", reads.digest, read),
        ("GET", "/{stream}/keys", reads.keys, read),
        ("GET", "/{stream}/{key:path}", reads.record, read),
        ("GET", "/{stream}", reads.rows, read),
    ]


def _endpoint(door: Door, handler: Handler, scope: str | None) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await door.answer(request, handler, scope)

    return endpoint
