"""Revision 0002: leases, conflicts, digests, what people did, and an entry's end in the quarantine."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from hub.migrations.missing import add, make
from models.types import NAMING, Instant, column

revision = "0002"
down_revision = "0001"

TABLES = sa.MetaData(naming_convention=NAMING)
_UTF8: Any = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
# As they were then, whatever the models say now.
Key, Name, Word = sa.String(64), sa.String(200), sa.String(32)
Text = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")

sa.Table(
    "leases",
    TABLES,
    column("flow", Word, primary_key=True, doc="flow"),
    column("holder", Name, nullable=False, doc="who runs it: host, process and start"),
    column("token", sa.BigInteger, nullable=False, doc="fencing token; it only grows"),
    column("taken_at", Instant, nullable=False, doc="since when"),
    column("expires_at", Instant, nullable=False, doc="until when, unless renewed; past when given back"),
    comment="Who runs a flow; one row per flow.",
    **_UTF8,
)
sa.Table(
    "conflicts",
    TABLES,
    column("id", _ID, primary_key=True, autoincrement=True, doc="number"),
    column("flow", Word, nullable=False, doc="flow"),
    column("step", Word, nullable=False, doc="step"),
    column("stream", Name, nullable=False, doc="stream written"),
    column("key", Key, nullable=False, doc="business key written"),
    column("field", Name, nullable=False, doc="column that both sides changed"),
    column("owner", Word, nullable=False, doc="system that owns it, whose value was kept"),
    column("lost", Text, doc="value that was there; null when empty"),
    column("kept", Text, doc="the owner's value"),
    column("seen_at", Instant, nullable=False, index=True, doc="when"),
    comment="Edits of a field by a system that does not own it, overwritten with the owner's value.",
    **_UTF8,
)
sa.Table(
    "digests",
    TABLES,
    column("flow", Word, primary_key=True, doc="flow"),
    column("step", Word, primary_key=True, doc="step"),
    column("side", Word, primary_key=True, doc="source or target"),
    column("key_group", Key, primary_key=True, doc="start of the keys: all but their last three characters"),
    column("rows", sa.Integer, nullable=False, doc="records of the group"),
    column("compared", sa.Integer, nullable=False, doc="those that were compared; 0 on the target's side"),
    column("stamps", sa.BigInteger, nullable=False, doc="checksum of their timestamps"),
    comment="Groups of keys that a reconcile found equal; as long as their digest stays, they are.",
    **_UTF8,
)
sa.Table(
    "interventions",
    TABLES,
    column("id", _ID, primary_key=True, autoincrement=True, doc="number"),
    column("act", Word, nullable=False, doc="replay, discard or forget"),
    column("entry", sa.BigInteger, doc="number of the quarantine entry; null for forget", index=True),
    column("by", Name, nullable=False, doc="who did it"),
    column("why", Text, nullable=False, doc="why, in that person's words"),
    column("outcome", Text, nullable=False, doc="what came of it, without the data"),
    column("at", Instant, nullable=False, index=True, doc="when"),
    comment="What people did to the hub's memory; one row per act.",
    **_UTF8,
)
sa.Table(
    "chores",
    TABLES,
    column("name", Word, primary_key=True, doc="what is done now and then, such as forgetting"),
    column("done_at", Instant, nullable=False, doc="last time"),
    comment="When housekeeping was last done; one row per chore.",
    **_UTF8,
)

STATE = "quarantined, waiting for a dependency, resolved or discarded"
LONGER = {
    "cursors": {"position": False},
    "quarantine": {"reason": False, "payload": False},
    "runs": {"error": True},
}
"""Columns that ended at 65,535 bytes on MariaDB, and whether they may be null."""


def upgrade() -> None:
    """Add them; entries that are there stay open, links from before have no prints."""
    make(TABLES)
    add(
        "links",
        column(
            "prints", Text, doc="a checksum of each field as it was written, to tell a later edit by others"
        ),
    )
    add(
        "quarantine",
        column("opened_at", Instant, doc="since when it is open; null when that is the first time"),
        column("resolved_at", Instant, doc="when it moved or was discarded; null while it is open"),
        column("resolved_by", Name, doc="who had it moved or discarded: a person, or the run"),
        column("resolution", Text, doc="why; null while it is open"),
    )
    op.create_index("ix_runs_flow_state_step", "runs", ["flow", "state", "step"], if_not_exists=True)
    index = ["target_key", "flow", "step"]
    op.create_index("ix_links_target_key_flow_step", "links", index, if_not_exists=True)
    _say_states()
    _lengthen()


def _say_states() -> None:
    if op.get_bind().dialect.name != "sqlite":  # which keeps no comments
        op.alter_column("quarantine", "state", existing_type=Word, existing_nullable=False, comment=STATE)


def _lengthen() -> None:
    bind = op.get_bind()
    if bind.dialect.name in ("sqlite", "postgresql"):
        return
    for table, columns in LONGER.items():
        there = {column["name"]: column for column in sa.inspect(bind).get_columns(table)}
        for name, nullable in columns.items():
            op.alter_column(
                table,
                name,
                type_=mysql.MEDIUMTEXT(),
                existing_nullable=nullable,
                existing_comment=there[name]["comment"],
            )
