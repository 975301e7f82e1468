"""The morning page says what changed and who has to act, to each role its own part."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from markupsafe import Markup

from reports.access.viewer import COMPANY, Viewer
from reports.access.viewer import ROLES as VIEWERS
from reports.pages.morning_said import Said, Urgency, chosen
from reports.published import Published
from reports.site import Site, pages
from reports.web.serve import site_of
from settings import Settings
from tests.reports.web.asking import Asker
from tests.reports.web.walk import app_over, links

ROLES = {
    "executive": COMPANY,
    "sales_manager": Viewer("Ben", "sales_manager", "E-0002"),
    "sales": Viewer("Joe", "sales", "E-0003"),
    "hr": Viewer("Hal", "hr", "E-0007"),
    "production": Viewer("Rui", "production", "E-0008"),
    "staff": Viewer("Una", "staff", "E-0009"),
}


def page(told: Settings, viewer: Viewer, *, locale: str = "en") -> Any:
    site = site_of(told)
    return html.fromstring(site.page(site.look(viewer, locale=locale), "morning", {}))


def said(found: Any) -> dict[str, str]:
    """What is to be done, by the sentence that says why."""
    return {
        " ".join(one.find_class("said")[0].text_content().split()): " ".join(
            one.find_class("do")[0].text_content().split()
        )
        for one in found.xpath("//section[@class='needs']//li")
    }


def sentence(text: str, urgency: Urgency, money: int = 0, *, always: bool = False) -> Said:
    return Said(Markup(text), None, urgency, "Ben", money=Decimal(money), always=always)


def test_the_headline_says_how_revenue_moved_and_how_much_needs_somebody(told: Settings) -> None:
    found = page(told, COMPANY)
    matters = [line for line in said(found) if said(found)[line] != "Nothing to do"]
    counted = f"{len(matters)} matters need somebody today"
    assert found.find(".//h1").text == f"Revenue rose 33% in 30 days; {counted}"


def test_who_is_away_is_named_with_the_day_of_return_and_who_can_sign(told: Settings) -> None:
    does = said(page(told, COMPANY))
    waiting = "1 request worth €70 waits for Ben, who is away and back on Jun 17, 2026; Anna can sign."
    assert does[waiting] == "Anna: sign in Ben’s place"


def test_the_six_numbers_stand_with_change_verdict_and_passport(told: Settings) -> None:
    found = page(told, COMPANY).xpath("//li[@data-metric='revenue_30d']")[0]
    assert found.find_class("value")[0].text == "€1,331"
    assert "On course" in found.find_class("verdict")[0].text_content()
    assert "+33.1%" in found.find_class("change")[0].text_content()
    assert found.xpath(".//h3/a/@href") == ["/numbers/revenue_30d"]


def test_a_seller_hears_of_own_customers_alone(told: Settings) -> None:
    found = page(told, ROLES["sales"])
    text = found.text_content()
    assert found.find(".//h1").text.startswith("Revenue fell 67% in 30 days")
    assert "Tess" not in text and "999" not in text
    assert any("Pumps in Spain" in line and "Acme" in line for line in said(found))


def test_somebody_without_money_is_told_of_no_money(told: Settings) -> None:
    for role in ("hr", "production", "staff"):
        assert "€" not in page(told, ROLES[role]).text_content(), role


@pytest.mark.parametrize("role", VIEWERS)
def test_somebody_whom_the_oa_does_not_know_opens_every_page_of_the_role(told: Settings, role: str) -> None:
    app = app_over(told.published_file, Viewer("Payroll", role, None))
    with Asker(app) as reader:
        answers = {key: reader.get("/" if key == "morning" else f"/{key}").status for key in pages()}
        assert set(answers.values()) <= {200, 403}
        assert answers["morning"] == answers["trust"] == 200
        assert reader.get("/rows/streams.csv").text.count("\n") > 2


@pytest.mark.parametrize("role", ROLES)
def test_every_link_of_the_page_opens(told: Settings, role: str) -> None:
    app = app_over(told.published_file, ROLES[role])
    with Asker(app) as reader:
        found = links(reader.get("/").text)
        assert len(found) > 6
        assert {link: reader.get(link).status for link in found} == dict.fromkeys(found, 200)


@pytest.mark.parametrize("role", ROLES)
def test_spanish_says_the_same_of_each_matter(told: Settings, role: str) -> None:
    english, spanish = (page(told, ROLES[role], locale=locale) for locale in ("en", "es"))
    assert len(said(english)) == len(said(spanish)) >= 1
    assert not set(said(english)) & set(said(spanish))


def test_before_anything_was_read_the_page_says_that_it_fills(unread: Path) -> None:
    site = Site("Acme", "EUR", "Europe/Madrid", Published(unread))
    assert "It fills as soon as the flows have run" in site.page(site.look(COMPANY), "morning", {})


def test_the_most_pressing_is_said_first_and_good_news_has_a_place() -> None:
    found = chosen(
        [
            sentence("better", Urgency.GOOD),
            *(sentence(f"late {n}", Urgency.LATE, n) for n in range(6)),
            sentence("changed", Urgency.DRIFTS, always=True),
            sentence("stopped", Urgency.STOPS_OTHERS, 1),
        ]
    )
    assert [str(one.text) for one in found] == ["stopped", "late 5", "late 4", "changed", "better"]


def test_a_calm_morning_is_filled_up_with_news() -> None:
    news = [sentence(f"better {n}", Urgency.GOOD, n) for n in range(5)]
    assert [str(one.text) for one in chosen(news)] == ["better 4", "better 3", "better 2"]
