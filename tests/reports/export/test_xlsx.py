"""A workbook has typed cells, text that stays text, and says where it comes from; read back."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from reports.export import xlsx as module
from reports.export.table import About, Column, Kind, Table
from reports.export.words import _WORDS
from reports.export.xlsx import is_exact, sheet_name, xlsx

MADRID = ZoneInfo("Europe/Madrid")
AT = dt.datetime(2026, 11, 23, 8, 30, tzinfo=dt.UTC)
ABOUT = About("Orders", by="Joe", at=AT, as_of=AT - dt.timedelta(hours=2), filters={"Owner": "=Ann"})


def written(folder: Path, columns: Sequence[Column], *rows: Sequence[Any], about: About = ABOUT) -> Any:
    """The workbook as openpyxl reads it."""
    path = xlsx(Table("Orders", tuple(columns), rows), folder / "t.xlsx", about=about, zone=MADRID)
    return load_workbook(path)


def cell(folder: Path, kind: Kind, value: Any) -> Any:
    return written(folder, [Column("c", "C", kind)], [value]).worksheets[0]["A2"]


@pytest.mark.parametrize(
    ("kind", "value", "expected", "form"),
    [
        ("integer", 12, 12, ("n", "#,##0")),
        ("money", Decimal("1234.5678"), 1234.5678, ("n", "#,##0.00")),
        ("decimal", Decimal("-0.1"), -0.1, ("n", "#,##0.00##")),
        ("money", Decimal("12345678901.2345"), 12345678901.2345, ("n", "#,##0.00")),
        ("money", Decimal("12345678901234.5678"), "12345678901234.5678", ("s", "General")),
        ("integer", 10**15 + 1, "1000000000000001", ("s", "General")),
        ("percent", Decimal("0.125"), 0.125, ("n", "0.0%")),
        ("hours", Decimal("7.25"), 7.25, ("n", "#,##0.0")),
        ("bool", True, True, ("b", "General")),
        ("date", dt.date(2026, 11, 23), dt.datetime(2026, 11, 23), ("d", "yyyy-mm-dd")),  # noqa: DTZ001
        ("date", dt.date(1899, 5, 1), "1899-05-01", ("s", "General")),
        ("instant", AT, dt.datetime(2026, 11, 23, 9, 30), ("d", "yyyy-mm-dd hh:mm:ss")),  # noqa: DTZ001
        ("text", "=1+1", "=1+1", ("s", "General")),
        ("text", "https://example.com/", "https://example.com/", ("s", "General")),
        ("text", "0012", "0012", ("s", "General")),
        ("text", "a\x01b\nc", "a\x01b\nc", ("s", "General")),
    ],
)
def test_a_cell_has_the_type_and_form_of_its_kind(
    tmp_path: Path, kind: Kind, value: Any, expected: Any, form: tuple[str, str]
) -> None:
    found = cell(tmp_path, kind, value)
    told = found.value.replace("_x0001_", "\x01") if isinstance(found.value, str) else found.value
    assert (told, (found.data_type, found.number_format)) == (expected, form)


def test_nothing_in_the_file_is_a_formula_or_a_link(tmp_path: Path) -> None:
    written(
        tmp_path, [Column("c", "=2")], ["=1+1"], ["http://x.example"], ["mailto:a@b.example"], ["internal:A1"]
    )
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet
        assert not [name for name in archive.namelist() if "rels" in name and "sheet" in name]


def test_an_empty_value_is_an_empty_cell(tmp_path: Path) -> None:
    assert all(cell(tmp_path, kind, None).value is None for kind in ("text", "money", "instant", "bool"))


def test_the_header_stays_in_sight_filters_and_names_unit_and_zone(tmp_path: Path) -> None:
    columns = [Column("a", "Amount", "money", "EUR"), Column("s", "Since", "instant"), Column("n", "Name")]
    sheet = written(tmp_path, columns, [Decimal(1), AT, "x" * 200], [Decimal(2), AT, "y"]).worksheets[0]
    assert [each.value for each in sheet[1]] == ["Amount (EUR)", "Since (Europe/Madrid)", "Name"]
    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref) == ("Orders", "A2", "A1:C3")
    assert sheet["A1"].font.bold
    widths = [sheet.column_dimensions[name].width for name in "ABC"]
    assert widths[2] == pytest.approx(60, abs=1)
    assert widths[1] > 19
    assert all(width >= 8 for width in widths)


def test_the_second_sheet_says_where_it_comes_from(tmp_path: Path) -> None:
    book = written(tmp_path, [Column("c", "C")])
    assert [[each.value for each in row] for row in book["About"].rows] == [
        ["Title", "Orders"],
        ["Data as of", "2026-11-23 07:30:00 Europe/Madrid"],
        ["Filter: Owner", "=Ann"],
        ["Exported by", "Joe"],
        ["Exported at", "2026-11-23 09:30:00 Europe/Madrid"],
    ]


def test_the_second_sheet_speaks_the_readers_language(tmp_path: Path) -> None:
    about = About("Pedidos", by="Joe", at=AT, locale="es_MX")
    book = written(tmp_path, [Column("c", "C")], about=about)
    assert book.sheetnames == ["Orders", "Acerca de"]
    assert book["Acerca de"]["B2"].value == "–"
    assert set(_WORDS["en"]) == set(_WORDS["es"])


def test_more_rows_than_a_sheet_holds_are_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    columns = [Column("n", "N", "integer")]
    written(tmp_path, columns, [1], [2], [3])
    with pytest.raises(module.TooManyRows, match=r"Orders: more than 3 rows .* as CSV"):
        xlsx(
            Table("Orders", tuple(columns), ([n] for n in range(4))),
            tmp_path / "no",
            about=ABOUT,
            zone=MADRID,
        )
    assert not (tmp_path / "no").exists()


def test_a_sheet_holds_as_many_rows_as_excel_says() -> None:
    assert module.MOST_ROWS == 2**20 - 1


@pytest.mark.parametrize("text", ["x" * 40_000, "😀" * 20_000])
def test_text_longer_than_a_cell_is_cut_and_shows_it(tmp_path: Path, text: str) -> None:
    value = cell(tmp_path, "text", text).value
    assert value.endswith("…")
    assert 32_760 < len(value.encode("utf-16-le")) // 2 <= 32_767


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Orders", "Orders"), ("a/b:c?[d]*\\", "a b c d"), ("x" * 40, "x" * 31), ("'quoted'", "quoted"),
        ("", "Table"), ("About", "About."), ("History", "History."), ("acerca de", "acerca de."),
    ],
)  # fmt: skip
def test_a_title_becomes_a_name_that_a_sheet_may_have(tmp_path: Path, title: str, expected: str) -> None:
    assert sheet_name(title) == expected
    table = Table(title, (Column("c", "C"),), [["x"]])
    path = xlsx(table, tmp_path / "t.xlsx", about=ABOUT, zone=MADRID)
    assert load_workbook(path).sheetnames == [expected, "About"]


@pytest.mark.parametrize(
    ("number", "exact"),
    [(0, True), (10**20, True), (Decimal("0.123456789012345"), True), (Decimal("1.1234567890123456"), False),
     (123456789012345, True), (1234567890123456, False), (Decimal("1E-400"), False)],
)  # fmt: skip
def test_excel_holds_fifteen_digits_that_count(number: int | Decimal, exact: bool) -> None:
    assert is_exact(number) is exact
