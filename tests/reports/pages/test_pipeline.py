"""The page pipeline says what can be won, who goes quiet and what trips brought, to each the own part."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from reports.access.viewer import COMPANY, Viewer
from reports.pages.morning_stock import ahead
from reports.pages.pipeline import shade
from reports.published import Published
from reports.site import Site
from reports.told import BadAddress
from tests.reports import published_outlook
from tests.reports.pages.outlook import BEN, JOE, answers, block, links, page, rows, said


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = published_outlook.build(tmp_path_factory.mktemp("pipeline") / "triada.duckdb")
    return Site("Works", "EUR", "Europe/Madrid", Published(path))


def test_the_finding_weighs_leads_by_their_stage(site: Site) -> None:
    # 1000 × 0.5 and 4000 × 0.1
    finding = said(page(site, "pipeline").xpath("//h1")[0])
    assert finding == (
        "€900 of €5,000 in 2 open leads can be expected to close; 1 of them stands still;"
        " 1 customer is going quiet"
    )


def test_the_morning_tells_a_seller_of_the_leads_that_the_page_counts(tmp_path: Path) -> None:
    file = published_outlook.build(tmp_path / "triada.duckdb")
    with duckdb.connect(str(file)) as database:
        # A colleague's lead at a customer of the seller's.
        database.execute("update core.fct_lead set account_no = 'A-1' where lead_no = 'L-2'")
    site = Site("Works", "EUR", "Europe/Madrid", Published(file))
    finding = said(page(site, "pipeline", JOE).xpath("//h1")[0])
    assert "of €5,000 in 2 open leads" in finding
    (line,) = ahead(site.look(JOE))
    assert "2 open leads" in line.text and "€5,000" in line.text


def test_a_lead_that_nobody_touched_for_two_weeks_is_told_with_its_owner(site: Site) -> None:
    text = block(page(site, "pipeline"), "next")
    assert (
        "Steady Ltd (Proposal, €1,000) has not heard from us for 20 days. Joe: Ask for the decision" in text
    )


def test_quiet_is_who_waits_longer_than_nine_of_ten_of_its_own_gaps(site: Site) -> None:
    quiet = {row["account_no"] for row in rows(site, "customers", quiet="yes")}
    # A-1 is within its ten days, A-3 once waited 80, A-4 has no rhythm yet, A-5 is lost.
    assert quiet == {"A-2"}
    rhythm = {row["account_no"]: (row["usual_days"], row["longest_days"]) for row in rows(site, "customers")}
    assert rhythm["A-3"] == (10, 80)
    assert rhythm["A-4"] == (None, None)


def test_the_best_customers_say_why_and_what_to_do(site: Site) -> None:
    text = block(page(site, "pipeline"), "best")
    assert (
        "Steady LtdActive€9,000€4,000 in 12 months, 4 orders in all; last 10 days agousually every 10 days"
        in text
    )
    assert "Collect €700 first" in text


def test_a_cohort_adds_up_to_the_orders_behind_it(site: Site) -> None:
    document = page(site, "pipeline")
    assert block(document, "cohorts").startswith("Customers from before 2026 bring 0% of this year’s revenue")
    cells = [said(cell) for cell in document.xpath("//table[@class='heat']//tbody//td")]
    assert cells == ["€4,0001 of 1", "", "", "€15,0004 of 4"]
    assert len(rows(site, "cohort-orders", cohort="2026", year="2026")) == 15


def test_trips_of_the_period_cost_and_brought_and_the_latest_that_paid_is_told(site: Site) -> None:
    text = block(page(site, "pipeline"), "trips")
    assert text.startswith("Trips since Nov 25, 2025 cost €1,540 and brought €13,374 in orders")
    assert (
        "Joe’s trip to Steady Ltd cost €640; the order it led to is worth €13,374. AR-7 · OLD-A-1-3" in text
    )
    assert "3 trips asked for, 1 refused. 1 of the approved brought no order yet; they cost €900." in text


@pytest.mark.parametrize("viewer", [JOE, BEN], ids=lambda viewer: viewer.role)
def test_a_seller_and_the_manager_see_what_is_theirs(site: Site, viewer: Viewer) -> None:
    document = page(site, "pipeline", viewer)
    assert said(document.xpath("//h1")[0]).startswith(
        "€500 of €1,000 in 1 open lead can be expected to close"
    )
    for foreign in ("Gappy", "Fresh", "Gone", "Tess", "AR-9"):
        assert foreign not in said(document)
    with pytest.raises(BadAddress, match="E-5"):
        page(site, "pipeline", viewer, person="E-5")


def test_the_person_narrows_every_block(site: Site) -> None:
    document = page(site, "pipeline", person="E-5")
    assert said(document.xpath("//h1")[0]) == "€400 of €4,000 in 1 open lead can be expected to close"
    assert "Steady" not in said(document.xpath("//main")[0])
    assert block(document, "trips").startswith("Trips since Nov 25, 2025 cost €900 and brought €0 in orders")


def test_shades_rise_with_the_share_and_nothing_has_none() -> None:
    assert [shade(value, 100) for value in (None, 0, 1, 19, 20, 99, 100)] == [0, 0, 1, 1, 2, 5, 5]


@pytest.mark.parametrize("viewer", [COMPANY, JOE], ids=lambda viewer: viewer.role)
@pytest.mark.parametrize("locale", ["en", "es"])
def test_everything_that_the_page_links_to_is_there(site: Site, viewer: Viewer, locale: str) -> None:
    found = links(page(site, "pipeline", viewer, locale=locale))
    assert len(found) > 15
    for address in found:
        assert answers(site, site.look(viewer, locale=locale), address)


def test_before_there_is_any_lead_or_customer_the_page_says_when_it_fills(tmp_path: Path) -> None:
    path = published_outlook.build(tmp_path / "triada.duckdb", empty=True)
    document = page(Site("Works", "EUR", "Europe/Madrid", Published(path)), "pipeline")
    assert said(document.xpath("//main//p[@class='empty']")[0]).startswith("Nothing to show yet")
