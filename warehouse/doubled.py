"""Keeps in ``raw`` every row of a key that its source holds more than once, so that a gate can name them.

``received`` (a whole read) and ``raw`` -> keys that stand twice in either -> their rows in ``raw`` as they
were received. Only for a stream whose totals differ after a whole read; it decides for none of the rows.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from warehouse.source_sql import Origin

if TYPE_CHECKING:
    import duckdb


def keep_doubled(
    build: duckdb.DuckDBPyConnection, origin: Origin, typed: str, *, run_id: int, read_at: dt.datetime
) -> int:
    """Bring those keys' rows to what was received (``typed`` selects it); how many rows there are now.

    A replace by key keeps one row of a key, and a set operation one of two equal rows: without this, the
    sums would tell that something is wrong and nothing would tell what.
    """
    build.execute(f"""create or replace temp table doubled as
        select key from (
            select {origin.key_sql("r")} as key, 'source' as side from received r where _part = 'row'
            union all
            select {origin.key_sql("r")}, 'raw' from {origin.raw} r where not _deleted
        ) group by key, side having count(*) > 1""")
    mine = "in (select key from doubled)"
    build.execute(f"delete from {origin.raw} r where {origin.key_sql('r')} {mine}")
    row = build.execute(
        f"""insert into {origin.raw} by name
        select {typed}, {run_id} as _run_id, ? as _read_at, false as _deleted
        from received where _part = 'row' and {origin.key_sql("received")} {mine}""",
        [read_at],
    ).fetchone()
    return int(row[0]) if row else 0
