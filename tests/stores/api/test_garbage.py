"""Whatever is sent, the answer is never a fault of the store's own."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tests.stores.api.conftest import ACCOUNT, Api, Make

METHODS = ("GET", "PUT", "POST", "DELETE")
VALUES: tuple[Any, ...] = (
    None, "", "x", "\0", "\ud800", "💥" * 300, "' or 1=1 --", "%", 0, -1, 10**30, 1.5, True, [], {}, [[]],
    {"a": {}}, "2026-02-30", "2026-11-20T09:30:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "1e400", "NaN", "١٢", "1" * 5000, "../../etc/passwd", "null",
)  # fmt: skip
HEADERS = ("If-Match", "If-None-Match", "Idempotency-Key", "Triada-Fence", "X-Request-Id", "Content-Type")
ASKED = ("limit", "until", "changed_since", "page_token", "key", "in", "value", "lines", "deletes", "group")


def quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text.encode("utf-8", "surrogatepass")[:2000], safe="")


class Garbage:
    """Requests that almost make sense, the same ones for the same seed."""

    def __init__(self, api: Api, seed: int) -> None:
        self.api, self.dice = api, random.Random(seed)
        self.streams = api.store.streams()

    def value(self) -> Any:
        return self.dice.choice(VALUES)

    def body(self, columns: list[str]) -> bytes:
        names = [*columns, "lines", "records", "owns", "create", "dry", "by_no", "nope"]
        whole = {self.dice.choice(names): self.value() for _ in range(self.dice.randrange(5))}
        if self.dice.random() < 0.4:
            whole["lines"] = [{self.dice.choice(names): self.value() for _ in range(3)} for _ in range(2)]
        if self.dice.random() < 0.4:
            whole["records"] = [{self.dice.choice(columns): self.value() for _ in range(4)}, self.value()]
        text = json.dumps(whole, ensure_ascii=self.dice.random() < 0.9).encode("utf-8", "surrogatepass")
        return text[: self.dice.randrange(len(text) + 1)] if self.dice.random() < 0.1 else text

    def request(self) -> tuple[str, str, dict[str, Any]]:
        stream = self.dice.choice(self.streams)
        columns = [*stream.table.c.keys()]
        tail = self.dice.choice(
            ["", "", "/batch", "/digest", "/keys", f"/{quoted(str(self.value()))}", "/A-1", "/A-1/approve"]
        )
        asked = "&".join(
            f"{self.dice.choice([*ASKED, *columns, f'{columns[0]}.null'])}={quoted(str(self.value()))}"
            for _ in range(self.dice.randrange(3))
        )
        headers = {
            self.dice.choice(HEADERS): str(self.value())[:300].encode("utf-8", "replace").replace(b"\0", b"")
            for _ in range(self.dice.randrange(3))
        }
        method = self.dice.choice(METHODS)
        body = self.body(columns) if method in ("PUT", "POST") else b""
        return method, f"/{stream.table.name}{tail}?{asked}", {"content": body, "headers": headers}


@pytest.mark.parametrize("system", ["oa", "crm", "erp"])
def test_garbage_is_refused_and_breaks_nothing(make_api: Make, system: str) -> None:
    garbage = Garbage(make_api(system), seed=7)
    hurl(garbage, 250)


def test_garbage_is_refused_on_every_database(any_crm: Api) -> None:
    any_crm.ask("PUT", "/accounts/A-1", json=ACCOUNT)
    hurl(Garbage(any_crm, seed=11), 250)


def hurl(garbage: Garbage, times: int) -> None:
    statuses = set()
    for _ in range(times):
        method, path, more = garbage.request()
        answer = garbage.api.ask(method, path, **more)
        assert answer.status_code < 500, (method, path, more, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code
        statuses.add(answer.status_code)
    assert {200, 404, 422} <= statuses
