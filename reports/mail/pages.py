"""What mails need of the reports: somebody's eyes, what pages say to them, a page as one file, a number.

A user's number, pages and metrics come in; a ``Viewer``, plain sentences, a document and exact values go out,
of what that viewer may see. All that one ``SitePages`` gives is of one publication, so that the sentences of
a mail and its PDF say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol
from urllib.parse import urlsplit

from connectors.errors import Misconfigured
from hub.state import State
from reports.access import users
from reports.access.people import PublishedPeople
from reports.access.scope import group_of
from reports.access.users import People
from reports.access.viewer import Viewer
from reports.look import Look
from reports.numbers import number
from reports.numbers_declared import BY_KEY, METRICS
from reports.passports import exact
from reports.publication import Publication
from reports.reader import Reader
from reports.site import Site
from reports.site import pages as pages_there
from reports.standalone import document
from reports.web.serve import site_of
from settings import Settings


class Pages(Protocol):
    """The reports as a mail sees them. Errors are those of ``connectors.errors``."""

    def viewer(self, user_no: int) -> Viewer | None:
        """Who the user is today; ``None`` when disabled, gone or unknown: then nothing is sent."""
        ...

    def standing(self, viewer: Viewer, *, locale: str) -> Sequence[str]:
        """As of when the pages are, and why they are no newer where something stands still."""
        ...

    def summary(self, viewer: Viewer, page: str, *, locale: str) -> tuple[str, Sequence[str]]:
        """A page's title and its sentences for this viewer, as plain text."""
        ...

    def html(self, viewer: Viewer, pages: Sequence[str], *, locale: str) -> str:
        """These pages as one self-contained document, for the PDF."""
        ...

    def number(self, viewer: Viewer, metric: str) -> Decimal | None:
        """A metric's value as this viewer may see it; ``None`` when there is none, or it is not theirs."""
        ...

    def metric_name(self, metric: str, *, locale: str) -> str:
        """What a metric is called."""
        ...

    def value(self, metric: str, value: Decimal, *, locale: str) -> str:
        """A value of a metric in its unit, with every digit that it has."""
        ...


class SitePages:
    """The pages of a company's site. ``Refused`` from whatever asks the warehouse when none is published.

    ``url`` is where the reports are; empty: nothing in a document is a link.
    """

    def __init__(self, site: Site, state: State, people: People, *, url: str) -> None:
        self._site = site
        self._state = state
        self._people = people
        self._url = url
        self._publication: Publication | None = None

    def viewer(self, user_no: int) -> Viewer | None:
        user = users.by_number(self._state, user_no)
        return None if user is None else users.viewer_of(user, self._people)

    def standing(self, viewer: Viewer, *, locale: str) -> Sequence[str]:
        return self._site.standing_said(self._look(viewer, locale))

    def summary(self, viewer: Viewer, page: str, *, locale: str) -> tuple[str, Sequence[str]]:
        check_pages([page], viewer)  # a role may have changed since it was asked for
        return self._site.summary(self._look(viewer, locale), page)

    def html(self, viewer: Viewer, pages: Sequence[str], *, locale: str) -> str:
        check_pages(pages, viewer)
        return document(self._site, self._look(viewer, locale), pages, {}, base=self._url)

    def number(self, viewer: Viewer, metric: str) -> Decimal | None:
        found = number(self._look(viewer, viewer.locale), metric)
        return None if found is None else found.value

    def metric_name(self, metric: str, *, locale: str) -> str:
        return self._reader(locale).word("metric_title", metric)

    def value(self, metric: str, value: Decimal, *, locale: str) -> str:
        return exact(self._reader(locale), BY_KEY[metric], value)

    def _look(self, viewer: Viewer, locale: str) -> Look:
        look = self._site.look(viewer, locale=locale, publication=self._publication)
        self._publication = look.publication
        return look

    def _reader(self, locale: str) -> Reader:
        return Reader.of(locale, timezone=self._site.timezone, currency=self._site.currency)


def pages_of(settings: Settings, state: State) -> SitePages:
    """The pages of the company that the settings describe; ``state`` has its users."""
    url = settings.reports_url
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise Misconfigured(
            f"TRIADA_REPORTS_URL is {url!r}, to which no link of a mail can lead; expected one such as "
            "https://reports.example.com, or nothing"
        )
    people = PublishedPeople(settings.published_file, settings.timezone)
    return SitePages(site_of(settings), state, people, url=url)


def check_pages(keys: Sequence[str], viewer: Viewer) -> None:
    """``Misconfigured`` with those there are, for a page that is not there or not for the viewer's role."""
    there = pages_there()
    theirs = ", ".join(key for key, page in there.items() if page.open_to(viewer))
    for key in keys:
        if key not in there:
            raise Misconfigured(f"there is no page {key!r}; those for {viewer.name} are {theirs}")
        if not there[key].open_to(viewer):
            raise Misconfigured(
                f"the page {key} is not for the role {viewer.role} that {viewer.name} has; expected some of "
                f"{theirs}"
            )


def check_metric(key: str, viewer: Viewer) -> None:
    """``Misconfigured`` with those there are, for a number that the viewer's role does not have."""
    theirs = [one.key for one in METRICS[group_of(viewer.role)]]
    if key not in theirs:
        raise Misconfigured(
            f"{key!r} is none of the numbers of {viewer.name} ({viewer.role}); expected one of "
            f"{', '.join(theirs)}"
        )
