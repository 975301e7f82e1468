"""The report's pipeline: the folder of pages is rendered anew whenever the warehouse was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.pipeline import Pipeline, Stage
from settings import Settings


def render(settings: Settings) -> Mapping[str, Any]:
    """Write the pages for those who have no server; nothing when nothing was published yet."""
    from reports.static_folder import render_folder
    from reports.web.serve import site_of

    if not settings.published_file.exists():
        return {"pages": 0, "written": 0}
    pages = render_folder(site_of(settings), settings.report_file.parent)
    return {"pages": len(pages)}


REPORTS = Pipeline(
    name="reports",
    every="1 day",
    owner="management",
    doc=__doc__,
    stages=(Stage("render", render),),
)
