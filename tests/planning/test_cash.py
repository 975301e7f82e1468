"""Open receivables are expected when this customer usually pays."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from planning.cash import expected_by_week, expected_payments

FRIDAY = date(2026, 11, 20)
DUE = date(2026, 11, 25)


def opened(*rows: tuple[str, str, date, str]) -> pa.Table:
    names = ("receivable_no", "customer_no", "due_on", "open_amount")
    return pa.Table.from_pylist([dict(zip(names, (*row[:3], Decimal(row[3])), strict=True)) for row in rows])


def settled(**late: list[int]) -> pa.Table:
    """Days late of each customer's past payments."""
    due = date(2026, 5, 4)
    rows = [
        {"customer_no": customer, "due_on": due, "settled_on": due + timedelta(days=days)}
        for customer, habit in late.items()
        for days in habit
    ]
    schema = pa.schema([("customer_no", pa.string()), ("due_on", pa.date32()), ("settled_on", pa.date32())])
    return pa.Table.from_pylist(rows, schema=schema)


def days(open_rows: pa.Table, past: pa.Table) -> dict[str, Any]:
    result = expected_payments(open_rows, past, as_of=FRIDAY).to_pylist()
    return {row["receivable_no"]: row["expected_on"] for row in result}


def test_a_customer_is_expected_to_be_as_late_as_usual() -> None:
    past = settled(slow=[10, 14, 60], quick=[-2, -1, 0])
    expected = days(opened(("RE-1", "slow", DUE, "100"), ("RE-2", "quick", DUE, "100")), past)
    assert expected == {"RE-1": DUE + timedelta(days=14), "RE-2": DUE - timedelta(days=1)}


def test_a_customer_with_few_payments_is_expected_to_be_like_all() -> None:
    past = settled(new=[90, 90], known=[4, 5, 6])
    assert days(opened(("RE-1", "new", DUE, "100")), past) == {"RE-1": DUE + timedelta(days=6)}


def test_without_any_past_the_due_day_is_expected() -> None:
    assert days(opened(("RE-1", "new", DUE, "100")), settled()) == {"RE-1": DUE}


def test_one_later_than_usual_is_expected_like_those_that_were_later_still() -> None:
    past = settled(slow=[5, 5, 5, 30, 40])
    late = FRIDAY - timedelta(days=20)
    assert days(opened(("RE-1", "slow", late, "100")), past) == {"RE-1": late + timedelta(days=30)}


def test_one_later_than_anybody_ever_paid_is_not_counted_on() -> None:
    old = opened(("RE-1", "slow", FRIDAY - timedelta(days=400), "100"))
    payments = expected_payments(old, settled(slow=[5, 5, 40]), as_of=FRIDAY)
    assert payments.to_pylist()[0]["expected_on"] is None
    weeks = expected_by_week(payments, as_of=FRIDAY, weeks=13)
    assert sum(weeks["expected_in_amount"].to_pylist()) == 0


def test_money_is_summed_per_week_exactly_and_weeks_without_are_zero() -> None:
    past = settled(known=[0, 0, 0, 7])
    rows = opened(
        ("RE-1", "known", DUE, "0.1"),
        ("RE-2", "known", DUE + timedelta(days=1), "0.2"),
        ("RE-3", "known", FRIDAY - timedelta(days=1), "50"),
        ("RE-4", "known", DUE + timedelta(weeks=60), "9"),
    )
    weeks = expected_by_week(expected_payments(rows, past, as_of=FRIDAY), as_of=FRIDAY, weeks=3)
    assert weeks.to_pylist() == [
        {"week_on": date(2026, 11, 16), "expected_in_amount": 0, "overdue_amount": 0},
        {"week_on": date(2026, 11, 23), "expected_in_amount": Decimal("50.3"), "overdue_amount": 50},
        {"week_on": date(2026, 11, 30), "expected_in_amount": 0, "overdue_amount": 0},
    ]
