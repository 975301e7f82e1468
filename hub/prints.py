"""A checksum of each field as the hub wrote it, so that a later edit by somebody else is told, not lost.

record → text that a link keeps → which of the values there now are not what was written → a note of what
was overwritten. Whose value stays, the step says: the owner's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from zlib import crc32

import sqlalchemy as sa

from connectors.protocol import LINES, Row
from hub.links import Whose
from hub.payload import holdable
from models.state import conflicts as table


@dataclass(frozen=True)
class Conflict:
    """An edit of a field by a system that does not own it, overwritten with the owner's value."""

    key: str
    field: str
    owner: str
    lost: Any
    kept: Any


def prints_of(record: Row, *, without: Collection[str]) -> str:
    """``name=checksum`` of each column but those, separated by spaces; lines are left out."""
    return " ".join(
        f"{name}={_print(value)}" for name, value in record.items() if name not in without and name != LINES
    )


def edited(prints: str, changes: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    """The changed columns whose value there is not the one that was written last."""
    written = dict(each.split("=") for each in prints.split())
    for name, (there, _wanted) in changes.items():
        if name in written and written[name] != _print(there):
            yield name


def note(
    connection: sa.Connection, whose: Whose, stream: str, *, conflicts: Sequence[Conflict], now: dt.datetime
) -> None:
    """Keep what was overwritten."""
    where = {"flow": whose.flow, "step": whose.step, "stream": stream, "seen_at": now}
    rows = [
        {**where, **asdict(each), "lost": _held(each.lost), "kept": _held(each.kept)} for each in conflicts
    ]
    if rows:
        connection.execute(sa.insert(table), rows)


def _print(value: Any) -> str:
    text = _text(value)
    return "-" if text is None else f"{crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def _held(value: Any) -> str | None:
    text = _text(value)
    return None if text is None else holdable(text)


def _text(value: Any) -> str | None:
    """A value as text that is the same on both sides: 10 was written and 10.0000 comes back."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, dt.datetime):
        return (value.astimezone(dt.UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, bool):
        return str(int(value))
    return str(value)
