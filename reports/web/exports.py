"""What leaves by a link: rows as CSV and XLSX, pages as PDF; each noted in the audit log.

address ─▶ the same rows or page as on the screen, seen by the same viewer ─▶ a file, when it is its turn.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from reports.access import audit
from reports.export.csv import csv_pieces
from reports.export.pdf import pdf
from reports.export.table import About, Column, Table
from reports.export.xlsx import xlsx
from reports.look import Look
from reports.rows import COMPOSED, RowSet, narrowed_by, said_as
from reports.site import Site
from reports.standalone import document
from reports.web.turns import Turns

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BATCH = 5000
KINDS: Mapping[str, Any] = {
    **dict.fromkeys(COMPOSED, "text"),
    "days": "decimal",
    "working_days": "decimal",
}
"""Kinds of a row set's columns that a file calls otherwise; the rest have the same names."""
AT_ONCE = 2
"""Files of a kind made at the same time by one process; a PDF takes a browser of some 300 MB."""

LookOf = Callable[[Request], Look]
Asked = Callable[[Request], Mapping[str, str]]
Made = TypeVar("Made")


def exports(app: FastAPI, site: Site, look_of: LookOf, asked: Asked, *, chromium: str = "") -> None:
    """Add the routes; they come before those of the pages, whose names they end."""
    turns = {kind: Turns(AT_ONCE) for kind in ("csv", "xlsx", "pdf")}

    async def taken(kind: str, request: Request, make: Callable[[Look], Made]) -> Made:
        look = await run_in_threadpool(look_of, request)
        return await turns[kind].take(look.viewer.user_no or look.viewer.name, lambda: make(look))

    @app.get("/rows/{name}.csv")
    async def rows_csv(name: str, request: Request) -> StreamingResponse:
        def begun(look: Look) -> Iterator[bytes]:
            return _pieces(*site.asked_rows(look, name, asked(request)), request)

        pieces = await taken("csv", request, begun)
        return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=_named(f"{name}.csv"))

    @app.get("/rows/{name}.xlsx")
    async def rows_xlsx(name: str, request: Request) -> FileResponse:
        def made(look: Look) -> tuple[Path, BackgroundTask]:
            return _workbook(*site.asked_rows(look, name, asked(request)), request)

        out, gone = await taken("xlsx", request, made)
        return FileResponse(out, media_type=XLSX, headers=_named(f"{name}.xlsx"), background=gone)

    @app.get("/{key}.pdf")
    async def page_pdf(key: str, request: Request) -> Response:
        def made(look: Look) -> bytes:
            text = document(site, look, [key], asked(request), base=str(request.base_url))
            content = pdf(text, chromium=chromium)
            note(request, look, f"{key}.pdf")
            return content

        content = await taken("pdf", request, made)
        return Response(content, media_type="application/pdf", headers=_named(f"{key}.pdf"))


def _pieces(rows: RowSet, look: Look, request: Request) -> Iterator[bytes]:
    """A CSV's pieces, the first of them made: what cannot be asked for is told before the answer begins."""
    pieces = csv_pieces(table(look, rows))
    first = next(pieces)
    note(request, look, f"{rows.name}.csv")
    return chain([first], pieces)


def _workbook(rows: RowSet, look: Look, request: Request) -> tuple[Path, BackgroundTask]:
    """A workbook in a folder of its own, and what takes both away."""
    folder = tempfile.TemporaryDirectory(prefix="triada-export-")
    out = Path(folder.name) / "rows.xlsx"
    try:
        xlsx(table(look, rows), out, about=_about(look, rows), zone=look.reader.zone)
        note(request, look, f"{rows.name}.xlsx")
    except BaseException:
        folder.cleanup()
        raise
    return out, BackgroundTask(folder.cleanup)


def table(look: Look, rows: RowSet) -> Table:
    """All rows that the look asks for, read in batches as they are written."""
    t = look.reader.text
    columns = tuple(
        Column(
            column.name,
            str(t(f"column.{column.name}")),
            KINDS.get(column.kind, column.kind),
            look.reader.currency if column.kind == "money" else "",
        )
        for column in rows.columns
    )
    return Table(str(t(f"rows.{rows.name}")), columns, _batches(look, rows))


def _batches(look: Look, rows: RowSet) -> Iterator[tuple[Any, ...]]:
    statement, values = rows.statement(look.asked)
    ordered = f"{statement} order by {rows.ordered(look.asked)}"
    with look.publication.stream(look.viewer, ordered, values) as answer:
        while batch := answer.fetchmany(BATCH):
            for row in batch:
                kept = row[: len(rows.columns)]
                yield tuple(_said(look, rows, place, value) for place, value in enumerate(kept))


def _said(look: Look, rows: RowSet, place: int, value: Any) -> Any:
    column = rows.columns[place]
    if isinstance(value, float) and column.kind != "money":
        value = Decimal(repr(value))  # a time that was measured; money never comes as one
    if column.kind == "integer" and isinstance(value, Decimal) and value == int(value):
        value = int(value)  # a part of one is not cut off: the file refuses it
    if value is not None and (column.words or column.kind in COMPOSED):
        return said_as(look.reader, value, column)
    return value


def _about(look: Look, rows: RowSet) -> About:
    return About(
        title=str(look.reader.text(f"rows.{rows.name}")),
        by=look.viewer.name,
        at=dt.datetime.now(dt.UTC),
        as_of=look.as_of,
        filters=dict(narrowed_by(look.reader, rows, look.asked)),
        locale=look.reader.locale.language,
    )


def note(request: Request, look: Look, what: str) -> None:
    """Keep who took what; nothing where nobody signs in."""
    door = getattr(request.app.state, "door", None)
    if door is None:
        return
    address = request.client.host if request.client else ""
    name = getattr(request.state, "sign_in_name", "")
    asked = f"{what}?{request.url.query}" if request.url.query else what
    audit.note(door.state, "export", user_no=look.viewer.user_no, name=name, what=asked, address=address)


def _named(name: str) -> Mapping[str, str]:
    return {"Content-Disposition": f'attachment; filename="triada-{name}"'}
