"""A record tells its whole story across the systems, once each event, and only to whom it belongs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import html

from reports.access.viewer import COMPANY, Viewer
from reports.published import Published
from reports.record_kinds import KINDS
from reports.records import record
from reports.site import Site
from reports.told import NotFound
from tests.reports import published_story

BEN = Viewer("Ben", "sales_manager", "E-2")
JOE = Viewer("Joe", "sales", "E-4")
HAL = Viewer("Hal", "hr", "E-7")
NUMBERS = {
    "order": "CO-1", "lead": "L-1", "request": "AR-1", "account": "A-1", "payment": "PA-1",
    "shipment": "SH-1", "item": "IT-1", "person": "E-4", "gap": "paid_not_shipped:erp.sales_orders:SO-2",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = published_story.build(tmp_path_factory.mktemp("story") / "triada.duckdb")
    return Site("Works", "EUR", "Europe/Madrid", Published(path))


def opened(site: Site, viewer: Viewer, kind: str, number: str, *, locale: str = "en") -> Any:
    return html.fromstring(site.record(site.look(viewer, locale=locale), kind, number))


def text(site: Site, kind: str, number: str, viewer: Viewer = COMPANY, *, locale: str = "en") -> str:
    document = opened(site, viewer, kind, number, locale=locale)
    return " ".join(document.xpath("//main")[0].text_content().split())


@pytest.mark.parametrize("viewer", [COMPANY, JOE], ids=["company", "own"])
def test_an_order_s_line_has_its_lead_its_trip_its_money_and_its_goods(site: Site, viewer: Viewer) -> None:
    found = record(site.look(viewer), "order", "CO-1")
    assert found is not None and found.story is not None
    assert [event.event_no for event in found.story.events] == [
        "L-1:created",
        "AR-1:filed",
        "AR-1:1:decided",
        "FU-1:funded",
        "L-1:won",
        "CO-1:ordered",
        "SO-1:booked",
        "PA-1:recorded",
        "SH-1:shipped",
    ]
    decided = found.story.events[2]
    assert (decided.actor, decided.record, decided.is_own) == ("Ben", ("request", "AR-1"), False)
    assert found.story.waited is not None and found.story.waited.event_no == "PA-1:recorded"


def test_time_between_two_records_is_worked_by_the_company_s_calendar(site: Site) -> None:
    found = record(site.look(COMPANY), "order", "CO-1")
    assert found is not None and found.story is not None
    # From Tuesday's nine to Wednesday's nine one day of eight hours; from Thursday's to Tuesday's three.
    filed, won = found.story.events[1], found.story.events[4]
    assert (filed.elapsed_h, filed.working_h) == (Decimal(24), Decimal(8))
    assert (won.elapsed_h, won.working_h) == (Decimal(120), Decimal(24))


def test_it_says_what_and_whom_and_what_stands_still(site: Site) -> None:
    said = text(site, "order", "CO-2")
    assert "Order of Steady Ltd: paid · €500" in said
    assert "Paid, not shipped, for 3 working days" in said and "Joe: Ship it" in said
    assert "Pedido de Steady Ltd: cobrado · 500" in text(site, "order", "CO-2", locale="es")
    assert "Joe: Ship it" in text(site, "gap", NUMBERS["gap"])


def test_an_order_opens_under_its_number_in_the_erp(site: Site) -> None:
    assert text(site, "order", "SO-1") == text(site, "order", "CO-1")


def test_somebody_else_s_record_is_not_there(site: Site) -> None:
    for kind, number in (("order", "CO-3"), ("lead", "L-2"), ("account", "A-2"),
                         ("gap", "approved_not_booked:crm.orders:CO-3")):  # fmt: skip
        assert text(site, kind, number)
        with pytest.raises(NotFound):
            site.record(site.look(JOE), kind, number)


def test_the_days_of_a_trip_are_for_people_alone(site: Site) -> None:
    assert "Days booked" in text(site, "request", "AR-1", HAL)
    assert "Days booked" not in text(site, "request", "AR-1")
    # People see no process log; the OA's own tables tell of the decision.
    assert "Manager: approved" in text(site, "request", "AR-1", HAL)


@pytest.mark.parametrize("locale", ["en", "es"])
def test_every_kind_opens_and_every_link_of_it_leads_somewhere(site: Site, locale: str) -> None:
    assert set(KINDS) - set(NUMBERS) == {"production", "purchase"}
    look = site.look(BEN, locale=locale)
    for kind, number in NUMBERS.items():
        document = opened(site, BEN, kind, number, locale=locale)
        for link in {link for link in document.xpath("//main//@href") if link.startswith("/")}:
            parts = urlsplit(link)
            assert site.at(look, parts.path, dict(parse_qsl(parts.query))), (kind, link)
