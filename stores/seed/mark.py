"""How far a seed came: a mark in each store, started before its first row and complete after its last.

The mark is a row of ``tombstones`` under a stream that nobody has, so that no reader of a stream meets it;
stores without one hold a company that nobody seeded. It repairs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from models import SYSTEMS
from models.types import now_utc
from stores.engines import SEED_MARK, is_empty, writing

STARTED, COMPLETE = "started", "complete"


def start(engines: Mapping[str, sa.Engine]) -> None:
    """Say in each store that a seed begins; the tables are there."""
    _mark(engines, STARTED)


def complete(engines: Mapping[str, sa.Engine]) -> None:
    """Say in each store that the seed wrote everything that belongs to it."""
    _mark(engines, COMPLETE)


def withdraw(engines: Mapping[str, sa.Engine]) -> None:
    """Take the mark of a seed that left nothing out of empty stores, before something else fills them."""
    if is_empty(engines):
        for system, engine in engines.items():
            table = SYSTEMS[system].tables["tombstones"]
            with writing(engine) as connection:
                connection.execute(table.delete().where(table.c.stream == SEED_MARK))


def was_interrupted(engines: Mapping[str, sa.Engine]) -> bool:
    """True when a seed wrote rows and did not come to its end."""
    marks = {mark for system, engine in engines.items() for mark in _read(system, engine)}
    # One complete mark is enough: the first of them is written when everything else is committed.
    return STARTED in marks and COMPLETE not in marks and not is_empty(engines)


def _mark(engines: Mapping[str, sa.Engine], mark: str) -> None:
    for system, engine in engines.items():
        table = SYSTEMS[system].tables["tombstones"]
        with writing(engine) as connection:
            connection.execute(table.delete().where(table.c.stream == SEED_MARK))
            connection.execute(table.insert().values(stream=SEED_MARK, key=mark, deleted_at=now_utc()))


def _read(system: str, engine: sa.Engine) -> set[str]:
    table = SYSTEMS[system].tables["tombstones"]
    with engine.connect() as connection:
        return set(connection.execute(sa.select(table.c.key).where(table.c.stream == SEED_MARK)).scalars())
