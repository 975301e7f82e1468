"""A row as JSON text for the hub's memory: exact, readable, bounded, and without secrets."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.protocol import LINES, Row

LONGEST = 60_000
"""Bytes kept of a payload: MariaDB's TEXT ends at 65,535."""

_LONGEST_VALUE = 300
_MANY = 40
_SECRET = re.compile(r"pass(word|wd|phrase)|secret|token|api_?key|credential", re.IGNORECASE)


def instant(value: datetime) -> str:
    """RFC 3339 in UTC: ``2026-11-20T09:30:00Z``."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def dumps(row: Row) -> str:
    """The row as JSON: decimals as strings, instants in RFC 3339; lines are left out when there are too many.

    Values of columns named like a secret are not kept.
    """
    safe = {name: _safe(name, value) for name, value in row.items()}
    text = _json(safe)
    if len(text.encode()) > LONGEST and safe.get(LINES):
        text = _json({**safe, LINES: [], "lines_left_out": len(safe[LINES])})
    if len(text.encode()) > LONGEST:
        kept = {name: _short(value) for name, value in list(safe.items())[:_MANY] if name != LINES}
        text = _json(kept | {"columns_left_out": max(0, len(safe) - _MANY)})
    return text


def shown(value: Any) -> str | None:
    """One value as a person reads it, cut when it is long; ``None`` when it is empty."""
    return None if value is None else str(_short(_text(value)))


def holdable(text: str) -> str:
    """The text as every database can hold it: a NUL, and half of a surrogate pair, are written out."""
    if text.isascii():
        return text if "\x00" not in text else text.replace("\x00", "\\x00")
    return text.replace("\x00", "\\x00").encode(errors="backslashreplace").decode()


def _json(value: Any) -> str:
    return holdable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _short(value: Any) -> Any:
    long = isinstance(value, str) and len(value) > _LONGEST_VALUE
    return f"{value[:_LONGEST_VALUE]}… ({len(value)} characters)" if long else value


def _safe(name: str, value: Any) -> Any:
    if name == LINES and isinstance(value, list):
        return [{column: _safe(column, v) for column, v in line.items()} for line in value]
    if _SECRET.search(name) and value is not None:
        return "(not kept)"
    return value if value is None or isinstance(value, bool | int) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return instant(value) if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
