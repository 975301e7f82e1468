"""Who signs in to the reports, with what, and what each did: tables of the hub's own database.

``models.state`` has the other tables of that database; both share ``METADATA``. No table here holds a
password, a token or a secret in clear.
"""

from typing import Any

import sqlalchemy as sa

from models.types import NAMING, Instant, Key, Name, Word, column

METADATA = sa.MetaData(naming_convention=NAMING)
UTF8: Any = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")

users = sa.Table(
    "report_users",
    METADATA,
    column("user_no", ID, primary_key=True, autoincrement=True, doc="number of the user"),
    column("sign_in_name", Name, nullable=False, unique=True, doc="what is typed, in small letters"),
    column("employee_no", Key, doc="the person in the OA, who gives name and role; null for an outsider"),
    column("role", Word, doc="an outsider's role; null where the OA says it"),
    column("password_hash", Name, doc="argon2id; null when only the company's own sign-in opens"),
    column("locale", Word, nullable=False, doc="language and number forms, such as es_MX"),
    column("is_disabled", sa.Boolean, nullable=False, doc="may not sign in"),
    column("created_at", Instant, nullable=False, doc="since when"),
    column("password_changed_at", Instant, doc="when the password was last set; null when there is none"),
    comment="Who may sign in to the reports; one row per user.",
    **UTF8,
)
sessions = sa.Table(
    "report_sessions",
    METADATA,
    column("token_hash", Key, primary_key=True, doc="SHA-256 of the token in the cookie"),
    column("user_no", ID, nullable=False, index=True, doc="who signed in"),
    column("created_at", Instant, nullable=False, doc="when"),
    column("seen_at", Instant, nullable=False, doc="last request, to the minute"),
    column("expires_at", Instant, nullable=False, index=True, doc="end, whatever is done"),
    comment="Who is signed in; one row per browser.",
    **UTF8,
)
failures = sa.Table(
    "report_failures",
    METADATA,
    column("subject", Key, primary_key=True, doc="keyed hash of a sign-in name or an address"),
    column("failures", sa.Integer, nullable=False, doc="failed sign-ins in a row"),
    column("failed_at", Instant, nullable=False, index=True, doc="last one"),
    column("locked_until", Instant, doc="no try before; null when none is held up"),
    comment="Failed sign-ins; one row per sign-in name and per address.",
    **UTF8,
)
begun = sa.Table(
    "report_begun",
    METADATA,
    column("state_hash", Key, primary_key=True, doc="SHA-256 of the state that the provider gives back"),
    column("expires_at", Instant, nullable=False, index=True, doc="too late after"),
    comment="Sign-ins begun at the company's own provider; one row per try, gone when it comes back.",
    **UTF8,
)
audit = sa.Table(
    "report_audit",
    METADATA,
    column("id", ID, primary_key=True, autoincrement=True, doc="number"),
    column("at", Instant, nullable=False, index=True, doc="when"),
    column("user_no", ID, index=True, doc="who, when known"),
    column("sign_in_name", Name, nullable=False, doc="name used; only its beginning where nobody has it"),
    column("action", Word, nullable=False, doc="sign_in, sign_in_failed, locked, sign_out, export, mail, …"),
    column("what", Name, nullable=False, doc="page, file or user it was done to"),
    column("address", Key, nullable=False, doc="network address it came from; empty for a command"),
    column("outcome", Name, nullable=False, doc="done, or why not"),
    comment="Sign-ins, exports, mails and changes of users; one row per act.",
    **UTF8,
)
