"""Says why a database refused a document: the rule's name, what came, what was expected.

Rules have the names that the models give their constraints, whatever a driver calls them. Never writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from connectors.errors import MissingDependency, RecordRejected, RowError
from connectors.protocol import Row
from connectors.sql_bulk import select_rows
from connectors.sql_changes import line_tables
from connectors.sql_document import Document, Target, shown
from connectors.sql_errors import Fate, Fault
from connectors.sql_plan import Plan

SHOWN_LINES = 3


def broken_references(
    connection: sa.Connection, target: Target, plans: Sequence[tuple[Document, Plan]]
) -> dict[int, RowError]:
    """By position, the documents that point to nothing, or would leave others pointing to nothing."""
    broken: dict[int, RowError] = {}
    for column in _references(target):
        (foreign,) = column.foreign_keys
        referred = foreign.column
        pointing = [
            (document, row[column.name])
            for document, done in plans
            for row in _written(target, done, column.table)
            if row.get(column.name) is not None
        ]
        found = _there(connection, referred, {value for _, value in pointing})
        for document, value in pointing:
            if value not in found and document.position not in broken:
                broken[document.position] = MissingDependency(
                    f"{target.write.stream} {document.key}: {column.table.name}.{column.name} came as "
                    f"{shown(value)!r}; expected a record of {target.write.system}.{referred.table.name}, "
                    "which has none of that key. It waits until it has.",
                    rule=f"foreign_key:{column.table.name}.{column.name}",
                )
    gone = [(document, done.header) for document, done in plans if done.effect == "deleted"]
    for column in _pointers(target) if gone else ():
        found = _there(connection, column, {header for _, header in gone})
        for document, header in gone:
            if header in found and document.position not in broken:
                broken[document.position] = _still_needed(target, document, column)
    return broken


def rejection(target: Target, document: Document, problem: Fault) -> RowError:
    """The error of a document that the database refused when it was alone."""
    where = f"{target.write.stream} {document.key}"
    if problem.fate is Fate.FOREIGN_KEY and document.deleted:
        rule = f"foreign_key:{problem.constraint or target.stream.table.name}"
        reason = f"{where}: cannot be deleted, something still points to it ({problem.text})"
        return RecordRejected(f"{reason}; expected nothing that does. Let that go first.", rule=rule)
    if problem.fate is Fate.FOREIGN_KEY:
        # What it points to came in the meantime, or something still points to a line that is to go.
        return MissingDependency(
            f"{where}: a reference does not hold ({problem.text}); expected what it points to. It waits.",
            rule=f"foreign_key:{problem.constraint or target.stream.table.name}",
        )
    for table, rows in _tables(target, document):
        for constraint, rule in _constraints(table):
            if problem.constraint in _names(table, constraint):
                return RecordRejected(_message(where, table, constraint, rule=rule, rows=rows), rule=rule)
    return RecordRejected(
        f"{where}: the database refused it: {problem.text}. Correct it at its source.",
        rule=f"database:{problem.fate.value}",
    )


def _message(
    where: str,
    table: sa.Table,
    constraint: sa.CheckConstraint | sa.UniqueConstraint | sa.PrimaryKeyConstraint,
    *,
    rule: str,
    rows: Sequence[Row],
) -> str:
    if isinstance(constraint, sa.CheckConstraint):
        expected = " ".join(str(constraint.sqltext).split())
        names = [column.name for column in table.c if re.search(rf"\b{column.name}\b", expected)]
    else:
        names = [column.name for column in constraint.columns]
        expected = f"no other record of {table.name} with the same {', '.join(names)}"
    came = "; ".join(
        ", ".join(f"{name}={shown(repr(row[name]))}" for name in names if name in row)
        for row in rows[:SHOWN_LINES]
    )
    return f"{where}: {rule} refuses it: came {came}; expected {expected}. Correct it at its source."


def _there(connection: sa.Connection, column: sa.Column[Any], values: set[Any]) -> set[Any]:
    return {row[column.name] for row in select_rows(connection, [column], column, keys=values)}


def _still_needed(target: Target, document: Document, column: sa.Column[Any]) -> RecordRejected:
    return RecordRejected(
        f"{target.write.stream} {document.key}: cannot be deleted, {target.write.system}.{column.table.name} "
        f"still points to it by {column.name}; expected no record that does. Let that go first.",
        rule=f"foreign_key:{column.table.name}.{column.name}",
    )


def _pointers(target: Target) -> Iterator[sa.Column[Any]]:
    """The columns of other records that point to this stream's."""
    table = target.stream.table
    lines = set(line_tables(table))
    for other in table.metadata.sorted_tables:
        for column in other.c if other not in lines else ():
            if any(foreign.column is target.stream.key for foreign in column.foreign_keys):
                yield column


def _references(target: Target) -> Iterator[sa.Column[Any]]:
    stream = target.stream
    for table in (stream.table, stream.lines):
        for column in table.c if table is not None else ():
            # A line's header is written with it.
            if column.foreign_keys and column is not stream.lines_header:
                yield column


def _written(target: Target, done: Plan, table: Any) -> list[Row]:
    if table is target.stream.table:
        return [row for row in (done.insert, done.update) if row]
    return [*done.line_inserts, *(changed for _, changed in done.line_updates)]


def _tables(target: Target, document: Document) -> Iterator[tuple[sa.Table, Sequence[Row]]]:
    yield target.stream.table, [document.values]
    if target.stream.lines is not None:
        yield target.stream.lines, document.lines or ()


def _constraints(
    table: sa.Table,
) -> Iterator[tuple[sa.CheckConstraint | sa.UniqueConstraint | sa.PrimaryKeyConstraint, str]]:
    for one in sorted(table.constraints, key=lambda c: str(c.name)):
        if isinstance(one, (sa.CheckConstraint, sa.UniqueConstraint, sa.PrimaryKeyConstraint)):
            yield one, str(one.name) if one.name else f"pk_{table.name}"


def _names(table: sa.Table, constraint: Any) -> set[str]:
    """What SQLite, PostgreSQL and MariaDB call it."""
    if isinstance(constraint, sa.CheckConstraint):
        return {str(constraint.name)}
    columns = ", ".join(f"{table.name}.{column.name}" for column in constraint.columns)
    if isinstance(constraint, sa.PrimaryKeyConstraint):
        return {columns, "PRIMARY", f"{table.name}_pkey"}
    return {columns, str(constraint.name)}
