"""Asks an HTTP system and waits as it wishes: few connections, time limits, retries of what may be retried.

request → ``rest_errors.judge`` → its JSON, or one of our errors after a few tries. Retry-After is obeyed and
bounded; lost connections and busy answers are tried again with jitter. It knows no stream and no record.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import logging
import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from connectors.errors import Misconfigured, Refused, TriadaError, Unreachable
from connectors.rest_answer import whole
from connectors.rest_api import Api
from connectors.rest_errors import Place, Verdict, instant_of, judge, lost

CONNECTIONS = 4
# Of a system that does not say how long to wait; one that does is asked until the patience ends.
TRIES = 5
Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Patience:
    """How long is waited: to connect, for an answer, in all for one question; between the first two tries."""

    connect_s: float = 10
    answer_s: float = 60
    all_s: float = 120
    pause_s: float = 0.3


@dataclass(frozen=True)
class Answer:
    """A system's answer: its JSON, the next page of its Link header, and its clock when it said so."""

    body: Any
    next_url: str
    clock: dt.datetime | None


class Client:
    """Asks one system; nothing connects before the first question. The token shows nowhere."""

    def __init__(
        self,
        system: str,
        url: str,
        *,
        api: Api,
        token: str = "",
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base = _base(system, url)
        self.place = Place(system, str(self._base).rstrip("/"))
        self._api = api
        self._token = token
        self._patience = patience or Patience()
        self._transport = transport
        self._closing = threading.Event()

    @cached_property
    def _http(self) -> httpx.Client:
        # Its line a request is no news to anybody, and tells the keys of records.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        headers = {"Accept": "application/json", "User-Agent": "triada"}
        if self._token:
            headers[self._api.token_header] = self._api.token_prefix + self._token
        patience = self._patience
        try:
            return httpx.Client(
                base_url=self._base,
                headers=headers,
                transport=self._transport,
                timeout=httpx.Timeout(patience.answer_s, connect=patience.connect_s),
                limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
                follow_redirects=False,  # the token is for this address alone
            )
        except UnicodeEncodeError:
            raise Misconfigured(
                f"{self.place.setting}_TOKEN has characters that no header can hold; expected plain letters"
            ) from None

    def get(self, path: str, query: Query = ()) -> Answer:
        """The answer to a question."""
        return self._ask("GET", path, query=query)

    def post(self, path: str, body: Any, *, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to a request that does the same when it is done twice."""
        content = json.dumps(body, separators=(",", ":")).encode()
        return self._ask("POST", path, content=content, headers=headers)

    def close(self) -> None:
        """End all connections and waits; the next question would open new ones."""
        self._closing.set()
        self._closing = threading.Event()
        if "_http" in self.__dict__:
            self.__dict__.pop("_http").close()

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {"Content-Type": "application/json", **(headers or {})} if content is not None else None
        began, closing = time.monotonic(), self._closing
        for tried in itertools.count(1):
            response, verdict = self._once(
                method, path, query=query, content=content, headers=sent, began=began
            )
            if verdict.error is None and response is not None:
                link = response.links.get("next", {}).get("url", "")
                clock = instant_of(response.headers.get("Date", ""))
                following = self._same_place(str(response.url.join(link))) if link else ""
                return Answer(verdict.body, following, clock)
            error = verdict.error or Unreachable(f"{self.place} gave no answer")
            if not verdict.again:
                raise error
            wait_s = self._wait_s(error, verdict.wait_s, spent_s=time.monotonic() - began, tried=tried)
            if closing.wait(wait_s):
                raise error
        raise AssertionError("a try either answers, raises or is followed by another")

    def _once(
        self,
        method: str,
        path: str,
        *,
        query: Query,
        content: bytes | None,
        headers: Mapping[str, str] | None,
        began: float,
    ) -> tuple[httpx.Response | None, Verdict]:
        try:
            # httpx puts no query at all for an empty one; ``None`` keeps a next page's own.
            params = httpx.QueryParams(list(query)) if query else None
            asked = self._http.build_request(method, path, params=params, content=content, headers=headers)
            response = whole(self._http, asked, place=self.place, began=began, all_s=self._patience.all_s)
            return response, judge(self._api, self.place, response, hide=self._hide)
        except (httpx.TransportError, httpx.DecodingError) as error:
            return None, lost(self.place, method, path, error=error, hide=self._hide)
        except (httpx.InvalidURL, ValueError) as error:
            raise Misconfigured(
                f"{self.place}: {self._hide(str(error))}; check {self.place.setting}_URL"
            ) from None

    def _wait_s(self, error: TriadaError, asked_s: float | None, *, spent_s: float, tried: int) -> float:
        """How long to wait before the next try; raises when that was the last, or would take too long."""
        pause_s: float = self._patience.pause_s * 2.0 ** min(tried - 1, TRIES) * random.uniform(0.5, 1.5)
        wait_s = pause_s if asked_s is None else asked_s + min(pause_s, 1.0)
        if spent_s + wait_s > self._patience.all_s:
            asks = f" It asks to wait {asked_s:g} s;" if asked_s is not None else ""
            raise type(error)(f"{error}{asks} at most {self._patience.all_s:g} s are waited in all.")
        if tried >= TRIES and asked_s is None:
            raise error
        return wait_s

    def _same_place(self, url: str) -> str:
        here = self._base.copy_with(path="/")
        if httpx.URL(url).copy_with(path="/", query=None, fragment=None) != here:
            raise Refused(
                f"{self.place}: its next page is elsewhere; expected its own address. Nothing sent."
            )
        return url

    def _hide(self, text: str) -> str:
        return text.replace(self._token, "***") if self._token else text


def _base(system: str, url: str) -> httpx.URL:
    try:
        base = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        base = httpx.URL()
    if base.scheme not in ("http", "https") or not base.host:
        raise Misconfigured(
            f"{system}: its address is no http:// or https:// address; expected http://host:port"
        )
    if base.userinfo or base.query:
        raise Misconfigured(
            f"{system}: its address holds a name, a password or a query; expected http://host:port "
            f"alone, and the token in TRIADA_{system.upper()}_TOKEN"
        )
    return base
