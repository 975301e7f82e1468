"""Rows as lines of CSV: how a MariaDB server is asked to write them, and what they are in columns.

Its driver is written in Python and takes as long for a value as for a row: so a row comes as one value, which
Arrow takes apart (docs/decisions/0018-mariadb-is-read-from-one-snapshot.md). Every value is text in quotes; a
null is nothing at all. It asks no database and knows no stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


QUOTE = "\1"
"""Stands before and after a value, and twice for itself: a sign that no person types.

MariaDB moves the rest of a text for each one that it doubles; a megabyte of JSON has many quotation marks.
"""
_QUOTE, _TWO_QUOTES = "x'01'", "x'0101'"


def line(texts: Iterable[str]) -> str:
    """MariaDB's expression for the line of a row whose columns are these expressions of texts.

    It is null when the line is longer than the server makes a value: never a part of it. Signs are looked for
    among bytes, in half the time that it takes among characters; in UTF-8 they are the same.
    """
    return "concat(" + ", ',', ".join(map(_field, texts)) + ")"


def _field(text: str) -> str:
    doubled = f"replace(cast({text} as binary), {_QUOTE}, {_TWO_QUOTES})"
    return f"ifnull(concat({_QUOTE}, {doubled}, {_QUOTE}), if({text} is null, '', null))"


def columns_of(lines: Sequence[bytes], schema: pa.Schema) -> pa.RecordBatch:
    """The rows of some lines, at least one, as columns of texts."""
    import pyarrow as pa
    from pyarrow import csv

    text = b"\n".join([*lines, b""])
    table = csv.read_csv(
        pa.BufferReader(text),
        # One block for all of it: a row that lies in two is an error.
        csv.ReadOptions(column_names=schema.names, block_size=len(text), use_threads=False),
        csv.ParseOptions(quote_char=QUOTE, newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    (batch,) = table.combine_chunks().to_batches()
    return batch
