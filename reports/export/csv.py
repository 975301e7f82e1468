"""A table as CSV: RFC 4180 in UTF-8 with a byte order mark, a piece at a time.

rows ─▶ exact text ─▶ harmless text ─▶ pieces of about 64 KiB. Numbers have a point and no grouping, dates are
ISO, instants RFC 3339 in UTC. Nothing is rounded, and no file is built in memory.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

from reports.export.table import Column, Table, checked

PIECE = 64 * 1024
MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
# What a spreadsheet takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection. It does so
# after blanks too, in its full-width form, and after a ";" or tab, where those separate cells in its country.
_STARTS = r"[=+\-@＝＋－＠]"
_FORMULA = re.compile(rf"""^(?=\s*{_STARTS})|(?<=[;\t\r\n])(?=[\s"]*{_STARTS})|^(?=[\t\r\n])""")


def csv_pieces(table: Table) -> Iterator[bytes]:
    """The file's pieces, in order: a first row with the titles, then a row a row.

    ``ValueError`` names the column whose value is not of its kind.
    """
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\r\n").writerow
    text.write("\ufeff")
    write([harmless(column.head) for column in table.columns])
    for row in table.rows:
        write([_cell(column, value) for column, value in zip(table.columns, row, strict=True)])
        if text.tell() >= PIECE:
            yield _taken(text)
    yield _taken(text)


def harmless(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula."""
    return _FORMULA.sub("'", text)


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode("utf-8", "replace")  # half a surrogate pair is no text
    text.seek(0)
    text.truncate()
    return piece


def _cell(column: Column, value: Any) -> str:
    value = checked(column, value)
    if value is None:
        return ""
    match column.kind:
        case "text":
            return harmless(value)
        case "bool":
            return "true" if value else "false"
        case "date":
            return str(value.isoformat())
        case "instant":
            return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")  # type: ignore[no-any-return]
        case _:
            return f"{value:f}" if column.kind != "integer" else str(value)
