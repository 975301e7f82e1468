"""The page trust and the passports say which number lacks what, and for which reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import html

from reports.access.viewer import COMPANY, Viewer
from reports.published import Published
from reports.rows import find
from reports.site import Site
from reports.told import NotFound
from reports.web.serve import site_of
from settings import Settings
from tests.reports.web.asking import Asker
from tests.reports.web.walk import app_over, links

JOE = Viewer("Joe", "sales", "E-0003")


def page(told: Settings, viewer: Viewer = COMPANY, *, locale: str = "en") -> Any:
    site = site_of(told)
    return html.fromstring(site.page(site.look(viewer, locale=locale), "trust", {}))


def passport(told: Settings, key: str, viewer: Viewer = COMPANY) -> Any:
    site = site_of(told)
    return html.fromstring(site.number(site.look(viewer), key))


def cells(row: Any) -> list[str]:
    return [" ".join(cell.text_content().split()) for cell in row.iterchildren("td")]


def test_the_headline_counts_the_numbers_to_rely_on(told: Settings) -> None:
    look = site_of(told).look(COMPANY)
    sure = look.one(
        "select count(*) as n from marts.mart_metric where checks_failed = 0 and quarantined_rows = 0"
    )["n"]
    assert page(told).find(".//h1").text.startswith(f"{sure} of 6 numbers can be relied on")


def test_a_reason_names_the_numbers_that_lack_its_rows(told: Settings) -> None:
    rows = page(told).xpath("//section[@aria-labelledby='aside-title']//tr[td]")
    (held,) = [cells(row) for row in rows if row.xpath(".//a[text()='The total is the sum of the lines']")]
    assert held[1:3] == ["1", "€80"]
    assert set(held[4].split("; ")) >= {"Revenue of the last 30 days", "Open order value"}


@pytest.mark.parametrize("key", ["revenue_30d", "open_orders", "stuck_in_gaps", "approval_hours"])
def test_the_rows_set_aside_for_a_number_are_as_many_as_it_says(told: Settings, key: str) -> None:
    site = site_of(told)
    look = site.look(COMPANY)
    row = look.one("select quarantined_rows as n from marts.mart_metric where metric = $key", key=key)
    rows, narrowed = site.asked_rows(look, "quarantine", {"metric": key})
    assert find(narrowed, rows).total == row["n"]


def test_a_passport_says_definition_exact_value_sources_and_what_would_change_it(told: Settings) -> None:
    found = passport(told, "revenue_30d")
    text = " ".join(found.text_content().split())
    assert "Sum of the line amounts of confirmed orders" in text
    assert found.find_class("exact")[0].text == "€1,331.00"
    assert "1 row set aside would change it" in text and "CO-2026-00003" in text
    assert {"crm.orders", "erp.exchange_rates"} <= set(found.xpath("//td/a/text()"))


def test_a_passport_of_own_rows_says_so_and_nothing_of_others(told: Settings) -> None:
    text = " ".join(passport(told, "revenue_30d", JOE).text_content().split())
    assert "Revenue of the last 30 days: €332" in text and "Counted from the rows that are yours" in text
    assert "CO-2026-00003" not in text


def test_there_is_no_passport_of_another_role_s_number(told: Settings) -> None:
    with pytest.raises(NotFound):
        passport(told, "away_today", JOE)


@pytest.mark.parametrize("viewer", [COMPANY, JOE, Viewer("Una", "staff", "E-0009")], ids=lambda one: one.role)
def test_every_link_of_the_page_and_of_the_passports_opens(told: Settings, viewer: Viewer) -> None:
    with Asker(app_over(told.published_file, viewer)) as reader:
        passports = [link for link in links(reader.get("/").text) if link.startswith("/numbers/")]
        assert len(set(passports)) >= 6
        found = {link for one in ("/trust", *passports) for link in links(reader.get(one).text)}
        assert {link: reader.get(link).status for link in found} == dict.fromkeys(found, 200)


def test_who_does_not_see_the_company_still_sees_the_data_sets(told: Settings) -> None:
    found = page(told, JOE)
    assert found.xpath("//section[@aria-labelledby='streams-title']//details")
    assert not found.xpath("//section[@aria-labelledby='aside-title']")


def test_spanish_says_the_same_number_of_things(told: Settings) -> None:
    english, spanish = (page(told, locale=locale) for locale in ("en", "es"))
    titles = [[one.text_content() for one in found.findall(".//h2")] for found in (english, spanish)]
    assert len(titles[0]) == len(titles[1]) > 4
    assert not set(titles[0]) & set(titles[1])


def test_before_anything_was_read_the_page_says_that_it_fills(unread: Path) -> None:
    site = Site("Acme", "EUR", "Europe/Madrid", Published(unread))
    assert "It fills as soon as the flows have run" in site.page(site.look(COMPANY), "trust", {})
