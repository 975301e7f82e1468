"""The report: written as a folder of pages, or served with sign-in."""

from __future__ import annotations

from pathlib import Path

from connectors.errors import Misconfigured
from reports.daily import render as render_pages
from settings import Settings, load


def render(settings: Settings | None = None) -> list[Path]:
    """Write the report's pages; each language's front page, English first.

    ``Misconfigured`` when nothing was published yet.
    """
    settings = settings or load()
    if not settings.published_file.exists():
        raise Misconfigured("no warehouse was published yet; `./triada build` makes one")
    render_pages(settings)
    return sorted(settings.report_file.parent.glob("index*.html"), key=lambda page: len(page.name))


def serve() -> None:
    """Serve the reports alone, until told to stop; `up` serves them beside everything else."""
    from commands.service import main

    main("reports")
