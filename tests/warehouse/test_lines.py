"""Lines of CSV become the texts they were written from: whatever sign is in one, and nulls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.lines import QUOTE, columns_of

SIGNS = st.text(
    alphabet=st.one_of(st.sampled_from('\1",\n\r\0\\ \u2028＂é漢😀'), st.characters(codec="utf-8"))
)
ROWS = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.none() | SIGNS, min_size=width, max_size=width), min_size=1)
)


def written(row: list[str | None]) -> bytes:
    """What MariaDB writes for a row."""
    texts = ["" if text is None else QUOTE + text.replace(QUOTE, QUOTE * 2) + QUOTE for text in row]
    return ",".join(texts).encode()


@given(rows=ROWS)
def test_every_text_is_what_it_was(rows: list[list[str | None]]) -> None:
    import pyarrow as pa

    schema = pa.schema([(f"c{place}", pa.string()) for place in range(len(rows[0]))])
    batch = columns_of([written(row) for row in rows], schema)
    assert [list(row.values()) for row in batch.to_pylist()] == rows


@pytest.mark.parametrize("size", [1, 2**16, 2**21])
def test_a_long_text_is_whole(size: int) -> None:
    import pyarrow as pa

    text = '\1"\n' * size
    batch = columns_of(
        [written(["a", text]), written([None, ""])], pa.schema([("a", "string"), ("b", "string")])
    )
    assert batch.to_pydict() == {"a": ["a", None], "b": [text, ""]}
