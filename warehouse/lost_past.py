"""Says that a new build file begins histories that the published file knows more of.

the published file ─▶ a warning for each history that had past states. Only the build file remembers what a
row was: the systems show what it is. It restores nothing.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from connectors.errors import Refused
from connectors.published_file import open_published

if TYPE_CHECKING:
    from settings import Settings

HISTORIES = ("core.dim_customer", "core.dim_employee", "core.dim_item")

log = logging.getLogger("triada.warehouse")


def tell_of_lost_past(settings: Settings) -> None:
    """Of a build file that was just made: warn of what will be published no more."""
    if not settings.published_file.exists():
        return
    for table in HISTORIES:
        # A file that cannot be read, or of a version without that table, tells of no past.
        with suppress(Refused), open_published(settings.published_file) as published:
            row = published.execute(f"select count(*) from {table} where not is_current").fetchone()
            if row and row[0]:
                log.warning(
                    "%s is new, and %s as published has states that are over, %d of them: they are lost, "
                    "and past events will be told by what is true now. To keep them, put back the last "
                    "backup of %s and build again (docs/operations.md, A lost build file)",
                    *(settings.build_file.name, table, row[0], settings.build_file.name),
                )
