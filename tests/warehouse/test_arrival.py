"""What comes from a source is handed on in batches that DuckDB stores as they are."""

from __future__ import annotations

from typing import Any

import pytest

from models import stream_table
from warehouse import arrival
from warehouse.arrival import ask
from warehouse.origin import Origin
from warehouse.readers import Reader

DEPARTMENTS = Origin("oa.departments", stream_table("oa.departments"), ("department_no",))


def reader_of(*batches: Any) -> Reader:
    """A database whose every query gives these batches, the totals first."""
    import pyarrow as pa

    return Reader("sqlite", lambda _: pa.RecordBatchReader.from_batches(batches[0].schema, iter(batches)))


def batch(*keys: str, part: str = "row") -> Any:
    import pyarrow as pa

    columns = {"_part": [part] * len(keys), "department_no": list(keys)}
    columns |= {name: [""] * len(keys) for name in DEPARTMENTS.names if name not in columns}
    return pa.RecordBatch.from_pydict(columns)


def came(*batches: Any) -> list[list[str]]:
    arrived = ask(reader_of(batch("7", part="total"), *batches), DEPARTMENTS, since=None, totals_since=None)
    assert not isinstance(arrived.rows, str)
    keys = [one.column("department_no").to_pylist() for one in arrived.rows]
    assert arrived.totals == {("", "", "*"): 7}
    return [some for some in keys if some]


def test_batches_are_row_groups_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "ROW_GROUP", 3)
    assert came(batch("a"), batch("b", "c", "d", "e"), batch("f", "g")) == [
        ["a", "b", "c"],
        ["d", "e", "f"],
        ["g"],
    ]
    assert came(*(batch(key) for key in "abcdef")) == [["a", "b", "c"], ["d", "e", "f"]]
    assert came(batch(*"abcdefg")) == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


def test_long_texts_are_not_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "HELD_BYTES", 1_000)
    assert came(batch("a" * 600), batch("b" * 600), batch("c")) == [["a" * 600, "b" * 600], ["c"]]


def test_a_source_without_rows_gives_none() -> None:
    assert came() == []
