"""Says which tables of the hub's state are still to come: those are empty streams, and no others are.

the state's tables, what was read before ─▶ streams to leave alone. A table that was read once and is gone is
no empty stream: the reader says so, as it does of every system. It reads no rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.origin import Origin

if TYPE_CHECKING:
    import duckdb

    from settings import Settings


def to_come(build: duckdb.DuckDBPyConnection, settings: Settings, mine: Iterable[Origin]) -> frozenset[str]:
    """Of the hub's streams those whose table is not there yet and never was."""
    there = _tables(settings)
    if there is None:
        return frozenset()
    # Totals stay where a stream is to be read whole again, its marks do not.
    read = {
        stream
        for (stream,) in build.execute(
            "select stream from raw.streams union select stream from raw.source_totals"
        ).fetchall()
    }
    return frozenset(
        origin.stream for origin in mine if origin.table.name not in there and origin.stream not in read
    )


def _tables(settings: Settings) -> frozenset[str] | None:
    """The tables of the state as it is; None when it does not answer, which the reader will say."""
    import sqlalchemy as sa
    from sqlalchemy.exc import DBAPIError

    from connectors.sql_engine import make_engine, parse

    url = parse("state", settings.url("state"))
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        return frozenset()
    engine = make_engine(url)
    try:
        return frozenset(sa.inspect(engine).get_table_names())
    except DBAPIError:
        return None
    finally:
        engine.dispose()
