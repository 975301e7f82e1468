"""The door: who asks, how often, how big and how long; then the handler, then its answer or its problem.

A request comes from the routes of ``app``; a handler is a plain function that runs in one of a few threads.
It knows no stream, and keeps nothing of a request but its caller's pace; of the tokens, which held when
it last looked.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from stores.api.ask import Answer, Ask
from stores.api.problems import MEDIA_TYPE, TITLES, Problem, from_error
from stores.api.store import Limits, Store
from stores.api.tokens import Caller, digest, find_caller, read_callers
from stores.api.values import encode

THREADS = 3
"""One less than a connector's connections: the worker's own thread needs one too."""
Handler = Callable[[Ask], Answer]
T = TypeVar("T")


class Bucket:
    """A token bucket: ``burst`` requests at once, ``rate`` a second afterwards."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, float(burst)
        self._left, self._at_s = float(burst), time.monotonic()

    def wait_s(self) -> float:
        """Take one; 0 when there was one, else how long until there is."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at_s) * self._rate)
        self._at_s = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self._rate


class Door:
    """Lets requests in to a store."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store, self._limits = store, limits
        self._threads = anyio.CapacityLimiter(THREADS)
        self._buckets: dict[str, Bucket] = {}
        self._strangers = Bucket(limits.rate, limits.burst)
        self._known: frozenset[str] = frozenset()

    async def answer(self, request: Request, handler: Handler, scope: str | None) -> Response:
        """The handler's answer, or the problem that kept it from one."""
        try:
            async with asyncio.timeout(self._limits.answer_s):
                return _response(await self._handled(request, handler, scope))
        except TimeoutError:
            return problem_response(
                Problem(
                    503,
                    f"no answer within {self._limits.answer_s:g} s; what was asked may still be done. "
                    "Ask again, or for less at once",
                    headers={"Retry-After": "1"},
                )
            )
        except Exception as error:
            return problem_response(from_error(error))

    async def _handled(self, request: Request, handler: Handler, scope: str | None) -> Answer:
        # Who sends or needs no token shares one bucket with all others like that.
        caller = Caller("", frozenset()) if scope is None else await self._caller(request)
        request.scope["triada.caller"] = caller.name
        if scope and not caller.may(scope):
            raise Problem(
                403, f"this needs the scope {scope}; {caller.name!r} has {', '.join(sorted(caller.scopes))}"
            )
        self._pace(self._bucket(caller.name))
        ask = Ask(
            self._store,
            caller,
            request.method,
            request.url.path,
            dict(request.path_params),
            request.query_params.multi_items(),
            request.headers,
            await self._body(request),
        )
        return await self._run(lambda: handler(ask))

    async def _caller(self, request: Request) -> Caller:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        caller = None
        if kind.lower() == "bearer" and token.strip():
            given = digest(token.strip())
            # Guesses share one bucket, so that a flood of them costs the database no more than its pace. Each
            # one let through looks at all tokens, so a new token waits no longer than Retry-After says.
            if given not in self._known:
                self._pace(self._strangers)
            caller = await self._run(lambda: self._find(given))
        else:
            self._pace(self._bucket(""))
        if caller is None:
            raise Problem(
                401,
                "expected Authorization: Bearer <token>, a token of this system that was not revoked "
                "(./triada token add makes one)",
                headers={"WWW-Authenticate": 'Bearer realm="triada"'},
            )
        return caller

    def _find(self, given: str) -> Caller | None:
        with self._store.reading() as connection:
            callers = read_callers(connection, self._store.system)
        # Only says who is asked about at once; whether a token still holds was read just now.
        self._known = frozenset(callers)
        return find_caller(callers, given)

    def _bucket(self, name: str) -> Bucket:
        return self._buckets.setdefault(name, Bucket(self._limits.rate, self._limits.burst))

    def _pace(self, bucket: Bucket) -> None:
        if wait_s := bucket.wait_s():
            raise Problem(
                429,
                f"more than {self._limits.rate:g} requests a second; the next one may come in {wait_s:.2f} s",
                headers={"Retry-After": str(math.ceil(wait_s))},
            )

    async def _body(self, request: Request) -> bytes:
        most = self._limits.body_bytes
        told = request.headers.get("content-length", "0")
        body = bytearray()
        if told.isascii() and told.isdigit() and len(told) < 20 and int(told) <= most:
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    break
            else:
                return bytes(body)
        raise Problem(
            413, f"the body has more than {most} bytes; send less at once", headers={"Connection": "close"}
        )

    async def _run(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(work, limiter=self._threads, abandon_on_cancel=True)


async def on_http_error(request: Request, error: Exception) -> Response:
    """What the router refuses, as a problem."""
    assert isinstance(error, HTTPException)
    known = error.status_code if error.status_code in TITLES else 400
    headers = dict(error.headers or {})
    if known == 405:
        headers["Allow"] = ", ".join(_methods(request))
    return problem_response(Problem(known, str(error.detail), headers=headers))


def _methods(request: Request) -> list[str]:
    """All methods of the path; the router names those of its first route alone."""
    fitting = [one for one in request.app.routes if one.matches(dict(request.scope))[0] is not Match.NONE]
    return sorted({method for one in fitting for method in one.methods})


def problem_response(problem: Problem) -> Response:
    """A problem as it is sent."""
    return Response(encode(problem.body()), problem.status, dict(problem.headers), MEDIA_TYPE)


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(None, answer.status, dict(answer.headers))
    body = answer.body if isinstance(answer.body, bytes) else encode(answer.body)
    return Response(body, answer.status, dict(answer.headers), "application/json")
