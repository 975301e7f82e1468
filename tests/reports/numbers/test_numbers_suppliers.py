"""How late suppliers deliver, as the page supply says it, is what the ERP's purchases say."""

from __future__ import annotations

import html
from decimal import ROUND_HALF_UP, Decimal

import pytest

from reports.look import Look
from reports.pages.supply_stock import SUPPLIERS, suppliers
from reports.web.serve import site_of
from settings import Settings
from tests.reports.numbers.books import FOUR, Books
from tests.reports.numbers.books_supply import deliveries

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_suppliers_deliveries_are_the_sources(look: Look, books: Books) -> None:
    expected, shown = deliveries(books), suppliers(look)
    assert (shown is None) == (not expected)
    if shown:
        assert shown["deliveries"] == sum(counts[0] for counts in expected.values())
        assert shown["late"] == sum(counts[1] for counts in expected.values())
        for row in shown["rows"]:
            counts = (row["deliveries"], row["late"], row["open_late"], row["days_late_90"])
            assert counts == expected[row["supplier_no"]]
            assert row["late_share"] == (Decimal(counts[1]) / counts[0]).quantize(FOUR, ROUND_HALF_UP)


def test_the_suppliers_shown_are_those_that_are_late_most(look: Look, books: Books) -> None:
    expected, shown = deliveries(books), suppliers(look)
    by_late = sorted((-open_, -Decimal(late) / n, -n, supplier)
                     for supplier, (n, late, open_, _) in expected.items())  # fmt: skip
    told = [row["supplier_no"] for row in shown["rows"]] if shown else []
    assert told == [supplier for *_, supplier in by_late[:SUPPLIERS]]


def test_the_page_says_how_late_nine_of_ten_came(settings: Settings, look: Look, books: Books) -> None:
    text = html.unescape(site_of(settings).page(look, "supply", {}))
    reader, expected = look.reader, deliveries(books)
    shown = suppliers(look)
    for row in shown["rows"] if shown else ():
        n, late, _, days = expected[row["supplier_no"]]
        said = reader.text("supply.suppliers_late", n, late=reader.number(late), days=reader.days(days))
        assert said in text, row["supplier_no"]
