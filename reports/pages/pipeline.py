"""The page pipeline: what the pipeline and the customers are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.look import Look, Page
from reports.rows import RowSet


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows."""
    return None


PAGE = Page(
    key="pipeline",
    make=make,
    roles=frozenset({"executive", "finance", "sales_manager", "sales"}),
)
ROWS: tuple[RowSet, ...] = ()
