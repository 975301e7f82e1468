"""The reports as pages: an address, a viewer and a publication in; a status and a page's text out.

address ─▶ page, row set, record or number ─▶ filters checked ─▶ content as the viewer may see it ─▶ template.
The web application, the static folder, the PDF and the mails all render here. It knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.errors import Misconfigured, TriadaError
from reports import activities, check_says, filters, records
from reports.access.viewer import Viewer
from reports.look import Addresses, Look, Page, server
from reports.passports import passport
from reports.publication import Publication
from reports.published import Published
from reports.reader import Reader
from reports.rows import PAGE_ROWS, PAGING, find, narrowed_by, row_sets, said_as
from reports.shares import share
from reports.standing import sentences
from reports.texts import plain
from reports.told import NotFound, Told

TEMPLATES = Path(__file__).with_name("templates")


class Forbidden(TriadaError):
    """The page is there, and not for this viewer's role."""


@dataclass(frozen=True)
class Site:
    """What all pages of one company share; ``standing`` gives the document of ``triada status --json``."""

    company: str
    currency: str
    timezone: str
    published: Published
    standing: Callable[[], Mapping[str, Any]] = dict

    def look(
        self,
        viewer: Viewer,
        *,
        locale: str | None = None,
        addresses: Addresses = server,
        publication: Publication | None = None,
    ) -> Look:
        """A viewer's look at a publication, the newest unless given, with nothing asked yet."""
        reader = Reader.of(locale or viewer.locale, timezone=self.timezone, currency=self.currency)
        return Look(viewer, reader, publication or self.published.now(), addresses=addresses)

    def at(self, look: Look, path: str, given: Mapping[str, str]) -> str:
        """The text at an address such as ``/rows/gaps``; ``NotFound`` where there is none."""
        match path.split("/", 3)[1:]:
            case [""]:
                return self.page(look, "morning", given)
            case ["rows", name]:
                return self.rows(look, name, given)
            case ["records", kind, number]:
                return self.record(look, kind, number)
            case ["numbers", metric]:
                return self.number(look, metric)
            case [key]:
                return self.page(look, key, given)
            case _:
                raise NotFound("missing.page", value=filters.shown(path))

    def page(self, look: Look, key: str, given: Mapping[str, str]) -> str:
        """A page's text; ``NotFound``, ``Forbidden``, or ``BadAddress`` for a filter not understood."""
        page, look = _asked(look, key, given)
        made = page.make(look)
        template = f"pages/{key}.html.j2" if made is not None else "web/empty.html.j2"
        return self._text(look, template, page=page, **(made or {}))

    def summary(self, look: Look, key: str) -> tuple[str, list[str]]:
        """A page's title, and what it finds in plain sentences, its headline first."""
        page, look = _asked(look, key, {})
        made = page.make(look)
        title = plain(look.reader.text(f"{key}.title"))
        if made is None:
            return title, [plain(look.reader.text(f"{key}.empty"))]
        return title, [plain(made["finding"]), *(said.plain for said in made.get("sentences", ()))]

    def standing_said(self, look: Look) -> list[str]:
        """As of when the pages are, and why they are no newer where the warehouse or a flow stands still."""
        said = look.reader.text("page.as_of", at=look.reader.instant(look.as_of))
        return [f"{plain(said)}.", *sentences(standing(self.standing()), look.reader)]

    def rows(self, look: Look, name: str, given: Mapping[str, str]) -> str:
        """The rows behind a number, a page at a time."""
        rows, look = self.asked_rows(look, name, given)
        return self._text(look, "web/rows.html.j2", page=None, rows=rows, found=find(look, rows))

    def asked_rows(self, look: Look, name: str, given: Mapping[str, str]) -> tuple[Any, Look]:
        """A row set and the look with what is asked of it; ``NotFound`` where the viewer sees none of it."""
        rows = row_sets().get(name)
        if rows is None or not look.sees(*rows.tables):
            raise NotFound("missing.rows", value=filters.shown(name))
        return rows, replace(look, asked=filters.read((*rows.filters, *PAGING), given))

    def record(self, look: Look, kind: str, number: str) -> str:
        """A record's whole story across the systems; ``NotFound`` also for one that is not the viewer's."""
        found = records.record(look, kind, number)
        if found is None:
            raise NotFound("missing.record", kind=filters.shown(kind), number=filters.shown(number))
        return self._text(look, "web/record.html.j2", page=None, record=found)

    def number(self, look: Look, metric: str) -> str:
        """A number's passport; ``NotFound`` also for one that is not of the viewer's role."""
        found = passport(look, metric)
        if found is None:
            raise NotFound("missing.number", value=filters.shown(metric))
        return self._text(look, "web/number.html.j2", page=None, **found)

    def problem(self, look: Look, status: int, what: str, error: Exception) -> str:
        """A page for what went wrong: ``what`` is a text under ``problem``, ``error`` says more of it."""
        said = look.reader.text(error.key, **error.values) if isinstance(error, Told) else None
        # What is set up wrongly is told in English: it is for whoever runs Tríada.
        setup = str(error) if isinstance(error, Misconfigured) else None
        values = {"status": status, "what": what, "said": said, "setup": setup}
        return self._text(look, "web/problem.html.j2", page=None, **values)

    def _text(self, look: Look, template: str, **values: Any) -> str:
        shown = [page for page in pages().values() if page.open_to(look.viewer)]
        return (
            environment()
            .get_template(template)
            .render(
                {
                    **formats(look.reader),
                    "look": look,
                    "viewer": look.viewer,
                    "company": self.company,
                    "pages": shown,
                    "standing": standing(self.standing()),
                    **values,
                }
            )
        )


def _asked(look: Look, key: str, given: Mapping[str, str]) -> tuple[Page, Look]:
    page = pages().get(key)
    if page is None:
        raise NotFound("missing.page", value=filters.shown(key))
    if not page.open_to(look.viewer):
        raise Forbidden(key)
    return page, replace(look, asked=filters.read(page.filters, given))


def pages() -> Mapping[str, Page]:
    """Every page by its key, in the order of the navigation."""
    from reports.pages import PAGES

    return {page.key: page for page in PAGES}


_ENVIRONMENT: list[Environment] = []


def environment() -> Environment:
    """The templates, compiled once; everything that is not markup of ours is escaped."""
    if not _ENVIRONMENT:
        made = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.globals.update(share=share, said_as=said_as, narrowed_by=narrowed_by, page_rows=PAGE_ROWS)
        made.globals.update(activity_said=records.said, system_of=activities.system_of)
        made.globals.update(check_said=check_says.marked)
        _ENVIRONMENT.append(made)
    return _ENVIRONMENT[0]


def formats(reader: Reader) -> Mapping[str, Any]:
    """What templates write values with, in this reader's language, zone and currency."""
    return {"reader": reader, "t": reader.text, "word": reader.word}


def standing(said: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the banner says when the warehouse or a flow stands still; ``None`` when all is well."""
    from reports.standing import stale

    return stale(said)
