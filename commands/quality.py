"""Rendering the data-quality pages from what the gates found last."""

from __future__ import annotations

from pathlib import Path

from connectors.errors import Misconfigured
from settings import Settings, load
from warehouse.quality import render as render_pages


def render(settings: Settings | None = None) -> list[Path]:
    """Write the pages, English index first; ``Misconfigured`` when nothing was built yet."""
    settings = settings or load()
    if not settings.build_file.exists():
        raise Misconfigured("no warehouse was built yet; `./triada build` makes one")
    return render_pages(settings)
