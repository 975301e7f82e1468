"""Whatever is asked, the answer is a clear one: found, elsewhere or refused; never a fault, nothing leaked.

The routes of the application's own description, asked by schemathesis' cases and by hand-made hostile ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from reports.access.viewer import Viewer
from reports.filters import LONGEST, PERIODS, Filter
from reports.record_kinds import KINDS
from reports.rows import PAGING, row_sets
from reports.site import pages
from tests.reports.web.asking import Answer, Asker
from tests.reports.web.walk import app_over

pytestmark = pytest.mark.slow

LONGEST_S = 5.0
"""A hostile question costs no more than any other, even on a busy machine."""
LEAKS = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|duckdb\.|(?:Parser|Binder|Catalog|Conversion|Input) Error"
    r"|\bselect\b.+\bfrom\b|published\.(?:core|marts)|seen_\d|/tmp/|/home/|/etc/passwd:|root:x:",
    re.IGNORECASE,
)
HOSTILE = (
    "' or 1=1 --", '"; drop table core.fct_order; --', "1 union select * from published.core.fct_attendance",
    "$number", "{{7*7}}", "{% for x in () %}", "%s%n", "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>", "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "....//",
    "/etc/passwd", "file:///etc/passwd", "C:\\boot.ini", "\x00", "a\x00b", "\r\nset-cookie: a=b",
    "\u202e\u0000", "🤖" * 60, "ﷺ" * 50, "ı", "-1", "0", "1e309", "NaN", "99999999999999999999", "1.5",
    "999999999", "36500", "36501", "0001-01-01", "9999-12-31",
    "true", "null", "[]", "{}", "2026-02-30", "0000-00-00", "x" * 5000, "٣", " ",
)  # fmt: skip
METHODS = ("POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "G\u00c9T")
UNSEEN = re.compile(r"<p class=\"names\"[^>]*>.*?</p>", re.DOTALL)


@pytest.fixture(scope="module")
def app(whole: Path) -> FastAPI:
    return app_over(whole, Viewer("Exe", "executive", "E-0008"))


@pytest.fixture(scope="module")
def asker(app: FastAPI) -> Iterator[Asker]:
    with Asker(app) as opened:
        yield opened


def clear(address: str, answer: Answer, *, method: str = "GET") -> None:
    assert answer.error is None, (method, address, answer.error)
    assert 200 <= answer.status < 500, (method, address, answer.status)
    # What was asked for may be said back, escaped; nothing else of that kind may stand there.
    found = LEAKS.search(UNSEEN.sub("", answer.text)) if answer.status >= 400 else None
    assert found is None, (method, address, answer.text[:2000])
    assert answer.seconds < LONGEST_S, (method, address, answer.seconds)
    assert "<script>alert" not in answer.text, (method, address)
    assert "<img src=x" not in answer.text, (method, address)
    assert "a=b" not in answer.headers.get("set-cookie", ""), (method, address)


def parameters() -> list[tuple[str, str]]:
    """Every address that takes parameters, with each of them."""
    found = []
    for key, page in pages().items():
        path = "/" if key == "morning" else f"/{key}"
        found += [(path, one.name) for one in page.filters] + [(path, "unknown")]
    for name, rows in row_sets().items():
        found += [(f"/rows/{name}", one.name) for one in (*rows.filters, *PAGING)]
    return found


@pytest.mark.parametrize(("path", "name"), parameters())
def test_no_value_of_a_parameter_is_a_fault(asker: Asker, path: str, name: str) -> None:
    for value in HOSTILE:
        address = f"{path}?{urlencode({name: value})}"
        clear(address, asker.get(address))
        raw = f"{path}?{name}={value}"
        clear(raw, asker.get(raw))


EDGES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "whole": (("0", "999999999"), ("-1", "1000000000")),
    "days": (("0", "36500"), ("-1", "36501", "999999999")),
    "date": (("0001-01-01", "9999-12-31"), ("0000-12-31", "10000-01-01")),
    "code": (("x" * 80,), ("x" * 81,)),
    "text": (("x" * LONGEST,), ("x" * (LONGEST + 1),)),
}
"""The first and last values that a kind takes, and the nearest that it refuses."""


def edges() -> list[tuple[str, Filter]]:
    """Every address of rows, and of a page, with each of its parameters that has such values."""
    found = [(f"/rows/{name}", one) for name, rows in row_sets().items() for one in (*rows.filters, *PAGING)]
    found += [(f"/{key}", one) for key, page in pages().items() for one in page.filters]
    return [(path, one) for path, one in found if one.kind in EDGES and not one.choices]


@pytest.mark.parametrize(("path", "one"), edges(), ids=lambda value: getattr(value, "name", value))
def test_the_largest_value_of_a_kind_is_answered_and_the_next_is_refused(
    asker: Asker, path: str, one: Filter
) -> None:
    taken, refused = EDGES[one.kind]
    for ending in ("", ".csv", ".xlsx") if path.startswith("/rows/") else ("",):
        for value in (*taken, *refused):
            address = f"{path}{ending}?{urlencode({one.name: value})}"
            answer = asker.get(address)
            clear(address, answer)
            # Somebody or something that is not there may be refused by a page, whatever its length.
            known = value in taken and (path.startswith("/rows/") or one.kind not in ("code", "text"))
            assert answer.status == (200 if known else 400) or (value in taken and not known), address


@pytest.mark.parametrize(("path", "name"), parameters())
def test_a_parameter_given_twice_is_refused(asker: Asker, path: str, name: str) -> None:
    assert asker.get(f"{path}?{name}=1&{name}=1").status == 400
    clear(path, asker.get(f"{path}?{name}"))
    clear(path, asker.get(f"{path}?{name}[]=1&{name}[a]=2"))


def test_no_path_is_a_fault_and_none_leads_out(asker: Asker) -> None:
    places = (
        "/{}",
        "/rows/{}",
        "/records/order/{}",
        "/records/{}/CO-1",
        "/language/{}",
        "/static/{}",
        "/{}/{}",
    )
    for place in places:
        for value in HOSTILE:
            for said in (value, quote(value, safe="")):
                address = place.format(said, said)
                answer = asker.get(address)
                clear(address, answer)
                assert answer.status >= 300 or place == "/rows/{}", address
                assert "root:x" not in answer.text, address


@pytest.mark.parametrize("kind", KINDS)
def test_no_number_of_a_record_is_a_fault(asker: Asker, kind: str) -> None:
    for value in HOSTILE:
        for said in (value, quote(value, safe="")):
            answer = asker.get(f"/records/{kind}/{said}")
            clear(f"/records/{kind}/{said}", answer)
            assert answer.status in (400, 404), (kind, value)


def test_other_methods_are_refused(app: FastAPI, asker: Asker) -> None:
    routes = [route for route in app.routes if isinstance(route, Route)]
    assert routes
    for route in routes:
        address = re.sub(r"\{[^}]*\}", "order", route.path)
        for method in METHODS:
            if method not in (route.methods or ()):
                answer = asker.ask(method, address, body=b"x=1&x=2")
                clear(address, answer, method=method)
                assert answer.status >= 400, (method, address)


def test_no_header_is_a_fault(asker: Asker) -> None:
    for value in ("", "\x00", "x" * 20000, "es-ES,*;q=0", ";;;,,,", "ñ", "../..", "' or 1=1"):
        for name in (
            "accept-language",
            "cookie",
            "referer",
            "host",
            "accept",
            "range",
            "if-none-match",
            "origin",
        ):
            answer = asker.get("/", headers={name: value})
            clear(name, answer)
            clear(name, asker.get("/language/es", headers={name: value}))
    clear("cookie", asker.get("/", headers={"cookie": "triada_language=../../etc; triada_language=\x00"}))
    for elsewhere in (
        "http://evil.example/x",
        "//evil.example",
        "http://127.0.0.1//evil.example",
        "javascript:x",
    ):
        answer = asker.get("/language/es", headers={"referer": elsewhere})
        assert re.fullmatch(r"/(?!/).*|/", answer.headers["location"]), (
            elsewhere,
            answer.headers["location"],
        )


texts = st.one_of(st.text(max_size=300), st.sampled_from([*HOSTILE, *PERIODS, *KINDS, *row_sets(), *pages()]))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    parts=st.lists(texts, max_size=4),
    query=st.lists(st.tuples(texts, texts), max_size=4),
    escaped=st.booleans(),
)
def test_no_made_up_address_is_a_fault(
    asker: Asker, parts: list[str], query: list[tuple[str, str]], escaped: bool
) -> None:
    path = "/" + "/".join(quote(part, safe="", errors="replace") if escaped else part for part in parts)
    said = urlencode(query, errors="replace") if escaped else "&".join("=".join(pair) for pair in query)
    address = f"{path}?{said}".encode("utf-8", "replace").decode()
    clear(address, asker.get(address))


def described(app: FastAPI) -> dict[str, Any]:
    """The routes as OpenAPI describes them, with the parameters that pages and row sets read themselves."""
    found = app.openapi()
    names = {one.name for page in pages().values() for one in page.filters}
    names |= {one.name for rows in row_sets().values() for one in (*rows.filters, *PAGING)}
    for path, item in found["paths"].items():
        if path in ("/", "/{key}", "/rows/{name}") and "get" in item:
            item["get"].setdefault("parameters", []).extend(
                {"name": name, "in": "query", "schema": {"type": "string"}} for name in sorted(names)
            )
    return found


def test_every_described_route_stands_schemathesis(app: FastAPI, asker: Asker) -> None:
    schema = schemathesis.openapi.from_dict(described(app))
    found: list[Any] = list(schema.get_all_operations())
    operations = [result.ok() for result in found]
    assert len(operations) >= 5

    for operation in operations:

        @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def stands(case: Any) -> None:
            given_ = case.as_transport_kwargs(base_url="http://127.0.0.1")
            path = "/" + given_["url"].split("/", 3)[3]
            query = urlencode(given_.get("params") or {}, doseq=True, errors="replace")
            address = f"{path}?{query}"
            if not case.method.isascii():
                return
            clear(address, asker.ask(case.method.upper(), address), method=case.method)

        stands()
