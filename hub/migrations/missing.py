"""Adds what is not there yet: MariaDB keeps each statement of an upgrade that was killed half way.

So every revision can run again over its own beginning. It takes nothing away.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op


def make(tables: sa.MetaData) -> None:
    """Create the tables and indexes that are missing."""
    bind = op.get_bind()
    for table in tables.sorted_tables:
        table.create(bind, checkfirst=True)
        for index in table.indexes:
            index.create(bind, checkfirst=True)


def add(table: str, *columns: sa.Column[Any]) -> None:
    """Add the columns that are missing."""
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in there:
            op.add_column(table, column)
