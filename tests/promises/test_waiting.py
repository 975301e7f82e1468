"""What needs something that is not there waits, goes by itself when it comes, and is told of when old."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.customers import CUSTOMERS
from flows.orders import ORDERS
from hub import waits
from hub.words import Flow, Look, Made, MissingDependency, Read, Row, Step, Using, Write
from tests.promises.world_company import ITEM, ON, Company, account, order, order_line

pytestmark = pytest.mark.slow

WAITS = ("key", "state", "rule", "count")


def place(company: Company, number: int, **changes: Any) -> None:
    company.put("crm.orders", order(number, **changes))
    company.put("crm.order_lines", order_line(number))


def booked(company: Company) -> list[str]:
    return [number for (number,) in company.rows("erp.sales_orders", "crm_order_no")]


def test_an_order_before_its_customer_waits_and_goes_by_itself(any_company: Company) -> None:
    company = any_company
    company.put("erp.items", ITEM)
    company.put("crm.accounts", account(1), account(2, status="prospect"))
    company.run(CUSTOMERS)
    place(company, 1, account_no="A-000002")
    place(company, 2)
    report = company.run(ORDERS, "book")[0]
    assert (report.read, report.written, report.waiting) == (2, 1, 1)
    assert company.memory("quarantine", *WAITS) == [("CO-2026-00001", "waiting", "customer_in_erp", 1)]
    assert booked(company) == ["CO-2026-00002"]

    company.sql("crm", "update accounts set status = 'active' where account_no = 'A-000002'")
    company.run(CUSTOMERS)
    report = company.run(ORDERS, "book")[0]
    assert (report.written, report.waiting, report.quarantined) == (1, 0, 0)
    assert booked(company) == ["CO-2026-00001", "CO-2026-00002"]
    assert [state for (state,) in company.memory("quarantine", "state")] == ["resolved"]


def test_an_order_that_changes_while_it_waits_goes_as_it_is_then(company: Company) -> None:
    company.put("erp.items", ITEM)
    company.put("crm.accounts", account(1, status="prospect"))
    place(company, 1)
    company.run(ORDERS, "book")
    company.sql("crm", "update orders set requested_on = '2026-12-24'")
    assert company.run(ORDERS, "book")[0].waiting == 1
    company.sql("crm", "update accounts set status = 'active'")
    company.run(CUSTOMERS)
    assert company.run(ORDERS, "book")[0].written == 1
    assert [str(day) for (day,) in company.rows("erp.sales_orders", "requested_on")] == ["2026-12-24"]


def test_an_order_cancelled_while_it_waits_is_never_booked(company: Company) -> None:
    company.put("erp.items", ITEM)
    company.put("crm.accounts", account(1, status="prospect"))
    place(company, 1)
    company.run(ORDERS, "book")
    company.sql("crm", "update orders set status = 'cancelled'")
    company.sql("crm", "update accounts set status = 'active'")
    company.run(CUSTOMERS)
    company.run(ORDERS, "book")
    assert booked(company) == []
    assert [state for (state,) in company.memory("quarantine", "state")] == ["resolved"]


def test_what_waits_for_ever_ages_visibly_and_is_an_alert(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    company.put("crm.accounts", account(1, status="prospect"))
    place(company, 1)
    firsts = set()
    for seen in range(1, 6):
        assert company.run(ORDERS, "book")[0].waiting == 1
        ((count, first),) = company.memory("quarantine", "count", "first_seen_at")
        assert count == seen
        firsts.add(first)
    (first,) = firsts
    with company.desk() as desk:
        assert waits.alerts(desk) == []
        (alert,) = waits.alerts(desk, now=datetime.now(UTC) + timedelta(hours=25))
    assert (alert["flow"], alert["step"], alert["key"]) == ("orders", "book", "CO-2026-00001")
    assert datetime.fromisoformat(alert["waits_since"]) == first

    company.settings["wait_alert_hours"] = 1e-7
    with caplog.at_level(logging.WARNING, logger="triada.hub"):
        company.run(ORDERS, "book")
    assert "orders: 1 rows wait longer than" in caplog.text
    assert "CO-2026-00001" in caplog.text


def told(campaign: Row, look: Look) -> Made:
    """A campaign that goes once the one it names is known at the target, as in a tree or a ring."""
    needed = campaign["name"]
    if needed and look.one("known", needed) is None:
        raise MissingDependency(f"{campaign['campaign_no']} waits for {needed}", rule="needed_is_there")
    return {
        "employee_no": campaign["campaign_no"],
        "name": needed,
        "department_no": "D-1",
        "is_active": True,
    }


RING = Flow(
    "ring",
    every="1 day",
    owner="tests",
    doc="Rows that need each other.",
    steps=(
        Step(
            "tell",
            read=Read("crm.campaigns"),
            make=told,
            write=Write("erp.staff", key="employee_no"),
            using={"known": Using("erp.staff", "employee_no", match="name")},
        ),
    ),
)


def campaign(number: str, needs: str) -> dict[str, Any]:
    return {
        "campaign_no": number, "name": needs, "channel": "fair", "starts_on": ON, "ends_on": ON,
        "budget_amount": 1, "currency": "EUR",
    }  # fmt: skip


@pytest.fixture
def ring(company: Company) -> Company:
    (company.home / "ring.yml").touch()
    company.rules = company.home
    return company


def test_a_cycle_waits_as_a_whole_ages_and_goes_once_it_is_cut(ring: Company) -> None:
    ring.put("crm.campaigns", campaign("A", "B"), campaign("B", "A"), campaign("C", ""))
    for _ in range(3):
        report = ring.run(RING)[0]
    assert (report.read, report.waiting) == (2, 2)
    assert ring.memory("quarantine", *WAITS) == [
        ("A", "waiting", "needed_is_there", 3),
        ("B", "waiting", "needed_is_there", 3),
    ]
    with ring.desk() as desk:
        old = waits.alerts(desk, now=datetime.now(UTC) + timedelta(hours=25))
    assert {alert["key"] for alert in old} == {"A", "B"}

    ring.sql("crm", "update campaigns set name = 'C' where campaign_no = 'B'")
    for _ in range(2):
        ring.run(RING)
    assert [key for (key,) in ring.rows("erp.staff", "employee_no")] == ["A", "B", "C"]
    assert {state for (state,) in ring.memory("quarantine", "state")} == {"resolved"}


def test_a_chain_of_waits_goes_however_long_it_is(ring: Company) -> None:
    ring.put("crm.campaigns", *(campaign(f"N{n}", f"N{n + 1}") for n in range(5)))
    assert ring.run(RING)[0].waiting == 5
    ring.put("crm.campaigns", campaign("N5", ""))
    runs = 0
    while ring.run(RING)[0].waiting:
        runs += 1
        assert runs < 10
    assert len(ring.rows("erp.staff", "employee_no")) == 6


def test_what_waited_and_waits_again_says_since_when_it_is_open_this_time(ring: Company) -> None:
    ring.put("crm.campaigns", campaign("A", "B"))
    ring.run(RING)
    ((first, opened),) = ring.memory("quarantine", "first_seen_at", "opened_at")
    assert opened is None
    ring.sql("crm", "update campaigns set name = ''")
    ring.run(RING)
    ring.sql("crm", "update campaigns set name = 'Z'")
    ring.run(RING)
    ((again, opened, state),) = ring.memory("quarantine", "first_seen_at", "opened_at", "state")
    assert (again, state) == (first, "waiting")
    assert opened > first
