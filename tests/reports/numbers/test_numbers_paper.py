"""The page hand-offs says what the sources say of the work done in the systems and on paper, by month."""

from __future__ import annotations

import html
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from reports.look import Look
from reports.pages import hand_offs_paper
from reports.web.serve import site_of
from settings import Settings
from tests.reports.numbers.books import Books
from tests.reports.numbers.books_paper import Document, by_month, by_sort, documents, still_on_paper

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(name="found", scope="module")
def _found(books: Books) -> list[Document]:
    return documents(books)


@pytest.fixture(name="shown", scope="module")
def _shown(look: Look, found: list[Document]) -> Mapping[str, Any]:
    """What the page shows; a company whose last document is older than a year is told nothing."""
    shown = hand_offs_paper.paper(look)
    assert (shown is None) == (not found)
    if shown is None:
        pytest.skip("this company has no document of the last twelve months")
    return shown


def test_the_share_in_the_systems_by_month_is_the_sources(
    shown: Mapping[str, Any], found: list[Document]
) -> None:
    months = {
        month: (row["documents"], row["on_paper"], row["requests"], row["orders"], row["payments"])
        for month, row in shown["months"]
        if row
    }
    assert months == by_month(found)
    on_paper = sum(one.channel == "paper" for one in found)
    assert (shown["documents"], shown["on_paper"]) == (len(found), on_paper)
    assert shown["share"] == Decimal(len(found) - on_paper) / len(found)


def test_what_paper_takes_by_sort_is_the_sources(shown: Mapping[str, Any], found: list[Document]) -> None:
    assert {
        row["sort"]: (row["documents"], row["on_paper"], row["system_h"], row["paper_h"])
        for row in shown["sorts"]
    } == by_sort(found)


def test_what_the_documents_on_paper_took_longer_is_the_sources(
    settings: Settings, look: Look, shown: Mapping[str, Any], books: Books
) -> None:
    documents, paper, system = still_on_paper(books)
    longer = shown["longer"]
    assert (longer["documents"], longer["paper_h"], longer["system_h"]) == (documents, paper, system)
    assert documents
    text, hours = html.unescape(site_of(settings).page(look, "hand-offs", {})), look.reader.hours
    assert not [one for one in (hours(paper), hours(system)) if one not in text]


@pytest.mark.usefixtures("shown")
def test_the_page_says_the_sources_numbers(settings: Settings, look: Look, found: list[Document]) -> None:
    text = html.unescape(site_of(settings).page(look, "hand-offs", {}))
    reader = look.reader
    share = Decimal(sum(one.channel == "system" for one in found)) / len(found)
    said = [
        reader.percent(share, 1),
        reader.number(len(found)),
        *(reader.hours(hours) for _, _, *both in by_sort(found).values() for hours in both if hours),
        *(
            reader.percent(Decimal(n - on_paper) / n, 1)
            for n, on_paper, *_ in by_month(found).values()
            if on_paper
        ),
    ]
    assert not [one for one in said if one not in text]
