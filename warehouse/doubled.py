"""Keeps in ``raw`` every row of a key that its source holds more than once, so that a gate can name them.

A relation -> whether a key stands twice in it: then a stream is to be read whole. ``came`` (a whole read) and
``raw`` -> such keys of either -> their rows in ``raw`` as they came, for a stream whose totals differ after
that. It decides for none of the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse import changes
from warehouse.origin import Origin
from warehouse.replace import Load, count

if TYPE_CHECKING:
    import duckdb


def is_doubled(build: duckdb.DuckDBPyConnection, origin: Origin, relation: str) -> bool:
    """Whether a key stands twice in a relation."""
    key = ", ".join(f'"{name}"' for name in origin.key)
    return count(build, f"(select {key} from {relation} group by all having count(*) > 1)") > 0


def keep_doubled(how: Load, origin: Origin) -> int:
    """Bring those keys' rows to what came; how many rows changed, those that are gone included.

    A comparison row by row finds two equal rows equal to the one that is held: without this, the sums would
    tell that something is wrong and nothing would tell what.
    """
    how.build.execute(f"""create or replace temp table doubled as
        select key from (
            select {origin.key_sql("r")} as key, 'source' as side from came r
            union all
            select {origin.key_sql("r")}, 'raw' from {origin.raw} r where not _deleted
        ) group by key, side having count(*) > 1""")
    mine = "in (select key from doubled)"
    if not count(how.build, "doubled"):
        return 0
    was = how.build.execute(f"delete from {origin.raw} r where {origin.key_sql('r')} {mine}").fetchone()
    now = how.build.execute(
        f"insert into {origin.raw} by name select * from came where {origin.key_sql('came')} {mine}"
    ).fetchone()
    changes.note_whole(how.build, origin.raw, tick=how.tick())
    assert was is not None and now is not None
    return max(int(was[0]), int(now[0]))
