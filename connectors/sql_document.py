"""Makes a row given to ``write`` into a document: known columns, canonical values, lines of its own.

What the declared columns cannot hold is rejected here, with the row's key and what was expected, before a
database is asked. Knows nothing of what the target holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors.errors import Misconfigured, RecordRejected
from connectors.protocol import DELETED, LINES, Outcome, Row, Write
from connectors.sql_stream import Stream, find_stream
from connectors.sql_values import Check, checker

STAMP = "updated_at"
SHOWN = 80


@dataclass(frozen=True)
class Shape:
    """A table's columns: a check for each that can be written, those it skips, those a new row must have."""

    table: sa.Table
    checks: Mapping[str, Check]
    skipped: frozenset[str]
    required: frozenset[str]


@dataclass(frozen=True)
class Target:
    """A write with its tables; ``kept`` are the columns that an existing record keeps as they are."""

    write: Write
    stream: Stream
    key: sa.Column[Any]
    kept: frozenset[str]
    shape: Shape
    lines_shape: Shape | None


@dataclass(frozen=True, slots=True)
class Document:
    """One row to write; ``lines`` is ``None`` when the row says nothing about its lines."""

    position: int
    key: str
    values: Row
    lines: tuple[Row, ...] | None
    deleted: bool = False


class _Wrong(Exception):
    """A row that its table's columns cannot hold; whoever catches it knows where the row belongs."""

    def __init__(self, reason: str, *, rule: str) -> None:
        super().__init__(reason)
        self.rule = rule


def find_target(write: Write) -> Target:
    """The tables of a write; ``Misconfigured`` when it names a stream or column that is not there."""
    stream = find_stream(write.stream, write.lines)
    columns = stream.table.c
    for name in (write.key, *write.create, *write.owns):
        if name not in columns or name == STAMP:
            raise Misconfigured(f"a write to {write.stream} names {name!r}, which no one can write there")
    lines_shape = None
    if stream.lines is not None and stream.lines_header is not None:
        lines_shape = _shape(stream.lines, skipped={stream.lines_header.name})
    return Target(
        write,
        stream,
        columns[write.key],
        frozenset((*write.create, write.key, stream.key.name)),
        _shape(stream.table, skipped={DELETED, LINES} if stream.lines is not None else {DELETED}),
        lines_shape,
    )


def documents(target: Target, rows: Sequence[Row], outcomes: dict[int, Outcome]) -> list[Document]:
    """The rows as documents; what the declared columns cannot hold goes to ``outcomes`` by its position."""
    good = []
    for position, row in enumerate(rows):
        try:
            good.append(_document(target, position, row))
        except RecordRejected as error:
            outcomes[position] = Outcome(shown(row.get(target.write.key) or ""), "refused", error)
    return good


def _document(target: Target, position: int, row: Row) -> Document:
    name = target.write.key
    if row.get(name) in (None, ""):
        raise RecordRejected(
            f"{_where(target, row)}: its key {name} is empty; expected a business key",
            rule=f"missing:{name}",
        )
    try:
        if row.get(DELETED):
            values = _values(target.shape, {name: row[name]})
            return Document(position, str(values[name]), values, None, deleted=True)
        owns = target.write.owns
        wanted = {one: row[one] for one in (name, *owns) if one in row} if owns else row
        values = _values(target.shape, wanted)
    except _Wrong as error:
        raise RecordRejected(f"{_where(target, row)}: {error}", rule=error.rule) from None
    given = row.get(LINES) if target.lines_shape is not None else None
    if given is None:
        return Document(position, str(values[name]), values, None)
    return Document(position, str(values[name]), values, _lines(target, row, given))


def require(where: str, needed: Collection[str], values: Row) -> None:
    """Raise ``RecordRejected`` when a new record lacks a column that may not be empty."""
    missing = sorted(set(needed) - values.keys())
    if missing:
        raise RecordRejected(
            f"{where} is new and {', '.join(missing)} came empty; expected a value",
            rule=f"missing:{missing[0]}",
        )


def shown(value: Any) -> str:
    """A value as messages show it: short."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _where(target: Target, row: Row) -> str:
    return f"{target.write.stream} {shown(row.get(target.write.key))}"


def _values(shape: Shape, given: Mapping[str, Any]) -> Row:
    values = {}
    checks = shape.checks
    for name, value in given.items():
        check = checks.get(name)
        if check is None:
            if name in shape.skipped:
                continue
            raise _Wrong(
                f"{shape.table.name} has no column {name!r}; docs/streams.md lists its columns",
                rule=f"unknown_column:{name}",
            )
        try:
            values[name] = check(value)
        except ValueError as error:
            raise _Wrong(
                f"{name} came as {shown(repr(value))}: {error}. Correct it at its source.",
                rule=f"value:{name}",
            ) from None
    return values


def _lines(target: Target, document: Row, given: Collection[Row]) -> tuple[Row, ...]:
    assert target.lines_shape is not None and target.stream.lines_key is not None
    key, lines = target.stream.lines_key.name, {}
    for row in given:
        try:
            line = _values(target.lines_shape, row)
            if key not in line:
                raise _Wrong(f"a line came without {key}; expected its key", rule=f"missing:{key}")
        except _Wrong as error:
            where = f"{_where(target, document)} line {shown(row.get(key))}"
            raise RecordRejected(f"{where}: {error}", rule=error.rule) from None
        if line[key] in lines:
            raise RecordRejected(
                f"{_where(target, document)}: line {line[key]} came twice; expected each line once",
                rule=f"unique:{key}",
            )
        lines[line[key]] = line
    return tuple(lines.values())


def _shape(table: sa.Table, *, skipped: Collection[str]) -> Shape:
    skips = frozenset((STAMP, *skipped))
    return Shape(
        table,
        {column.name: checker(column) for column in table.c if column.name not in skips},
        skips,
        frozenset(c.name for c in table.c if not c.nullable and c.server_default is None),
    )
