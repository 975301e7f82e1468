"""A document's lines brought to what was sent: those gone deleted, those changed updated, new ones added.

Runs in the transaction that writes their header.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stores.api.constraints import reference_errors
from stores.api.fresh import require
from stores.api.problems import invalid
from stores.api.store import Stream
from stores.api.values import Row


def write_lines(
    connection: sa.Connection, stream: Stream, lines: Sequence[Row], *, key: str, there: Sequence[Row]
) -> bool:
    """Bring the lines of the document ``key`` to ``lines``; whether that changed any."""
    table, header = stream.lines, stream.key.name
    assert table is not None
    (line_key,) = table.primary_key.columns
    name, old = line_key.name, {row[line_key.name]: row for row in there}
    wanted = {}
    for number, line in enumerate(lines, start=1):
        # A sender that knows no line keys gets those that the stores give: the document's and a position.
        numbered = {"line_no": number} if "line_no" in table.c else {}
        row = {name: f"{key}:{line.get('line_no', number)}", **numbered, **line, header: key}
        wanted[row[name]] = row
    errors = reference_errors(connection, table, wanted.values(), at="lines[].", header=header)
    if errors:
        raise invalid(*errors)
    gone = sorted(old.keys() - wanted.keys())
    if gone:
        connection.execute(table.delete().where(line_key.in_(gone)))
    changed = bool(gone)
    for line_no, row in wanted.items():
        before = old.get(line_no)
        if before is None:
            require(table, row, at="lines[].")
            connection.execute(table.insert().values(**row))
            changed = True
        elif differs := {field: value for field, value in row.items() if before[field] != value}:
            connection.execute(table.update().where(line_key == line_no).values(**differs))
            changed = True
    return changed
