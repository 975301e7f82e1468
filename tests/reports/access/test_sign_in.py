"""Somebody signs in, looks, and is out again: over real requests."""

from __future__ import annotations

import re

import httpx
import pytest

from connectors.errors import Refused
from models import access
from reports.access import users
from reports.access.lockout import FREE
from reports.access.users import Person
from reports.web.door import local
from tests.reports.access.browser import Browser
from tests.reports.access.conftest import PASSWORD, Office, make_app


def signed(office: Office, **more: str) -> Browser:
    browser = office.browser(**more)
    assert browser.sign_in("joe", PASSWORD).status_code == 303
    return browser


def test_a_page_asks_for_a_sign_in_and_is_shown_after_it(office: Office) -> None:
    browser = office.browser()
    sent = browser.get("/orders?month=2026-11")
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=%2Forders%3Fmonth%3D2026-11")
    assert 'name="next" value="/orders?month=2026-11"' in browser.get(sent.headers["location"]).text
    let_in = browser.sign_in("JOE ", PASSWORD, next_path="/orders?month=2026-11")
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/orders?month=2026-11")
    assert "<p>Joe Marín, sales</p>" in browser.get("/orders").text
    assert office.acts() == [("sign_in", "joe", "done")]


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(small: Office) -> None:
    small.add("anna", password_hash=None, employee_no="E-0008")
    answers: list[tuple[int, str]] = []
    for name, password in (("joe", "not the right one"), ("nobody", PASSWORD), ("anna", PASSWORD)):
        answer = small.browser(address=f"192.0.2.{len(answers)}").sign_in(name, password)
        shown = answer.text.replace(f'value="{name}"', "")
        answers.append((answer.status_code, re.sub(r'name="csrf_token" value="[^"]+"', "", shown)))
    assert answers[0][0] == 401
    assert answers[0] == answers[1] == answers[2]
    assert 'role="alert"' in answers[0][1]


def test_the_name_that_was_wrong_is_shown_again_and_can_be_no_markup(small: Office) -> None:
    shown = small.browser().sign_in('"><script>alert(1)</script>', PASSWORD).text
    assert "&#34;&gt;&lt;script&gt;" in shown
    assert "<script" not in shown


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(office: Office) -> None:
    browser, copy = signed(office), office.browser()
    copy.cookies = httpx.Cookies(browser.cookies)
    out = browser.post("/sign-out", {"csrf_token": browser.token("/")})
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert copy.get("/").status_code == 303
    assert office.rows(access.sessions) == []
    assert office.acts()[-1] == ("sign_out", "joe", "done")


def test_a_changed_role_counts_from_the_next_request(small: Office) -> None:
    browser = signed(small)
    small.people["E-0007"] = Person("Joe Marín", "sales_manager")
    assert "sales_manager" in browser.get("/").text


def test_somebody_who_left_is_out_at_once_and_cannot_come_in_again(small: Office) -> None:
    browser = signed(small)
    del small.people["E-0007"]
    assert browser.get("/").status_code == 303
    assert small.browser().sign_in("joe", PASSWORD).status_code == 401
    assert small.acts()[-1] == ("sign_in_failed", "joe", "disabled, gone, or unknown to the OA")


def test_an_outsider_has_the_role_that_was_given(small: Office) -> None:
    small.add("auditor@example.com", role="finance")
    browser = small.browser()
    browser.sign_in("Auditor@Example.com", PASSWORD)
    assert "<p>auditor@example.com, finance</p>" in browser.get("/").text


@pytest.mark.parametrize("change", ["password", "disable"])
def test_a_new_password_or_being_disabled_ends_all_sessions(office: Office, change: str) -> None:
    first, second = signed(office), signed(office)
    joe = users.find(office.state, "joe")
    assert joe
    if change == "password":
        users.set_password(office.state, joe, "$argon2id$", now=office.now)
    else:
        users.set_disabled(office.state, joe, True)
    assert [browser.get("/").status_code for browser in (first, second)] == [303, 303]
    assert office.browser().sign_in("joe", PASSWORD).status_code == 401


def test_a_sign_in_takes_no_session_over(small: Office) -> None:
    browser = signed(small)
    before = dict(browser.cookies)["triada_session"]
    browser.cookies.delete("triada_session")
    browser.get("/sign-in")
    form = {"name": "joe", "password": PASSWORD, "csrf_token": browser.token()}
    browser.cookies.set("triada_session", before, domain="localhost.local", path="/")
    browser.post("/sign-in", form)
    assert dict(browser.cookies)["triada_session"] != before
    assert len(small.rows(access.sessions)) == 1


def test_no_secret_is_kept_in_clear(small: Office) -> None:
    browser = signed(small)
    small.browser().sign_in("hunter2 in the wrong field", "x")
    kept = str([small.rows(table) for table in access.METADATA.sorted_tables if "report" in table.name])
    token = dict(browser.cookies)["triada_session"].rpartition(".")[0]
    assert token not in kept
    assert PASSWORD not in kept
    assert "hun…" in kept and "hunter2" not in kept


def test_the_cookies_are_closed_to_scripts_and_under_https_bound_to_the_host(small: Office) -> None:
    for base, prefix in (("http://localhost", ""), ("https://localhost", "__Host-")):
        answer = small.browser(base=base).sign_in("joe", PASSWORD)
        (given,) = [c for c in answer.headers.get_list("set-cookie") if "triada_session=" in c]
        parts = {part.strip().partition("=")[0].lower() for part in given.split(";")}
        assert given.startswith(f"{prefix}triada_session=")
        assert {"httponly", "samesite", "path", "max-age"} <= parts and "SameSite=lax" in given
        assert ("secure" in parts) == bool(prefix)


def test_a_program_is_told_401_and_htmx_where_to_sign_in(small: Office) -> None:
    browser = small.browser()
    told = browser.get("/", headers={"accept": "application/json"})
    assert (told.status_code, told.json()["title"]) == (401, "not signed in")
    hx = {"hx-request": "true", "hx-current-url": "http://localhost/orders?a=1"}
    assert browser.get("/", headers=hx).headers["hx-redirect"] == "/sign-in?next=%2Forders%3Fa%3D1"


def test_who_is_signed_in_is_not_asked_again(small: Office) -> None:
    answer = signed(small).get("/sign-in?next=/orders")
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders")


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
     "javascript:alert(1)", "/a\nLocation: x", "", "orders", "///evil.example", "/sign-out"],
)  # fmt: skip
def test_the_way_on_never_leads_elsewhere(small: Office, path: str) -> None:
    assert local(path) == "/"
    assert small.browser().sign_in("joe", PASSWORD, next_path=path).headers["location"] == "/"


@pytest.mark.parametrize(
    ("accepted", "asked", "title"),
    [("es-MX,es;q=0.9,en;q=0.8", "", "Iniciar sesión"), ("en-GB", "", "Sign in"),
     ("de,fr;q=0.5", "", "Sign in"),
     ("de;q=1,es;q=0.2,en;q=0.1", "", "Iniciar sesión"),
     ("es", "?language=en", "Sign in"),
     ("es;q=x", "", "Sign in")],
)  # fmt: skip
def test_the_page_speaks_the_readers_language(small: Office, accepted: str, asked: str, title: str) -> None:
    browser = small.browser()
    shown = browser.get(f"/sign-in{asked}", headers={"accept-language": accepted}).text
    assert f"{title}</h1>" in shown
    if asked:  # and goes on doing so
        assert f"{title}</h1>" in browser.get("/sign-in", headers={"accept-language": accepted}).text


def test_the_form_can_be_filled_in_by_a_password_manager_and_read_aloud(small: Office) -> None:
    shown = small.browser().get("/sign-in").text
    for field, autocomplete in (("name", "username"), ("password", "current-password")):
        assert f'<label for="{field}">' in shown
        assert re.search(rf'<input id="{field}"[^>]*autocomplete="{autocomplete}"', shown)
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", shown)


def test_before_the_first_publication_who_has_the_password_is_told_so_and_nobody_else(small: Office) -> None:
    def nothing(_employee_no: str) -> None:
        raise Refused("published: expected the published warehouse")

    small.app = make_app(small.settings, small.state, people=nothing, clock=lambda: small.now)
    for _ in range(FREE + 1):
        told = small.browser().sign_in("joe", PASSWORD)
        assert (told.status_code, "Nothing is published yet" in told.text) == (503, True)
    assert small.browser().sign_in("joe", "not the right one").status_code == 401
