"""What does not come from a page of ours changes nothing."""

from __future__ import annotations

import pytest

from reports.web import csrf
from tests.reports.access.browser import Browser
from tests.reports.access.conftest import PASSWORD, Office


@pytest.fixture
def browser(small: Office) -> Browser:
    made = small.browser()
    made.sign_in("joe", PASSWORD)
    return made


def test_a_form_with_its_token_goes_through(browser: Browser) -> None:
    assert browser.post("/change", {"csrf_token": browser.token("/")}).text == "changed by Joe Marín"


def test_the_token_may_come_in_a_header_with_any_body(browser: Browser) -> None:
    token = {"x-csrf-token": browser.token("/"), "origin": browser.base}
    assert browser.ask("DELETE", "/change", headers=token).status_code == 200
    assert browser.ask("POST", "/change", json={}, headers=token).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_changes_without_a_token(browser: Browser, method: str) -> None:
    assert browser.ask(method, "/change", data={"a": "b"}).status_code == 403


def test_another_sessions_token_is_worth_nothing(small: Office, browser: Browser) -> None:
    other = small.browser()
    other.sign_in("joe", PASSWORD)
    assert browser.post("/change", {"csrf_token": other.token("/")}).status_code == 403


def test_the_sign_in_forms_token_opens_nothing_else(small: Office, browser: Browser) -> None:
    fresh = small.browser()
    token = fresh.token()
    browser.cookies.set(
        "triada_before", dict(fresh.cookies)["triada_before"], domain="localhost.local", path="/"
    )
    assert browser.post("/change", {"csrf_token": token}).status_code == 403


@pytest.mark.parametrize("token", ["", ".", "x", "x.y", f"é.{'0' * 64}"])
def test_a_made_up_token_is_refused(browser: Browser, token: str) -> None:
    assert browser.post("/change", {"csrf_token": token}).status_code == 403
    assert browser.post("/sign-in", {"csrf_token": token}).status_code == 403


def test_the_sign_in_form_needs_the_cookie_its_token_is_bound_to(small: Office) -> None:
    victim, attacker = small.browser(), small.browser()
    form = {"name": "joe", "password": PASSWORD, "csrf_token": attacker.token()}
    assert victim.post("/sign-in", form).status_code == 403
    victim.get("/sign-in")
    assert victim.post("/sign-in", form).status_code == 403
    assert attacker.post("/sign-in", form).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"origin": "null"}, {"origin": "https://localhost"},
     {"origin": "http://localhost:81"}, {"origin": "http://localhost.evil.example"},
     {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}],
)  # fmt: skip
def test_a_page_of_another_origin_is_refused_whatever_token_it_has(
    browser: Browser, headers: dict[str, str]
) -> None:
    form = {"csrf_token": browser.token("/")}
    assert browser.post("/change", form, headers=headers).status_code == 403
    assert browser.post("/change", form, headers={}).status_code == 200


def test_a_token_looks_different_each_time(browser: Browser) -> None:
    assert browser.token("/") != browser.token("/")


def test_a_form_without_end_is_not_read_to_it(browser: Browser) -> None:
    form = {"csrf_token": browser.token("/"), "more": "x" * csrf.LARGEST_FORM}
    assert browser.post("/change", form).status_code == 413
