"""Files are given whole or not at all, in turns, and a reader is told why not."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from openpyxl import load_workbook

from reports.access.viewer import Viewer
from reports.export import xlsx
from reports.export.pdf import NotPrinted
from reports.publication import Publication, TooLarge, TooSlow
from reports.published import Published
from reports.site import Site
from reports.web import exports, turns
from reports.web.app import application
from tests.reports.access.browser import Browser

SHORT_S = 5.0
MANY = 45
"""More than the threads that answer pages."""


def app_of(file: Path) -> FastAPI:
    """An application whose reader is the number in a header."""
    site = Site("Test Ltd", "EUR", "Europe/Madrid", Published(file))

    def who(request: Request) -> Viewer:
        number = int(request.headers.get("reader", "1"))
        return Viewer(f"Reader {number}", "executive", "E-0008", user_no=number)

    return application(site, signed_in=who)


@pytest.fixture
def app(whole: Path) -> FastAPI:
    return app_of(whole)


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the audit log would have of files taken."""
    kept: list[str] = []
    monkeypatch.setattr(exports, "note", lambda _request, _look, what: kept.append(what))
    return kept


class Printer:
    """Prints when it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.most = self._now = 0
        self._lock = threading.Lock()

    def __call__(self, _html: str, **_: str) -> bytes:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        assert self.go.wait(60)
        with self._lock:
            self._now -= 1
        return b"%PDF-"


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Printer]:
    made = Printer()
    monkeypatch.setattr(exports, "pdf", made)
    yield made
    made.go.set()


def asked_together(app: FastAPI, printer: Printer, readers: list[int]) -> list[httpx.Response]:
    """PDFs that these readers ask for at once; meanwhile the service and a page must answer."""

    async def together() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await client.get("/")
            asked = [
                asyncio.create_task(client.get("/morning.pdf", headers={"reader": str(reader)}))
                for reader in readers
            ]
            try:
                await asyncio.sleep(0.5)
                for path in ("/health", "/"):
                    answer = await asyncio.wait_for(client.get(path), SHORT_S)
                    assert answer.status_code == 200
            finally:
                printer.go.set()
            return list(await asyncio.gather(*asked))

    return asyncio.run(together())


def statuses(answers: list[httpx.Response]) -> dict[int, int]:
    found = [answer.status_code for answer in answers]
    return {status: found.count(status) for status in found}


def test_pages_are_answered_while_everybody_asks_for_pdfs(app: FastAPI, printer: Printer) -> None:
    answers = asked_together(app, printer, list(range(1, MANY + 1)))
    served = exports.AT_ONCE + turns.WAITING
    assert statuses(answers) == {200: served, 503: MANY - served}
    assert printer.most == exports.AT_ONCE
    away = next(answer for answer in answers if answer.status_code == 503)
    assert away.headers["retry-after"] == str(turns.RETRY_S)
    assert "<h1>Others are taking files just now</h1>" in away.text


def test_a_reader_gets_one_pdf_at_a_time(app: FastAPI, printer: Printer) -> None:
    answers = asked_together(app, printer, [1] * MANY)
    assert statuses(answers) == {200: 1, 429: MANY - 1}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["retry-after"] == str(turns.RETRY_S)
    assert "<h1>Your last file is still being made</h1>" in refused.text
    assert Browser(app).get("/morning.pdf").status_code == 200


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "The PDF could not be made"), ("es", "No se ha podido hacer el PDF")],
)
def test_a_pdf_that_cannot_be_made_is_told_of_as_that(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, notes: list[str], language: str, title: str
) -> None:
    def fails(_html: str, **_: str) -> bytes:
        raise NotPrinted("PDF: chromium ended with status 3")

    monkeypatch.setattr(exports, "pdf", fails)
    answer = Browser(app).get("/morning.pdf", headers={"cookie": f"triada_language={language}"})
    assert answer.status_code == 503
    assert f"<h1>{title}</h1>" in answer.text
    assert "chromium" not in answer.text
    assert notes == []


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "More rows than a sheet of Excel holds"),
        ("es", "Más filas de las que caben en una hoja de Excel"),
    ],
)
def test_more_rows_than_a_sheet_holds_are_told_to_be_taken_as_csv(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, notes: list[str], language: str, title: str
) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 0)
    answer = Browser(app).get("/rows/gaps.xlsx", headers={"cookie": f"triada_language={language}"})
    assert answer.status_code == 422
    assert f"<h1>{title}</h1>" in answer.text
    assert "CSV" in answer.text
    assert notes == []


@pytest.mark.parametrize("path", ["/rows/gaps.csv", "/rows/gaps.xlsx"])
@pytest.mark.parametrize(
    ("error", "title"),
    [(TooSlow, "This took too long"), (TooLarge, "This is more than can be held at once")],
)
def test_rows_that_cannot_be_read_are_told_of_before_the_file_begins(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, path: str, error: type[Exception], title: str
) -> None:
    @contextmanager
    def stops(*_: Any, **__: Any) -> Iterator[Any]:
        raise error("stopped")
        yield

    kept: list[str] = []
    monkeypatch.setattr(exports, "note", lambda *noted: kept.append(noted[-1]))
    monkeypatch.setattr(Publication, "stream", stops)
    answer = Browser(app).get(path)
    assert answer.status_code == 503
    assert f"<h1>{title}</h1>" in answer.text
    assert kept == []


@pytest.mark.parametrize("path", ["/rows/gaps.csv", "/rows/gaps.xlsx"])
def test_a_file_that_was_made_is_noted_once(app: FastAPI, notes: list[str], path: str) -> None:
    assert Browser(app).get(path).status_code == 200
    assert notes == [path.rpartition("/")[2]]


def test_a_workbook_says_what_it_is_narrowed_to_in_the_readers_words(app: FastAPI) -> None:
    spanish = {"cookie": "triada_language=es"}
    answer = Browser(app).get("/rows/gaps.xlsx?kind=done_on_paper&owned=yes", headers=spanish)
    sheet = load_workbook(io.BytesIO(answer.content))["Acerca de"]
    said = {str(row[0].value): row[1].value for row in sheet.iter_rows()}
    assert said["Filtro: Tipo"] == "Hecho en papel"
    assert said["Filtro: Con responsable"] == "sí"
