"""The numbers of the page Pipeline and customers are the sources' own: leads, customers, cohorts, trips."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from reports.filters import read
from reports.look import Look
from reports.pages import pipeline as page
from reports.rows import RowSet
from reports.web.serve import site_of
from settings import Settings
from tests.reports.numbers import books_customers as counted
from tests.reports.numbers import books_leads as leads
from tests.reports.numbers.books import FOUR, NOTHING, Books, Row, total

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
Numbered = dict[str, dict[str, Any]]


def shown(look: Look, **asked: str) -> Mapping[str, Any]:
    """What the page shows to whoever asks for this."""
    made = page.make(replace(look, asked=read(page.PAGE.filters, asked)))
    assert made
    return made


def rows_of(look: Look, name: str) -> dict[str, Row]:
    """All rows behind the page's numbers, by their first column."""
    rows: RowSet = next(one for one in page.ROWS if one.name == name)
    return {row[rows.columns[0].name]: row for row in look.rows(f"select * from ({rows.select})")}


def alike(rows: Mapping[str, Row], expected: Numbered) -> bool:
    """The same keys, and each row has what was counted of it."""
    assert set(rows) == set(expected)
    for key, row in expected.items():
        assert {name: rows[key][name] for name in row} == row, key
    return True


def worth(rows: Iterable[Mapping[str, Any]], name: str) -> Decimal:
    return total(row[name] for row in rows)


def test_every_open_lead_s_age_and_likely_value_are_the_sources(look: Look, books: Books) -> None:
    assert alike(rows_of(look, "pipeline-leads"), leads.open_leads(books))


def test_leads_by_stage_and_age_are_the_sources(look: Look, books: Books) -> None:
    found, made = list(leads.open_leads(books).values()), shown(look)["leads"]
    assert made["n"] == len(found)
    stages = {row["stage"] for row in found}
    assert {row["stage"] for row in made["stages"]} == stages
    for row in made["stages"]:
        of = [one for one in found if one["stage"] == row["stage"]]
        assert (row["leads"], row["still"]) == (len(of), sum(one["is_still"] for one in of))
        assert row["age_days"] == leads.rank((one["age_days"] for one in of), 5)
        assert row["expected_amount"] == worth(of, "expected_amount")
        assert row["weighted_amount"] == worth(of, "weighted_amount")
    for row in made["ages"]:
        of = [one for one in found if one["age"] == row["age"]]
        assert (row["leads"], row["expected_amount"] or 0) == (len(of), worth(of, "expected_amount"))
    act = [one for one in found if one["is_still"] or one["is_old"]]
    assert (made["still"], made["still_amount"] or 0) == (len(act), worth(act, "expected_amount"))


def test_each_owner_s_leads_and_their_weighted_value_are_the_sources(look: Look, books: Books) -> None:
    found, rates = leads.open_leads(books).values(), leads.won_of_stage(books)
    for owner in {one["owner_no"] for one in found if one["owner_no"]}:
        of = [one for one in found if one["owner_no"] == owner]
        made = shown(look, person=owner)["leads"]
        assert (made["n"], made["expected"] or 0, made["weighted"] or 0) == (
            len(of), worth(of, "expected_amount"), worth(of, "weighted_amount"))  # fmt: skip
    held: dict[tuple[str, str], list[Any]] = {}
    for one in found:
        held.setdefault((one["stage"], one["owner_no"] or "unassigned"), []).append(one["expected_amount"])
    rows = look.rows("select * from marts.mart_pipeline where stage not in ('won', 'lost')")
    assert {(row["stage"], row["owner_no"]): row["weighted_amount"] for row in rows} == {
        (stage, owner): (total(amounts) * rates.get(stage, NOTHING)).quantize(FOUR, ROUND_HALF_UP)
        for (stage, owner), amounts in held.items()
    }


def test_closed_leads_by_source_are_the_sources(look: Look, books: Books) -> None:
    expected, made = leads.closed_leads(books, after=books.today - dt.timedelta(days=365)), shown(look)
    rows = made["closed"]["rows"] if made["closed"] else []
    assert {
        row["source"]: (row["leads"], row["won"], row["win_rate"], row["won_amount"] or 0) for row in rows
    } == expected


def test_every_customer_s_value_and_rhythm_are_the_sources(look: Look, books: Books) -> None:
    expected = counted.customers(books)
    rows = rows_of(look, "customers")
    assert alike(rows, expected)
    assert {account: row["action"] for account, row in rows.items()} == {
        account: counted.action(row) for account, row in expected.items()
    }


def test_next_best_customers_and_those_going_quiet_are_the_sources(look: Look, books: Books) -> None:
    found, made = counted.customers(books), shown(look)["customers"]
    best = sorted((account for account in found if found[account]["score"] > 0),
                  key=lambda account: (-found[account]["score"], account))[:8]  # fmt: skip
    assert [(row["account_no"], row["score"]) for row in made["best"]] == [
        (account, found[account]["score"]) for account in best
    ]
    scores, whole = worth((found[account] for account in best), "score"), worth(found.values(), "score")
    assert made["n"] == len(found)
    if whole:
        assert made["share"].quantize(FOUR) == (scores / whole).quantize(FOUR)
    quiet = [account for account in found if found[account]["is_quiet"]]
    quiet.sort(key=lambda account: (-found[account]["revenue_12m_amount"], account))
    amount = worth((found[account] for account in quiet), "revenue_12m_amount")
    assert (made["quiet_n"], made["quiet_amount"] or 0) == (len(quiet), amount)
    assert [row["account_no"] for row in made["quiet"]] == quiet[:8]


def test_value_by_cohort_is_the_sources(look: Look, books: Books) -> None:
    expected, made = counted.cohorts(books), shown(look)["cohorts"]
    cells = {
        (row["cohort"], cell["ordered_in"]): (cell["customers"], cell["amount"])
        for row in made["rows"] for cell in row["cells"] if cell
    }  # fmt: skip
    assert cells == expected
    now = max(year for _, year in expected)
    this_year = {cohort: amount for (cohort, year), (_, amount) in expected.items() if year == now}
    old = sum((amount for cohort, amount in this_year.items() if cohort < now), NOTHING)
    assert made["now"] == now
    assert made["old_share"] == old / sum(this_year.values())


def test_trips_with_their_cost_and_what_they_brought_are_the_sources(look: Look, books: Books) -> None:
    assert alike(rows_of(look, "trips"), leads.trips(books, after=dt.date.min))
    expected = list(leads.trips(books, after=books.today - dt.timedelta(days=365)).values())
    made = shown(look)["trips"]
    assert (made is None) == (not expected)
    if made:
        approved = [one for one in expected if one["status"] == "approved"]
        without = [one for one in approved if not one["revenue_amount"]]
        assert {name: made[name] for name in ("trips", "refused", "without")} == {
            "trips": len(expected), "refused": sum(one["status"] == "refused" for one in expected),
            "without": len(without)}  # fmt: skip
        assert made["cost"] == worth(approved, "cost_amount")
        assert (made["cost_without"] or 0) == worth(without, "cost_amount")
        assert made["revenue"] == worth(expected, "revenue_amount")


def test_the_page_says_what_was_counted(settings: Settings, look: Look, books: Books) -> None:
    reader, found = look.reader, counted.customers(books)
    text = html.unescape(site_of(settings).page(look, "pipeline", {}))
    trips = leads.trips(books, after=books.today - dt.timedelta(days=365)).values()
    quiet = [row for row in found.values() if row["is_quiet"]]
    amounts = [
        *sorted((row["score"] for row in found.values()), reverse=True)[:8],
        *(amount for _, amount in counted.cohorts(books).values()),
        *([worth(leads.open_leads(books).values(), "weighted_amount")] if books.rows("crm.leads") else []),
        *([worth(trips, "revenue_amount")] if trips else []),
        *([worth(quiet, "revenue_12m_amount")] if quiet else []),
    ]
    assert not [one for one in amounts if one and reader.money(one) not in text]
