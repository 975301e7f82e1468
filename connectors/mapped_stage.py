"""The mapped rows of every stream, worked out in a private DuckDB before anything is written anywhere.

source tables → corrections, lookups, views → one staged table a stream: its columns, what guards found, and
how often each key comes with which contents. DuckDB may touch no file and load no extension here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import duckdb
import sqlalchemy as sa

import models
from connectors.errors import Misconfigured
from connectors.mapped_functions import make_functions
from connectors.mapped_values import load_rows, quoted
from connectors.mapping import Document, Part, SourceMapping
from connectors.mapping_guards import Guard, guarded, part_guards
from connectors.mapping_sql import used
from models.types import Exact

NUMBER, NTH, VERSIONS, HASH = "?number", "?nth", "?versions", "?hash"
_SAFE: Mapping[str, str] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
    "temp_directory": "",
}


class Tables(Protocol):
    """A source that can be asked for tables."""

    name: str

    def open(self) -> Mapping[str, Sequence[str]]:
        """Columns by table."""

    def load(self, into: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> None:
        """Make a table in DuckDB with these columns, whole."""


@dataclass(frozen=True)
class Staged:
    """The staged table ``name`` of a part; guards by the column that holds what they found."""

    part: Part
    name: str
    guards: Mapping[str, Guard]


@dataclass
class Stage:
    """What a source gives, ready to be read: staged heads and lines by stream, and words for the summary."""

    connection: duckdb.DuckDBPyConnection
    heads: dict[str, Staged]
    lines: dict[str, Staged]
    notices: list[str]

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """The rows of a query, with exact Python values."""
        found: list[dict[str, Any]] = (
            self.connection.execute(sql, list(parameters)).to_arrow_table().to_pylist()
        )
        return found

    def count(self, sql: str) -> int:
        """The one number a query gives."""
        found = self.connection.execute(sql).fetchone()
        return int(found[0]) if found and found[0] is not None else 0


def open_stage(mapping: SourceMapping, tables: Tables, *, currency: str, timezone: str) -> Stage:
    """Read the source and work out every row; ``Misconfigured`` names all that the mapping asks in vain."""
    columns = tables.open()
    found = used(mapping, columns)
    if found.faults:
        raise Misconfigured(f"{mapping.where} does not fit {tables.name}:\n" + "\n".join(found.faults))
    connection = duckdb.connect(":memory:", config=dict(_SAFE))
    try:
        stage = Stage(connection, {}, {}, _unmapped(columns, found.mapped))
        for table, names in found.columns.items():
            chosen = [name for name in columns[table] if name in names]
            tables.load(connection, table, chosen or columns[table][:1])
        connection.execute(f"set timezone = '{timezone}'")
        connection.execute("set lock_configuration = true")
        _prepare(stage, mapping, currency=currency, timezone=timezone)
        for document in mapping.documents:
            _stage_document(stage, mapping, document)
    except BaseException:
        connection.close()
        raise
    return stage


def _unmapped(columns: Mapping[str, Sequence[str]], mapped: Mapping[str, set[str]]) -> list[str]:
    told = []
    for table in (table for table in columns if table in mapped):
        left = [name for name in columns[table] if name not in mapped[table] and not name.startswith("_")]
        if left:
            told.append(f"ignored, not mapped: {table}.{', '.join(left)}")
    if others := sorted(set(columns) - set(mapped)):
        told.append(f"ignored, not mapped: tables {', '.join(others)}")
    return told


def _prepare(stage: Stage, mapping: SourceMapping, *, currency: str, timezone: str) -> None:
    """Corrections first, then what the mapping's SQL may call."""
    for (table, column), pairs in mapping.corrections.items():
        for wrong, right in pairs.items():
            change = f"update {quoted(table)} set {quoted(column)} = ? where {quoted(column)}::varchar = ?"
            done = stage.connection.execute(change, [right, wrong]).fetchone()
            stage.notices.append(
                f"corrected: {table}.{column} {wrong!r} → {right!r}, {done[0] if done else 0} rows"
            )
    make_functions(stage.connection, mapping.lookups, currency=currency, timezone=timezone)
    for name, select in mapping.views.items():
        _run(stage, f"create table {quoted(name)} as {select}", f"{mapping.where}, views.{name}")


def _stage_document(stage: Stage, mapping: SourceMapping, document: Document) -> None:
    for part, shelf in ((document.head, stage.heads), (document.lines, stage.lines)):
        if part is not None:
            name = f"staged_{len(stage.heads) + len(stage.lines)}"
            shelf[document.stream] = _stage_part(stage, mapping, part, name)


def _stage_part(stage: Stage, mapping: SourceMapping, part: Part, name: str) -> Staged:
    table = models.stream_table(part.stream)
    (key,) = (column.name for column in table.primary_key.columns)
    source, where, expressions, guards = part.source, part.where, dict(part.columns), list[Guard]()
    if part.rows:
        source = f"given_{name}"
        names = dict.fromkeys(column for row in part.rows for column in row)
        load_rows(stage.connection, source, {each: [row.get(each) for row in part.rows] for each in names})
        expressions = {each: quoted(each) for each in names}
    else:
        for column, sql in expressions.items():
            expressions[column], found = guarded(column, sql, mapping.lookups)
            guards += found
    guards += part_guards(part)
    marks = {f"?{number}": guard for number, guard in enumerate(guards)}
    chosen = [f"({sql}\n) as {quoted(column)}" for column, sql in expressions.items()]
    chosen += [f"({guard.bad}\n) as {quoted(mark)}" for mark, guard in marks.items()]
    contents = ", ".join(quoted(column) for column in expressions)
    condition = f"where {where}" if where else ""
    _run(
        stage,
        f"""create table {name} as
        with mapped as (select {", ".join(chosen)} from {source} {condition}),
        hashed as (select *, hash(row({contents})) as "{HASH}" from mapped),
        numbered as (
            select *, row_number() over (order by {quoted(key)}, "{HASH}") as "{NUMBER}" from hashed
        )
        select *, row_number() over (partition by {quoted(key)} order by "{NUMBER}") as "{NTH}",
            count(distinct "{HASH}") over (partition by {quoted(key)}) as "{VERSIONS}"
        from numbered""",
        f"{mapping.where}, {part.stream}",
    )
    _refuse_floats(stage, name, table, f"{mapping.where}, {part.stream}")
    return Staged(part, name, marks)


def _refuse_floats(stage: Stage, name: str, table: sa.Table, place: str) -> None:
    for column, kind in stage.connection.execute(
        "select column_name, data_type from duckdb_columns() where table_name = ?", [name]
    ).fetchall():
        known = table.columns.get(column)
        if kind in ("DOUBLE", "FLOAT") and known is not None and isinstance(known.type, Exact):
            raise Misconfigured(
                f"{place}, {column}: the expression gives a binary fraction ({kind}), which is not exact; "
                "expected a decimal: cast its parts, such as cast(x as decimal(18, 4))"
            )


def _run(stage: Stage, sql: str, place: str) -> None:
    try:
        stage.connection.execute(sql)
    except duckdb.Error as error:
        said = " ".join(str(error).split("LINE ")[0].split())
        raise Misconfigured(
            f"{place}: {said}. Correct the mapping's SQL; where a value may be wrong in single rows, name "
            "the column without a cast, or use try_cast"
        ) from None
