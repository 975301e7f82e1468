"""What leaves by a link: rows as CSV and XLSX, pages as PDF; each noted in the audit log.

address ─▶ the same rows or page as on the screen, seen by the same viewer ─▶ a file.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from reports.access import audit
from reports.export.csv import csv_pieces
from reports.export.pdf import pdf
from reports.export.table import About, Column, Table
from reports.export.xlsx import xlsx
from reports.look import Look
from reports.rows import RowSet
from reports.site import Site
from reports.standalone import document
from reports.web.heavy import Heavy

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BATCH = 5000
KINDS: Mapping[str, Any] = {
    "word": "text",
    "activities": "text",
    "days": "decimal",
    "working_days": "decimal",
}
"""Kinds of a row set's columns that a file calls otherwise; the rest have the same names."""
NOT_ROWS = ("from", "sort")

LookOf = Callable[[Request], Look]
Asked = Callable[[Request], Mapping[str, str]]


def exports(app: FastAPI, site: Site, look_of: LookOf, asked: Asked, *, chromium: str = "") -> None:
    """Add the routes; they come before those of the pages, whose names they end."""

    heavy = Heavy()

    @app.get("/rows/{name}.csv")
    def rows_csv(name: str, request: Request) -> StreamingResponse:
        rows, look = site.asked_rows(look_of(request), name, asked(request))
        made = table(look, rows)
        note(request, look, f"{name}.csv")
        pieces = csv_pieces(made)
        return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=_named(f"{name}.csv"))

    @app.get("/rows/{name}.xlsx")
    async def rows_xlsx(name: str, request: Request) -> FileResponse:
        rows, look = await run_in_threadpool(lambda: site.asked_rows(look_of(request), name, asked(request)))

        def written() -> tuple[Path, BackgroundTask]:
            folder = tempfile.TemporaryDirectory(prefix="triada-export-")
            try:
                made = table(look, rows)
                note(request, look, f"{name}.xlsx")
                out = Path(folder.name) / "rows.xlsx"
                xlsx(made, out, about=_about(look, made), zone=look.reader.zone)
            except BaseException:
                folder.cleanup()
                raise
            return out, BackgroundTask(folder.cleanup)

        out, gone = await heavy.run(written, whose=_whose(request, look))
        return FileResponse(out, media_type=XLSX, headers=_named(f"{name}.xlsx"), background=gone)

    @app.get("/{key}.pdf")
    async def page_pdf(key: str, request: Request) -> Response:
        look = await run_in_threadpool(look_of, request)

        def printed() -> bytes:
            text = document(site, look, [key], asked(request), base=str(request.base_url))
            note(request, look, f"{key}.pdf")
            return pdf(text, chromium=chromium)

        made = await heavy.run(printed, whose=_whose(request, look))
        return Response(made, media_type="application/pdf", headers=_named(f"{key}.pdf"))


def _whose(request: Request, look: Look) -> object:
    """What tells readers apart: the user, or the place where nobody signs in."""
    return look.viewer.user_no or (request.client.host if request.client else "")


def table(look: Look, rows: RowSet) -> Table:
    """All rows that the look asks for, read in batches as they are written."""
    t = look.reader.text
    columns = tuple(
        Column(
            column.name,
            str(t(f"column.{column.name}")),
            {"action": "text"}.get(column.kind, KINDS.get(column.kind, column.kind)),
            look.reader.currency if column.kind == "money" else "",
        )
        for column in rows.columns
    )
    # The first row is asked for before anything is answered: what cannot be had is no file cut short.
    waiting = _batches(look, rows)
    first = list(islice(waiting, 1))
    return Table(str(t(f"rows.{rows.name}")), columns, chain(first, waiting))


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
    words = column.words
    return look.reader.word(words, value) if words and value is not None else value


def _about(look: Look, made: Table) -> About:
    shown = {
        str(look.reader.text(f"filter.{name}")): str(value)
        for name, value in look.asked.items()
        if value is not None and name not in NOT_ROWS
    }
    return About(
        title=made.title,
        by=look.viewer.name,
        at=dt.datetime.now(dt.UTC),
        as_of=look.as_of,
        filters=shown,
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
