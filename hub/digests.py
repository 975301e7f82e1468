"""Which groups of keys a reconcile found equal, and what their digests were then.

a stream's digest now ─▶ beside the remembered one ─▶ the groups to look at ─▶ remembered when they are equal.
A digest is taken before the rows are compared, so a change meanwhile shows in the next one. It compares no
row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from hub.desk import Desk
from hub.links import Whose, chunks
from hub.state import upsert
from models.state import digests

SOURCE, TARGET = "source", "target"
_TAIL = 3
"""How many characters of a key its group leaves out; ``connectors.protocol.Source.digest`` says so."""

Digest = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Known:
    """A group as it was found equal: its digest, and how many of its rows were compared."""

    digest: tuple[int, int]
    compared: int = 0


class Taken:
    """The digests of streams, each taken once: an early one is only more careful than a late one."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._streams: dict[str, Digest | None] = {}

    def of(self, stream: str) -> Digest | None:
        """The stream's groups; ``None`` when its system cannot tell."""
        if stream not in self._streams:
            connector = self._desk.connector(stream.partition(".")[0])
            self._streams[stream] = self._desk.ask(partial(connector.digest, stream))
        return self._streams[stream]

    def forget(self, stream: str) -> None:
        """Take it anew: it was written to, and a later step reads it."""
        self._streams.pop(stream, None)


def group_of(key: str) -> str:
    """The group a key belongs to."""
    return key[:-_TAIL]


def group_in(column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The group of the key in a column."""
    length = sa.func.char_length(column)
    # PostgreSQL takes no negative length, and SQLite means something else by it.
    return sa.case((length > _TAIL, sa.func.substr(column, 1, length - _TAIL)), else_="")


def changed(now: Digest, before: Mapping[str, Known]) -> set[str]:
    """The groups that are not as they were found equal, those that vanished too."""
    there = {group for group, digest in now.items() if group not in before or before[group].digest != digest}
    return there | (before.keys() - now.keys())


def remembered(connection: sa.Connection, whose: Whose, side: str) -> dict[str, Known]:
    """The groups of a side that were found equal."""
    query = sa.select(digests).where(*whose.of(digests), digests.c.side == side)
    return {
        row["key_group"]: Known((row["rows"], row["stamps"]), row["compared"])
        for row in connection.execute(query).mappings()
    }


def remember(
    connection: sa.Connection,
    whose: Whose,
    side: str,
    *,
    equal: Mapping[str, Known],
    forget: Collection[str],
) -> None:
    """Keep the groups that were found equal, and no longer those to ``forget``."""
    mine = {"flow": whose.flow, "step": whose.step, "side": side}
    here = sa.and_(*whose.of(digests), digests.c.side == side)
    for some in chunks(forget):
        connection.execute(sa.delete(digests).where(here, digests.c.key_group.in_(some)))
    rows = [
        {**mine, "key_group": group, "rows": known.digest[0], "stamps": known.digest[1]}
        | {"compared": known.compared}
        for group, known in sorted(equal.items())
    ]
    changes = dict.fromkeys(("rows", "stamps", "compared"))
    upsert(connection, digests, rows, keys=("flow", "step", "side", "key_group"), changes=changes)
