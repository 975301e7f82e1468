"""Somebody signs in at the company's own provider, and nobody does with anything out of order."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr

from connectors.errors import Misconfigured
from models import access
from reports.access import oidc, oidc_provider
from reports.access.lockout import FIRST_WAIT, FREE
from reports.access.oidc import LASTS
from reports.web import door
from settings import Settings
from tests.reports.access.browser import Browser
from tests.reports.access.conftest import PASSWORD, Office
from tests.reports.access.provider import CLIENT_ID, CLIENT_SECRET, Provider, serving


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving() as made:
        yield made


@pytest.fixture
def here(small: Office, provider: Provider) -> Office:
    """The office with a sign-in of its own; its clock is the provider's."""
    small.now = dt.datetime.now(dt.UTC)
    small.settings = small.settings.model_copy(
        update={
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": SecretStr(CLIENT_SECRET),
        }
    )
    small.open()
    return small


def there(browser: Browser, provider: Provider, path: str = "/orders") -> str:
    """Go to the provider and sign in there; the way it sends the browser back."""
    sent = browser.get(f"/sign-in/oidc?next={path}")
    assert sent.status_code == 303
    return provider.go(sent.headers["location"])


def test_a_person_comes_in_with_the_account_of_the_company(here: Office, provider: Provider) -> None:
    browser = here.browser()
    assert "/sign-in/oidc?next=%2Forders" in browser.get("/sign-in?next=/orders").text
    let_in = browser.get(there(browser, provider))
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/orders")
    assert "<p>Joe Marín, sales</p>" in browser.get("/orders").text
    assert here.acts() == [("sign_in", "joe", "done")]
    assert here.rows(access.begun) == []


def test_the_provider_is_asked_first_when_somebody_signs_in_and_seldom_again(
    here: Office, provider: Provider
) -> None:
    assert provider.asked == []
    for _ in range(2):
        browser = here.browser()
        browser.get(there(browser, provider))
    assert provider.asked == ["/.well-known/openid-configuration", "/token", "/keys", "/token"]


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"nonce": "another"}, "nonce"), ({"nonce": None}, "nonce"),
        ({"aud": "another"}, "aud"), ({"aud": None}, "aud"),
        ({"aud": ["reports", "another"], "azp": "another"}, "azp"),
        ({"iss": "https://evil.example"}, "iss"),
        ({"exp": int(time.time()) - 3600}, "expired"), ({"exp": None}, "exp"),
        ({"iat": int(time.time()) + 3600}, "future"), ({"at_hash": "another"}, "at_hash"),
        ({"email": None}, "no claim email"), ({"email": 7}, "no claim email"), ({"email": " "}, "no claim"),
    ],
)  # fmt: skip
def test_a_token_that_is_not_for_us_now_and_for_this_try_opens_nothing(
    here: Office, provider: Provider, spoilt: dict[str, Any], said: str
) -> None:
    provider.spoilt = spoilt
    browser = here.browser()
    told = browser.get(there(browser, provider))
    assert told.status_code == 403
    assert 'role="alert"' in told.text and "did not prove who you are" in told.text
    assert browser.get("/").status_code == 303
    assert here.rows(access.sessions) == []
    ((action, _, outcome),) = here.acts()
    assert action == "sign_in_failed" and said in outcome


def trust(here: Office, trusted: bool) -> None:
    here.settings = here.settings.model_copy(update={"oidc_email_verified": trusted})
    here.open()


@pytest.mark.parametrize(
    ("verified", "trusted", "said"),
    [
        (False, False, "the provider has not verified"), ("false", False, "the provider has not verified"),
        (None, False, "does not say whether the mail address is verified (TRIADA_OIDC_EMAIL_VERIFIED)"),
        (False, True, "the provider has not verified"),
    ],
)  # fmt: skip
def test_a_mail_address_that_the_provider_does_not_call_verified_opens_nothing(
    here: Office, provider: Provider, verified: Any, trusted: bool, said: str
) -> None:
    trust(here, trusted)
    provider.spoilt = {"email_verified": verified}
    browser = here.browser()
    told = browser.get(there(browser, provider))
    assert told.status_code == 403
    assert "does not say that your mail address is verified" in unescape(told.text)
    assert here.rows(access.sessions) == []
    ((action, _, outcome),) = here.acts()
    assert action == "sign_in_failed" and said in outcome


@pytest.mark.parametrize(("verified", "trusted"), [("true", False), (None, True)])
def test_a_mail_address_is_trusted_when_the_provider_or_a_setting_calls_it_verified(
    here: Office, provider: Provider, verified: Any, trusted: bool
) -> None:
    trust(here, trusted)
    provider.spoilt = {"email_verified": verified}
    browser = here.browser()
    assert browser.get(there(browser, provider)).status_code == 303


@pytest.mark.parametrize("forged", ["key", "none", "shared"])
def test_a_token_that_the_provider_did_not_sign_opens_nothing(
    here: Office, provider: Provider, monkeypatch: pytest.MonkeyPatch, forged: str
) -> None:
    if forged == "key":
        provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    else:
        real = jwt.encode

        def encode(_header: dict[str, Any], claims: dict[str, Any], _key: Any) -> str:
            if forged == "shared":  # signed with what the client has, which is no proof of who signed
                return real({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))
            signed = real({"alg": "RS256"}, claims, provider.key)
            return f"eyJhbGciOiJub25lIn0.{signed.split('.')[1]}."

        monkeypatch.setattr(jwt, "encode", encode)
    browser = here.browser()
    assert browser.get(there(browser, provider)).status_code == 403
    assert "not signed by the provider" in here.acts()[0][2]


def test_a_new_key_of_the_provider_is_fetched_once_it_is_used(
    here: Office, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = here.browser()
    assert first.get(there(first, provider)).status_code == 303
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    second = here.browser()
    assert second.get(there(second, provider)).status_code == 403  # fetched a moment ago
    monkeypatch.setattr(oidc_provider, "AGAIN_S", 0)
    third = here.browser()
    assert third.get(there(third, provider)).status_code == 303


def test_a_way_back_is_gone_once(here: Office, provider: Provider) -> None:
    browser = here.browser()
    back = there(browser, provider)
    cookie = dict(browser.cookies)["triada_oidc"]
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 400  # the cookie is gone
    thief = here.browser()
    thief.cookies.set("triada_oidc", cookie)
    provider.codes["code-0"] = {}
    told = thief.get(back)
    assert (told.status_code, "Try again" in told.text) == (400, True)
    assert here.acts()[-1][2] == "it was used before, or came too late"


def test_a_sign_in_begun_in_another_browser_is_not_finished_in_this_one(
    here: Office, provider: Provider
) -> None:
    attacker, victim = here.browser(), here.browser()
    back = there(attacker, provider)
    assert victim.get(back).status_code == 400
    there(victim, provider)
    assert victim.get(back).status_code == 400
    assert here.rows(access.sessions) == []


def test_a_way_back_that_the_browser_did_not_begin_leaves_no_trace(here: Office, provider: Provider) -> None:
    stranger, begun = here.browser(), here.browser()
    there(begun, provider)
    for browser in (stranger, begun):
        assert browser.get("/sign-in/oidc/callback?state=x&code=y").status_code == 400
    assert here.acts() == []
    assert here.rows(access.failures) == []


def test_failures_of_an_address_are_noted_ever_more_seldom_and_hold_up_nobody(
    here: Office, provider: Provider
) -> None:
    def fail(address: str) -> None:
        browser = here.browser(address=address)
        state = there(browser, provider).partition("state=")[2]
        cookie = browser.cookies["triada_oidc"]
        for _ in range(2 * FREE):
            browser.cookies.set("triada_oidc", cookie)
            browser.get(f"/sign-in/oidc/callback?error=x&state={state}")

    fail("192.0.2.7")
    used = "it was used before, or came too late"
    assert [outcome for _, _, outcome in here.acts()] == ["the provider said x", *[used] * (FREE - 1)]
    fail("198.51.100.7")
    assert len(here.acts()) == 2 * FREE
    here.now += FIRST_WAIT
    fail("192.0.2.7")
    assert len(here.acts()) == 2 * FREE + 1
    assert {row["address"] for row in here.rows(access.audit)} == {"192.0.2.7", "198.51.100.7"}
    browser = here.browser(address="192.0.2.7")
    assert browser.get(there(browser, provider)).status_code == 303
    assert here.browser(address="192.0.2.7").sign_in("joe", PASSWORD).status_code == 303


def test_of_sign_ins_begun_and_left_only_so_many_are_kept_and_the_newest_go_on(
    here: Office, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "MOST", 3)
    browsers = []
    for _ in range(6):
        browser = here.browser()
        browsers.append((browser, there(browser, provider)))
        here.now += dt.timedelta(seconds=1)
        assert len(here.rows(access.begun)) <= 3
    assert [browser.get(back).status_code for browser, back in browsers] == [400] * 3 + [303] * 3


def test_a_sign_in_that_took_too_long_is_begun_again(here: Office, provider: Provider) -> None:
    browser = here.browser()
    back = there(browser, provider)
    here.now += LASTS
    assert browser.get(back).status_code == 400
    there(browser, provider)
    assert len(here.rows(access.begun)) == 1  # the old one was swept out


def test_a_code_for_another_try_is_refused_by_the_provider(here: Office, provider: Provider) -> None:
    attacker, victim = here.browser(), here.browser()
    stolen = there(attacker, provider).partition("code=")[2].partition("&")[0]
    back = there(victim, provider)
    own = back.partition("code=")[2].partition("&")[0]
    told = victim.get(back.replace(own, stolen))
    assert told.status_code == 403
    assert here.acts()[-1][2] == "the provider refused the code: invalid_grant"


def test_somebody_the_reports_do_not_know_is_told_so(here: Office, provider: Provider) -> None:
    provider.person["email"] = "stranger@example.com"
    browser = here.browser()
    told = browser.get(there(browser, provider))
    assert (told.status_code, "nobody has given you access" in told.text) == (403, True)
    assert here.acts() == [("sign_in_failed", "str…", "no user here")]


def test_somebody_who_left_does_not_come_in_though_the_provider_lets_them(
    here: Office, provider: Provider
) -> None:
    here.people.clear()
    browser = here.browser()
    assert browser.get(there(browser, provider)).status_code == 403
    assert here.acts() == [("sign_in_failed", "joe", "disabled or gone")]


def test_another_claim_can_be_the_sign_in_name(here: Office, provider: Provider) -> None:
    here.settings = here.settings.model_copy(update={"oidc_claim": "preferred_username"})
    here.open()
    provider.person = {"sub": "42", "preferred_username": "joe", "email": "anna", "email_verified": False}
    browser = here.browser()
    assert browser.get(there(browser, provider)).status_code == 303


def test_a_person_who_says_no_there_is_told_that_it_did_not_work(here: Office, provider: Provider) -> None:
    browser = here.browser()
    state = there(browser, provider).partition("state=")[2]
    told = browser.get(f"/sign-in/oidc/callback?error=access_denied&state={state}")
    assert told.status_code == 502
    assert here.acts()[0][2] == "the provider said access_denied"


def test_a_provider_that_is_away_leaves_the_form(here: Office) -> None:
    here.settings = here.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    here.open()
    told = here.browser().get("/sign-in/oidc")
    assert (told.status_code, 'name="password"' in told.text) == (502, True)
    assert "did not answer" in here.acts()[0][2]
    for _ in range(2 * FREE):
        here.browser().get("/sign-in/oidc")
    assert [row["address"] for row in here.rows(access.audit)] == ["192.0.2.7"] * FREE


def test_a_provider_that_calls_itself_something_else_is_refused(here: Office, provider: Provider) -> None:
    provider.described_as = "https://evil.example"
    assert here.browser().get("/sign-in/oidc").status_code == 502
    assert "describes another issuer" in here.acts()[0][2]
    provider.described_as = ""
    assert here.browser().get("/sign-in/oidc").status_code == 303


def test_nothing_secret_goes_to_a_provider_that_others_can_overhear(here: Office) -> None:
    here.settings = here.settings.model_copy(update={"oidc_issuer": "http://sso.example.com"})
    here.open()
    assert here.browser().get("/sign-in/oidc").status_code == 502
    assert here.acts()[0][2] == "http://sso.example.com is not https"


def test_where_there_is_no_such_sign_in_none_is_offered(small: Office) -> None:
    assert "oidc" not in small.browser().get("/sign-in").text
    assert small.browser().get("/sign-in/oidc").status_code == 404
    assert small.browser().get("/sign-in/oidc/callback?code=x&state=y").status_code == 404


def test_half_a_provider_is_refused_at_the_start(small: Office) -> None:
    half = Settings(home=small.settings.home, oidc_issuer="https://sso.example.com")
    with pytest.raises(Misconfigured, match="TRIADA_OIDC_CLIENT_ID"):
        door.open_door(half, small.state, people=small.people.get)
