"""The page supply says what sells, runs out, is late and comes in, to each role its own part."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from reports.access.viewer import COMPANY, Viewer
from reports.pages.morning_money import of_money
from reports.pages.morning_stock import SOON_DAYS, supply
from reports.published import Published
from reports.site import Forbidden, Site
from reports.told import BadAddress
from tests.reports import published_outlook
from tests.reports.pages.outlook import JOE, PIA, answers, block, links, page, rows, said


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = published_outlook.build(tmp_path_factory.mktemp("supply") / "triada.duckdb")
    return Site("Works", "EUR", "Europe/Madrid", Published(path))


def test_the_finding_says_what_is_expected_what_runs_out_and_what_is_late(site: Site) -> None:
    (finding,) = page(site, "supply").xpath("//h1")
    assert (
        said(finding)
        == "December 2026 should bring €70 in sales; 3 items run out within 30 days; 8 orders are late"
    )


def test_the_morning_orders_no_more_than_the_page_does(site: Site) -> None:
    look = site.look(COMPANY)
    until = look.today + dt.timedelta(days=SOON_DAYS)
    wanted = [row for row in rows(site, "supply-items") if row["runs_out_on"] and row["runs_out_on"] <= until]
    (line,) = supply(look)
    late = sum(1 for row in wanted if row["days_of_cover"] < row["lead_time_days"] and row["to_order"] > 0)
    assert line.text == (
        f"{len(wanted)} items run out within 14 days, {late} of them before a new lot can be there; "
        "Cable is gone already."
    )
    (cable,) = [row for row in wanted if row["item_name"] == "Cable"]
    assert str(line.action) == f"order {cable['to_order']:f} of Cable from Cable Works".replace(".0000", "")


def test_the_morning_asks_for_nothing_that_is_not_needed_yet(tmp_path: Path) -> None:
    file = published_outlook.build(tmp_path / "triada.duckdb")
    with duckdb.connect(str(file)) as database:
        database.execute("delete from core.fct_production")
        database.execute("delete from marts.mart_supply where item_name <> 'Cable'")
        database.execute("""update marts.mart_supply
            set suggested_quantity = 0, days_of_cover = 10, lead_time_days = 5,
                runs_out_on = published.day + 10
            from (select cast(as_of as date) as day from marts.mart_publication) as published""")
    (line,) = supply(Site("Works", "EUR", "Europe/Madrid", Published(file)).look(COMPANY))
    assert str(line.action) == "watch Cable: a new lot still comes in time"


def test_a_late_order_has_the_cause_of_its_first_step_that_is_not_done(site: Site) -> None:
    causes = {row["order_key"]: row["cause"] for row in rows(site, "late-orders")}
    assert causes == {
        "CO-1": "approval",
        "CO-2": "booking",
        "CO-3": "purchase",
        "CO-4": "production",
        "CO-5": "stock",
        "CO-6": "payment",
        "CO-7": "release",
        "CO-10": "payment",
    }


def test_the_morning_counts_the_same_orders_as_late_and_says_the_same_cause(site: Site) -> None:
    late = {row["order_key"]: row["cause"] for row in rows(site, "late-orders")}
    (line,) = of_money(site.look(COMPANY), None)
    assert (
        line.text
        == f"{len(late)} orders worth €800 are late; the largest, CO-1 of Steady Ltd, waits for an approval."
    )


def test_a_seller_counts_the_same_orders_as_late_without_a_look_at_purchases(site: Site) -> None:
    late = {row["order_key"]: row["cause"] for row in rows(site, "late-orders")}
    own = {row["order_key"]: row["cause"] for row in rows(site, "late-own", viewer=JOE)}
    assert own.keys() == late.keys()
    # What neither a purchase nor stock is seen to hold up goes on to the next step.
    assert {key: cause for key, cause in own.items() if cause != late[key]} == {
        "CO-3": "payment",
        "CO-5": "payment",
    }


def test_each_late_order_says_what_it_waits_for_who_holds_it_and_what_to_do(site: Site) -> None:
    lines = {
        line[0]: line[3:]
        for row in page(site, "supply").xpath("//section[@aria-labelledby='late-title']//tbody/tr")
        if (line := [said(cell) for cell in row])
    }
    assert lines["CO-1Steady Ltd"] == ["AR-1 waits for Ben", "Ben", "Decide AR-1"]
    assert lines["CO-3Steady Ltd"] == [
        "PO-1 from Cable Works has not come (Cable)",
        "Pia",
        "Chase Cable Works",
    ]
    assert lines["CO-4Steady Ltd"] == ["MO-4 of Pump is behind", "Production", "Finish MO-4"]
    assert lines["CO-5Steady Ltd"] == ["Too little Valve in stock", "Production", "Make or buy Valve"]
    assert lines["CO-10Steady Ltd"] == ["Not paid in full", "Joe", "Ask Steady Ltd for the payment"]


def test_what_is_being_made_is_taken_off_what_to_order(site: Site) -> None:
    items = {row["item_no"]: row for row in rows(site, "supply-items", soon="yes")}
    assert {number: int(row["to_order"]) for number, row in items.items()} == {
        "IT-2": 40,
        "IT-3": 7,
        "IT-4": 0,
    }
    assert "Cable Works: order 40" in block(page(site, "supply"), "stock")
    assert "Cable is all promised or gone, and a lot takes 15 days" in block(page(site, "supply"), "next")


def test_sales_so_far_stand_beside_what_was_expected_of_the_month(site: Site) -> None:
    text = block(page(site, "supply"), "sales")
    assert text.startswith("December 2026: €70 expected, most likely between €60 and €80")
    assert "November 2026 has brought €3,000 so far; €60 was expected of it" in text


def test_cash_counts_what_is_forecast_and_what_is_overdue(site: Site) -> None:
    text = block(page(site, "supply"), "cash")
    assert text.startswith("€1,250 is expected to come in over the next 2 weeks; €700 is overdue")
    assert "Gappy Ltd€700Tess: call and agree on a day" in text


def test_only_deliveries_of_the_last_year_judge_a_supplier(site: Site) -> None:
    text = block(page(site, "supply"), "suppliers")
    assert text.startswith("2 of 4 deliveries of the last year came late")
    assert "Cable Works50%1 still open" in text


def test_an_item_narrows_the_page_to_itself(site: Site) -> None:
    document = page(site, "supply", item="IT-2")
    assert said(document.xpath("//h1")[0]) == "3 orders are late"
    assert block(document, "stock").startswith("Cable lasts until Nov 25, 2026")
    assert block(document, "cash") == block(document, "suppliers") == ""
    with pytest.raises(BadAddress, match="IT-77"):
        page(site, "supply", item="IT-77")


def test_production_sees_quantities_and_neither_money_nor_customers(site: Site) -> None:
    document = page(site, "supply", PIA)
    assert said(document.xpath("//h1")[0]) == "3 items run out within 30 days; 8 orders are late"
    assert "€" not in said(document)
    assert "Steady Ltd" not in said(document)
    assert block(document, "cash") == ""
    assert "MO-4 of Pump is behind" in block(document, "late")


def test_sales_people_have_no_such_page(site: Site) -> None:
    with pytest.raises(Forbidden):
        page(site, "supply", JOE)


@pytest.mark.parametrize("viewer", [COMPANY, PIA], ids=lambda viewer: viewer.role)
@pytest.mark.parametrize("locale", ["en", "es"])
def test_everything_that_the_page_links_to_is_there(site: Site, viewer: Viewer, locale: str) -> None:
    found = links(page(site, "supply", viewer, locale=locale))
    assert len(found) > 15
    for address in found:
        assert answers(site, site.look(viewer, locale=locale), address)


def test_before_anything_is_sold_or_stocked_the_page_says_when_it_fills(tmp_path: Path) -> None:
    path = published_outlook.build(tmp_path / "triada.duckdb", empty=True)
    document = page(Site("Works", "EUR", "Europe/Madrid", Published(path)), "supply")
    assert said(document.xpath("//main//p[@class='empty']")[0]).startswith("Nothing to show yet")
