"""What the hub wrote does not come back as a change: a thousand rounds with no edits write nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median

import pytest

from flows.catalogue import CATALOGUE
from flows.customers import CUSTOMERS
from flows.orders import ORDERS
from hub.report import StepReport
from hub.run import run_flow
from models import SYSTEMS, state, stream_table, streams
from tests.promises.world_company import ITEM, Company, account, order, order_line

pytestmark = pytest.mark.slow

TWO_WAY = (CUSTOMERS, CATALOGUE, ORDERS)
ROUNDS = [pytest.param(30, id="30"), pytest.param(1_000, id="1,000", marks=pytest.mark.slow)]
SETTLED = 2
NARROW = (
    CUSTOMERS,
    replace(ORDERS, steps=tuple(step for step in ORDERS.steps if step.name in ("book", "report_back"))),
)
"""What goes out and comes back of customers and orders, without the planning between."""


def trade(company: Company) -> None:
    """Accounts, an item and orders; one order waits, one is wrong, one is shipped, two are as booked."""
    company.put("erp.items", ITEM)
    company.put("crm.accounts", *(account(number) for number in range(1, 21)), account(21, status="prospect"))
    orders = [order(n, account_no="A-000021" if n == 1 else "A-000002") for n in range(1, 6)]
    orders[1]["currency"] = "eur"
    company.put("crm.orders", *orders)
    company.put("crm.order_lines", *(order_line(n) for n in range(1, 6)))
    for _ in range(SETTLED):
        a_round(company)
    company.sql(
        "erp",
        "update sales_orders set status = 'shipped', payment_status = 'paid' "
        "where crm_order_no = 'CO-2026-00003'",
    )
    company.sql("erp", "update customers set credit_status = 'watch' where crm_account_no = 'A-000003'")
    for _ in range(SETTLED):
        a_round(company)


def a_round(company: Company) -> list[StepReport]:
    return [report for flow in TWO_WAY for report in company.run(flow)]


def stamps(company: Company) -> dict[str, object]:
    """When each row of each system last changed."""
    return {
        stream: company.rows(stream, *stream_table(stream).primary_key.columns.keys(), "updated_at")
        for stream in streams()
    }


def sizes(company: Company) -> dict[str, int]:
    """How many rows each table holds, the hub's and the stores' own."""
    found = {name: len(rows) for name, rows in company.dump().items()}
    assert found.keys() >= {f"state.{table}" for table in state.METADATA.tables}
    assert found.keys() >= {f"{system}.fences" for system in SYSTEMS}
    return found


def test_a_two_way_flow_comes_to_rest_after_an_edit(any_company: Company) -> None:
    trade(any_company)
    assert any_company.rows("crm.orders", "fulfilment")[2] == ("shipped",)
    assert any_company.rows("crm.accounts", "credit_status")[2] == ("watch",)
    before = stamps(any_company)
    for _ in range(3):
        assert sum(report.written for report in a_round(any_company)) == 0
    assert stamps(any_company) == before


def test_a_row_that_waits_is_all_that_a_round_without_edits_reads(company: Company) -> None:
    trade(company)
    for _ in range(3):
        read = {(report.flow, report.step): report.read for report in a_round(company) if report.read}
        assert read == {("orders", "book"): 1}
    assert ("CO-2026-00001", "waiting") in company.memory("quarantine", "key", "state")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_rounds_with_no_edits_write_nothing_and_cost_the_same(company: Company, rounds: int) -> None:
    trade(company)
    # It would be checked and tried in every round, and its rules cost more than all the rest.
    company.sql("crm", "update orders set status = 'draft' where order_no = 'CO-2026-00001'")
    a_round(company)
    before, kept = stamps(company), sizes(company)
    seconds = []
    with company.desk() as desk:
        for _ in range(rounds):
            began = time.perf_counter()
            reports = [report for flow in NARROW for report in run_flow(desk, flow)]
            seconds.append(time.perf_counter() - began)
            assert [report.read for report in reports] == [0] * len(reports)
    assert stamps(company) == before
    after = sizes(company)
    assert after.pop("state.runs") == kept.pop("state.runs") + rounds * len(reports)
    assert after == kept
    tenth = rounds // 10
    first, last = median(seconds[:tenth]), median(seconds[-tenth:])
    assert last < 2 * first + 0.05, (
        f"a round took {first * 1000:.1f} ms at first, {last * 1000:.1f} ms at last"
    )
