"""Makes a row given to ``write`` into a document: known columns, canonical values, lines of its own.

What the declared columns cannot hold is rejected here, with the row's key and what was expected, before a
database is asked. Knows nothing of what the target holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors.errors import Misconfigured, RecordRejected
from connectors.protocol import LINES, Row, Write
from connectors.sql_stream import Stream, find_stream
from connectors.sql_values import canonical

STAMP = "updated_at"
SHOWN = 80


@dataclass(frozen=True)
class Target:
    """A write with its tables; ``kept`` are the columns that an existing record keeps as they are."""

    write: Write
    stream: Stream
    key: sa.Column[Any]
    kept: frozenset[str]
    required: frozenset[str]
    lines_required: frozenset[str]


@dataclass(frozen=True)
class Document:
    """One row to write; ``lines`` is ``None`` when the row says nothing about its lines."""

    position: int
    key: str
    values: Row
    lines: tuple[Row, ...] | None


def find_target(write: Write) -> Target:
    """The tables of a write; ``Misconfigured`` when it names a stream or column that is not there."""
    stream = find_stream(write.stream, write.lines)
    columns = stream.table.c
    for name in (write.key, *write.create, *write.owns):
        if name not in columns or name == STAMP:
            raise Misconfigured(f"a write to {write.stream} names {name!r}, which no one can write there")
    return Target(
        write,
        stream,
        columns[write.key],
        frozenset((*write.create, write.key, stream.key.name)),
        _required(stream.table),
        _required(stream.lines) if stream.lines is not None else frozenset(),
    )


def document(target: Target, position: int, row: Row) -> Document:
    """The row as a document; raises ``RecordRejected`` for what the declared columns cannot hold."""
    write, name = target.write, target.write.key
    where = f"{write.stream} {shown(row.get(name))}"
    if row.get(name) in (None, ""):
        raise RecordRejected(
            f"{where}: its key {name} is empty; expected a business key", rule=f"missing:{name}"
        )
    lines = row.get(LINES) if target.stream.lines is not None else None
    given = {k: v for k, v in row.items() if not (k == LINES and target.stream.lines is not None)}
    wanted = {name, *write.owns} if write.owns else given.keys()
    values = _values(where, target.stream.table, {k: v for k, v in given.items() if k in wanted})
    if lines is None:
        return Document(position, str(values[name]), values, None)
    return Document(position, str(values[name]), values, _lines(where, target.stream, lines))


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


def _values(where: str, table: sa.Table, given: Mapping[str, Any]) -> Row:
    values = {}
    for name, value in given.items():
        if name == STAMP:
            continue
        if name not in table.c:
            raise RecordRejected(
                f"{where}: {table.name} has no column {name!r}; docs/streams.md lists its columns",
                rule=f"unknown_column:{name}",
            )
        try:
            values[name] = canonical(table.c[name], value)
        except ValueError as error:
            raise RecordRejected(
                f"{where}: {name} came as {shown(repr(value))}: {error}. Correct it at its source.",
                rule=f"value:{name}",
            ) from None
    return values


def _lines(where: str, stream: Stream, given: Collection[Row]) -> tuple[Row, ...]:
    assert stream.lines is not None and stream.lines_key is not None and stream.lines_header is not None
    key, header, lines = stream.lines_key.name, stream.lines_header.name, {}
    for row in given:
        line = _values(f"{where} line {shown(row.get(key))}", stream.lines, {**row, header: ""})
        if key not in line:
            raise RecordRejected(
                f"{where}: a line came without {key}; expected its key", rule=f"missing:{key}"
            )
        if line[key] in lines:
            raise RecordRejected(
                f"{where}: line {line[key]} came twice; expected each line once", rule=f"unique:{key}"
            )
        del line[header]
        lines[line[key]] = line
    return tuple(lines.values())


def _required(table: sa.Table) -> frozenset[str]:
    return frozenset(c.name for c in table.c if not c.nullable and c.server_default is None)
