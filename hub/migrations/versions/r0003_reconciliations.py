"""Revision 0003: what each comparison of a step's two sides found."""

from typing import Any

import sqlalchemy as sa

from hub.migrations.missing import make
from models.types import NAMING, Instant, column

revision = "0003"
down_revision = "0002"

TABLES = sa.MetaData(naming_convention=NAMING)
_UTF8: Any = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
# As they were then, whatever the models say now.
Name, Word = sa.String(200), sa.String(32)

sa.Table(
    "reconciliations",
    TABLES,
    column("id", _ID, primary_key=True, autoincrement=True, doc="number"),
    column("flow", Word, nullable=False, doc="flow"),
    column("step", Word, nullable=False, doc="step"),
    column("stream", Name, nullable=False, doc="stream written"),
    column("compared_at", Instant, nullable=False, index=True, doc="when both sides had been compared"),
    column("compared", sa.Integer, nullable=False, doc="records compared"),
    column("equal", sa.Integer, nullable=False, doc="alike on both sides"),
    column("different", sa.Integer, nullable=False, doc="there, with other values"),
    column("missing", sa.Integer, nullable=False, doc="not there"),
    column("extra", sa.Integer, nullable=False, doc="there, though the row read is gone"),
    column("repaired", sa.Integer, nullable=False, doc="mended in the same breath"),
    column("still_different", sa.Integer, nullable=False, doc="not alike at the end"),
    comment="What each comparison of a step's two sides found.",
    **_UTF8,
)


def upgrade() -> None:
    """Add the table; what was compared before it is not known."""
    make(TABLES)
