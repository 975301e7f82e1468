"""The page lead-to-cash says what CRM and ERP say: legs, what orders wait for, where leads drop off, ways."""

from __future__ import annotations

import html
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from reports.look import Look
from reports.pages import lead_to_cash, lead_to_cash_ways
from reports.web.serve import site_of
from settings import Settings
from tests.reports.numbers.books import Books
from tests.reports.numbers.books_cash_path import CashPath
from tests.reports.numbers.books_ways import Ways

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(name="path", scope="module")
def _path(books: Books) -> CashPath:
    return CashPath(books)


@pytest.fixture(name="shown", scope="module")
def _shown(look: Look) -> Mapping[str, Any]:
    found = lead_to_cash.make(look)
    assert found
    return found


def test_how_long_legs_took_is_the_sources(shown: Mapping[str, Any], path: CashPath) -> None:
    legs = {row["leg"]: (row["cases"], row["median_days"], row["p90_days"]) for row in shown["legs"]}
    assert legs == path.legs()
    assert shown["legs"][3]["cases"] or not path.books.rows("erp.payments")


def test_states_of_orders_are_the_sources(look: Look, path: CashPath) -> None:
    rows = look.rows("select order_key, state from marts.mart_lead_to_cash")
    assert {row["order_key"]: row["state"] for row in rows} == {way.key: way.state for way in path.ways}


def test_what_orders_under_way_wait_for_is_the_sources(shown: Mapping[str, Any], path: CashPath) -> None:
    assert {
        row["waits"]: (row["orders"], row["amount"], row["days"], row["slow"], row["slow_amount"])
        for row in shown["waits"]
    } == path.waits()
    assert (shown["under_way"], shown["slow"]) == (
        len(path.under_way),
        sum(slow for _, _, _, slow, _ in path.waits().values()),
    )


def test_the_oldest_orders_under_way_are_the_sources(shown: Mapping[str, Any], path: CashPath) -> None:
    known = {way.key: way for way in path.under_way}
    days = sorted((path.days_since(way) for way in path.under_way), reverse=True)
    assert [row["days_since"] for row in shown["longest"]] == days[: len(shown["longest"])]
    for row in shown["longest"]:
        way = known[row["order_key"]]
        assert (row["amount"], row["waits_for"], row["days_since"]) == (
            way.one["worth"], way.waits_for, path.days_since(way)
        ), row["order_key"]  # fmt: skip


def test_how_far_leads_came_is_the_sources(shown: Mapping[str, Any], path: CashPath) -> None:
    steps = shown["drops"]["steps"]
    counted = path.leads()
    assert {row["step"]: (row["leads"], row["lost"], row["amount"]) for row in steps} == counted
    assert shown["drops"]["decided"] == sum(
        1 for row in path.books.rows("crm.leads")
        if row["closed_at"] and path.books.day(row["closed_at"]) >= path.since
    )  # fmt: skip
    came = [Decimal(leads) for leads, _, _ in counted.values()]
    shares = [n / before if before else None for before, n in pairwise(came)]
    assert [row["share"] for row in steps] == [None, *shares]


def test_the_ways_of_orders_are_the_sources(look: Look, shown: Mapping[str, Any], path: CashPath) -> None:
    counted = Ways(path).counted()
    rows = look.rows(lead_to_cash_ways.COMPANY_VARIANTS)
    assert {
        row["path"]: (
            row["cases"],
            row["median_days"],
            row["p90_days"],
            round(row["paper_share"] * row["cases"]),
            round(row["rework_share"] * row["cases"]),
        )
        for row in rows
    } == counted
    assert shown["ways"]["total"] == len(counted)
    assert shown["ways"]["top"] == max(cases for cases, *_ in counted.values())
    assert any(again for *_, again in counted.values()) == bool(path.books.rows("oa.approval_steps"))
    for row in rows:
        assert row["case_share"] == round(Decimal(row["cases"]) / len(path.ways), 4), row["path"]


def test_the_page_says_the_sources_numbers(settings: Settings, look: Look, path: CashPath) -> None:
    text = html.unescape(site_of(settings).page(look, "lead-to-cash", {}))
    reader = look.reader
    said = [
        *(reader.days(days) for _, half, nine in path.legs().values() for days in (half, nine)
          if days is not None),
        *(reader.money(worth) for _, worth, _, _, _ in path.waits().values()),
        *(reader.money(worth) for _, lost, worth in path.leads().values() if lost),
    ]  # fmt: skip
    assert said
    assert not [one for one in said if one not in text]
