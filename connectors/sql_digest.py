"""How many rows each group of a stream's keys holds, with a checksum of their stamps, by one query.

a stream ─▶ group ─▶ count and checksum; a group ─▶ its keys. It compares nothing: the hub does.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from connectors.sql_stream import Stream

TAIL = 3
MODULO = 2**31 - 1
LAST_CHARACTER = "\U0010ffff"


def digest(engine: sa.Engine, stream: Stream) -> dict[str, tuple[int, int]]:
    """Group to rows and checksum; see ``protocol.Source``."""
    group = _group(stream.key)
    micros = sa.literal_column(_MICROS[_dialect(engine)], sa.BigInteger)
    # In databases the remainder of what is before 1970 is negative.
    checksum = sa.func.coalesce((micros % MODULO + MODULO) % MODULO, 0)
    query = sa.select(group, sa.func.count(), sa.func.sum(checksum)).select_from(stream.table).group_by(group)
    with engine.connect() as connection:
        return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)}


def keys(engine: sa.Engine, stream: Stream, group: str) -> list[str]:
    """The keys of one group, in order."""
    query = sa.select(stream.key).where(_group(stream.key) == group).order_by(stream.key)
    if group:
        # What an index can find; the group itself it cannot.
        query = query.where(
            stream.key.between(group, group + LAST_CHARACTER)
            if engine.dialect.name == "sqlite"  # where ``like`` ignores case
            else stream.key.like(_pattern(group), escape="!")
        )
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


def _group(key: sa.Column[Any]) -> sa.ColumnElement[str]:
    # Numbers are written out, so that a database sees one expression where it selects and where it groups.
    tail, first = sa.literal_column(str(TAIL), sa.Integer), sa.literal_column("1", sa.Integer)
    length, none = sa.func.char_length(key), sa.literal_column("''", sa.String)
    return sa.case((length > tail, sa.func.substr(key, first, length - tail)), else_=none)


def _pattern(group: str) -> str:
    for special in "!%_":
        group = group.replace(special, f"!{special}")
    return f"{group}%"


def _dialect(engine: sa.Engine) -> str:
    return engine.dialect.name if engine.dialect.name in ("sqlite", "postgresql") else "mysql"


_MICROS = {
    # Its date functions round to milliseconds, which may be the next second.
    "sqlite": "(strftime('%s', substr(updated_at, 1, 19)) * 1000000 + "
    "cast(substr(updated_at, 21, 6) as integer))",
    "postgresql": "cast(extract(epoch from updated_at) * 1000000 as bigint)",
    "mysql": "timestampdiff(microsecond, '1970-01-01 00:00:00', updated_at)",
}
