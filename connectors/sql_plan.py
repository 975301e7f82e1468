"""Compares documents with what the target holds: what to insert, update and delete for each.

Existing records come with one select by key, their lines with another; a plan says what one document changes.
Sends no change (``sql_changes`` does), opens no transaction and handles no refusal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from connectors.errors import MissingDependency, RecordRejected, RowError
from connectors.protocol import LINES, Row
from connectors.sql_bulk import select_rows
from connectors.sql_document import Document, Shape, Target, require

Changes = dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class There:
    """What the target holds of a batch: records by the write's key, their lines by the header's own key."""

    records: dict[str, Row]
    lines: dict[str, list[Row]]


@dataclass(slots=True)
class Plan:
    """What one document changes; ``error`` when it cannot be written.

    ``header`` is the record's own key; ``update`` and ``line_updates`` hold the columns that differ.
    """

    header: str = ""
    effect: str = "unchanged"
    insert: Row | None = None
    update: Row | None = None
    line_deletes: list[str] = field(default_factory=list)
    line_updates: list[tuple[str, Row]] = field(default_factory=list)
    line_inserts: list[Row] = field(default_factory=list)
    changes: Changes = field(default_factory=dict)
    error: RowError | None = None


def there(connection: sa.Connection, target: Target, batch: Sequence[Document]) -> There:
    """What the target holds of these documents, with the columns that are compared."""
    names = {name for document in batch for name in document.values} - target.kept
    names |= {target.key.name, target.stream.key.name}
    columns = [column for column in target.stream.table.c if column.name in names]
    found = select_rows(connection, columns, target.key, keys=[one.values[target.key.name] for one in batch])
    records = {row[target.key.name]: row for row in found}
    return There(records, _lines(connection, target, batch, records=records))


def plan(target: Target, batch: Sequence[Document], held: There) -> list[Plan]:
    """What each document of the batch changes."""
    plans = []
    for document in batch:
        try:
            plans.append(_plan(target, document, held))
        except RowError as error:
            plans.append(Plan(effect="refused", error=error))
    return plans


def _lines(
    connection: sa.Connection, target: Target, batch: Sequence[Document], *, records: Mapping[str, Row]
) -> dict[str, list[Row]]:
    stream, lines = target.stream, defaultdict[str, list[Row]](list)
    if stream.lines is None or stream.lines_header is None or stream.lines_key is None:
        return lines
    compared = [one for one in batch if one.lines is not None and one.key in records]
    names = {name for one in compared for line in one.lines or () for name in line}
    names |= {stream.lines_key.name, stream.lines_header.name}
    columns = [column for column in stream.lines.c if column.name in names]
    headers = [records[one.key][stream.key.name] for one in compared]
    for row in select_rows(connection, columns, stream.lines_header, keys=headers):
        lines[row[stream.lines_header.name]].append(row)
    return lines


def _plan(target: Target, document: Document, held: There) -> Plan:
    record, pk = held.records.get(document.key), target.stream.key.name
    if document.deleted:
        return _deletion(target, document, record)
    if record is None:
        _may_create(target, document)
        done = Plan(document.values[pk], "inserted", insert=document.values)
    else:
        done = Plan(record[pk])
        done.changes = _differing(document.values, record, kept=target.kept)
        if done.changes:
            done.update = _wanted(done.changes)
    if document.lines is not None and target.lines_shape is not None:
        _plan_lines(target, target.lines_shape, document.lines, done=done, held=held)
    if record is not None and (done.changes or done.line_deletes or done.line_updates or done.line_inserts):
        done.effect = "updated"
    return done


def _may_create(target: Target, document: Document) -> None:
    stream, owns = target.write.stream, target.write.owns
    if owns:
        raise MissingDependency(
            f"{stream} {document.key}: no such record; this write owns only "
            f"{', '.join(owns)} and creates none. It waits until {stream} has it.",
            rule=f"record:{stream}",
        )
    if not target.shape.required <= document.values.keys():
        require(f"{stream} {document.key}", target.shape.required, document.values)


def _deletion(target: Target, document: Document, record: Row | None) -> Plan:
    stream = target.write.stream
    if target.write.owns:
        raise RecordRejected(
            f"{stream} {document.key}: came as deleted, but this write owns only "
            f"{', '.join(target.write.owns)}; expected a change of those. Delete it where it is owned.",
            rule=f"owner:{stream}",
        )
    return Plan() if record is None else Plan(record[target.stream.key.name], "deleted")


def _plan_lines(target: Target, shape: Shape, lines: Sequence[Row], *, done: Plan, held: There) -> None:
    assert target.stream.lines_key is not None and target.stream.lines_header is not None
    key, header = target.stream.lines_key.name, target.stream.lines_header.name
    old = {row[key]: row for row in held.lines.get(done.header, ())} if done.insert is None else {}
    for line in lines:
        name = line[key]
        record = old.pop(name, None)
        if record is None:
            new = {**line, header: done.header}
            if not shape.required <= new.keys():
                require(f"{target.write.stream} {done.header} line {name}", shape.required, new)
            done.line_inserts.append(new)
            if done.insert is None:
                done.changes |= {f"{LINES}.{name}.{one}": (None, value) for one, value in line.items()}
        elif changes := _differing(line, record, kept=frozenset((key,))):
            done.line_updates.append((name, _wanted(changes)))
            done.changes |= {f"{LINES}.{name}.{one}": change for one, change in changes.items()}
    for name, record in old.items():
        done.line_deletes.append(name)
        done.changes |= {f"{LINES}.{name}.{one}": (value, None) for one, value in record.items()}


def _differing(values: Row, record: Row, *, kept: frozenset[str]) -> Changes:
    """Column to what is there and what is wanted."""
    return {
        name: (record.get(name), value)
        for name, value in values.items()
        if record.get(name) != value and name not in kept
    }


def _wanted(changes: Changes) -> Row:
    return {name: change[1] for name, change in changes.items()}
