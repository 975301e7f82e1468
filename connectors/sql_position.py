"""How far a stream of a database was read: the newest stamp, and what may still be committed before it.

stored text ─▶ ``Position`` ─▶ the conditions of a window ─▶ stored text. Asks no database.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from connectors.errors import Refused

XIDS = 2**32
"""PostgreSQL counts transactions to here on a row, and begins again."""


@dataclass(frozen=True)
class Position:
    """Everything stamped up to ``at`` was read, but for what was not committed yet.

    That is stamped ``early`` or later (none: nothing can be). On PostgreSQL its transaction is ``xmin`` or a
    later one, and none of ``xids``, which were seen. ``upto`` is where reading stopped, when that is before
    ``at``.
    """

    at: dt.datetime | None
    early: dt.datetime | None = None
    xmin: int | None = None
    xids: tuple[int, ...] = ()
    upto: dt.datetime | None = None

    def text(self) -> str:
        """As it is stored; without what says nothing more than ``at``."""
        told: dict[str, Any] = {"at": _told(self.at)}
        if self.at is not None and self.early is not None and self.early <= self.at:
            told["from"] = _told(self.early)
            if self.xmin is not None:
                told |= {"xmin": self.xmin, "xids": list(self.xids)}
        if self.upto is not None:
            told["upto"] = _told(self.upto)
        return json.dumps(told)


def position(stream: str, text: str | None) -> Position | None:
    """A stored position; ``Refused`` when it is none of this connector's."""
    if text is None:
        return None
    try:
        told = json.loads(text)
        xmin, xids = told.get("xmin"), told.get("xids", ())
        return Position(
            _when(told["at"]),
            _when(told.get("from")),
            None if xmin is None else int(xmin),
            tuple(int(xid) for xid in xids),
            _when(told.get("upto")),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Refused(
            f"{stream}: its stored position {text[:200]!r} is none of this connector's; "
            'expected {"at": instant}. Was the system behind it replaced? Then read it from the start.'
        ) from None


def between(
    stamp: sa.ColumnElement[dt.datetime], since: Position | None, until: Position
) -> list[sa.ColumnElement[bool]]:
    """What lies in a window: one range of stamps, which an index finds, and what is left out of it."""
    last = until.upto or until.at
    if last is None:
        return [sa.false()]
    if since is None or since.at is None:
        return [stamp <= last]
    if since.early is None or since.early > since.at:
        return [stamp > since.at, stamp <= last]
    inside = [stamp >= since.early, stamp <= last]
    if since.xmin is not None:
        inside.append(sa.or_(stamp > since.at, sa.and_(not_before(since.xmin), *_unseen(since.xids))))
    return inside


def not_before(xmin: int) -> sa.ColumnElement[bool]:
    """Rows of PostgreSQL whose transaction is ``xmin`` or later, however often the count began again."""
    oldest: sa.ColumnElement[Any] = sa.literal_column(f"cast('{xmin % XIDS}' as xid)")
    return sa.func.age(sa.literal_column("xmin")) <= sa.func.age(oldest)


def row_xid() -> sa.ColumnElement[int]:
    """The transaction that wrote a row of PostgreSQL, modulo ``XIDS``."""
    return sa.cast(sa.cast(sa.literal_column("xmin"), sa.Text), sa.BigInteger)


def _unseen(xids: tuple[int, ...]) -> list[sa.ColumnElement[bool]]:
    if not xids:
        return []
    # As a subquery it is hashed; a list of twenty thousand would be gone through for every row.
    array = ARRAY(sa.BigInteger)
    seen = sa.select(sa.func.unnest(sa.cast(sa.literal(list(xids), array), array)))
    return [row_xid().not_in(seen)]


def _told(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None


def _when(told: Any) -> dt.datetime | None:
    if told is None:
        return None
    at = dt.datetime.fromisoformat(told)
    if at.tzinfo is None:
        raise ValueError("expected an instant with its time zone")
    return at
