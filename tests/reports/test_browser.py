"""The page as a browser shows it: nothing fetched, nothing wrong, nothing beyond the edge of a phone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reports.page import render

CHROMIUM = os.environ.get("TRIADA_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = 390, 1440

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here; install it or set TRIADA_TEST_CHROMIUM"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


class Seen:
    """A page with what it asked for and complained of."""

    def __init__(self, browser: Browser, path: Path, *, width: int, scheme: str = "light") -> None:
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())

    def overflow(self) -> int:
        self.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.mark.parametrize("name", ["index.html", "index.es.html"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_nothing_is_fetched_and_nothing_complains(
    browser: Browser, pages: Path, name: str, width: int
) -> None:
    seen = Seen(browser, pages / name, width=width)
    assert [url for url in seen.requests if not url.startswith("data:")] == [(pages / name).as_uri()]
    assert not seen.complaints


@pytest.mark.parametrize("width", [320, PHONE, 640, 740, 768, 900, 1024, 1100, 1281, DESK])
@pytest.mark.parametrize("name", ["index.html", "index.es.html"])
def test_nothing_reaches_beyond_the_edge(browser: Browser, pages: Path, name: str, width: int) -> None:
    assert Seen(browser, pages / name, width=width).overflow() <= 0


@pytest.mark.parametrize("width", [PHONE, 768, DESK])
def test_long_names_and_many_gaps_break_nothing(
    browser: Browser, crowded_warehouse: Path, tmp_path: Path, width: int
) -> None:
    page = render(crowded_warehouse, tmp_path / "page.html", company="Kommunalbetriebe" * 9)
    assert Seen(browser, page, width=width).overflow() <= 0


def test_one_chart_of_each_is_seen_at_each_width(browser: Browser, pages: Path) -> None:
    for width, size in ((PHONE, "narrow"), (DESK, "wide")):
        page = Seen(browser, pages / "index.html", width=width).page
        shown = page.locator("figure svg:visible")
        assert {shown.nth(n).get_attribute("data-size") for n in range(shown.count())} == {size}
        assert shown.count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Browser, pages: Path, scheme: str) -> None:
    page = Seen(browser, pages / "index.html", width=DESK, scheme=scheme).page
    ratios = page.evaluate(CONTRAST)
    assert min(ratios.values()) >= 4.5, ratios


CONTRAST = """() => {
  const rgb = name => {
    const probe = document.createElement('i');
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    return getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3).map(Number);
  };
  const light = name => {
    const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb(name).map(v => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const pairs = {};
  for (const ground of ['paper', 'tint', 'soft', 'bad-tint'])
    for (const ink of ['ink', 'muted']) pairs[`${ink} on ${ground}`] = ratio(ink, ground);
  for (const ink of ['accent', 'bad']) pairs[`${ink} on paper`] = ratio(ink, 'paper');
  pairs['accent on tint'] = ratio('accent', 'tint');
  pairs['bad on bad-tint'] = ratio('bad', 'bad-tint');
  return pairs;
}"""


def test_the_keyboard_reaches_the_report_first(browser: Browser, pages: Path) -> None:
    page = Seen(browser, pages / "index.html", width=DESK).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]


def test_headings_go_down_one_step_at_a_time(browser: Browser, pages: Path) -> None:
    page = Seen(browser, pages / "index.html", width=DESK).page
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
