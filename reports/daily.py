"""The report's pipeline: the page is rendered anew whenever the warehouse was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.pipeline import Pipeline, Stage
from settings import Settings


def render(settings: Settings) -> Mapping[str, Any]:
    """Write the report's pages; nothing when nothing was published yet."""
    from reports.page import render_all
    from warehouse.status import read_status

    if not settings.published_file.exists():
        return {"pages": 0, "written": 0}
    pages = render_all(
        settings.published_file,
        settings.report_file.parent,
        status=read_status(settings),
        company=settings.company,
    )
    return {"pages": len(pages)}


REPORTS = Pipeline(
    name="reports",
    every="1 day",
    owner="management",
    doc=__doc__,
    stages=(Stage("render", render),),
)
