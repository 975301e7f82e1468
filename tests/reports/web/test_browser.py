"""The pages as a browser shows them: nothing fetched, nothing wrong, for eyes, ears, thumbs and keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from reports.access.viewer import Viewer
from reports.numbers_declared import METRICS
from reports.rows import row_sets
from reports.site import pages
from tests.reports.web.browser import CHROMIUM, Reader, Scheme, serving
from tests.reports.web.walk import app_over

PHONE, DESK = (390, 844), (1440, 900)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WAYS = list(product((PHONE, DESK), SCHEMES, ("en", "es")))
RECORDS = ("/records/order/CO-QZJOE-0", "/records/request/AR-QZJOE-0", "/records/person/E-0001")
TABS = 400

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; install it or set TRIADA_TEST_CHROMIUM"),
]


def addresses() -> list[str]:
    shown = ["/" if key == "morning" else f"/{key}" for key in pages()]
    numbers = [f"/numbers/{one.key}" for one in METRICS["company"]]
    return [*shown, *numbers, *(f"/rows/{name}" for name in row_sets()), *RECORDS]


@pytest.fixture(scope="module")
def base(whole: Path) -> Iterator[str]:
    with serving(app_over(whole, Viewer("Exe", "executive", "E-0008"))) as address:
        yield address


@pytest.fixture(scope="module")
def readers(browser: Browser, base: str) -> dict[tuple[Any, ...], Reader]:
    return {way: Reader(browser, base, size=way[0], scheme=way[1], language=way[2]) for way in WAYS}


@pytest.mark.parametrize("path", addresses())
def test_nothing_is_fetched_nothing_complains_and_the_phone_scrolls_one_way(
    readers: dict[tuple[Any, ...], Reader], path: str
) -> None:
    for way, reader in readers.items():
        page = reader.open(path)
        assert not reader.complaints, (path, way, reader.complaints)
        assert not reader.elsewhere(), (path, way)
        assert page.locator("html").get_attribute("lang") == way[2]
        assert not reader.too_wide(), (path, way)


@pytest.mark.parametrize("path", addresses())
def test_axe_finds_nothing_serious(readers: dict[tuple[Any, ...], Reader], path: str) -> None:
    for way in ((PHONE, "light", "en"), (DESK, "dark", "es"), (DESK, "light", "en")):
        reader = readers[way]
        reader.open(path)
        bad = reader.serious()
        assert not bad, (path, way, bad)


@pytest.mark.parametrize("path", addresses())
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    readers: dict[tuple[Any, ...], Reader], path: str
) -> None:
    for way in ((DESK, "light", "en"), (PHONE, "dark", "es")):
        reader = readers[way]
        page = reader.open(path)
        wanted = reader.ask(MARK_CONTROLS)
        page.keyboard.press("Tab")
        assert reader.ask("document.activeElement.getAttribute('href')") == "#main", (path, way)
        assert reader.ask("document.activeElement.getBoundingClientRect().top >= 0"), (path, way)
        reached, hidden = set(), []
        for _ in range(min(wanted, TABS) + 3):
            found = reader.ask(FOCUSED)
            if found is None or found["n"] in reached:
                break
            reached.add(found["n"])
            if not found["shown"]:
                hidden.append(found["html"])
            page.keyboard.press("Tab")
        assert not hidden, (path, way, hidden[:5])
        assert len(reached) >= min(wanted, TABS), (path, way, reader.ask(MISSED % sorted(reached)))


def test_the_skip_link_goes_to_the_report(readers: dict[tuple[Any, ...], Reader]) -> None:
    reader = readers[(DESK, "light", "en")]
    page = reader.open("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert reader.ask("document.activeElement.id") == "main"


@pytest.mark.parametrize("path", [path for path in addresses() if path.count("/") == 1])
def test_filters_work_by_keyboard_and_stand_in_the_address(
    readers: dict[tuple[Any, ...], Reader], path: str
) -> None:
    reader = readers[(DESK, "light", "en")]
    page = reader.open(path)
    form = page.locator("form.filters").first
    if form.count():
        choice = form.locator("select").first
        choice.focus()
        before = choice.input_value()
        page.keyboard.press("ArrowDown")
        chosen = choice.input_value()
        form.locator("button[type=submit]").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert chosen in page.url or chosen == before
        assert page.locator("form.filters select").first.input_value() == chosen
        assert not [said for said in reader.complaints if "error" in said], reader.complaints


@pytest.mark.parametrize("path", addresses())
def test_headings_go_down_one_step_at_a_time(readers: dict[tuple[Any, ...], Reader], path: str) -> None:
    reader = readers[(DESK, "light", "en")]
    reader.open(path)
    levels = reader.ask("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))")
    assert levels[:1] == [1], path
    assert levels.count(1) == 1, path
    assert all(after <= before + 1 for before, after in pairwise(levels)), (path, levels)


def test_pages_are_read_without_scripts(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in addresses():
        page.goto(f"{base}{path}")
        assert page.locator("h1").inner_text().strip(), path
    context.close()


def test_a_browser_notices_what_these_tests_look_for(readers: dict[tuple[Any, ...], Reader]) -> None:
    reader = readers[(PHONE, "light", "en")]
    page = reader.open("/")
    reader.ask(
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"width:900px\">x</p><img src=http://a.example/b>')"
    )
    reader.ask("document.querySelector('h1').style.width = '900px'")
    page.wait_for_timeout(200)
    assert any("Content Security Policy" in said for said in reader.complaints)
    assert reader.too_wide()
    assert reader.serious()


MARK_CONTROLS = """() => {
  const can = 'a[href], button, select, input, summary, [tabindex="0"]';
  const all = [...document.querySelectorAll(can)].filter(one =>
    !one.disabled && one.type !== 'hidden'
      && one.checkVisibility({visibilityProperty: true})
      && !one.closest('[inert]'));
  const radios = new Set();
  let n = 0;
  for (const one of all) {
    if (one.type === 'radio' && radios.has(one.name)) continue;
    if (one.type === 'radio') radios.add(one.name);
    one.dataset.n = n++;
  }
  return n;
}"""
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  return {n: one.dataset.n ?? one.outerHTML, shown: (outline || style.boxShadow !== 'none') && box.width > 0
    && box.bottom > 0 && box.top < innerHeight, html: one.outerHTML.slice(0, 160)};
}"""
MISSED = """(() => { const reached = new Set(%s.map(String));
  return [...document.querySelectorAll('[data-n]')].filter(one => !reached.has(one.dataset.n)).slice(0, 5)
    .map(one => one.outerHTML.slice(0, 160)); })()"""
