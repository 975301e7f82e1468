"""Revision 0001: cursors, links, quarantine and runs, as before there were revisions."""

from typing import Any

import sqlalchemy as sa

from hub.migrations.missing import make
from models.types import NAMING, Instant, column

revision = "0001"
down_revision: str | None = None

TABLES = sa.MetaData(naming_convention=NAMING)
_UTF8: Any = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
# As they were then, whatever the models say now.
Key, Name, Word, Text = sa.String(64), sa.String(200), sa.String(32), sa.Text()

sa.Table(
    "cursors",
    TABLES,
    column("flow", Word, primary_key=True, doc="flow"),
    column("step", Word, primary_key=True, doc="step"),
    column("position", Text, nullable=False, doc="opaque to the hub; the connector's JSON"),
    column("moved_at", Instant, nullable=False, doc="when it moved"),
    comment="How far a step has read its stream; one row per flow and step.",
    **_UTF8,
)
sa.Table(
    "links",
    TABLES,
    column("flow", Word, primary_key=True, doc="flow"),
    column("step", Word, primary_key=True, doc="step"),
    column("source_key", Key, primary_key=True, doc="business key read"),
    column("target_key", Key, primary_key=True, doc="business key written"),
    column("source_stream", Name, nullable=False, doc="stream read"),
    column("target_stream", Name, nullable=False, doc="stream written"),
    column("written_at", Instant, nullable=False, doc="last time the target changed for it"),
    comment="Which record was written for which; one row per flow, step, source and target key.",
    **_UTF8,
)
sa.Table(
    "quarantine",
    TABLES,
    column("id", _ID, primary_key=True, autoincrement=True, doc="number to call it by"),
    column("flow", Word, nullable=False, doc="flow"),
    column("step", Word, nullable=False, doc="step"),
    column("stream", Name, nullable=False, doc="stream it was read from"),
    column("key", Key, nullable=False, doc="its business key"),
    column("state", Word, nullable=False, doc="quarantined, or waiting for a dependency"),
    column("rule", Name, nullable=False, doc="rule it breaks"),
    column("reason", Text, nullable=False, doc="where, what came, what was expected, what to do"),
    column("payload", Text, nullable=False, doc="the row as read, JSON"),
    column("count", sa.Integer, nullable=False, doc="times seen"),
    column("first_seen_at", Instant, nullable=False, doc="first time"),
    column("last_seen_at", Instant, nullable=False, doc="last time"),
    sa.UniqueConstraint("flow", "step", "key"),
    comment="Rows that could not be moved; one row per flow, step and key.",
    **_UTF8,
)
sa.Table(
    "runs",
    TABLES,
    column("id", _ID, primary_key=True, autoincrement=True, doc="number of the run"),
    column("flow", Word, nullable=False, doc="flow"),
    column("step", Word, nullable=False, doc="step"),
    column("state", Word, nullable=False, doc="running, done or failed"),
    column("started_at", Instant, nullable=False, doc="start"),
    column("finished_at", Instant, doc="end; null while running or killed"),
    column("read", sa.Integer, nullable=False, doc="rows read"),
    column("written", sa.Integer, nullable=False, doc="rows that changed the target"),
    column("unchanged", sa.Integer, nullable=False, doc="rows that changed nothing"),
    column("waiting", sa.Integer, nullable=False, doc="rows that wait for a dependency"),
    column("quarantined", sa.Integer, nullable=False, doc="rows put aside"),
    column("error", Text, doc="why it failed"),
    comment="What each run of a step did.",
    **_UTF8,
)


def upgrade() -> None:
    """Make them where they are missing: a database from before has them already."""
    make(TABLES)
