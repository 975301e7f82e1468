"""What is deleted at its source is followed by its records, whenever the hub looks, whatever comes after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flows.customers import CUSTOMERS
from flows.orders import ORDERS
from flows.people import PEOPLE
from hub.memory import Memory, Page
from hub.words import DELETE, Flow, Look, Made, Read, Row, Step, Write
from tests.promises.world_company import (
    AT,
    DEPARTMENT,
    ITEM,
    Company,
    account,
    employee,
    order,
    order_line,
)

pytestmark = pytest.mark.slow

ON_PAPER = {
    "sales_order_no": "SO-1", "customer_no": "C-000001", "status": "open", "payment_status": "unpaid",
    "ordered_at": AT, "currency": "EUR", "total_amount": 0, "paid_amount": 0, "channel": "paper",
}  # fmt: skip
"""A sales order of the first customer that the CRM knows nothing of."""
GONE = "delete from accounts where account_no = 'A-000001'"


def customers(company: Company) -> list[str]:
    return [number for (number,) in company.rows("erp.customers", "crm_account_no")]


def register(company: Company) -> tuple[int, int]:
    """Run the step; rows written and rows that wait."""
    (report,) = company.run(CUSTOMERS, "register")
    assert report.quarantined == 0
    return report.written, report.waiting


@pytest.fixture
def registered(any_company: Company) -> Company:
    """Two accounts that are customers."""
    any_company.put("crm.accounts", account(1), account(2))
    assert register(any_company) == (2, 0)
    return any_company


def test_an_employee_deleted_in_the_oa_is_inactive_everywhere(any_company: Company) -> None:
    company = any_company
    company.put("oa.departments", DEPARTMENT)
    company.put("oa.employees", *(employee(number) for number in range(1, 4)))
    company.run(PEOPLE)
    company.sql("oa", "delete from employees where employee_no = 'E-0002'")
    assert [report.written for report in company.run(PEOPLE)] == [1, 1]
    for stream in ("crm.staff", "erp.staff"):
        assert company.rows(stream, "employee_no", "is_active") == [
            ("E-0001", True), ("E-0002", False), ("E-0003", True),
        ]  # fmt: skip
    assert [report.written for report in company.run(PEOPLE)] == [0, 0]
    assert ("E-0002",) not in company.memory("links", "source_key")

    company.put("oa.employees", employee(2, name="Back again"))
    assert [report.written for report in company.run(PEOPLE)] == [1, 1]
    assert company.rows("erp.staff", "name", "is_active")[1] == ("Back again", True)


def test_an_account_deleted_takes_its_customer_along(registered: Company) -> None:
    registered.sql("crm", GONE)
    assert register(registered) == (1, 0)
    assert customers(registered) == ["A-000002"]
    assert [key for (key,) in registered.memory("links", "source_key")] == ["A-000002"]
    assert register(registered) == (0, 0)


def test_deleted_and_made_again_between_two_polls_is_a_change(registered: Company) -> None:
    registered.sql("crm", GONE)
    registered.put("crm.accounts", account(1, name="Made again"))
    assert register(registered) == (1, 0)
    assert registered.rows("erp.customers", "crm_account_no", "name") == [
        ("A-000001", "Made again"), ("A-000002", "Company 2"),
    ]  # fmt: skip
    assert register(registered) == (0, 0)
    assert registered.memory("conflicts", "key") == []


def test_deleted_and_made_again_across_polls_comes_and_goes_and_comes(registered: Company) -> None:
    for name in ("Second life", "Third life"):
        registered.sql("crm", GONE)
        assert register(registered) == (1, 0)
        assert customers(registered) == ["A-000002"]
        registered.put("crm.accounts", account(1, name=name))
        assert register(registered) == (1, 0)
        assert registered.rows("erp.customers", "name")[0] == (name,)
        assert register(registered) == (0, 0)


def test_added_and_deleted_between_two_polls_leaves_nothing(registered: Company) -> None:
    registered.put("crm.accounts", account(3))
    registered.sql("crm", "delete from accounts where account_no = 'A-000003'")
    assert register(registered) == (0, 0)
    assert customers(registered) == ["A-000001", "A-000002"]
    assert registered.memory("quarantine", "key") == []


def test_a_customer_something_still_points_to_waits_and_goes_by_itself(registered: Company) -> None:
    registered.put("erp.items", ITEM)
    registered.put("erp.sales_orders", ON_PAPER)
    registered.sql("crm", "delete from accounts")
    for seen in (1, 2):
        written, waiting = register(registered)
        assert (written, waiting) == (1 if seen == 1 else 0, 1)
        assert customers(registered) == ["A-000001"]
        ((key, state, rule, count, reason),) = registered.memory(
            "quarantine", "key", "state", "rule", "count", "reason"
        )
        assert (key, state, count) == ("A-000001", "waiting", seen)
        assert rule.startswith("foreign_key:")
        assert "crm.accounts A-000001 was deleted" in reason
    registered.sql("erp", "delete from sales_orders")
    assert register(registered) == (1, 0)
    assert customers(registered) == []
    assert registered.memory("links", "source_key") == []
    assert registered.memory("quarantine", "state") == [("resolved",)]


def test_a_delete_that_waits_is_off_once_the_row_is_back(registered: Company) -> None:
    registered.put("erp.sales_orders", ON_PAPER)
    registered.sql("crm", GONE)
    assert register(registered) == (0, 1)
    registered.put("crm.accounts", account(1, name="Back"))
    assert register(registered) == (1, 0)
    registered.sql("erp", "delete from sales_orders")
    assert register(registered) == (0, 0)
    assert registered.rows("erp.customers", "name") == [("Back",), ("Company 2",)]
    assert registered.memory("quarantine", "state") == [("resolved",)]


def test_a_crash_between_the_targets_delete_and_the_hubs_memory_is_harmless(
    registered: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember = Memory.remember

    def killed(self: Memory, page: Page, **more: Any) -> None:
        if page.gone:
            raise KeyboardInterrupt
        remember(self, page, **more)

    registered.sql("crm", GONE)
    with monkeypatch.context() as patch:
        patch.setattr(Memory, "remember", killed)
        with pytest.raises(KeyboardInterrupt):
            registered.run(CUSTOMERS, "register")
    assert customers(registered) == ["A-000002"]
    assert register(registered) == (0, 0)
    assert [key for (key,) in registered.memory("links", "source_key")] == ["A-000002"]


def test_a_crash_before_the_cursor_then_made_again_keeps_the_new_one(
    registered: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    registered.sql("crm", GONE)
    with monkeypatch.context() as patch:
        patch.setattr(Memory, "close_run", killed)
        with pytest.raises(KeyboardInterrupt):
            registered.run(CUSTOMERS, "register")
    registered.put("crm.accounts", account(1, name="Made again"))
    assert register(registered) == (1, 0)
    assert customers(registered) == ["A-000001", "A-000002"]
    assert register(registered) == (0, 0)


@pytest.fixture
def booked(any_company: Company) -> Company:
    """Two booked orders of one line each."""
    company = any_company
    company.put("erp.items", ITEM)
    company.put("crm.accounts", account(1))
    company.put("crm.orders", order(1), order(2))
    company.put("crm.order_lines", order_line(1), order_line(2))
    company.run(CUSTOMERS)
    company.run(ORDERS, "book")
    return company


def test_an_order_deleted_asks_the_erp_to_cancel_it(booked: Company) -> None:
    booked.sql("crm", "delete from order_lines where order_no = 'CO-2026-00001'")
    booked.sql("crm", "delete from orders where order_no = 'CO-2026-00001'")
    assert booked.run(ORDERS, "book")[0].written == 1
    assert booked.rows("erp.sales_orders", "crm_order_no", "cancel_requested") == [
        ("CO-2026-00001", True), ("CO-2026-00002", False),
    ]  # fmt: skip
    assert len(booked.rows("erp.sales_order_lines", "line_no")) == 2
    assert booked.run(ORDERS, "book")[0].written == 0


def test_an_order_that_waited_and_is_deleted_waits_no_more(booked: Company) -> None:
    booked.put("crm.accounts", account(9, status="prospect"))
    booked.put("crm.orders", order(9, account_no="A-000009"))
    booked.put("crm.order_lines", order_line(9))
    assert booked.run(ORDERS, "book")[0].waiting == 1
    booked.sql("crm", "delete from order_lines where order_no = 'CO-2026-00009'")
    booked.sql("crm", "delete from orders where order_no = 'CO-2026-00009'")
    report = booked.run(ORDERS, "book")[0]
    assert (report.written, report.waiting) == (0, 0)
    assert booked.memory("quarantine", "state") == [("resolved",)]


def shared(campaign: Row, _look: Look) -> Made:
    """The campaign's channel as a member of staff: campaigns of one channel stand for one record."""
    return {"employee_no": campaign["channel"], "name": "x", "department_no": "D-1", "is_active": True}


SHARED = Flow(
    "shared",
    every="1 day",
    owner="tests",
    doc="Many rows for one record.",
    steps=(
        Step(
            "tell",
            read=Read("crm.campaigns"),
            make=shared,
            write=Write("erp.staff", key="employee_no"),
            gone=DELETE,
        ),
    ),
)


@pytest.fixture
def two_for_one(any_company: Company) -> Company:
    """Two campaigns that stand for one record, and one that stands for another."""
    (any_company.home / "shared.yml").touch()
    any_company.rules = any_company.home
    columns = "campaign_no, name, channel, starts_on, ends_on, budget_amount, currency"
    for number, channel in (("A", "fair"), ("B", "fair"), ("C", "mail")):
        any_company.sql(
            "crm",
            f"insert into campaigns ({columns}) values (:no, 'x', :channel, '2026-01-01', '2026-01-02', "
            "'1.0000', 'EUR')",
            no=number, channel=channel,
        )  # fmt: skip
    any_company.run(SHARED)
    assert staff(any_company) == ["fair", "mail"]
    return any_company


def staff(company: Company) -> list[str]:
    return [number for (number,) in company.rows("erp.staff", "employee_no")]


def test_a_record_that_two_rows_stand_for_stays_while_one_does(two_for_one: Company) -> None:
    two_for_one.sql("crm", "delete from campaigns where campaign_no = 'A'")
    assert two_for_one.run(SHARED)[0].written == 0
    assert staff(two_for_one) == ["fair", "mail"]
    two_for_one.sql("crm", "delete from campaigns where campaign_no = 'B'")
    assert two_for_one.run(SHARED)[0].written == 1
    assert staff(two_for_one) == ["mail"]


def test_a_record_goes_with_its_last_rows_though_they_go_together(two_for_one: Company) -> None:
    two_for_one.sql("crm", "delete from campaigns where campaign_no in ('A', 'B')")
    report = two_for_one.run(SHARED)[0]
    assert (report.written, report.waiting, report.quarantined) == (1, 0, 0)
    assert staff(two_for_one) == ["mail"]
    assert two_for_one.memory("links", "source_key") == [("C",)]


def test_so_it_does_when_they_are_in_two_pages(two_for_one: Company) -> None:
    two_for_one.page_rows = 1
    two_for_one.sql("crm", "delete from campaigns where campaign_no in ('A', 'B')")
    two_for_one.run(SHARED)
    assert staff(two_for_one) == ["mail"]


def test_a_step_that_says_nothing_of_deletes_leaves_the_records(two_for_one: Company) -> None:
    quiet = replace(SHARED, steps=(replace(SHARED.steps[0], gone=None),))
    two_for_one.sql("crm", "delete from campaigns")
    assert two_for_one.run(quiet)[0].read == 0
    assert staff(two_for_one) == ["fair", "mail"]


def test_many_deletes_go_a_page_at_a_time(company: Company) -> None:
    company.page_rows = 1_000
    company.put("crm.accounts", *(account(number) for number in range(1, 2_001)))
    company.run(CUSTOMERS, "register")
    company.sql("crm", "delete from accounts where account_no > 'A-000500'")
    assert register(company) == (1_500, 0)
    assert len(customers(company)) == 500
