"""When open receivables will be paid: the due day plus how late this customer usually pays.

Open and settled receivables (Arrow) in; the expected day of each open one, and their sums per week, out.
What has been billed is known here; what will yet be sold is the ``cash_in`` forecast beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from statistics import median_low
from typing import TYPE_CHECKING

from connectors.protocol import Row
from planning.series import exact, move, period_of

if TYPE_CHECKING:
    import pyarrow as pa

# Below this, a customer's habit is a coincidence and the habit of all customers is used.
ENOUGH_SETTLED = 3


def expected_payments(open_receivables: pa.Table, settled: pa.Table, *, as_of: date) -> pa.Table:
    """One row per open receivable with ``days_late`` and ``expected_on``.

    ``open_receivables``: ``receivable_no, customer_no, due_on, open_amount`` in company currency;
    ``settled``: ``customer_no, due_on, settled_on``. ``days_late`` is the customer's median (all customers'
    below three settled ones, 0 without any; the lower middle one, so a day that occurred). Once that day is
    past, it is the median of the payments that came later still; where nobody ever paid so late,
    ``days_late`` and ``expected_on`` are null: money not to count on.
    """
    import pyarrow as pa

    habits, everyone = _lateness(settled.to_pylist())
    rows: list[Row] = []
    for row in sorted(open_receivables.to_pylist(), key=lambda row: str(row["receivable_no"])):
        habit = habits.get(row["customer_no"], [])
        late = _days_late(
            habit if len(habit) >= ENOUGH_SETTLED else everyone, everyone, (as_of - row["due_on"]).days
        )
        expected = None if late is None else row["due_on"] + timedelta(days=late)
        rows.append(
            {**row, "open_amount": exact(row["open_amount"]), "days_late": late, "expected_on": expected}
        )
    return pa.Table.from_pylist(
        rows,
        schema=pa.schema(
            [
                ("receivable_no", pa.string()),
                ("customer_no", pa.string()),
                ("due_on", pa.date32()),
                ("open_amount", pa.decimal128(18, 4)),
                ("days_late", pa.int32()),
                ("expected_on", pa.date32()),
            ]
        ),
    )


def expected_by_week(payments: pa.Table, *, as_of: date, weeks: int) -> pa.Table:
    """One row per week from the running one on: ``week_on, expected_in_amount, overdue_amount``.

    ``payments`` is what ``expected_payments`` gives; ``overdue_amount`` is the part of the week's money that
    was due before ``as_of``. Weeks without money are there with 0; later weeks and what is not to count on
    are left out.
    """
    import pyarrow as pa

    first = period_of(as_of, "W-MON")
    expected = {move(first, week, freq="W-MON"): Decimal(0) for week in range(weeks)}
    overdue = dict(expected)
    for row in payments.to_pylist():
        week = period_of(row["expected_on"], "W-MON") if row["expected_on"] else None
        if week in expected:
            expected[week] += row["open_amount"]
            overdue[week] += row["open_amount"] if row["due_on"] < as_of else Decimal(0)
    amount = pa.decimal128(18, 4)
    return pa.table(
        {
            "week_on": pa.array(expected, pa.date32()),
            "expected_in_amount": pa.array(expected.values(), amount),
            "overdue_amount": pa.array(overdue.values(), amount),
        }
    )


def _lateness(settled: Sequence[Mapping[str, object]]) -> tuple[dict[str, list[int]], list[int]]:
    habits: dict[str, list[int]] = {}
    for row in settled:
        paid, due = row["settled_on"], row["due_on"]
        if isinstance(paid, date) and isinstance(due, date):
            habits.setdefault(str(row["customer_no"]), []).append((paid - due).days)
    return habits, [days for habit in habits.values() for days in habit]


def _days_late(habit: Sequence[int], everyone: Sequence[int], days_so_far: int) -> int | None:
    usual = median_low(habit) if habit else 0
    if usual >= days_so_far:
        return usual
    later = [days for days in habit if days >= days_so_far] or [
        days for days in everyone if days >= days_so_far
    ]
    return median_low(later) if later else None
