"""The hub's own state: how far it read, what it wrote for what, what it could not move, what each run did."""

import sqlalchemy as sa

from models import mails
from models.types import Instant, Key, Name, Text, Word, column

METADATA = mails.METADATA
"""Also has the tables of ``models.access`` and ``models.mails``."""
_UTF8 = mails.UTF8
_ID = mails.ID

cursors = sa.Table(
    "cursors",
    METADATA,
    column("flow", Word, primary_key=True, doc="flow"),
    column("step", Word, primary_key=True, doc="step"),
    column("position", Text, nullable=False, doc="opaque to the hub; the connector's JSON"),
    column("moved_at", Instant, nullable=False, doc="when it moved"),
    comment="How far a step has read its stream; one row per flow and step.",
    **_UTF8,
)
links = sa.Table(
    "links",
    METADATA,
    column("flow", Word, primary_key=True, doc="flow"),
    column("step", Word, primary_key=True, doc="step"),
    column("source_key", Key, primary_key=True, doc="business key read"),
    column("target_key", Key, primary_key=True, doc="business key written"),
    column("source_stream", Name, nullable=False, doc="stream read"),
    column("target_stream", Name, nullable=False, doc="stream written"),
    column("written_at", Instant, nullable=False, doc="last time the target changed for it"),
    column("prints", Text, doc="a checksum of each field as it was written, to tell a later edit by others"),
    sa.Index("ix_links_target_key_flow_step", "target_key", "flow", "step"),
    comment="Which record was written for which; one row per flow, step, source and target key.",
    **_UTF8,
)
leases = sa.Table(
    "leases",
    METADATA,
    column("flow", Word, primary_key=True, doc="flow"),
    column("holder", Name, nullable=False, doc="who runs it: host, process and start"),
    column("token", sa.BigInteger, nullable=False, doc="fencing token; it only grows"),
    column("taken_at", Instant, nullable=False, doc="since when"),
    column("expires_at", Instant, nullable=False, doc="until when, unless renewed; past when given back"),
    comment="Who runs a flow; one row per flow.",
    **_UTF8,
)
conflicts = sa.Table(
    "conflicts",
    METADATA,
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
digests = sa.Table(
    "digests",
    METADATA,
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
quarantine = sa.Table(
    "quarantine",
    METADATA,
    column("id", _ID, primary_key=True, autoincrement=True, doc="number to call it by"),
    column("flow", Word, nullable=False, doc="flow"),
    column("step", Word, nullable=False, doc="step"),
    column("stream", Name, nullable=False, doc="stream it was read from"),
    column("key", Key, nullable=False, doc="its business key"),
    column("state", Word, nullable=False, doc="quarantined, waiting for a dependency, resolved or discarded"),
    column("rule", Name, nullable=False, doc="rule it breaks"),
    column("reason", Text, nullable=False, doc="where, what came, what was expected, what to do"),
    column("payload", Text, nullable=False, doc="the row as read, JSON"),
    column("count", sa.Integer, nullable=False, doc="times seen"),
    column("first_seen_at", Instant, nullable=False, doc="first time"),
    column("last_seen_at", Instant, nullable=False, doc="last time"),
    column("opened_at", Instant, doc="since when it is open; null when that is the first time"),
    column("resolved_at", Instant, doc="when it moved or was discarded; null while it is open"),
    column("resolved_by", Name, doc="who had it moved or discarded: a person, or the run"),
    column("resolution", Text, doc="why; null while it is open"),
    sa.UniqueConstraint("flow", "step", "key"),
    comment="Rows that could not be moved; one row per flow, step and key.",
    **_UTF8,
)
interventions = sa.Table(
    "interventions",
    METADATA,
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
chores = sa.Table(
    "chores",
    METADATA,
    column("name", Word, primary_key=True, doc="what is done now and then, such as forgetting"),
    column("done_at", Instant, nullable=False, doc="last time"),
    comment="When housekeeping was last done; one row per chore.",
    **_UTF8,
)
runs = sa.Table(
    "runs",
    METADATA,
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
    sa.Index("ix_runs_flow_state_step", "flow", "state", "step"),
    comment="What each run of a step did.",
    **_UTF8,
)
reconciliations = sa.Table(
    "reconciliations",
    METADATA,
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
