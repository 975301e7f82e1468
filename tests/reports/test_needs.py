"""What needs a manager comes first, in three to five sentences."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from reports.needs import needs
from reports.reader import Reader
from reports.tables import Tables, read

EN = Reader(Locale("en"), ZoneInfo("Europe/Madrid"), "EUR")


@pytest.fixture
def tables(warehouse: Path) -> dict[str, Any]:
    return dict(read(warehouse))


def sections(tables: Tables) -> list[str]:
    return [need.section for need in needs(tables, EN)]


def test_money_first_and_no_more_than_five(tables: dict[str, Any]) -> None:
    assert sections(tables) == ["gaps", "cash", "approvals", "supply", "gaps"]


def test_the_largest_gap_names_document_party_age_and_owner(tables: dict[str, Any]) -> None:
    worst = tables["worst_gap"][0]
    need = needs(tables, EN)[0]
    said = need.sentence.striptags()
    assert said.startswith(f"{EN.money(worst['amount'])} is stuck in won leads without an order")
    assert worst["document_no"] in said
    assert worst["party_name"] in said
    assert EN.working_days(worst["age_working_days"]) in said
    assert need.action == f"{worst['owner_name']}: {worst['next_action']}"


def test_a_decision_within_its_target_needs_nobody(tables: dict[str, Any]) -> None:
    tables["pending"] = [{**tables["pending"][0], "oldest_pending_h": Decimal(3), "target_h": Decimal(8)}]
    assert "approvals" not in sections(tables)


def test_with_little_pressing_the_moved_numbers_fill_up_bad_before_good(tables: dict[str, Any]) -> None:
    calm = {**tables, "worst_gap": [], "gap_kinds": [], "cash": [], "pending": [], "supply": []}
    assert sections(calm) == ["health", "numbers", "numbers"]
    said = [need.sentence.striptags() for need in needs({**calm, "health": []}, EN)]
    assert said == [
        "Lead win rate went from 30.1% to 28.8%.",
        "Revenue of the last 30 days improved from €1,127,449 to €1,265,793.",
        "Median approval time, working hours improved from 11.4 h to 9.7 h.",
    ]


def test_nothing_pressing_and_nothing_moved_says_nothing(tables: dict[str, Any]) -> None:
    nothing: dict[str, Any] = {
        "worst_gap": [],
        "gap_kinds": [],
        "cash": [],
        "pending": [],
        "supply": [],
        "health": [],
        "metrics": [],
    }
    assert needs({**tables, **nothing}, EN) == []


def test_paper_is_told_beside_what_the_systems_take(tables: dict[str, Any]) -> None:
    said = needs(tables, EN)[4].sentence.striptags()
    assert (
        said == "3 documents went on paper and circulated for 143 h together; in the systems that takes 18 h."
    )


def test_work_on_paper_is_never_the_stuck_money(crowded_warehouse: Path) -> None:
    crowded = read(crowded_warehouse)
    assert crowded["gap_kinds"][0]["kind"] == "done_on_paper"
    assert crowded["worst_gap"][0]["kind"] == crowded["gap_kinds"][1]["kind"]
    assert crowded["worst_gap"][0]["amount"] == crowded["gap_kinds"][1]["amount"]


def test_rows_in_quarantine_come_before_failed_checks(tables: dict[str, Any]) -> None:
    calm: dict[str, Any] = {
        **tables,
        "worst_gap": [],
        "gap_kinds": [],
        "cash": [],
        "pending": [],
        "supply": [],
    }
    said = needs(calm, EN)[0].sentence.striptags()
    assert said == "6 rows in quarantine would change these numbers; most of them are in CRM."
    calm["health"] = [{**row, "quarantined": 0} for row in tables["health"]]
    said = needs(calm, EN)[0].sentence.striptags()
    assert said == "2 data sets failed a check; read their numbers with care."
