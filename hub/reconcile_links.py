"""What a step's links say to a reconcile: which rows and records belong together, a bounded number at a time.

links ─▶ their groups · the rows of some groups · all of them in order. It asks no system.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from hub import links as kept
from hub.digests import group_in
from hub.links import Whose
from hub.state import State
from models.state import links, quarantine

_PAGE = 5_000


class Linked:
    """The links of one step."""

    def __init__(self, state: State, whose: Whose) -> None:
        self._state = state
        self._whose = whose

    def groups(self) -> set[str]:
        """The groups of keys that linked rows belong to."""
        query = sa.select(group_in(links.c.source_key)).where(*self._whose.of(links)).distinct()
        return set(self._keys(query))

    def rows_in(self, groups: Collection[str]) -> set[str]:
        """The linked rows whose keys are in these groups."""
        return set(self._keys(self._in(links.c.source_key, groups)))

    def rows_of_groups(self, groups: Collection[str]) -> set[str]:
        """The rows that records with keys in these groups were written for, the records there or not."""
        return set(self._keys(self._in(links.c.target_key, groups)))

    def rows_of(self, records: Collection[str]) -> set[str]:
        """The rows that these records were written for."""
        if not records:
            return set()
        with self._state.reading() as connection:
            found = kept.sources(connection, self._whose, records)
        return {row for rows in found.values() for row in rows}

    def pages(self) -> Iterator[list[tuple[str, str]]]:
        """All links, row and record, in order."""
        source, target = links.c.source_key, links.c.target_key
        query = sa.select(source, target).where(*self._whose.of(links)).order_by(source, target).limit(_PAGE)
        last: tuple[str, str] | None = None
        while True:
            page = query
            if last is not None:
                page = query.where(
                    source >= last[0], sa.or_(source > last[0], sa.and_(source == last[0], target > last[1]))
                )
            with self._state.reading() as connection:
                found = [(row, record) for row, record in connection.execute(page)]
            if found:
                last = found[-1]
                yield found
            if len(found) < _PAGE:
                return

    def discarded(self) -> set[str]:
        """The rows that a person decided not to mend."""
        query = sa.select(quarantine.c["key"]).where(*self._whose.of(quarantine))
        return set(self._keys(query.where(quarantine.c.state == "discarded")))

    def _in(self, column: sa.Column[str], groups: Collection[str]) -> sa.Select[Any]:
        mine = sa.select(links.c.source_key).where(*self._whose.of(links))
        return mine.where(group_in(column).in_(sorted(groups)))

    def _keys(self, query: sa.Select[Any]) -> Iterator[str]:
        with self._state.reading() as connection:
            yield from connection.execute(query).scalars()
