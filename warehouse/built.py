"""Remembers of each relation from which text and at which tick it was built: the table ``quality.built``.

It decides nothing; the runner reads it to see what must be made anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Built:
    """A relation as it was last looked at.

    ``fingerprint`` differs between two contents of it, ``text`` between two versions of its files; ``seen``
    is the tick up to which its inputs' changes are in it, ``states`` what its other inputs held then.
    """

    fingerprint: str
    text: str
    seen: int
    states: dict[str, str]


def read_built(build: duckdb.DuckDBPyConnection) -> dict[str, Built]:
    """By relation; one dropped by hand is not built, whatever is remembered of it."""
    rows = build.execute(
        """select relation, fingerprint, text, seen, states from quality.built
        where text is not null and relation in (
            select schema_name || '.' || table_name from duckdb_tables()
            union all select schema_name || '.' || view_name from duckdb_views())"""
    ).fetchall()
    return {
        relation: Built(fingerprint, text, seen, json.loads(states))
        for relation, fingerprint, text, seen, states in rows
    }


def write_built(build: duckdb.DuckDBPyConnection, built: dict[str, Built]) -> None:
    """Replace what is remembered."""
    rows = [
        (relation, one.fingerprint, one.text, one.seen, json.dumps(one.states))
        for relation, one in sorted(built.items())
    ]
    build.execute("delete from quality.built")
    build.execute(
        "insert into quality.built select unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)",
        [list(column) for column in zip(*rows, strict=True)],
    )
