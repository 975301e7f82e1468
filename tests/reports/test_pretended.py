"""What the pages' tests pretend was published has the columns and types that the warehouse publishes."""

from __future__ import annotations

from pathlib import Path

import duckdb

from settings import Settings
from tests.reports.web.marked import columns_of


def test_the_pretended_file_has_the_published_columns(told: Settings, unread: Path) -> None:
    with duckdb.connect(str(unread), read_only=True) as pretended:
        known = columns_of(pretended)
    with duckdb.connect(str(told.published_file), read_only=True) as published:
        assert columns_of(published) == known
