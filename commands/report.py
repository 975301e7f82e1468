"""Rendering the report from the published warehouse."""

from __future__ import annotations

from pathlib import Path

from connectors.errors import Misconfigured
from settings import Settings, load


def render(settings: Settings | None = None) -> list[Path]:
    """Write the report's pages, English first; ``Misconfigured`` when nothing was published yet."""
    from reports.page import render_all
    from warehouse.status import read_status

    settings = settings or load()
    if not settings.published_file.exists():
        raise Misconfigured("no warehouse was published yet; `./triada build` makes one")
    return list(
        render_all(settings.published_file, settings.report_file.parent, status=read_status(settings))
    )
