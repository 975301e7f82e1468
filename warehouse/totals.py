"""Counts and sums of a stream: as its source added them, as ``raw`` holds them, and as they are kept.

A source's answer, or one scan of a relation here ─▶ ``Totals`` ─▶ compared, or kept in ``raw.source_totals``.
Whole totals cost as much as the stream is long, so a large one gives them once a day. In between the kept
ones are brought forward: what the source added up for the rows it just gave, in the place of what these
rows were before. So the gates go on comparing ``raw`` with the sources' own arithmetic, and what no cursor
sees (a delete without a trace, a late commit, a stamp set back) is found by the next whole totals: the
instants of the rows' changes are added up too. It repairs nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from warehouse.origin import GROUPS, Origin
from warehouse.source_sql import COUNT

if TYPE_CHECKING:
    import duckdb

Totals = dict[tuple[str, str, str], Decimal]
"""(status, currency, column) → total; the column ``*`` counts rows."""

# A sum of decimals of 18 digits has at most 38; Python's own 28 would round it.
_EXACT = Context(prec=60)


def of_source(origin: Origin, answer: Iterable[Mapping[str, Any]], *, scale: int = 0) -> Totals:
    """A source's answer: texts by column; in a sum ``scale`` digits stand after a point that is not there.

    A text may be several numbers that are still to be added.
    """
    found: Totals = {}
    for row in answer:
        status, currency = (row[name] if name in origin.grouped else "" for name in GROUPS)
        for name in (COUNT, *origin.added):
            for part in row[name].split():
                total = Decimal(part).scaleb(-scale if name in origin.summed else 0, _EXACT)
                _add(found, (status, currency, name), total)
    return found


def of_relation(build: duckdb.DuckDBPyConnection, origin: Origin, relation: str) -> Totals:
    """The same of a relation's rows that are not deleted."""
    groups = [f"coalesce(\"{name}\", '')" if name in origin.grouped else "''" for name in GROUPS]
    values = [f'"{name}"' if name in origin.summed else f'epoch_us("{name}")' for name in origin.added]
    sums = [f"coalesce(sum({value}), 0)" for value in values]
    group_by = " group by 1, 2" if origin.grouped else ""
    rows = build.execute(
        f"select {', '.join([*groups, 'count(*)', *sums])} from {relation} where not _deleted{group_by}"
    ).fetchall()
    return {
        (status, currency, name): Decimal(total)
        for status, currency, *totals in rows
        for name, total in zip((COUNT, *origin.added), totals, strict=True)
    }


def combined(kept: Totals, more: Totals, less: Totals) -> Totals:
    """``kept`` and ``more`` without ``less``; a group of which nothing is left is gone."""
    found = dict(kept)
    for place, total in more.items():
        _add(found, place, total)
    for place, total in less.items():
        _add(found, place, -total)
    alive = {place[:2] for place, total in found.items() if total}
    return {place: total for place, total in found.items() if place[:2] in alive}


def differ(left: Totals, right: Totals) -> list[tuple[str, str, str]]:
    """Where two totals are not the same; one that is not there is none."""
    places = sorted(left.keys() | right.keys())
    return [place for place in places if left.get(place, Decimal(0)) != right.get(place, Decimal(0))]


def kept(build: duckdb.DuckDBPyConnection, origin: Origin) -> tuple[Totals, dt.datetime | None]:
    """What is kept of a stream, and when its source last added all of it up; never, if not known.

    Not known either where a column is not among them: an earlier version of the warehouse kept fewer.
    """
    rows = build.execute(
        "select status, currency, column_name, total, taken_at from raw.source_totals where stream = ?",
        [origin.stream],
    ).fetchall()
    taken = [row[4] for row in rows]
    known = rows and None not in taken and {row[2] for row in rows}.issuperset(origin.added)
    return {row[:3]: row[3] for row in rows}, min(taken) if known else None


def keep(
    build: duckdb.DuckDBPyConnection, origin: Origin, totals: Totals, *, taken_at: dt.datetime | None
) -> None:
    """Put these in the place of what was kept."""
    build.execute("delete from raw.source_totals where stream = ?", [origin.stream])
    places = list(zip(*totals, strict=True)) or [(), (), ()]
    values = [f"{total:f}" for total in totals.values()]
    build.execute(
        """insert into raw.source_totals (stream, status, currency, column_name, total, taken_at)
        select ?, unnest(?), unnest(?), unnest(?), unnest(?), ?""",
        [origin.stream, *map(list, places), values, taken_at],
    )


def _add(totals: Totals, place: tuple[str, str, str], total: Decimal) -> None:
    totals[place] = _EXACT.add(totals.get(place, Decimal(0)), total)
