"""Who gets pages and alerts by mail, and which mails went out: tables of the hub's own database.

``models.state`` takes them among its tables. No table here holds what a mail said.
"""

import sqlalchemy as sa

from models import access
from models.types import Instant, Name, Text, Word, column

METADATA = access.METADATA
UTF8 = access.UTF8
ID = access.ID

subscriptions = sa.Table(
    "report_subscriptions",
    METADATA,
    column("id", ID, primary_key=True, autoincrement=True, doc="number to call it by"),
    column("user_no", sa.BigInteger, nullable=False, index=True, doc="user whose eyes it is made for"),
    column("address", Name, nullable=False, doc="where it goes"),
    column("pages", Text, nullable=False, doc="pages, comma-separated, in the order wanted"),
    column("weekdays", Name, nullable=False, doc="days, comma-separated: mon, tue, wed, thu, fri, sat, sun"),
    column("at_time", Word, nullable=False, doc="time of day in the zone, hh:mm"),
    column("timezone", Name, nullable=False, doc="IANA zone"),
    column("locale", Word, nullable=False, doc="language and formats"),
    column("is_paused", sa.Boolean, nullable=False, doc="nothing is sent for now"),
    column("created_at", Instant, nullable=False, doc="when it was made"),
    column("active_since", Instant, nullable=False, doc="nothing due before it is sent: made, or resumed"),
    comment="Pages by mail on certain days; one row per subscription.",
    **UTF8,
)
alerts = sa.Table(
    "report_alerts",
    METADATA,
    column("id", ID, primary_key=True, autoincrement=True, doc="number to call it by"),
    column("user_no", sa.BigInteger, nullable=False, index=True, doc="user whose eyes it is made for"),
    column("address", Name, nullable=False, doc="where it goes"),
    column("metric", Name, nullable=False, doc="number watched"),
    column("comparison", Word, nullable=False, doc="above or below"),
    column("threshold", Name, nullable=False, doc="exact decimal"),
    column("quiet_from", Word, doc="quiet from this time of day, hh:mm; null for never quiet"),
    column("quiet_to", Word, doc="until this one, the next day when it is earlier"),
    column("timezone", Name, nullable=False, doc="IANA zone"),
    column("locale", Word, nullable=False, doc="language and formats"),
    column("is_paused", sa.Boolean, nullable=False, doc="not watched for now"),
    column("created_at", Instant, nullable=False, doc="when it was made"),
    column("is_beyond", sa.Boolean, nullable=False, doc="was beyond its threshold when last looked at"),
    column("last_value", Name, doc="value then, exact decimal"),
    column("looked_at", Instant, doc="when that was"),
    column("crossed_at", Instant, doc="when it was first seen beyond, until that is told; else null"),
    column("crossed_value", Name, doc="value then, exact decimal"),
    column("mail_key", Name, index=True, doc="mail that tells of it; null until one does"),
    comment="Numbers watched for a threshold; one row per alert.",
    **UTF8,
)
mails = sa.Table(
    "report_mails",
    METADATA,
    column("id", ID, primary_key=True, autoincrement=True, doc="number"),
    column("kind", Word, nullable=False, doc="subscription or alerts"),
    column("key", Name, nullable=False, unique=True, doc="what it is for, once: subscription:7:2026-11-23"),
    column("user_no", sa.BigInteger, nullable=False, doc="user whose eyes it is made for"),
    column("due_at", Instant, nullable=False, doc="when it was due"),
    column("state", Word, nullable=False, doc="claimed, sending, waiting, sent, uncertain or failed"),
    column("claim", Word, nullable=False, doc="worker's mark, new at each try"),
    column("claimed_at", Instant, nullable=False, doc="when a worker last took it"),
    column("sent_at", Instant, doc="when the server accepted it; null before"),
    column("message_id", Name, doc="Message-ID, the same at each try; null before the first"),
    column("tries", sa.Integer, nullable=False, doc="times taken"),
    column("error", Text, doc="why it did not go; null otherwise"),
    sa.Index("ix_report_mails_state", "state"),
    comment="Mails sent or to be sent; one row per mail.",
    **UTF8,
)
