"""The page approvals says what the OA's own tables say: times, loads, standing money, rules tried, leave."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reports.look import Look
from reports.pages import approvals
from reports.pages.approvals_times import overall
from reports.web.serve import site_of
from settings import Settings
from tests.reports.numbers.books import NOTHING, Books, total
from tests.reports.numbers.books_approvals import Approvals, level_of, rank
from tests.reports.numbers.books_held import held
from tests.reports.numbers.books_leave import Leave

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

KEYS = ("decided", "median_working_h", "p90_working_h")
DAYS = {"90d": 90, "24m": 730}


@pytest.fixture(params=DAYS, name="period", scope="module")
def _period(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(name="counted", scope="module")
def _counted(books: Books, period: str) -> Approvals:
    return Approvals(books, DAYS[period])


@pytest.fixture(name="shown", scope="module")
def _shown(look: Look, counted: Approvals, period: str) -> Mapping[str, Any]:
    """What the page shows of the period; a company without requests is told nothing."""
    found = approvals.make(replace(look, asked={"period": period}))
    assert (found is None) == (not counted.steps)
    if found is None:
        assert not counted.requests
        pytest.skip("this company asks nobody for a decision")
    return found


def figures(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[key] for key in KEYS)


def test_how_long_requests_took_is_the_sources(
    look: Look, period: str, shown: Mapping[str, Any], counted: Approvals
) -> None:
    hours = [one.hours for one in counted.decided]
    whole = overall(replace(look, asked={"period": period}))
    assert figures(whole) == (len(hours), rank(hours, 5), rank(hours, 9))
    assert {kind["kind"]: figures(kind) for kind, _ in shown["times"]["kinds"]} == counted.by_kind()
    months = {month: figures(row) for month, row in shown["times"]["months"] if row}
    assert months == {month: row for month, row in counted.by_month().items() if month >= min(months)}


def test_how_long_steps_took_is_the_sources(shown: Mapping[str, Any], counted: Approvals) -> None:
    steps = [step for _, steps in shown["times"]["kinds"] for step in steps]
    told = {(step["kind"], step["step_name"]): step for step in steps}
    assert {key: figures(step) for key, step in told.items()} == counted.by_step()
    assert {key: step["late"] for key, step in told.items()} == counted.late(level_of)
    assert {key: step["target_h"] for key, step in told.items()} == {
        level_of(step): step.target for step in counted.decided_steps
    }


def test_the_load_of_approvers_is_the_sources(shown: Mapping[str, Any], counted: Approvals) -> None:
    rows = {row["approver_no"]: row for row in shown["load"]["rows"]}
    assert {no: figures(row) for no, row in rows.items() if row["decided"]} == counted.by_approver()
    assert {no: row["late"] for no, row in rows.items() if row["decided"]} == counted.late(
        lambda step: step.row["approver_no"]
    )
    for number, row in rows.items():
        hours = [step.hours for step in counted.pending if step.row["approver_no"] == number]
        assert (row["pending"], row["oldest_pending_h"]) == (len(hours), max(hours, default=None)), number


def test_what_waits_is_the_sources(shown: Mapping[str, Any], counted: Approvals) -> None:
    waits = shown["waits"]
    assert (waits["total"], waits["late"], waits["amount"] or NOTHING) == (
        len(counted.pending),
        sum(step.is_late for step in counted.pending),
        total(step.worth for step in counted.pending),
    )
    told = {row["step_no"]: (row["amount"], row["working_h"], row["target_h"]) for row in waits["rows"]}
    known = {step.row["step_no"]: (step.worth, step.hours, step.target) for step in counted.pending}
    assert told == {number: known[number] for number in told}


def test_what_decisions_hold_up_is_the_sources(
    settings: Settings, look: Look, shown: Mapping[str, Any], counted: Approvals
) -> None:
    told = {row["what"]: (row["count"], row["amount"], row["first_on"], set(row["numbers"]))
            for row in shown["waits"]["holds"]}  # fmt: skip
    assert told == held(counted)
    assert set(told) == {"orders", "purchases", "trips"}
    text, reader = html.unescape(site_of(settings).page(look, "approvals", {})), look.reader
    for what, (n, worth, first_on, _) in told.items():
        first = reader.text("approvals.cost.first", on=reader.day(first_on)) if first_on else ""
        money = reader.text("approvals.cost.worth", amount=reader.money(worth))
        assert f"{reader.text(f'approvals.cost.holds.{what}', n)}{money}{first}: " in text, what


def test_the_money_that_stands_still_is_the_sources(shown: Mapping[str, Any], counted: Approvals) -> None:
    cost, standing = shown["cost"], counted.standing()
    assert {
        row["kind"]: (row["requests"], row["amount"], row["money_days"]) for row in cost["kinds"]
    } == standing
    assert cost["requests"] == len(counted.waiting)
    assert (cost["amount"] or NOTHING) == total(one.worth for one in counted.waiting)
    assert cost["stood_amount"] == pytest.approx(float(counted.stood()), rel=1e-9)


def test_what_another_threshold_would_have_done_is_the_sources(
    shown: Mapping[str, Any], counted: Approvals
) -> None:
    rows = shown["what_if"]["rows"]
    assert {row["kind"] for row in rows} == set(counted.by_kind())
    _holds(rows, counted)
    for name in ("requests", "saved_h", "unreviewed_amount", "refusals", "refused_amount"):
        assert shown["what_if"]["all"][name] == sum(row[name] for row in rows), name


def test_what_a_threshold_asked_for_would_have_done_is_the_sources(
    look: Look, period: str, shown: Mapping[str, Any], counted: Approvals
) -> None:
    asked: dict[str, Any] = {"period": period}
    for row in shown["what_if"]["rows"]:
        level = row["levels"][0]
        asked[f"level_{row['kind']}"] = level["step_name"]
        asked[f"below_{row['kind']}"] = int(level["most"]) // 2 + 1
    tried = approvals.make(replace(look, asked=asked))
    assert tried
    rows = tried["what_if"]["rows"]
    assert sum(row["requests"] for row in rows)
    _holds(rows, counted)


def _holds(rows: list[Mapping[str, Any]], counted: Approvals) -> None:
    for row in rows:
        said = counted.spared(row["kind"], level=row["level"]["step_name"], below=row["slider"].below)
        assert {name: row[name] for name in said} == said, row["kind"]


def test_who_is_away_and_what_waits_for_them_is_the_sources(
    shown: Mapping[str, Any], counted: Approvals
) -> None:
    leave, waits = Leave(counted), shown["waits"]
    assert {
        (row["employee_no"], row["absence"].days, row["absence"].back_on, row["signed_from"],
         row["pending"], row["usual"])
        for row in shown["leave"]
    } == leave.all()  # fmt: skip
    assert {row["step_no"] for row in waits["held"]} == {step.row["step_no"] for step in leave.held()}
    assert (waits["held_amount"] or NOTHING) == total(step.worth for step in leave.held())


def test_a_company_that_asks_nobody_is_told_so(settings: Settings, look: Look, books: Books) -> None:
    text = html.unescape(site_of(settings).page(look, "approvals", {}))
    assert (look.reader.text("approvals.empty") in text) == (not books.rows("oa.approval_steps"))


def test_the_page_says_the_sources_numbers(
    settings: Settings, look: Look, period: str, shown: Mapping[str, Any], counted: Approvals
) -> None:
    text = html.unescape(site_of(settings).page(look, "approvals", {"period": period}))
    reader = look.reader
    said = [
        reader.text("approvals.took", value=reader.hours(rank((one.hours for one in counted.decided), 5))),
        reader.money(total(one.worth for one in counted.waiting)),
        reader.money(counted.stood()),
        *(reader.hours(value) for _, *hours in counted.by_step().values() for value in hours),
        *(reader.money(row["unreviewed_amount"]) for row in shown["what_if"]["rows"]),
    ]
    assert not [one for one in said if one not in text]
