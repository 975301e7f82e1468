"""The page hand-offs says what stands still, whose it is and what went on paper, to each the own part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.access.viewer import COMPANY, Viewer
from reports.pages.hand_offs import holders
from reports.pages.morning_first import first
from reports.published import Published
from reports.site import Site
from tests.reports import published_story
from tests.reports.pages.outlook import JOE, answers, links, page, rows, said


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = published_story.build(tmp_path_factory.mktemp("story") / "triada.duckdb")
    return Site("Works", "EUR", "Europe/Madrid", Published(path))


def finding(document: Any) -> str:
    return said(document.xpath("//h1")[0])


def section(document: Any, name: str) -> str:
    return said(document.xpath(f"//section[@aria-labelledby='{name}']")[0])


def test_an_order_that_stands_still_twice_counts_once(site: Site) -> None:
    document = page(site, "hand-offs")
    stuck = site.look(COMPANY).one("select value from marts.mart_metric where metric = 'stuck_in_gaps'")
    assert stuck["value"] == 800
    assert finding(document).startswith("3 hand-offs stand still, worth €800.")
    assert "The kinds add up to €1,300" in section(document, "flow")
    # Joe holds both gaps of the one order.
    assert finding(document).endswith("Joe holds the most of it: €500.")
    (joe,) = [said(row) for row in document.xpath("//table[contains(@class, 'holders')]//tr[td]")
              if "Joe" in said(row)]  # fmt: skip
    assert joe.startswith("Joe2€500")
    assert finding(page(site, "hand-offs", person="E-4")).startswith("2 hand-offs stand still, worth €500.")


def test_owners_that_are_not_shown_are_counted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "more owner" not in section(page(site, "hand-offs"), "owners")
    monkeypatch.setattr("reports.pages.hand_offs.OWNERS_SHOWN", 1)
    assert "1 more owner is among all rows below." in section(page(site, "hand-offs"), "owners")


def test_the_morning_counts_the_same_hand_offs(site: Site) -> None:
    assert first(site.look(COMPANY))["rows"][0]["gaps"] == len(rows(site, "gaps")) == 3


@pytest.mark.parametrize(
    ("owners", "said_of"),
    [
        (("Joe", "Tess"), "2 people can move it on. First Joe: Ship it"),
        (("Joe", None), "Joe can move some of it on; the rest has no owner. First: Ship it"),
        ((None, "Tess", "Joe"), "2 people can move it on. First Tess: Ship it"),
        (("Joe",), "Joe can move all of it on. First: Ship it"),
        ((None,), "Nobody is named who moves it on. First: Ship it"),
    ],
)
def test_only_people_are_counted_among_those_who_can_move_work_on(
    site: Site, owners: tuple[str | None, ...], said_of: str
) -> None:
    held = [{"owner_no": name, "owner_name": name, "next_action": "Ship it"} for name in owners]
    assert holders(site.look(COMPANY), held) == said_of


def test_a_crossing_opens_to_the_documents_that_wait_there(site: Site) -> None:
    (paper,) = page(site, "hand-offs").xpath(
        "//svg[@data-size='wide']//a[contains(@href, 'from_system=paper')]"
    )
    assert paper.get("data-says") == "on paper, beside the ERP: 1 document, €500, for up to 4 working days"
    assert [row["document_no"] for row in rows(site, "gaps", from_system="paper", to_system="erp")] == [
        "PA-2"
    ]


def test_each_gap_names_its_owner_and_what_to_do(site: Site) -> None:
    document = page(site, "hand-offs")
    (row,) = [
        said(line)
        for line in document.xpath("//table[contains(@class, 'gaps')]//tr[td]")
        if "SO-2" in said(line)
    ]
    assert "Paid, not shipped" in row and "Joe" in row and "Ship it" in row and "2 records behind it" in row


def test_a_sales_person_sees_what_waits_at_the_own_customers(site: Site) -> None:
    document = page(site, "hand-offs", JOE)
    assert finding(document).startswith("2 hand-offs stand still, worth €500.")
    assert "CO-3" not in said(document) and "Tess" not in said(document)


def test_paper_is_a_share_of_all_hand_offs_and_has_its_price(site: Site) -> None:
    # One request, two orders that the ERP has and two payments, one of them on paper.
    text = section(page(site, "hand-offs"), "paper")
    assert text.startswith("80.0% of 5 hand-offs of twelve months went through the systems; 1 went on paper")
    assert "took 48 h; in the system it usually takes 10 h. Paper cost 38 h." in text


def test_narrowed_to_a_person_it_counts_that_person_s(site: Site) -> None:
    assert finding(page(site, "hand-offs", person="E-5")).startswith("1 hand-off stands still, worth €300.")
    nobody = page(site, "hand-offs", person="E-9")
    assert finding(nobody) == "Nothing stands still between the systems."


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("viewer", [COMPANY, Viewer("Ben", "sales_manager", "E-2")], ids=["company", "team"])
def test_every_link_leads_somewhere(site: Site, viewer: Viewer, locale: str) -> None:
    look = site.look(viewer, locale=locale)
    found = [link for link in links(page(site, "hand-offs", viewer, locale=locale)) if ".pdf" not in link]
    assert len(found) > 12
    for link in sorted(set(found)):
        assert answers(site, look, link)


def test_before_anything_was_handed_on_it_says_so(tmp_path: Path) -> None:
    file = published_story.build(tmp_path / "triada.duckdb", empty=True)
    site = Site("Works", "EUR", "Europe/Madrid", Published(file))
    assert "Nothing to show yet." in said(page(site, "hand-offs"))
    assert "No orders and no leads yet." in said(page(site, "lead-to-cash"))
