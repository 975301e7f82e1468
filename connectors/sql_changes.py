"""Sends what a batch's plans change, for the whole batch with a statement a kind and set of columns.

Deletes first, then headers before lines, lines' deletes before their inserts. Opens no transaction and
handles no refusal; ``imagine`` tells what a plan would leave, for a comparison that changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from connectors.sql_bulk import delete_rows, insert_rows, update_rows
from connectors.sql_document import Document, Target
from connectors.sql_plan import Plan, There


def apply(connection: sa.Connection, target: Target, plans: Sequence[Plan]) -> None:
    """Send the plans' changes."""
    stream = target.stream
    gone = [one.header for one in plans if one.effect == "deleted"]
    if gone:
        for lines in line_tables(stream.table):
            delete_rows(connection, lines.c[stream.key.name], keys=gone)
        delete_rows(connection, stream.key, keys=gone)
    insert_rows(connection, stream.table, (one.insert for one in plans if one.insert is not None))
    update_rows(connection, stream.key, ((one.header, one.update) for one in plans if one.update is not None))
    if stream.lines is None or stream.lines_key is None:
        return
    delete_rows(connection, stream.lines_key, keys=[key for one in plans for key in one.line_deletes])
    update_rows(connection, stream.lines_key, (row for one in plans for row in one.line_updates))
    insert_rows(connection, stream.lines, (row for one in plans for row in one.line_inserts))


def line_tables(header: sa.Table) -> Iterator[sa.Table]:
    """The tables whose rows are lines of this table's documents, and go with them."""
    for table in header.metadata.sorted_tables:
        if table.info.get("header") == header.name:
            yield table


def imagine(target: Target, document: Document, done: Plan, *, held: There) -> None:
    """Have ``held`` say what would be there after this plan, for a later row of the same key."""
    if done.effect == "deleted":
        held.records.pop(document.key, None)
        held.lines.pop(done.header, None)
    elif done.error is None and done.effect != "unchanged":
        held.records[document.key] = {
            **held.records.get(document.key, {}),
            **(done.insert or done.update or {}),
        }
        if document.lines is not None:
            assert target.stream.lines_header is not None
            header = {target.stream.lines_header.name: done.header}
            held.lines[done.header] = [{**line, **header} for line in document.lines]
