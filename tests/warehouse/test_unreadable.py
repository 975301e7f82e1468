"""What could not be read is told as it came, and the columns are found in those words again."""

from __future__ import annotations

import duckdb
import pytest

from warehouse.unreadable import columns_not_read, problem


@pytest.mark.parametrize(
    "came",
    [
        "maria.fernandez@example.org", "Jane Doe, Calle Mayor 3", "it's; m is 3", "612345678",
        "+34 612 34 56 78",
        "612-345-678", "123-45-6789", "ES9121000418450200051332", "4111111111111111", "12345678Z",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["decimal(18, 4)", "date", "timestamptz", "boolean", "integer"])
def test_what_may_be_of_a_person_is_told_by_its_length_alone(came: str, kind: str) -> None:
    with duckdb.connect() as connection:
        told = connection.execute(f"select {problem('n', 'came', kind)} from (select ? as came)", [came])
        assert f"n is a text of length {len(came)}, expected" in str(told.fetchall())


@pytest.mark.parametrize(
    ("came", "kind", "said"),
    [
        ("'NaN'", "decimal(18, 4)", "n is 'NaN', expected a decimal"),
        ("'-Infinity'", "decimal(18, 4)", "n is '-Infinity', expected a decimal"),
        ("'12,50'", "decimal(18, 4)", "n is '12,50', expected a decimal"),
        ("'2026-02-31'", "date", "n is '2026-02-31', expected a date"),
        ("'31.12.2026 25:00'", "timestamptz", "n is '31.12.2026 25:00', expected an instant"),
        ("''", "integer", "n is '', expected a whole number"),
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
