"""CSV says each value exactly, and no spreadsheet takes a name for a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tracemalloc
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.export.csv import PIECE, csv_pieces, harmless
from reports.export.table import Column, Kind, Table

FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


def written(kind: Kind, *values: Any, title: str = "Column", unit: str = "") -> list[str]:
    """The cells of one column as a reader of CSV finds them, its title first."""
    table = Table("T", (Column("c", title, kind, unit), Column("end", "End")), [(v, "|") for v in values])
    text = b"".join(csv_pieces(table)).decode("utf-8-sig")
    assert text.endswith("|\r\n")
    return [row[0] for row in csv.reader(io.StringIO(text, newline=""))]


def test_a_file_is_utf8_with_a_mark_and_lines_end_as_rfc_4180_says() -> None:
    table = Table(
        "T", (Column("a", "Año"), Column("b", "B", "money", "EUR")), [('Ken "K", Co', Decimal("1.50"))]
    )
    assert b"".join(csv_pieces(table)) == (b'\xef\xbb\xbfA\xc3\xb1o,B (EUR)\r\n"Ken ""K"", Co",1.50\r\n')


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("integer", -12345678901234567890, "-12345678901234567890"),
        ("integer", Decimal("12.0"), "12"),
        ("decimal", Decimal("-1234567.8900"), "-1234567.8900"),
        ("money", Decimal("1E+3"), "1000"),
        ("money", Decimal("12345678901234.5678"), "12345678901234.5678"),
        ("percent", Decimal("0.125"), "0.125"),
        ("hours", Decimal("0.0000001"), "0.0000001"),
        ("date", dt.date(2026, 11, 23), "2026-11-23"),
        ("instant", dt.datetime(2026, 11, 23, 8, tzinfo=ZoneInfo("Europe/Madrid")), "2026-11-23T07:00:00Z"),
        ("instant", dt.datetime(2026, 1, 1, 0, 0, 0, 5, dt.UTC), "2026-01-01T00:00:00.000005Z"),
        ("bool", True, "true"),
        ("bool", False, "false"),
        ("text", 7, "7"),
        ("text", None, ""),
        ("money", None, ""),
    ],
)
def test_a_value_is_written_exactly(kind: Kind, value: Any, expected: str) -> None:
    assert written(kind, value)[1] == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("money", 1.5), ("money", "1.5"), ("integer", True), ("integer", Decimal("1.5")),
        ("decimal", Decimal("NaN")), ("date", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)), ("date", "2026-01-01"),
        ("instant", dt.datetime(2026, 1, 1)),  # noqa: DTZ001
        ("instant", dt.date(2026, 1, 1)), ("bool", 1),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused_by_its_columns_name(kind: Kind, value: Any) -> None:
    with pytest.raises(ValueError, match="column c: "):
        written(kind, value)


def test_a_row_with_a_value_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        list(csv_pieces(Table("T", (Column("a", "A"), Column("b", "B")), [("x",)])))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(1)", "'@SUM(1)"),
        ("\tx", "'\tx"), ("\rx", "'\rx"), ("  =1", "'  =1"), ("＝1", "'＝1"), ("a;=1", "a;'=1"),
        ("Ken & Co", "Ken & Co"), ("a-b", "a-b"), ("a, -b", "a, -b"), ("'=1", "'=1"), ("", ""),
    ],
)  # fmt: skip
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str, expected: str) -> None:
    assert harmless(text) == expected


def test_titles_are_made_harmless_and_negative_numbers_stay_numbers() -> None:
    assert written("integer", -5, title="=1+1") == ["'=1+1", "-5"]


@given(st.text(st.sampled_from("=+-@;,\t\r\n\"' aＳ＝"), max_size=12))
def test_no_cell_begins_as_a_formula_whichever_separator_a_country_has(text: str) -> None:
    table = Table("T", (Column("a", "A"), Column("b", "B"), Column("c", "C")), [("x", text, "y")])
    whole = b"".join(csv_pieces(table)).decode("utf-8-sig")
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(whole, newline=""), delimiter=separator):
            assert [cell for cell in row if FORMULA.match(cell)] == []


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=5))
def test_all_other_text_comes_back_as_it_went(texts: list[str]) -> None:
    plain = ["", *(text for text in texts if harmless(text) == text)]
    assert written("text", *plain)[1:] == plain


def test_a_large_table_is_given_in_pieces_and_never_held_whole() -> None:
    rows = ((n, f"name {n}") for n in range(60_000))
    tracemalloc.start()
    sizes = [
        len(piece) for piece in csv_pieces(Table("T", (Column("n", "N", "integer"), Column("t", "T")), rows))
    ]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) > 900_000
    assert max(sizes) < PIECE + 1000
    assert peak < 1_500_000
