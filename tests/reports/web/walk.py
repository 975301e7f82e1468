"""Every address of the reports for one viewer: pages, row sets, exports and records, and what they answer.

A page as PDF is taken before it is printed: what the printer gets, for what stands in a PDF no test can read.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI
from lxml import html
from starlette.routing import Route

from reports.access.viewer import Viewer
from reports.filters import PERIODS
from reports.numbers_declared import METRICS
from reports.published import Published
from reports.record_kinds import KINDS
from reports.rows import row_sets
from reports.site import Site, pages
from reports.web.app import application
from tests.reports.web.asking import Asker

LINK = re.compile(r'(?:href|action|src|hx-get)="(/[^"#]*)"')
CELL = re.compile(r"<(?:t|v)\b[^>]*>([^<]*)<")
MADE_AT = re.compile(r"Exported at\n.*")
ELSEWHERE = ("/static", "/language", "/sign")
FOLLOWED = 60
"""Links of one walk beyond the starts; a table of a thousand links says no more than one of a hundred."""


def app_over(file: Path, viewer: Viewer, *, standing: Mapping[str, Any] | None = None) -> FastAPI:
    """The application over a published file, with this viewer signed in."""
    site = Site("Marked Ltd", "EUR", "Europe/Madrid", Published(file), lambda: standing or {})
    return application(site, signed_in=lambda _request: viewer)


def starts(app: FastAPI, numbers: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Addresses to begin with: pages and row sets with each period, passports, records of these numbers."""
    routes = {route.path for route in app.routes if isinstance(route, Route)}
    for key, page in pages().items():
        yield "/" if key == "morning" else f"/{key}"
        if any(one.kind == "period" for one in page.filters):
            yield from (f"/{'' if key == 'morning' else key}?period={period}" for period in PERIODS)
        yield f"/{key}.pdf"
    for name in row_sets():
        yield f"/rows/{name}"
        yield from (f"/rows/{name}{end}" for end in (".csv", ".xlsx") if f"/rows/{{name}}{end}" in routes)
    yield from dict.fromkeys(f"/numbers/{one.key}" for metrics in METRICS.values() for one in metrics)
    for kind in KINDS:
        yield from (f"/records/{kind}/{number}" for number in numbers.get(kind, ()))


def walk(app: FastAPI, numbers: Mapping[str, Iterable[str]], *, language: str = "en") -> dict[str, str]:
    """What each address answers, from the starts along every link; text of the answer by address."""
    waiting = list(dict.fromkeys(starts(app, numbers)))
    seen: dict[str, str] = {}
    most = len(waiting) + FOLLOWED
    asker = Asker(app, headers={"accept-language": language})
    with asker as reader, patch("reports.web.exports.pdf", lambda text, **_: text.encode()):
        while waiting and len(seen) < most:
            address = waiting.pop(0)
            answer = reader.get(address)
            assert answer.status < 500 and answer.error is None, (
                address,
                answer.status,
                answer.error,
                answer.text[:500],
            )
            seen[address] = f"{answer.status} {said(answer.headers.get('content-type', ''), answer.content)}"
            known = {*seen, *waiting}
            for found in LINK.findall(seen[address]):
                link = found.replace("&amp;", "&")
                if link not in known and not link.startswith(ELSEWHERE):
                    known.add(link)
                    waiting.append(link)
    return seen


def said(kind: str, content: bytes) -> str:
    """What a reader could read of an answer; of a workbook, all of its sheets' text."""
    if "spreadsheet" in kind:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            sheets = (book.read(name).decode() for name in sorted(book.namelist()) if "docProps" not in name)
            # How wide a column is, nobody reads; when a file was made, no two files share.
            return "\n".join(MADE_AT.sub("", "\n".join(CELL.findall(sheet))) for sheet in sheets)
    return content.decode("utf-8", errors="replace")


def links(text: str) -> list[str]:
    """The addresses that a page's own part links to."""
    main = html.fromstring(text).find(".//main")
    assert main is not None
    return [str(link.get("href")) for link in main.iter("a")]
