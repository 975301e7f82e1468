"""Which record was written for which row: kept, asked for, and dropped when the row is gone.

A step's links in the hub's state; every function works in the caller's transaction. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub.state import upsert
from models.state import links

_CHUNK = 500


@dataclass(frozen=True)
class Link:
    """A record written for a row, or about to be; ``changed``: the target did, ``prints``: what it got."""

    source_key: str
    target_key: str
    changed: bool
    prints: str = ""


@dataclass(frozen=True)
class Whose:
    """The step whose links are meant."""

    flow: str
    step: str

    def of(self, table: sa.FromClause) -> tuple[sa.ColumnElement[bool], ...]:
        """The step's own rows of a table of the state."""
        return table.c.flow == self.flow, table.c.step == self.step


def link(
    connection: sa.Connection,
    whose: Whose,
    *,
    streams: tuple[str, str],
    done: Sequence[Link],
    now: datetime,
) -> None:
    """Keep these links; one that is there keeps its time unless the target changed.

    An unchanged record is linked all the same, and its prints are those of what it holds: a run killed after
    its write left neither.
    """
    mine = {"flow": whose.flow, "step": whose.step}
    where = {"source_stream": streams[0], "target_stream": streams[1], "written_at": now}
    for changed in (True, False):
        pairs = {(each.source_key, each.target_key): each.prints for each in done if each.changed is changed}
        rows = [
            {**mine, "source_key": source, "target_key": target, "prints": pairs[source, target], **where}
            for source, target in sorted(pairs)
        ]
        changes = {"written_at": None, "prints": None} if changed else {"prints": None}
        keys = ("flow", "step", "source_key", "target_key")
        upsert(connection, links, rows, keys=keys, changes=changes)


def intend(
    connection: sa.Connection,
    whose: Whose,
    pairs: Sequence[tuple[str, str]],
    *,
    streams: tuple[str, str],
    now: datetime,
) -> None:
    """Link these rows and records where they are not yet; what is known of a link stays."""
    mine = {"flow": whose.flow, "step": whose.step, "prints": "", "written_at": now}
    where = {"source_stream": streams[0], "target_stream": streams[1]}
    rows = [
        {**mine, **where, "source_key": source, "target_key": target} for source, target in sorted(set(pairs))
    ]
    upsert(connection, links, rows, keys=("flow", "step", "source_key", "target_key"), changes={})


def take_back(connection: sa.Connection, whose: Whose, rows: Collection[str]) -> None:
    """Drop what was linked only because it was about to be written, of rows that the target refused."""
    only_meant = links.c.prints == ""
    for some in chunks(rows):
        mine = (*whose.of(links), links.c.source_key.in_(some), only_meant)
        connection.execute(sa.delete(links).where(*mine))


def unlink(connection: sa.Connection, whose: Whose, sources: Collection[str]) -> None:
    """Drop the links of these rows."""
    for some in chunks(sources):
        connection.execute(sa.delete(links).where(*whose.of(links), links.c.source_key.in_(some)))


def targets(connection: sa.Connection, whose: Whose, wanted: Collection[str]) -> dict[str, list[str]]:
    """The keys of the records written for these rows and for no row but these, by row."""
    query = sa.select(links.c.source_key, links.c.target_key).where(*whose.of(links))
    mine: list[tuple[str, str]] = []
    for some in chunks(wanted):
        found = connection.execute(query.where(links.c.source_key.in_(some)))
        mine += [(row.source_key, row.target_key) for row in found]
    rows, stand_for = frozenset(wanted), sources(connection, whose, {record for _, record in mine})
    kept: dict[str, list[str]] = {}
    for row, record in mine:
        if rows.issuperset(stand_for[record]):
            kept.setdefault(row, []).append(record)
    return kept


def sources(connection: sa.Connection, whose: Whose, wanted: Collection[str]) -> dict[str, list[str]]:
    """The keys of the rows that these records were written for, by record."""
    query = sa.select(links.c.source_key, links.c.target_key).where(*whose.of(links))
    found: dict[str, list[str]] = {}
    for some in chunks(wanted):
        for row in connection.execute(query.where(links.c.target_key.in_(some))):
            found.setdefault(row.target_key, []).append(row.source_key)
    return found


def prints(connection: sa.Connection, stream: str, wanted: Collection[str]) -> dict[str, str]:
    """What any step wrote to these records of a stream, by their key; the last writing is the last text."""
    query = sa.select(links.c.target_key, links.c.prints).where(links.c.target_stream == stream)
    found: dict[str, list[str]] = {}
    for some in chunks(wanted):
        ordered = query.where(links.c.target_key.in_(some)).order_by(links.c.written_at)
        for row in connection.execute(ordered):
            found.setdefault(row.target_key, []).append(row.prints or "")
    return {key: " ".join(texts) for key, texts in found.items()}


def chunks(keys: Collection[str]) -> Iterator[list[str]]:
    """The keys in order, a bounded number at a time."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]
