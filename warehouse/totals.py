"""Counts and sums of a stream, once as its source gave them and once as ``raw`` holds them.

Both are (status, currency, column, total) as text, so that two equal states are equal lists. A difference
means rows that no cursor saw. It repairs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.source_sql import GROUPS, Origin

if TYPE_CHECKING:
    import duckdb

Totals = list[tuple[str, ...]]


def source_totals(build: duckdb.DuckDBPyConnection, origin: Origin) -> Totals:
    """(status, currency, column, total) as the source gave them; ``*`` counts rows."""
    parts = [("*", f'cast("{origin.key[0]}" as decimal(38, 4))')]
    # Ten-thousandths come as whole numbers: moving the point as text keeps every digit.
    parts += [
        (name, f'cast(cast("{name}" as decimal(34, 0)) * 0.0001 as decimal(38, 4))') for name in origin.summed
    ]
    group = [f'"{name}"' if name in origin.grouped else "''" for name in GROUPS]
    selects = [
        f"select {', '.join(group)}, '{name}', {value} from received where _part = 'total'"
        for name, value in parts
    ]
    return _meaningful(build, selects)


def raw_totals(build: duckdb.DuckDBPyConnection, origin: Origin) -> Totals:
    """The same of the rows that ``raw`` holds."""
    group = [f"coalesce(\"{name}\", '')" if name in origin.grouped else "''" for name in GROUPS]
    by = ", ".join(f'"{name}"' for name in origin.grouped)
    parts = [("*", "cast(count(*) as decimal(38, 4))")]
    parts += [(name, f'coalesce(cast(sum("{name}") as decimal(38, 4)), 0.0000)') for name in origin.summed]
    selects = [
        f"select {', '.join(group)}, '{name}', {value} from {origin.raw} where not _deleted"
        + (f" group by {by}" if by else "")
        for name, value in parts
    ]
    return _meaningful(build, selects)


def _meaningful(build: duckdb.DuckDBPyConnection, selects: list[str]) -> Totals:
    rows = build.execute(f"select * from ({' union all '.join(selects)}) order by all").fetchall()
    return [tuple(str(value) for value in row) for row in rows]
