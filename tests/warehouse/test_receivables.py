"""What is owed: one receivable an order by the contract, and what an ERP that bills in parts is told.

The story's order SO-2026-00005 of 50 EUR owes 25 by 10 June; the builds are of 15 June.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import models
from settings import Settings
from tests.warehouse.company import put, run_sql
from tests.warehouse.conftest import ask_build, build_all
from tests.warehouse.test_planted_defects import alarms, failing, without_its_key

PART = {"receivable_no": "RE-2026-00006", "sales_order_no": "SO-2026-00005"}


def owed(settings: Settings) -> list[tuple[D, dt.date]]:
    return ask_build(
        settings, "select open_amount, due_on from core.fct_order where sales_order_no = 'SO-2026-00005'"
    )


def test_a_second_receivable_of_an_order_is_counted_and_named(published: Settings) -> None:
    put(published, "erp.receivables", PART | {"amount": "30", "open_amount": "30", "due_on": "2026-07-10"})
    assert build_all(published)["state"] == "fresh"
    assert alarms(published) == {"owed_at_one_day": ("failed", "warn")}
    assert failing(published, "owed_at_one_day") == [
        {"sales_order_no": "SO-2026-00005", "receivables": "2"}
        | {"first_due_on": "2026-06-10", "last_due_on": "2026-07-10"}
    ]
    assert owed(published) == [(D("55.0000"), dt.date(2026, 6, 10))]


def test_a_part_that_is_paid_is_due_no_more(published: Settings) -> None:
    put(published, "erp.receivables", PART | {"amount": "30", "open_amount": "30", "due_on": "2026-07-10"})
    run_sql(
        published,
        "erp",
        "update receivables set open_amount = '0.0000' where receivable_no = 'RE-2026-00005'",
    )
    build_all(published)
    assert owed(published) == [(D("30.0000"), dt.date(2026, 7, 10))]
    assert ask_build(
        published, "select value from marts.mart_metric where metric = 'overdue_receivables'"
    ) == [(D("0.0000"),)]


def test_what_was_paid_too_much_is_not_due(published: Settings) -> None:
    put(published, "erp.receivables", PART | {"amount": "30", "open_amount": "30", "due_on": "2026-07-10"})
    without_its_key(published, "erp.receivables")  # with its rule that nothing less than 0 is open
    run_sql(
        published,
        "erp",
        "update receivables set open_amount = '-5.0000' where receivable_no = 'RE-2026-00005'",
    )
    build_all(published)
    assert owed(published) == [(D("25.0000"), dt.date(2026, 7, 10))]


def test_receivables_of_no_order_and_one_that_came_twice_are_not_several_of_an_order(
    published: Settings,
) -> None:
    names = ", ".join(column.name for column in models.stream_table("erp.receivables").columns)
    loose = names.replace("sales_order_no", "null").replace("receivable_no", "receivable_no || '-{}'")
    without_its_key(
        published,
        "erp.receivables",
        *(
            f"insert into receivables ({names}) select {loose.format(n)} from receivables limit 1"
            for n in "ab"
        ),
        "insert into receivables select * from receivables where sales_order_no is not null",
    )
    build_all(published)
    assert "owed_at_one_day" not in alarms(published)


def test_what_was_paid_in_full_keeps_its_day(published: Settings) -> None:
    run_sql(published, "erp", "update receivables set open_amount = '0.0000'")
    build_all(published)
    assert owed(published) == [(D("0.0000"), dt.date(2026, 6, 10))]


def test_a_swapped_currency_of_a_receivable(published: Settings) -> None:
    run_sql(published, "erp", "update receivables set currency = 'USD'")
    assert build_all(published)["state"] == "fresh"
    assert alarms(published) == {"owed_in_the_orders_currency": ("failed", "warn")}
    assert failing(published, "owed_in_the_orders_currency") == [
        {"receivable_no": "RE-2026-00005", "sales_order_no": "SO-2026-00005"}
        | {"receivable_currency": "USD", "order_currency": "EUR"}
    ]
