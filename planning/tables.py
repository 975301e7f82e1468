"""All planning tables of one run, from a few aggregated selects over core.

The caller runs one select per entry of ``SERIES`` (and of ``RECEIVABLES``, for the cash that is due) and
brings Arrow; result tables go back by name, for the caller to store (``planning.<name>`` in the private build
file). Nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from planning.cash import expected_by_week, expected_payments
from planning.forecast import forecast, schema

if TYPE_CHECKING:
    import pyarrow as pa

# Amounts in company currency; days may be any day of the period, rows of one period are added up.
SERIES: Mapping[str, tuple[str, ...]] = {
    "demand": ("item_no", "month_on", "quantity"),
    "sales": ("month_on", "revenue_amount"),
    "cash_in": ("week_on", "amount"),
}
RECEIVABLES: Mapping[str, tuple[str, ...]] = {
    "open_receivables": ("receivable_no", "customer_no", "due_on", "open_amount"),
    "settled_receivables": ("customer_no", "due_on", "settled_on"),
}
TOTAL = "total"
MONTHS_AHEAD = 12
WEEKS_AHEAD = 13  # a quarter, the usual reach of a treasurer's cash forecast


def plan(
    inputs: Mapping[str, pa.Table], *, as_of: date, previous: pa.Table | None = None
) -> dict[str, pa.Table]:
    """``forecast`` (columns of ``planning.forecast.schema``), with receivables ``cash_expected`` by week.

    ``previous`` is the ``forecast`` table of the last run: series that did not change are taken over.
    ``ValueError`` names every input or column that is missing.
    """
    import pyarrow as pa

    with_receivables = any(name in inputs for name in RECEIVABLES)
    _complete(inputs, {**SERIES, **RECEIVABLES} if with_receivables else SERIES)
    months = pa.concat_tables(
        [
            _series(inputs["demand"], kind="demand_item", key="item_no", columns=("month_on", "quantity")),
            _series(inputs["sales"], kind="sales_total", key="", columns=("month_on", "revenue_amount")),
        ]
    )
    weeks = _series(inputs["cash_in"], kind="cash_in", key="", columns=("week_on", "amount"))
    monthly = forecast(months, as_of=as_of, horizon=MONTHS_AHEAD, freq="MS", previous=previous)
    weekly = forecast(weeks, as_of=as_of, horizon=WEEKS_AHEAD, freq="W-MON", previous=previous)
    tables = {"forecast": pa.concat_tables([monthly, weekly]).cast(schema())}
    if with_receivables:
        payments = expected_payments(inputs["open_receivables"], inputs["settled_receivables"], as_of=as_of)
        tables["cash_expected"] = expected_by_week(payments, as_of=as_of, weeks=WEEKS_AHEAD)
    return tables


def _series(table: pa.Table, *, kind: str, key: str, columns: tuple[str, str]) -> pa.Table:
    import pyarrow as pa

    period, value = columns
    length = table.num_rows
    return pa.table(
        {
            "series_kind": pa.array([kind] * length, pa.string()),
            "series_key": table[key].cast(pa.string()) if key else pa.array([TOTAL] * length, pa.string()),
            "period_on": table[period].cast(pa.date32()),
            # Sums of 18-digit numbers come back from SQL with more digits; nothing is lost in 38.
            "value": table[value].cast(pa.decimal128(38, 4)),
        }
    )


def _complete(inputs: Mapping[str, pa.Table], expected: Mapping[str, tuple[str, ...]]) -> None:
    missing = [
        f"{name}.{column}"
        for name, columns in expected.items()
        for column in columns
        if name not in inputs or column not in inputs[name].column_names
    ]
    if missing:
        raise ValueError(
            f"planning: {', '.join(missing)} did not come; expected the tables and columns of "
            "planning.tables; correct the selects of the caller"
        )
