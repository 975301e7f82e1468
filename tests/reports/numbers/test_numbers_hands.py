"""What is done again and whose hands cases go through is what the systems' own rows say."""

from __future__ import annotations

import html
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from reports.look import Look
from reports.pages import hand_offs_paper, lead_to_cash_ways
from reports.web.serve import site_of
from settings import Settings
from tests.reports.numbers.books import Books
from tests.reports.numbers.books_cash_path import CashPath
from tests.reports.numbers.books_hands import Hands
from tests.reports.numbers.books_ways import Ways

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PAIR = ("from_system", "from_actor_no", "to_system", "to_actor_no")
FIGURES = ("handovers", "median_elapsed_h", "median_working_h", "paper_share")
CASES = ("cases", "median_people", "median_handovers", "median_elapsed_h", "p90_elapsed_h")
WITH_ELAPSED = """
    select *, median_working_h * handovers as waited_h from marts.mart_handover
    where breakdown = 'actor' and process = 'lead_to_cash' and median_working_h > 0"""


@pytest.fixture(name="hands", scope="module")
def _hands(books: Books) -> Hands:
    return Hands(Ways(CashPath(books)))


@pytest.fixture(name="shown", scope="module")
def _shown(look: Look) -> Mapping[str, Any]:
    return lead_to_cash_ways.ways(look)


def test_what_is_done_again_is_the_sources(shown: Mapping[str, Any], hands: Hands) -> None:
    names = ("cases", "repeated_cases", "repeats", "rework_share", "rework_working_h")
    told = {row["activity"]: tuple(row[name] for name in names) for row in shown["rework"]}
    assert told == hands.again()
    # what was done twice goes with requests: see unusual.py
    assert bool(told) == bool(hands.books.rows("oa.approval_steps"))


def test_where_orders_wait_between_two_hands_is_the_sources(
    look: Look, shown: Mapping[str, Any], hands: Hands
) -> None:
    counted = {
        pair: (n, elapsed, worked, on_paper, (worked or Decimal(0)) * n)
        for pair, (n, elapsed, worked, on_paper) in hands.hand_overs(between="actor").items()
        if pair[0] == "lead_to_cash" and worked
    }
    told = {
        ("lead_to_cash", *(row[name] for name in PAIR)): tuple(row[name] for name in (*FIGURES, "waited_h"))
        for row in look.rows(WITH_ELAPSED)
    }
    assert told == counted
    # in Northwind, which keeps days and no hours, nothing waits
    assert bool(counted) == bool(hands.books.rows("erp.payments"))
    most = sorted((waited for *_, waited in counted.values()), reverse=True)
    assert [row["waited_h"] for row in shown["handovers"]] == most[: lead_to_cash_ways.HANDS]
    for row in shown["handovers"]:
        n, _, worked, on_paper, waited = counted["lead_to_cash", *(row[name] for name in PAIR)]
        assert (row["handovers"], row["median_working_h"], row["paper_share"], row["waited_h"]) == (
            n, worked, on_paper, waited
        )  # fmt: skip


def test_work_from_system_to_system_is_the_sources(look: Look, hands: Hands) -> None:
    names = ("process", "from_system", "to_system")
    told = {tuple(row[name] for name in names): tuple(row[name] for name in FIGURES)
            for row in look.rows(hand_offs_paper.WAITS)}  # fmt: skip
    counted = hands.hand_overs(between="system")
    assert told == {(process, giver, taker): of for (process, giver, _, taker, _), of in counted.items()}
    assert told


def test_hands_a_case_goes_through_are_the_sources(look: Look, hands: Hands) -> None:
    told = {(row["kind"], row["channel"]): tuple(row[name] for name in CASES)
            for row in look.rows(hand_offs_paper.HANDS)}  # fmt: skip
    counted = hands.circulation()
    with_paper = {kind for kind, channel in counted if channel == "paper"}
    assert told == {key: of for key, of in counted.items() if key[0] in with_paper}
    rows = look.rows("select kind, channel, cases from marts.mart_circulation")
    assert {(row["kind"], row["channel"]): row["cases"] for row in rows} == {
        key: cases for key, (cases, *_) in counted.items()
    }


def test_the_pages_say_the_sources_hand_overs(settings: Settings, look: Look, hands: Hands) -> None:
    reader, site = look.reader, site_of(settings)
    actors = (of for pair, of in hands.hand_overs(between="actor").items() if pair[0] == "lead_to_cash")
    waits = [(worked * n, worked) for n, _, worked, _ in actors if worked]
    text = html.unescape(site.page(look, "lead-to-cash", {}))
    assert (reader.text("lead-to-cash.hands_none") in text) == (not waits)
    assert not [hours for hours in max(waits, default=()) if reader.hours(hours) not in text]
    if hand_offs_paper.paper(look):
        text = html.unescape(site.page(look, "hand-offs", {}))
        said = [reader.number(n) for n, *_ in hands.hand_overs(between="system").values()]
        said += [reader.hours(hours) for (kind, channel), (*_, half, nine) in hands.circulation().items()
                 for hours in (half, nine) if (kind, "paper") in hands.circulation()]  # fmt: skip
        assert not [one for one in said if one not in text]


def test_the_page_says_what_is_done_again(settings: Settings, look: Look, hands: Hands) -> None:
    text, reader = html.unescape(site_of(settings).page(look, "lead-to-cash", {})), look.reader
    said = [value for _, _, _, share, worked in hands.again().values()
            for value in (reader.percent(share, 1), reader.hours(worked))]  # fmt: skip
    assert (reader.text("lead-to-cash.again_none") in text) == (not said)
    assert not [one for one in said if one not in text]
