"""One call turns the selects over core into all planning tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from planning.forecast import schema
from planning.series import move
from planning.tables import plan
from tests.planning.test_cash import opened, settled

TODAY = date(2026, 11, 20)
MONTHS = [move(date(2026, 11, 1), -back, freq="MS") for back in range(5, 0, -1)]
INPUTS = {
    "demand": pa.table(
        {
            "item_no": ["IT-0101"] * 5 + ["IT-0102"] * 5,
            "month_on": MONTHS * 2,
            "quantity": pa.array([Decimal(n) for n in range(10)], pa.decimal128(38, 4)),
        }
    ),
    "sales": pa.table({"month_on": MONTHS, "revenue_amount": [Decimal("100.25")] * 5}),
    "cash_in": pa.table(
        {"week_on": [date(2026, 11, 2), date(2026, 11, 9)], "amount": [Decimal(5), Decimal(7)]}
    ),
}
RECEIVABLES = {
    "open_receivables": opened(("RE-1", "C-0012", date(2026, 11, 25), "100")),
    "settled_receivables": settled(),
}


def test_every_series_is_there_with_its_kind_and_reach() -> None:
    result = plan(INPUTS, as_of=TODAY)["forecast"]
    assert result.schema == schema()
    ahead = [(row["series_kind"], row["series_key"]) for row in result.to_pylist() if row["is_forecast"]]
    assert {series: ahead.count(series) for series in ahead} == {
        ("demand_item", "IT-0101"): 12,
        ("demand_item", "IT-0102"): 12,
        ("sales_total", "total"): 12,
        ("cash_in", "total"): 13,
    }


def test_receivables_are_expected_when_they_are_brought() -> None:
    assert set(plan(INPUTS, as_of=TODAY)) == {"forecast"}
    weeks = plan({**INPUTS, **RECEIVABLES}, as_of=TODAY)["cash_expected"].to_pylist()
    assert len(weeks) == 13
    assert weeks[1] == {"week_on": date(2026, 11, 23), "expected_in_amount": 100, "overdue_amount": 0}


def test_planning_again_from_the_last_result_gives_the_same() -> None:
    first = plan(INPUTS, as_of=TODAY)
    assert plan(INPUTS, as_of=TODAY, previous=first["forecast"])["forecast"].equals(first["forecast"])


def test_an_empty_company_has_no_forecast() -> None:
    nothing = {name: table.slice(0, 0) for name, table in INPUTS.items()}
    assert plan(nothing, as_of=TODAY)["forecast"].num_rows == 0


def test_everything_that_did_not_come_is_named_at_once() -> None:
    with pytest.raises(
        ValueError, match=r"sales\.revenue_amount, cash_in\.week_on, cash_in\.amount did not come"
    ):
        plan({"demand": INPUTS["demand"], "sales": INPUTS["sales"].select(["month_on"])}, as_of=TODAY)
