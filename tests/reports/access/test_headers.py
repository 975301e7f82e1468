"""Every answer tells the browser what it may do, refusals too."""

from __future__ import annotations

import pytest

from connectors.errors import Misconfigured
from reports.web import door, headers
from settings import Settings
from tests.reports.access.conftest import Office


@pytest.mark.parametrize(
    ("path", "status"), [("/sign-in", 200), ("/", 303), ("/nowhere", 404), ("/static/report.css", 200)]
)
def test_every_answer_has_them(small: Office, path: str, status: int) -> None:
    answer = small.browser().get(path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in headers.ALWAYS} == headers.ALWAYS
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_refusals_of_the_middleware_have_them_too(small: Office) -> None:
    for answer in (
        small.browser().post("/change", {}),
        small.browser(base="http://evil.example").get("/sign-in"),
    ):
        assert answer.status_code in (400, 403)
        assert "content-security-policy" in answer.headers


def test_pages_are_kept_nowhere_and_static_files_may_be(small: Office) -> None:
    assert small.browser().get("/sign-in").headers["cache-control"] == "no-store"
    assert "cache-control" not in small.browser().get("/static/report.css").headers


def test_https_is_insisted_on_only_where_it_is_there(small: Office) -> None:
    assert "strict-transport-security" not in small.browser().get("/sign-in").headers
    safe = small.browser(base="https://localhost").get("/sign-in")
    assert safe.headers["strict-transport-security"] == "max-age=31536000"


def test_only_the_names_that_are_set_are_answered(small: Office) -> None:
    assert small.browser(base="http://evil.example").get("/sign-in").status_code == 400
    assert small.browser(base="http://127.0.0.1:8104").get("/sign-in").status_code == 200


@pytest.mark.parametrize("names", ["", " , ", "*", "localhost,*"])
def test_a_setting_that_allows_any_name_or_none_is_refused(names: str) -> None:
    with pytest.raises(Misconfigured, match="TRIADA_REPORTS_HOSTS"):
        door.hosts(Settings(reports_hosts=names))


def test_a_mistake_of_ours_has_them_too_and_tells_nothing(small: Office) -> None:
    def broken() -> None:
        raise RuntimeError("a secret")

    small.app.add_api_route("/broken", broken)
    answer = small.browser(raises=False).get("/broken")
    assert (answer.status_code, "secret" in answer.text) == (500, False)
    assert {name: answer.headers[name] for name in headers.ALWAYS} == headers.ALWAYS
