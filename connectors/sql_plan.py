"""Compares documents with what the target holds, and changes only what differs.

Existing records come with one select by key, their lines with another; a plan says for each document what to
insert, update and delete; ``apply`` does it for the whole batch with one statement a kind and column set.
Opens no transaction and handles no refusal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from connectors.errors import MissingDependency, RowError
from connectors.protocol import Row
from connectors.sql_document import Document, Target, require
from connectors.sql_rows import read_rows
from connectors.sql_stream import chunks

Records = Mapping[str, Row]

# pymysql sends an update for every row by itself; most changes give many rows the same value.
MANY = 20


@dataclass
class Plan:
    """What one document changes; ``error`` when it cannot be written."""

    effect: str = "unchanged"
    inserts: list[Row] = field(default_factory=list)
    updates: list[Row] = field(default_factory=list)
    line_deletes: list[str] = field(default_factory=list)
    line_updates: list[Row] = field(default_factory=list)
    line_inserts: list[Row] = field(default_factory=list)
    error: RowError | None = None


def existing(connection: sa.Connection, target: Target, batch: Sequence[Document]) -> Records:
    """The target's records by the write's key, with the columns that are compared."""
    names = {name for document in batch for name in document.values} - target.kept
    names |= {target.key.name, target.stream.key.name}
    query = sa.select(*(target.stream.table.c[name] for name in sorted(names)))
    rows: dict[str, Row] = {}
    for chunk in chunks([document.key for document in batch]):
        for row in read_rows(connection, query.where(target.key.in_(chunk))):
            rows[row[target.key.name]] = row
    return rows


def plan(
    connection: sa.Connection, target: Target, batch: Sequence[Document], *, found: Records
) -> list[Plan]:
    """What each document of the batch changes."""
    lines = _existing_lines(connection, target, batch, found=found)
    plans = []
    for document in batch:
        try:
            plans.append(_plan(target, document, found.get(document.key), lines=lines))
        except RowError as error:
            plans.append(Plan("refused", error=error))
    return plans


def apply(connection: sa.Connection, target: Target, plans: Sequence[Plan]) -> None:
    """Send the plans' changes: headers before lines, lines' deletes before their inserts."""
    header, lines = target.stream.table, target.stream.lines
    _insert(connection, header, (row for one in plans for row in one.inserts))
    _update(connection, target.stream.key, (row for one in plans for row in one.updates))
    if lines is None or target.stream.lines_key is None:
        return
    gone = [key for one in plans for key in one.line_deletes]
    for chunk in chunks(sorted(gone)):
        connection.execute(lines.delete().where(target.stream.lines_key.in_(chunk)))
    _update(connection, target.stream.lines_key, (row for one in plans for row in one.line_updates))
    _insert(connection, lines, (row for one in plans for row in one.line_inserts))


def _existing_lines(
    connection: sa.Connection, target: Target, batch: Sequence[Document], *, found: Records
) -> Mapping[str, list[Row]]:
    stream, lines = target.stream, defaultdict[str, list[Row]](list)
    if stream.lines is None or stream.lines_header is None:
        return lines
    headers = [found[d.key][stream.key.name] for d in batch if d.lines is not None and d.key in found]
    for chunk in chunks(headers):
        query = sa.select(stream.lines).where(stream.lines_header.in_(chunk))
        for row in read_rows(connection, query):
            lines[row[stream.lines_header.name]].append(row)
    return lines


def _plan(target: Target, document: Document, record: Row | None, *, lines: Mapping[str, list[Row]]) -> Plan:
    stream, pk, done = target.write.stream, target.stream.key.name, Plan()
    if record is None:
        if target.write.owns:
            raise MissingDependency(
                f"{stream} {document.key}: no such record; this write owns only "
                f"{', '.join(target.write.owns)} and creates none. It waits until {stream} has it.",
                rule=f"record:{stream}",
            )
        require(f"{stream} {document.key}", target.required, document.values)
        done.effect = "inserted"
        done.inserts.append(document.values)
        header = document.values[pk]
    else:
        header = record[pk]
        changed = _changed(document.values, record, kept=target.kept)
        if changed:
            done.updates.append({**changed, "_key": header})
    if document.lines is not None:
        _plan_lines(target, document.lines, done, header=header, there=lines.get(header, ()))
    if record is not None and (done.updates or done.line_deletes or done.line_updates or done.line_inserts):
        done.effect = "updated"
    return done


def _plan_lines(
    target: Target, lines: Sequence[Row], done: Plan, *, header: str, there: Sequence[Row]
) -> None:
    stream = target.stream
    assert stream.lines is not None and stream.lines_key is not None and stream.lines_header is not None
    key, old = stream.lines_key.name, {row[stream.lines_key.name]: row for row in there}
    for line in lines:
        record = old.pop(line[key], None)
        if record is None:
            new = {**line, stream.lines_header.name: header}
            require(f"{target.write.stream} {header} line {line[key]}", target.lines_required, new)
            done.line_inserts.append(new)
        elif changed := _changed(line, record, kept=frozenset((key,))):
            done.line_updates.append({**changed, "_key": line[key]})
    done.line_deletes.extend(old)


def _changed(values: Row, record: Row, *, kept: frozenset[str]) -> Row:
    return {name: value for name, value in values.items() if name not in kept and record[name] != value}


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterable[Row]) -> None:
    for group in _by_columns(rows):
        connection.execute(table.insert(), group)


def _update(connection: sa.Connection, key: sa.Column[Any], rows: Iterable[Row]) -> None:
    """Rows that get the same values go in one statement; the rest in one for each set of columns."""
    alike: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        alike[tuple(sorted((name, value) for name, value in row.items() if name != "_key"))].append(row)
    alone: list[Row] = []
    for values, group in alike.items():
        if len(group) < MANY:
            alone += group
            continue
        for chunk in chunks(sorted(row["_key"] for row in group)):
            connection.execute(key.table.update().where(key.in_(chunk)).values(dict(values)))
    statement = key.table.update().where(key == sa.bindparam("_key"))
    for group in _by_columns(alone):
        connection.execute(statement, sorted(group, key=lambda row: str(row["_key"])))


def _by_columns(rows: Iterable[Row]) -> Iterable[list[Row]]:
    groups: dict[frozenset[str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[frozenset(row)].append(row)
    return groups.values()
