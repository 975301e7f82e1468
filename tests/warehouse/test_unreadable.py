"""What could not be read is told as it came, and the columns are found in those words again."""

from __future__ import annotations

import duckdb
import pytest

from warehouse.unreadable import SHOWN, columns_not_read, problem


@pytest.mark.parametrize(
    ("came", "kind", "said"),
    [
        ("'NaN'", "decimal(18, 4)", "n is 'NaN', expected a decimal"),
        ("'it''s; m is 3'", "integer", "n is 'it''s; m is 3', expected a whole number"),
        ("'maybe'", "boolean", "n is 'maybe', expected true or false"),
        (f"'{'9' * 50}'", "decimal(18, 4)", f"n is '{'9' * SHOWN}…', expected a decimal"),
        ("date '-infinity'", "date", "n is '-infinity', expected a date"),
        ("date '4720-01-01 (BC)'", "date", "n is out of range, expected a date"),
    ],
)
def test_what_came_is_told_with_what_was_expected(came: str, kind: str, said: str) -> None:
    first = "date '4714-11-24 (BC)'" if kind == "date" else ""
    with duckdb.connect() as connection:
        told = problem("n", "came", kind, first=first)
        connection.execute(
            f"create table arrived as select {told} as _unreadable from (select {came} as came)"
        )
        assert connection.execute("from arrived").fetchall() == [(said,)]
        assert connection.execute(columns_not_read("arrived")).fetchall() == [("n",)]
