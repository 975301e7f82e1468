"""What people are told when something is missing or away, through the door that they sign in by."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from connectors.errors import Unreachable
from reports.access.viewer import COMPANY
from reports.export.pdf import NotPrinted
from reports.export.xlsx import TooManyRows
from reports.published import Published
from reports.site import Site
from reports.web import door as door_module
from reports.web.app import application
from reports.web.heavy import WAITING
from tests.reports import published_outlook
from tests.reports.access.browser import Browser
from tests.reports.access.conftest import PASSWORD, Office


def through_the_door(office: Office, file: Path) -> FastAPI:
    site = Site("Works", "EUR", "Europe/Madrid", Published(file))
    opened = door_module.open_door(
        office.settings, office.state, people=office.people.get, clock=lambda: office.now
    )
    return application(site, signed_in=door_module.signed_in, door=opened)


def signed(app: FastAPI, *, raises: bool = True) -> Browser:
    browser = Browser(app, raises=raises)
    assert browser.sign_in("ann", PASSWORD).status_code == 303
    return browser


def test_before_anything_is_published_the_signed_in_are_told_in_both_languages(
    small: Office, tmp_path: Path
) -> None:
    small.add("ann", role="executive")
    answer = signed(through_the_door(small, tmp_path / "none.duckdb")).get("/")
    assert answer.status_code == 503
    assert "<h1>No numbers have been published yet</h1>" in answer.text
    assert '<section lang="es"><h2>' in answer.text
    assert "./triada build" in answer.text


def test_the_service_is_not_well_before_anything_is_published(small: Office, tmp_path: Path) -> None:
    app = through_the_door(small, tmp_path / "none.duckdb")
    for accept in ("application/json", "text/html"):
        answer = Browser(app).get("/health", headers={"accept": accept})
        assert answer.status_code == 503
        assert answer.json()["ok"] is False
        assert "triada build" in answer.json()["why"]


def test_a_hub_that_is_away_is_said_and_is_no_fault(
    small: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.add("ann", role="executive")
    browser = signed(through_the_door(small, published_outlook.build(tmp_path / "triada.duckdb")))

    def away(*_: object, **__: object) -> None:
        raise Unreachable("state: it does not answer")

    monkeypatch.setattr(type(small.state), "reading", away)
    monkeypatch.setattr(type(small.state), "writing", away)
    answer = browser.get("/")
    assert answer.status_code == 503
    assert "<h1>Sign-in cannot be checked just now</h1>" in answer.text


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    file = published_outlook.build(tmp_path_factory.mktemp("problems") / "triada.duckdb")
    return application(Site("Works", "EUR", "Europe/Madrid", Published(file)), signed_in=lambda _: COMPANY)


@pytest.mark.parametrize(
    ("address", "error", "expected"),
    [
        ("/morning.pdf", NotPrinted("PDF: it was stopped"), (503, "This page could not be printed")),
        ("/rows/customers.xlsx", TooManyRows("Take it as CSV"), (413, "more rows than a sheet holds")),
    ],
)
def test_a_file_that_cannot_be_made_is_told_as_what_it_is(
    monkeypatch: pytest.MonkeyPatch, app: FastAPI, address: str, error: Exception, expected: tuple[int, str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(f"reports.web.exports.{address.rpartition('.')[2]}", fail)
    answer = Browser(app).get(address)
    assert answer.status_code == expected[0]
    assert expected[1] in answer.text
    assert str(error) in answer.text


@pytest.mark.parametrize(
    "address", ["/rows/decisions?asked=", "/rows/decided-leads?days=", "/rows/trip-requests?decided="]
)
def test_more_days_than_there_are_is_refused_before_a_file_begins(app: FastAPI, address: str) -> None:
    path, query = address.split("?")
    for file in ("", ".csv", ".xlsx"):
        assert Browser(app).get(f"{path}{file}?{query}36500").status_code == 200, file
        refused = Browser(app).get(f"{path}{file}?{query}36501")
        assert refused.status_code == 400
        assert "no number of days from 0 to 36500" in refused.text


@pytest.fixture
def served(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


def test_pages_are_there_for_others_while_very_many_print(
    served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = iter(range(1000))
    monkeypatch.setattr("reports.web.exports._whose", lambda *_: next(readers))
    hold = threading.Event()

    def slow(*_: object, **__: object) -> bytes:
        hold.wait(30)
        return b"%PDF-"

    monkeypatch.setattr("reports.web.exports.pdf", slow)
    with ThreadPoolExecutor(60) as pool, httpx.Client(trust_env=False, timeout=40) as client:
        printing = [pool.submit(client.get, f"{served}/morning.pdf") for _ in range(60)]
        while sum(one.done() for one in printing) < 60 - WAITING - 2:
            time.sleep(0.02)
        assert client.get(f"{served}/health").json() == {"ok": True}
        assert client.get(f"{served}/trust").status_code == 200
        hold.set()
        answers = [one.result() for one in printing]
    assert sorted({one.status_code for one in answers}) == [200, 503]
    assert sum(one.status_code == 200 for one in answers) == WAITING + 2
    assert {one.headers["retry-after"] for one in answers if one.status_code == 503} == {"20"}


def test_a_reader_prints_one_page_at_a_time(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, hold = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> bytes:
        begun.set()
        hold.wait(30)
        return b"%PDF-"

    monkeypatch.setattr("reports.web.exports.pdf", slow)
    with ThreadPoolExecutor(2) as pool, httpx.Client(trust_env=False, timeout=40) as client:
        first = pool.submit(client.get, f"{served}/morning.pdf")
        assert begun.wait(20)
        assert client.get(f"{served}/trust.pdf").status_code == 503
        hold.set()
        assert first.result().status_code == 200
        assert client.get(f"{served}/trust.pdf").status_code == 200
