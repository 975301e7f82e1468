"""What cannot be answered is said, to who is signed in and to who cannot be known: over real requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import Unreachable
from hub.state import State
from reports.published import Published
from reports.site import Site
from reports.web.app import application
from reports.web.door import signed_in
from tests.reports.access.browser import Browser
from tests.reports.access.conftest import PASSWORD, Office

TITLES = {
    "unpublished": {"en": "No numbers have been published yet", "es": "Aún no se han publicado números"},
    "away": {"en": "Sign-in cannot be checked just now", "es": "Ahora no se puede comprobar quién entra"},
}


def reader(office: Office, published: Path) -> Browser:
    """Somebody who has come in by the door of the whole application."""
    site = Site("Test Ltd", "EUR", "Europe/Madrid", Published(published))
    office.app = application(site, signed_in=signed_in, door=office.app.state.door)
    browser = office.browser(raises=False)
    assert browser.sign_in("joe", PASSWORD).status_code == 303
    return browser


def told(browser: Browser, language: str) -> tuple[int, str]:
    answer = browser.get("/", headers={"accept": "text/html", "accept-language": language})
    assert f'<html lang="{language}">' in answer.text
    assert "Test Ltd" not in answer.text
    return answer.status_code, answer.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_while_nothing_is_published_a_page_says_so(small: Office, tmp_path: Path, language: str) -> None:
    status, text = told(reader(small, tmp_path / "none.duckdb"), language)
    assert status == 503
    assert f"<h1>{TITLES['unpublished'][language]}</h1>" in text
    assert "./triada build" in text


@pytest.mark.parametrize("language", ["en", "es"])
def test_while_the_hubs_database_is_away_a_page_says_so(
    small: Office, unread: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    browser = reader(small, unread)

    @contextmanager
    def away(_: State) -> Iterator[Any]:
        raise Unreachable("state: nobody answers")
        yield

    monkeypatch.setattr(State, "reading", away)
    monkeypatch.setattr(State, "writing", away)
    status, text = told(browser, language)
    assert status == 503
    assert f"<h1>{TITLES['away'][language]}</h1>" in text


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_the_service_tells_who_watches_it_that_nothing_is_published(
    small: Office, tmp_path: Path, accept: str
) -> None:
    browser = reader(small, tmp_path / "none.duckdb")
    for watching in (browser, small.browser()):
        answer = watching.get("/health", headers={"accept": accept})
        assert answer.status_code == 503
        assert answer.json()["ok"] is False
        assert "`./triada build` makes one" in answer.json()["why"]
        assert str(tmp_path) not in answer.text
