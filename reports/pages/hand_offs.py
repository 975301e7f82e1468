"""The page hand-offs: where work stands still between the systems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.look import Look, Page
from reports.rows import RowSet


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows."""
    return None


PAGE = Page(
    key="hand-offs",
    make=make,
    roles=frozenset({"executive", "finance", "sales_manager", "sales"}),
)
ROWS: tuple[RowSet, ...] = ()
