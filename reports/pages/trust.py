"""The page trust: whether the numbers can be relied on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.access.viewer import ROLES
from reports.look import Look, Page
from reports.rows import RowSet


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows."""
    return None


PAGE = Page(
    key="trust",
    make=make,
    roles=frozenset(ROLES),
)
ROWS: tuple[RowSet, ...] = ()
