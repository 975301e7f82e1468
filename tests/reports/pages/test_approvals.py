"""The page approvals says what a small company's requests add up to, to each role its own part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import html

from reports.access.viewer import COMPANY, Viewer
from reports.pages.approvals_away import absences, end_of_next_week
from reports.pages.approvals_times import load
from reports.pages.approvals_waiting import holds, once
from reports.pages.approvals_whatif import round_step, slider
from reports.published import Published
from reports.site import Site
from reports.told import BadAddress
from tests.reports import published_approvals
from tests.reports.published_approvals import TODAY

BEN = Viewer("Ben", "sales_manager", "E-2")
CY = Viewer("Cy", "finance", "E-3")
JOE = Viewer("Joe", "sales", "E-4")
HAL = Viewer("Hal", "hr", "E-5")
PIA = Viewer("Pia", "staff", "E-6")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = published_approvals.build(tmp_path_factory.mktemp("approvals") / "triada.duckdb")
    return Site("Office", "EUR", "Europe/Madrid", Published(path))


def page(site: Site, viewer: Viewer = COMPANY, *, locale: str = "en", **given: str) -> Any:
    return html.fromstring(site.page(site.look(viewer, locale=locale), "approvals", given))


def at(site: Site, viewer: Viewer, address: str) -> Any:
    parts = urlsplit(address)
    return html.fromstring(site.at(site.look(viewer), parts.path, dict(parse_qsl(parts.query))))


def said(node: Any) -> str:
    return " ".join(node.text_content().split())


def block(document: Any, name: str) -> str:
    return said(document.xpath(f"//section[@aria-labelledby='{name}']")[0])


def row(document: Any, block_name: str, begins: str) -> list[str]:
    rows = document.xpath(f"//section[@aria-labelledby='{block_name}']//tr[td]")
    (found,) = [cells for line in rows if (cells := [said(cell) for cell in line])[0].startswith(begins)]
    return found


def test_the_finding_says_the_median_what_waits_and_who_holds_it(site: Site) -> None:
    # 4, 5, 12, 28 and 36 working hours; 500 + 3,000 + 900 wait, two of the three with Ben.
    assert said(page(site).xpath("//h1")[0]) == (
        "Half of the requests are decided within 12 h of working time."
        " 3 worth €4,400 wait now, 2 of them with Ben."
    )


def test_what_waits_says_who_acts_by_when_and_what_it_holds_up(site: Site) -> None:
    document = page(site)
    assert row(document, "waiting", "Trip")[1:] == [
        "Tripwanted by Dec 1, 2026",
        "€500",
        "20 hpast its target",
        "Ben: Decide before Nov 26, 2026, when the leave beginselse Cy signs from Nov 27, 2026",
    ]
    assert row(document, "waiting", "Discount")[1] == "CO-1"
    assert row(document, "waiting", "Expense")[-1] == "Ada: Decide"
    assert "Leave will delay 2 decisions worth €3,500" in block(document, "leave")
    assert row(document, "leave", "Ben")[1:] == [
        "Nov 26, 2026 – Nov 27, 2026back Nov 30, 2026",
        "2",
        "–",
        "Cy, from Nov 27, 2026",
    ]


def test_what_two_decisions_hold_up_is_held_up_once() -> None:
    same = {"order_key": "CO-1", "purchase_no": None, "trip_no": None, "needed_on": TODAY}
    rows = [
        {**same, "request_no": "D-1", "amount": Decimal(300)},
        {**same, "request_no": "O-1", "amount": Decimal(3_000)},
    ]
    assert holds(rows) == [
        {"what": "orders", "count": 1, "amount": Decimal(3_000), "first_on": TODAY, "record": "order",
         "numbers": ["CO-1"]}
    ]  # fmt: skip
    assert once(rows, "request_no") == rows


def test_an_approver_is_overloaded_by_more_than_a_week_of_their_own_work(site: Site) -> None:
    document = page(site)
    # One decision in 90 days is 0.078 a week: two waiting are 25.7 weeks of them, and yet only two.
    assert row(document, "load", "Ben")[:4] == ["Ben", "25.7", "2", "20 h"]
    assert row(document, "load", "Cy")[4:6] == ["30.2 a week", "67%"]
    assert load(2, 25, 90) == {"per_week": Decimal("1.9"), "weeks": Decimal("1.0"), "is_overloaded": False}
    assert [load(pending, 0, 90)["is_overloaded"] for pending in (0, 2, 3)] == [False, False, True]
    assert load(3, 1, 90) == {"per_week": Decimal("0.1"), "weeks": Decimal("38.6"), "is_overloaded": True}


def test_times_are_nearest_rank_by_kind_and_step(site: Site) -> None:
    document = page(site)
    assert row(document, "times", "Purchase")[1:4] == ["4", "12 h", "36 h"]
    # Of 10, 20 and 30 hours, two took longer than 16.
    assert row(document, "times", "Finance")[1:6] == ["3", "20 h", "30 h", "16 h", "67%"]
    assert "Finance (Purchase) is late most often: 2 of 3 decisions took longer than 16 h" in said(document)


def test_money_stands_still_for_its_days_within_the_period(site: Site) -> None:
    document = page(site)
    # Decided: 35,300 for two days each; open: 500 for 2 days, 3,000 for 1, 900 for a half; over 90 days.
    assert "On an average day of the period €834 stood still for a decision; now it is €4,400" in said(
        document
    )
    assert row(document, "cost", "Discount") == ["Discount", "1", "€3,000", "1.0", "€3,000", ""]
    assert row(document, "cost", "All")[1:5] == ["3", "€4,400", "2.0", "€4,450"]


def test_a_threshold_spares_the_levels_own_wait_and_counts_what_it_lets_through(site: Site) -> None:
    document = page(site, below_purchase="10000")
    # P-2 (10 h) and P-3 (30 h, refused) are below; without finance the requests took 2, 4, 6 and 28 hours.
    assert row(document, "what-if-title", "Purchase")[2:] == [
        "2", "40 hhalf save up to 10 h", "4 h, not 12 h", "€14,000", "1€8,000",
    ]  # fmt: skip
    assert "It would have let through 1 request that was refused, worth €8,000." in said(document)
    without = page(site, below_purchase="10000", level_purchase="head")
    # The level before is asked of all: P-1, P-2 and P-3 waited 4, 2 and 6 hours for it; it refused nothing.
    assert row(without, "what-if-title", "Purchase")[2:] == [
        "3", "12 hhalf save up to 4 h", "10 h, not 12 h", "€15,000", "0",
    ]  # fmt: skip
    nothing = page(site, below_purchase="6000", below_trip="0")
    assert "What would another threshold have done? Move a slider" in said(nothing)


def test_a_slider_begins_where_half_of_a_second_level_is_spared() -> None:
    level = {"sequence": 2, "half_amount": Decimal(8_000), "most": Decimal(20_000)}
    start = slider(level, None)
    assert (start.below, start.step, start.most) == (8_200, 200, 20_200)
    assert slider({**level, "sequence": 1}, None).below == 0
    assert slider(level, 30_000).most == 30_000
    assert [round_step(Decimal(n)) for n in ("0", "1", "1.1", "20", "21", "510")] == [1, 1, 2, 20, 50, 1000]


def test_a_number_opens_as_many_rows_as_it_says(site: Site) -> None:
    document = page(site, below_purchase="10000", period="90d")
    counted = 0
    for link in document.xpath("//td//a[starts-with(@href, '/rows/')]"):
        if (number := said(link)).isdigit():
            assert said(at(site, COMPANY, link.get("href")).xpath("//p[@class='note']")[0]).startswith(
                f"{number} row"
            ), link.get("href")
            counted += 1
    assert counted > 15


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("viewer", [COMPANY, CY, BEN, JOE, HAL, PIA], ids=lambda one: one.role)
def test_every_link_leads_somewhere_the_viewer_may_go(site: Site, viewer: Viewer, locale: str) -> None:
    document = page(site, viewer, locale=locale)
    links = {link for link in document.xpath("//main//a/@href") if not link.startswith(("#", "/language"))}
    assert links
    for link in links:
        assert at(site, viewer, link) is not None


def test_a_sales_person_sees_only_what_is_theirs(site: Site) -> None:
    document = page(site, JOE)
    assert said(document.xpath("//h1")[0]).endswith("2 of your own wait for others.")
    assert "Pia" not in said(document.xpath("//main")[0])
    assert "now it is €3,500" in said(document)
    assert not document.xpath("//section[@aria-labelledby='load' or @id='what-if']")


def test_a_manager_sees_what_waits_for_them_first(site: Site) -> None:
    document = page(site, BEN)
    assert said(document.xpath("//h1")[0]).endswith("2 worth €3,500 wait now, all of them for you.")
    assert row(document, "waiting", "Trip")[-1].startswith("For you: Decide before")
    assert "Pia" not in said(document.xpath("//main")[0])


def test_hr_sees_trips_without_money(site: Site) -> None:
    document = page(site, HAL)
    assert said(document.xpath("//h1")[0]) == (
        "Half of the requests are decided within 5 h of working time. 1 waits now, with Ben."
    )
    assert "€" not in said(document.xpath("//main")[0])
    assert "CO-1" not in said(document)
    assert "sick" not in said(document).lower()


def test_the_page_is_narrowed_by_part_person_kind_and_period(site: Site) -> None:
    assert row(page(site, period="12m"), "times", "Purchase")[1] == "5"
    assert "Pia" not in block(page(site, part="D-SALES"), "waiting")
    assert "Joe" not in block(page(site, person="E-1"), "waiting")
    assert "Purchase" not in block(page(site, kind="trip"), "times")
    nothing = page(site, kind="no such kind", part="D-NONE")
    assert "Nothing was decided in this period. Nothing waits" in said(nothing.xpath("//h1")[0])


@pytest.mark.parametrize(
    "given", [{"level_purchase": "x' or 1=1"}, {"below_trip": "-1"}, {"period": "1d"}, {"person": "'"}]
)
def test_what_is_not_understood_is_said(site: Site, given: Mapping[str, str]) -> None:
    with pytest.raises(BadAddress):
        site.page(site.look(COMPANY), "approvals", given)


def test_before_anybody_asked_the_page_says_so(tmp_path: Path) -> None:
    path = published_approvals.build(tmp_path / "triada.duckdb", empty=True)
    document = page(Site("Office", "EUR", "Europe/Madrid", Published(path)))
    assert "Nobody has asked for a decision yet." in said(document)


def test_an_absence_goes_over_the_weekend_until_the_person_is_back() -> None:
    thursday = dt.date(2026, 11, 26)
    working = [thursday + dt.timedelta(days=n) for n in (0, 1, 4, 5, 6)]
    (long, last) = absences({working[1], working[2], working[4]}, working)
    assert (long.starts_on, long.ends_on, long.back_on) == (working[1], working[2], working[3])
    assert last.back_on is None
    assert long.signed_from({working[1]}) == working[2]
    assert long.signed_from(set(working)) is None
    assert end_of_next_week(thursday) == end_of_next_week(dt.date(2026, 11, 29)) == dt.date(2026, 12, 6)
