"""A table as an Excel workbook: typed cells on the first sheet, where they come from on the second.

rows ─▶ a cell by its kind ─▶ a file, row by row in constant memory. Text stays text: no formula, no link.
It rounds nothing: a number that Excel could not hold exactly is written as text.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.errors import Refused
from reports.export.table import NUMBERS, About, Column, Kind, Table, checked
from reports.export.words import LANGUAGES, words

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575
"""Rows of a sheet below its header."""
# https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
LONGEST_TEXT = 32_767
DIGITS = 15
FIRST_DAY = dt.date(1900, 3, 1)
"""Excel has a 29 February 1900: days before it are others there."""
WIDEST, NARROWEST = 60, 8
MEASURED_ROWS = 1000
"""Rows whose numbers make a column wide: to write a number only to measure it takes as long as the cell."""
FORMATS: Mapping[Kind, str] = {
    "integer": "#,##0", "decimal": "#,##0.00##", "money": "#,##0.00", "percent": "0.0%", "hours": "#,##0.0",
    "date": "yyyy-mm-dd", "instant": "yyyy-mm-dd hh:mm:ss",
}  # fmt: skip


class TooManyRows(Refused):
    """More rows came than a sheet holds."""


def xlsx(table: Table, out: Path, *, about: About, zone: ZoneInfo) -> Path:
    """Write the workbook to ``out``, instants in ``zone``, and give ``out``.

    ``TooManyRows`` when there are more rows than a sheet holds; nothing is left of the file then.
    """
    # A second and 10 MB, which only an export pays.
    from xlsxwriter import Workbook

    with tempfile.TemporaryDirectory(prefix="triada-xlsx-") as folder:
        draft = Path(folder) / "draft.xlsx"
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book = Workbook(str(draft), {"constant_memory": True, "tmpdir": folder, **plain})
        try:
            first = book.add_worksheet(sheet_name(table.title))
            _Sheet(book, first, table, zone=zone).write()
            _write_about(book, about, zone=zone)
        finally:
            book.close()
        out.write_bytes(b"")  # the mode that the folder gives, not that of a temporary file
        with draft.open("rb") as made, out.open("wb") as file:
            while piece := made.read(1 << 20):
                file.write(piece)
    return out


def sheet_name(title: str) -> str:
    """The title as Excel takes it for a sheet: up to 31 characters, none of ``[]:*?/\\``."""
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f]+", " ", title).strip().strip("'")[:31].strip().strip("'")
    taken = {"history", *(words(language)["about"].lower() for language in LANGUAGES)}
    return f"{name}." if name.lower() in taken else name or "Table"


class _Sheet:
    """The first sheet while it is written; it learns its columns' widths on the way."""

    def __init__(self, book: Any, sheet: Any, table: Table, *, zone: ZoneInfo) -> None:
        self._sheet, self._table, self._zone = sheet, table, zone
        self._head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        kinds = {column.kind for column in table.columns}
        self._formats = {
            kind: book.add_format({"num_format": form}) for kind, form in FORMATS.items() if kind in kinds
        }
        self._heads = [self._title(column) for column in table.columns]
        self._widths = [min(WIDEST, max(NARROWEST, len(head) + 3)) for head in self._heads]

    def write(self) -> None:
        for place, head in enumerate(self._heads):
            self._sheet.write_string(0, place, head, self._head)
        row = 0
        for row, values in enumerate(self._table.rows, start=1):
            if row > MOST_ROWS:
                raise TooManyRows(
                    f"{self._table.title}: more than {MOST_ROWS:,} rows came, which is all that a sheet of "
                    "Excel holds. Take it as CSV, which has no such end, or filter it"
                )
            for place, (column, value) in enumerate(zip(self._table.columns, values, strict=True)):
                shown = self._write_cell(row, place, column=column, value=checked(column, value))
                self._widths[place] = max(self._widths[place], min(WIDEST, shown + 2))
        self._sheet.freeze_panes(1, 0)
        if self._heads:
            self._sheet.autofilter(0, 0, row, len(self._heads) - 1)
        for place, width in enumerate(self._widths):
            self._sheet.set_column(place, place, width)

    def _title(self, column: Column) -> str:
        return f"{column.head} ({self._zone.key})" if column.kind == "instant" else column.head

    def _write_cell(self, row: int, place: int, *, column: Column, value: Any) -> int:
        """Write it; how many characters it shows."""
        sheet, form = self._sheet, self._formats.get(column.kind)
        if value is None:
            return 0
        if column.kind == "bool":
            sheet.write_boolean(row, place, value)
            return 5
        if column.kind in NUMBERS and is_exact(value):
            sheet.write_number(row, place, float(value), form)
            return len(f"{value:,.2f}") if row <= MEASURED_ROWS else 0
        if column.kind == "instant":
            value = value.astimezone(self._zone).replace(tzinfo=None)
        if column.kind in ("date", "instant") and _day(value) >= FIRST_DAY:
            sheet.write_datetime(row, place, value, form)
            return len(FORMATS[column.kind])
        text = _cut(f"{value:f}" if isinstance(value, Decimal) else str(value))
        sheet.write_string(row, place, text)
        return max(map(len, text.splitlines()), default=0)


def is_exact(number: int | Decimal) -> bool:
    """Whether Excel, which counts in fifteen digits, holds it as it is."""
    exact = Decimal(number)
    digits = exact.as_tuple().digits
    if len(digits) > DIGITS:
        return len("".join(map(str, digits)).strip("0")) <= DIGITS and exact.adjusted() < 300
    return abs(exact.adjusted()) < 300


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _cut(text: str) -> str:
    """What fits a cell, whose length Excel counts in UTF-16."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) <= LONGEST_TEXT // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    return units[: 2 * LONGEST_TEXT - 2].decode("utf-16-le", "ignore") + "…"


def _write_about(book: Any, about: About, *, zone: ZoneInfo) -> None:
    said = words(about.locale)
    sheet, bold = book.add_worksheet(said["about"]), book.add_format({"bold": True})
    lines = [
        (said["title"], about.title),
        (said["as_of"], _instant(about.as_of, zone)),
        *((f"{said['filter']}: {name}", value) for name, value in about.filters.items()),
        (said["by"], about.by),
        (said["at"], _instant(about.at, zone)),
    ]
    for row, (name, value) in enumerate(lines):
        sheet.write_string(row, 0, _cut(name), bold)
        sheet.write_string(row, 1, _cut(value))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, WIDEST)


def _instant(value: dt.datetime | None, zone: ZoneInfo) -> str:
    return f"{value.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}" if value else "–"
