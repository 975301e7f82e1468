"""One module a page, each one question: what it reads, what it says, and the rows behind it."""

from __future__ import annotations

from reports.look import Page
from reports.pages import approvals, hand_offs, lead_to_cash, morning, pipeline, supply, trust
from reports.rows import RowSet

_MODULES = (morning, hand_offs, approvals, lead_to_cash, pipeline, supply, trust)
PAGES: tuple[Page, ...] = tuple(module.PAGE for module in _MODULES)
"""Every page, in the order of the navigation."""
ROW_SETS: tuple[RowSet, ...] = tuple(rows for module in _MODULES for rows in module.ROWS)
"""Every row set; a name is given once."""
