"""What a refused write is told: the field, the reason, and the rule by its name in the models.

A database's fault, or a reference that is not there → a problem. 409 when another record has the key or still
points here, 422 when the record itself breaks a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from connectors.sql_errors import Fate, Fault
from stores.api.draft import shown
from stores.api.problems import FieldError, Problem, invalid
from stores.api.store import Stream
from stores.api.values import Row


def reference_errors(
    connection: sa.Connection, table: sa.Table, rows: Iterable[Row], *, at: str = "", header: str = ""
) -> list[FieldError]:
    """The fields that point to records which are not there; ``header`` is written together with them."""
    errors, rows = [], list(rows)
    for column in table.c:
        if not column.foreign_keys or column.name == header:
            continue
        (foreign,) = column.foreign_keys
        referred = foreign.column
        wanted = {row[column.name] for row in rows if row.get(column.name) is not None}
        if not wanted:
            continue
        query = sa.select(referred).where(referred.in_(sorted(wanted)))
        missing = wanted - set(connection.execute(query).scalars())
        errors += [
            FieldError(
                f"{at}{column.name}",
                f"came as {shown(value)}; {referred.table.name} has no record of that key",
                f"foreign_key:{table.name}.{column.name}",
            )
            for value in sorted(missing)
        ]
    return errors


def refused(stream: Stream, problem: Fault, values: Mapping[str, Any]) -> Problem:
    """The problem of a write that the database refused."""
    for table in (stream.table, stream.lines):
        for constraint, rule in _constraints(table) if table is not None else ():
            if problem.constraint in _names(table, constraint):
                return _broken(table, constraint, rule, values if table is stream.table else {})
    if problem.fate is Fate.FOREIGN_KEY:
        return Problem(
            409,
            f"a reference of {stream.table.name} does not hold: something still points to it, or what it "
            "points to has gone",
            errors=[
                FieldError(stream.key.name, "a reference does not hold", f"foreign_key:{stream.table.name}")
            ],
        )
    return invalid(
        FieldError(stream.table.name, "the database cannot hold what came", f"database:{problem.fate.value}")
    )


def _broken(table: Any, constraint: Any, rule: str, values: Mapping[str, Any]) -> Problem:
    if isinstance(constraint, sa.CheckConstraint):
        expected = " ".join(str(constraint.sqltext).split())
        names = [column.name for column in table.c if re.search(rf"\b{column.name}\b", expected)]
        status, reason = 422, f"expected {expected}"
    else:
        names = [column.name for column in constraint.columns]
        status, reason = 409, f"another record of {table.name} has the same {', '.join(names)}"
    errors = [
        FieldError(name, f"{f'came as {shown(values[name])}; ' if name in values else ''}{reason}", rule)
        for name in names
    ]
    return Problem(status, f"{rule}: {reason}", errors=errors)


def _constraints(table: Any) -> Iterator[tuple[Any, str]]:
    for one in sorted(table.constraints, key=lambda c: str(c.name)):
        if isinstance(one, sa.CheckConstraint | sa.UniqueConstraint | sa.PrimaryKeyConstraint):
            yield one, str(one.name) if one.name else f"pk_{table.name}"


def _names(table: Any, constraint: Any) -> set[str]:
    """What SQLite, PostgreSQL and MariaDB call it."""
    if isinstance(constraint, sa.CheckConstraint):
        return {str(constraint.name)}
    columns = ", ".join(f"{table.name}.{column.name}" for column in constraint.columns)
    if isinstance(constraint, sa.PrimaryKeyConstraint):
        # MariaDB calls every table's so; the header is looked at before its lines.
        return {columns, "PRIMARY", f"{table.name}_pkey"}
    return {columns, str(constraint.name)}
