"""A store's own bookkeeping beside its streams: what was deleted, who may still write, who may call its API.

These tables are no streams: nothing reads, moves or documents them as business records.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from models.types import Instant, Key, Name, Text, Word, column

INTERNAL = frozenset({"tombstones", "fences", "api_tokens", "api_requests"})
_UTF8: Any = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def add_internal(metadata: sa.MetaData) -> None:
    """Add the bookkeeping of one system to its tables."""
    for make in (_tombstones, _fences, _api_tokens, _api_requests):
        make(metadata)


def _tombstones(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "tombstones",
        metadata,
        column("stream", Word, primary_key=True, doc="table the row was deleted from"),
        column("key", Key, primary_key=True, doc="business key of the deleted row"),
        column("deleted_at", Instant, nullable=False, doc="when it was deleted"),
        # A bulk delete has one stamp: without the key in it every page of a read would sort them all again.
        sa.Index("ix_tombstones_changed", "stream", "deleted_at", "key"),
        comment="The deletes of a system, one row per stream and key; a trigger on every stream writes it.",
        **_UTF8,
    )


def _fences(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "fences",
        metadata,
        column("name", Key, primary_key=True, doc="lease: the flow that writes"),
        column("token", sa.BigInteger, nullable=False, doc="highest token seen; it only grows"),
        comment="The newest writer of each flow; a write with an older token is refused.",
        **_UTF8,
    )


def _api_tokens(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "api_tokens",
        metadata,
        column("name", Key, primary_key=True, doc="who uses it"),
        column("hash", sa.String(64), nullable=False, unique=True, doc="SHA-256 of the token, hexadecimal"),
        column("scopes", Name, nullable=False, doc="what it may do, space-separated: crm:read crm:write"),
        column("made_at", Instant, nullable=False, doc="when it was made"),
        column("revoked_at", Instant, doc="when it was taken back; null while it holds"),
        comment="Who may call the store's API; the token itself is kept nowhere.",
        **_UTF8,
    )


def _api_requests(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "api_requests",
        metadata,
        column("token_name", Key, primary_key=True, doc="who asked"),
        column("key", Key, primary_key=True, doc="Idempotency-Key of the request"),
        column("body_hash", sa.String(64), nullable=False, doc="SHA-256 of method, path and body"),
        column("status", sa.Integer, nullable=False, doc="HTTP status answered"),
        column("answer", Text, nullable=False, doc="headers and body answered, JSON"),
        column("asked_at", Instant, nullable=False, index=True, doc="when; kept for a day"),
        comment="Answers to requests that carried an Idempotency-Key, so that a repeat gets the same one.",
        **_UTF8,
    )
