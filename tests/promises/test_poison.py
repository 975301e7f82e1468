"""One bad row stops nothing: the rest arrive, it is kept with its reason, and it moves once it is mended."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator

import pytest

from connectors.protocol import Row
from connectors.sql import SqlConnector
from flows.customers import CUSTOMERS
from flows.orders import ORDERS
from hub.report import StepReport
from hub.run import run_step
from tests.promises.world_bulk import BAD, BULK, arrived, change, counted, key, seed, spoil
from tests.promises.world_company import ITEM, Company, account, order, order_line
from tests.promises.world_readers import spoiled

MENDED = {"currency": "EUR", "name": "Mended", "channel": "customer"}
MANY = [pytest.param(2_000, id="2,000"), pytest.param(100_000, id="100,000", marks=pytest.mark.slow)]


def counts(reports: list[StepReport]) -> tuple[int, int, int, int, int]:
    (report,) = reports
    return report.read, report.written, report.unchanged, report.waiting, report.quarantined


@pytest.mark.parametrize("rows", MANY)
@pytest.mark.parametrize("how", BAD)
def test_one_bad_row_among_many_stays_behind_alone_and_moves_once_mended(
    company: Company, how: str, rows: int
) -> None:
    company.page_rows = 1_000
    bad, rule = rows // 2 + 7, BAD[how][2]
    seed(company, rows)
    spoil(company, bad, how)
    assert counts(company.run(BULK)) == (rows, rows - 1, 0, 0, 1)
    assert arrived(company) == rows - 1
    ((number, kept, why, payload, count),) = company.memory(
        "quarantine", "id", "key", "rule", "payload", "count"
    )
    assert (kept, why, count) == (key(bad), rule, 1)
    column, value, _ = BAD[how]
    assert json.loads(payload)[column] == value
    assert counts(company.run(BULK)) == (0, 0, 0, 0, 0)

    change(company, bad, **{column: MENDED[column]})
    assert counts(company.replay(BULK, number)) == (1, 1, 0, 0, 0)
    assert arrived(company) == rows
    assert company.memory("quarantine", "state") == [("resolved",)]
    # The mended row is changed since the last run, so it is read once more, and found as it should be.
    assert counts(company.run(BULK)) == (1, 0, 1, 0, 0)


def test_a_replay_before_the_repair_leaves_the_row_where_it_is(company: Company) -> None:
    seed(company, 3)
    spoil(company, 2, "target")
    company.run(BULK)
    assert counts(company.replay(BULK)) == (1, 0, 0, 0, 1)
    assert company.memory("quarantine", "state", "count") == [("quarantined", 2)]
    assert arrived(company) == 2


def test_a_row_that_is_bad_in_two_ways_is_one_entry_that_says_both(company: Company) -> None:
    seed(company, 1)
    (company.home / "bulk.yml").write_text(
        "move: [{rule: iso, column: currency, expect: matches, regex: '^[A-Z]{3}$'},"
        " {rule: named, column: name, expect: not_blank}]"
    )
    change(company, 1, currency="eur", name=" ")
    assert counts(company.run(BULK)) == (1, 0, 0, 0, 1)
    ((rule, reason),) = company.memory("quarantine", "rule", "reason")
    assert rule == "iso, named"
    assert "currency is 'eur'" in reason
    assert "name is" in reason


def test_every_failing_row_is_kept_not_a_sample(company: Company) -> None:
    company.page_rows = 1_000
    seed(company, 5_200)
    company.sql("crm", "update campaigns set currency = 'e' || substr(campaign_no, -2) where rowid <= 5000")
    assert counts(company.run(BULK)) == (5_200, 200, 0, 0, 5_000)
    entries = company.memory("quarantine", "key", "reason", "count")
    assert {kept for kept, _, _ in entries} == {key(number) for number in range(1, 5_001)}
    assert all(f"currency is 'e{kept[-2:]}'" in reason and count == 1 for kept, reason, count in entries)


def test_the_same_bad_row_seen_ten_times_is_one_entry_with_a_count(company: Company) -> None:
    seed(company, 3)
    firsts = set()
    for time_seen in range(1, 11):
        change(company, 2, currency="eur", name=f"edit {time_seen}")
        assert counts(company.run(BULK))[4] == 1
        ((count, first, last, payload),) = company.memory(
            "quarantine", "count", "first_seen_at", "last_seen_at", "payload"
        )
        assert count == time_seen
        assert json.loads(payload)["name"] == f"edit {time_seen}"
        firsts.add(first)
        assert first <= last
    assert len(firsts) == 1


def test_a_refused_batch_is_halved_with_few_transactions(company: Company) -> None:
    company.page_rows, rows = 1_000, 1_000
    seed(company, rows)
    spoil(company, 617, "target")
    with company.desk() as desk:
        erp = desk.connector("erp")
        assert isinstance(erp, SqlConnector)
        with counted(erp._engine) as count:
            report = run_step(desk, BULK, step="move")
    assert (report.written, report.quarantined) == (rows - 1, 1)
    attempts = 2 * math.ceil(math.log2(rows)) + 1
    # Each attempt: the fence (two), what is there, the insert, and on its failure whether another came first.
    assert count["begin"] <= attempts + 2
    assert count["statements"] <= 5 * attempts


def test_bad_rows_are_found_at_a_cost_that_grows_with_their_number_only(company: Company) -> None:
    company.page_rows = 1_000
    seed(company, 1_000)
    for number in range(50, 1_000, 100):
        spoil(company, number, "target")
    began = time.perf_counter()
    assert counts(company.run(BULK)) == (1_000, 990, 0, 0, 10)
    # Ten times the halving of one; about 0.4 s here, while a row at a time would be a thousand transactions.
    assert time.perf_counter() - began < 10


NUL = "A-\x00\x01\u202e"


@pytest.mark.parametrize("state", ["sqlite", "postgresql", "mariadb"])
def test_a_key_or_a_reason_that_the_state_could_not_hold_stops_nothing(
    company: Company, request: pytest.FixtureRequest, state: str
) -> None:
    if state != "sqlite":
        company.settings["state_url"] = request.getfixturevalue(f"new_{state}")()
    company.put("erp.items", ITEM)
    company.put("crm.accounts", account(1), account(2, account_no=NUL), account(3, name="a\x00b"))
    company.run(CUSTOMERS, "register")
    assert company.rows("erp.customers", "crm_account_no") == [("A-000001",)]
    company.put("crm.orders", order(1), order(2, account_no=NUL))
    company.put("crm.order_lines", order_line(1), order_line(2))
    (report,) = company.run(ORDERS, "book")
    assert (report.written, report.waiting) == (1, 1)
    reasons = {name: str(reason) for name, reason in company.memory("quarantine", "key", "reason")}
    assert len(reasons) == 3
    assert "name" in reasons["A-000003"]
    assert r"A-\x00" in reasons["CO-2026-00002"]


def test_half_a_character_as_a_system_may_send_it_stops_nothing(company: Company) -> None:
    def halve(given: Iterator[list[Row]]) -> Iterator[list[Row]]:
        for rows in given:
            yield [{**row, "name": "\ud83d"} if row["account_no"] == "A-000002" else row for row in rows]

    company.put("crm.accounts", account(1), account(2), account(3))
    company.connect = spoiled("crm", halve)
    (report,) = company.run(CUSTOMERS, "register")
    assert (report.written, report.quarantined) == (2, 1)
    ((key_kept, payload),) = company.memory("quarantine", "key", "payload")
    assert key_kept == "A-000002"
    assert json.loads(payload)["name"] == "\ud83d"
