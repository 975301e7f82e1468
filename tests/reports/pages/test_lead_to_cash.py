"""The page lead-to-cash says how long the legs take, what waits, where leads stop, and one order's story."""

from __future__ import annotations

import pytest

from reports.access.viewer import COMPANY, Viewer
from reports.published import Published
from reports.site import Site
from tests.reports import published_story
from tests.reports.pages.outlook import BEN, JOE, answers, block, links, page, rows, said


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = published_story.build(tmp_path_factory.mktemp("story") / "triada.duckdb")
    return Site("Works", "EUR", "Europe/Madrid", Published(path))


def test_the_finding_has_the_usual_time_and_what_is_slower(site: Site) -> None:
    # CO-1 took 6 days to its money and CO-2 18, which is paid and 23 days later not shipped.
    assert said(page(site, "lead-to-cash").xpath("//h1")[0]) == (
        "Half of the orders paid took at most 6 days from order to money, nine of ten at most 18 days."
        " 1 order under way, worth €500, has taken longer than that."
    )


def test_what_is_under_way_is_told_by_what_it_waits_for(site: Site) -> None:
    text = block(page(site, "lead-to-cash"), "way")
    assert text.startswith("2 orders are under way, worth €800; 1 of them are paid and not shipped")
    assert {row["order_key"]: row["waits_for"] for row in rows(site, "orders", under="way")} == {
        "CO-2": "release",
        "CO-3": "booking",
    }


def test_a_leg_s_cases_are_the_rows_behind_it(site: Site) -> None:
    document = page(site, "lead-to-cash")
    (link,) = [link for link in links(document) if "leg=lead_to_cash" in link]
    assert "13 days" in block(document, "legs")
    assert "CO-1" in answers(site, site.look(COMPANY), link)
    assert "CO-2" not in answers(site, site.look(COMPANY), link)


def test_lost_leads_are_counted_where_they_stopped(site: Site) -> None:
    text = block(page(site, "lead-to-cash"), "path")
    assert text.startswith(
        "1 of 2 leads decided was lost after this: proposal made; it was expected to bring €4,000"
    )
    assert [row["lead_no"] for row in rows(site, "leads", stopped="proposal")] == ["L-2"]


def test_a_team_s_ways_are_counted_from_its_own_orders(site: Site) -> None:
    document = page(site, "lead-to-cash", JOE)
    assert block(document, "ways").startswith("Orders take 2 ways; 50%")
    links_of_ways = {link for link in links(document) if link.startswith("/rows/order-ways")}
    shown = [answers(site, site.look(JOE), link) for link in links_of_ways]
    assert sorted(("CO-1" in one, "CO-2" in one) for one in shown) == [(False, True), (True, False)]


def test_the_story_is_of_the_order_that_was_asked_for(site: Site) -> None:
    assert block(page(site, "lead-to-cash"), "story").startswith("CO-1 took 15 days across the three systems")
    assert "1 event on paper" in block(page(site, "lead-to-cash", order="SO-2"), "story")
    missing = block(page(site, "lead-to-cash", JOE, order="CO-3"), "story")
    assert missing.startswith("There is no order CO-3, or it is not yours to see")


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("viewer", [COMPANY, BEN], ids=["company", "team"])
def test_every_link_leads_somewhere(site: Site, viewer: Viewer, locale: str) -> None:
    look = site.look(viewer, locale=locale)
    found = [link for link in links(page(site, "lead-to-cash", viewer, locale=locale)) if ".pdf" not in link]
    assert len(found) > 12
    for link in sorted(set(found)):
        assert answers(site, look, link.partition("#")[0])
