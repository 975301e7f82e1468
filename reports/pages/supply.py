"""The page supply: what is sold, what runs out, what comes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.look import Look, Page
from reports.rows import RowSet


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows."""
    return None


PAGE = Page(
    key="supply",
    make=make,
    roles=frozenset({"executive", "finance", "production"}),
)
ROWS: tuple[RowSet, ...] = ()
