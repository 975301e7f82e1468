"""A value as a share of the largest, for the length of a bar."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from reports.reader import rounded


def share(value: Any, top: Any) -> str:
    """``value`` as a percentage of ``top``, in the form that SVG reads; none is no bar."""
    if not top:
        return "0"
    return f"{rounded(min(max((value or 0) * 100 / Decimal(top), Decimal(0)), Decimal(100)), 1):f}"
