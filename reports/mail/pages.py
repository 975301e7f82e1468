"""What mails need of the reports: somebody's eyes, what pages say to them, a page as one file, a number.

``reports.mail`` asks, whoever has the pages answers; nothing here reads a table or says what a page is.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from connectors.errors import Misconfigured
from reports.access.viewer import Viewer
from settings import Settings


class Pages(Protocol):
    """The reports as a mail sees them. Errors are those of ``connectors.errors``."""

    def viewer(self, user_no: int) -> Viewer | None:
        """Who the user is today; ``None`` when disabled, gone or unknown: then nothing is sent."""
        ...

    def summary(self, viewer: Viewer, page: str, *, locale: str) -> tuple[str, Sequence[str]]:
        """A page's title and its sentences for this viewer: plain text, or ``Markup`` without tags."""
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


def pages_of(settings: Settings) -> Pages:
    """The company's pages; ``Misconfigured`` at the first question while there are none to be mailed."""
    return NoPages(settings.company)


class NoPages:
    """Pages where there are none: whoever is to get some is told of it, and nobody gets an empty mail."""

    def __init__(self, company: str) -> None:
        self._why = Misconfigured(f"there are no pages of {company} that could be mailed")

    def _raise(self, *_: Any, **__: Any) -> Any:
        raise self._why

    viewer = summary = html = number = metric_name = _raise
