"""The door, other roles' pages, and what is wrong, empty or held, as a browser shows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from hub.state import open_state
from reports.access.scope import group_of
from reports.access.users import Person
from reports.access.viewer import ROLES, Viewer
from reports.numbers_declared import METRICS
from reports.published import Published
from reports.site import Site, pages
from reports.web.app import application
from reports.web.door import signed_in
from settings import Settings
from tests.reports.access.conftest import CHEAP_KIB, PASSWORD, Office
from tests.reports.web.browser import CHROMIUM, Reader, Scheme, serving
from tests.reports.web.conftest import Tell
from tests.reports.web.marked import AS_OF, PEOPLE, World
from tests.reports.web.walk import app_over

PHONE, DESK = (390, 844), (1440, 900)
WAYS: tuple[tuple[tuple[int, int], Scheme, str], ...] = (
    (PHONE, "light", "en"), (PHONE, "dark", "es"), (DESK, "light", "es"), (DESK, "dark", "en"),
)  # fmt: skip
WHO = {role: number for number, role, _ in reversed([*PEOPLE.values()])}
WRONG = {
    "/no-such-page": 404, "/rows/no-such-rows": 404, "/numbers/no-such-number": 404,
    "/records/order/NONE": 404, "/hand-offs?period=%22": 400, "/rows/orders?from=x": 400,
}  # fmt: skip
HELD = {
    "warehouse": {
        "state": "stale", "stale_since": AS_OF.isoformat(), "failed_checks": ["grain:core.fct_order"],
        "reasons": {"grain:core.fct_order": "core.fct_order has one row per order_key"},
    },
    "flows": [{"flow": "orders", "state": "failed"}],
}  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; install it or set TRIADA_TEST_CHROMIUM"),
]


def look_at(browser: Browser, base: str, paths: dict[str, int]) -> None:
    """Each address in each way: nothing complains, is fetched, scrolls to the side or is serious to axe."""
    for size, scheme, language in WAYS:
        reader = Reader(browser, base, size=size, scheme=scheme, language=language)
        for path, status in paths.items():
            page = reader.open(path, status=status)
            where = (path, size, scheme, language)
            # A browser notes an answer that is no success by itself.
            complaints = [one for one in reader.complaints if "Failed to load resource" not in one]
            assert not complaints, (where, complaints)
            assert not reader.elsewhere(), where
            assert page.locator("html").get_attribute("lang") == language, where
            assert page.locator("h1").count() == 1, where
            assert not reader.too_wide(), where
            assert not reader.serious(), (where, reader.serious())
        reader.context.close()


@pytest.mark.parametrize("role", [role for role in ROLES if role != "executive"])
def test_every_role_s_pages_are_as_sound(browser: Browser, whole: Path, role: str) -> None:
    viewer = Viewer(f"Viewer {role}", role, WHO[role])
    with serving(app_over(whole, viewer)) as base:
        shown = {"/": 200, **{f"/{key}": status(viewer, key) for key in pages()}}
        look_at(browser, base, shown | {f"/numbers/{one.key}": 200 for one in METRICS[group_of(role)][:2]})


def status(viewer: Viewer, key: str) -> int:
    return 200 if pages()[key].open_to(viewer) else 403


def test_what_is_wrong_is_said_soundly(browser: Browser, whole: Path) -> None:
    with serving(app_over(whole, Viewer("Exe", "executive", "E-0008"))) as base:
        look_at(browser, base, WRONG)


def test_a_company_without_rows_is_shown_soundly(browser: Browser, tell: Tell) -> None:
    file = tell(World(owners=(), company=False))
    with serving(app_over(file, Viewer("Exe", "executive", "E-0008"))) as base:
        look_at(browser, base, {"/": 200, **{f"/{key}": 200 for key in pages() if key != "morning"}})


def test_what_stands_still_is_shown_soundly(browser: Browser, whole: Path) -> None:
    with serving(app_over(whole, Viewer("Exe", "executive", "E-0008"), standing=HELD)) as base:
        look_at(browser, base, {"/": 200, "/trust": 200})


@pytest.fixture
def office(tmp_path: Path, whole: Path) -> Iterator[tuple[Office, str]]:
    """The whole application with its door; its address."""
    state = open_state(f"sqlite:///{tmp_path / 'state.db'}")
    office = Office(state, Settings(home=tmp_path, password_memory_kib=CHEAP_KIB))
    office.people |= {"E-0007": Person("Joe Marín", "sales")}
    office.add("joe", employee_no="E-0007")
    office.open()
    site = Site("Marked Ltd", "EUR", "Europe/Madrid", Published(whole), dict)
    app = application(site, signed_in=signed_in, door=office.app.state.door)
    with serving(app) as base:
        yield office, base
    state.close()


def test_the_door_is_sound(browser: Browser, office: tuple[Office, str]) -> None:
    look_at(browser, office[1], {"/sign-in": 200})


def test_who_is_refused_at_the_door_reads_why_and_comes_in_with_the_keyboard(
    browser: Browser, office: tuple[Office, str]
) -> None:
    reader = Reader(browser, office[1], size=PHONE, scheme="light", language="es")
    page = reader.open("/")
    assert page.url.endswith("/sign-in?next=%2F")
    for password, shown in (("not the right one", "[role=alert]"), (PASSWORD, "nav")):
        page.locator("input[name=name]").fill("joe")
        page.locator("input[name=password]").fill(password)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.locator(shown).first.is_visible(), password
        assert not reader.too_wide()
        assert not reader.serious()
    assert "sign-in" not in page.url
    reader.context.close()


def test_while_nothing_is_published_that_is_said_soundly(browser: Browser, tmp_path: Path) -> None:
    app: Any = app_over(tmp_path / "none.duckdb", Viewer("Exe", "executive", "E-0008"))
    with serving(app) as base:
        look_at(browser, base, {"/": 503})
