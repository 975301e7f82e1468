"""Asks a source for a stream's changed rows and for its own totals of them, both of one state of the source.

query ─▶ record batches to be cast once, on their way into a table, and totals. What DuckDB cannot hold
becomes null, and ``_unreadable`` says what it was. It writes no table and compares nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.errors import Refused
from models.types import SCALE, Exact
from warehouse.attached import Attached
from warehouse.origin import Origin, column_types
from warehouse.readers import Reader
from warehouse.source_sql import COUNT, PART, rows_and_totals_query, rows_query, totals_query
from warehouse.totals import Totals, of_source
from warehouse.unreadable import problem

if TYPE_CHECKING:
    import pyarrow as pa

# PostgreSQL's first instant and day. Instants too late for DuckDB come out before these.
_FIRST = {"timestamptz": "timestamptz '4714-11-24 (BC) 00:00:00+00'", "date": "date '4714-11-24 (BC)'"}

# DuckDB compresses a batch of exactly its row group once; others it puts together and compresses again, which
# took twice the time and twice the file. Long texts are not held back for it.
ROW_GROUP, HELD_BYTES = 122_880, 64 * 2**20


@dataclass(frozen=True)
class Arrival:
    """Rows on their way, read once, and the source's answers about totals, complete after the rows.

    The rows are record batches, or a relation of the build that the source is attached to.
    """

    origin: Origin
    rows: pa.RecordBatchReader | str
    answers: list[dict[str, Any]]
    scale: int

    @property
    def totals(self) -> Totals:
        return of_source(self.origin, self.answers, scale=self.scale)


def ask(
    reader: Reader, origin: Origin, *, since: dt.datetime | None, totals_since: dt.datetime | None
) -> Arrival:
    """The rows changed since, and totals of the rows changed since; None stands for all of them."""
    try:
        if reader.attached:
            answers, readable = _totals(reader.attached, origin, totals_since)
            whole = since is None and totals_since is None and readable
            rows = (_whole(reader.attached, origin) if whole else None) or reader.ask(
                rows_query(origin, since)
            )
            return Arrival(origin, rows, answers, scale=0)
        query = rows_and_totals_query(origin, reader.dialect, since=since, totals_since=totals_since)
        batches = reader.ask(query)
        assert not isinstance(batches, str)
        found: list[dict[str, Any]] = []
        rows = _without_totals(batches, origin, found)
        return Arrival(origin, _in_row_groups(rows), found, scale=SCALE)
    except Refused as error:
        raise Refused(f"{origin.stream}: {error}") from None


def cast_once(origin: Origin, relation: str) -> str:
    """A select of ``relation``'s rows in their own types, with ``_unreadable``."""
    kinds = column_types(origin)
    made = {each.name: each.sql for each in origin.extracted}
    values = ", ".join(f'{made.get(name) or _value(name, kind)} as "{name}"' for name, kind in kinds)
    given = [
        (name, f"given_{place}", kind)
        for place, (name, kind) in enumerate(kinds)
        if kind != "varchar" and name not in made
    ]
    inner = ", ".join([values, *(f'"{name}" as {alias}' for name, alias, _ in given)])
    bad = [(f'{alias} is not null and "{name}" is null', name, alias, kind) for name, alias, kind in given]
    words = ", ".join(
        f"case when {test} then {problem(name, alias, kind, first=_FIRST.get(kind, ''))} end"
        for test, name, alias, kind in bad
    )
    words = words or "''"
    any_bad = " or ".join(f"({test})" for test, *_ in bad) or "false"
    names = ", ".join(f'"{name}"' for name, _ in kinds)
    return (
        f"select {names}, case when {any_bad} then concat_ws('; ', {words}) else '' end as _unreadable "
        f"from (select {inner} from {relation})"
    )


def _value(name: str, kind: str) -> str:
    cast = f'try_cast("{name}" as {kind})'
    if kind not in _FIRST:
        return cast
    return f"case when {cast} >= {_FIRST[kind]} and {cast} < {kind} 'infinity' then {cast} end"


def _totals(source: Attached, origin: Origin, since: dt.datetime | None) -> tuple[list[dict[str, Any]], bool]:
    """The totals, and whether every number that they add is one."""
    answers = source.answers(totals_query(origin, since))
    if all(row[name].lstrip("-")[0].isdigit() for row in answers for name in origin.summed):
        return answers, True
    # One NaN makes the whole sum one: what is no number here is none there either.
    return source.answers(totals_query(origin, since, readable=True)), False


def _whole(source: Attached, origin: Origin) -> str | None:
    """All rows of a large table, its numbers in their own type; None where they have to come as text."""
    sources = {name: origin.read_from(name) for name in origin.names}
    exact = {name for name, column in sources.items() if isinstance(column.type, Exact)}
    if not exact.issubset(origin.summed):
        return None  # no total tells whether one is NaN
    table = source.table(origin.table.name, exact)
    columns = ", ".join(f'"{column.name}" as "{name}"' for name, column in sources.items())
    return f"(select {columns} from {table})" if table else None


def _without_totals(
    batches: pa.RecordBatchReader, origin: Origin, found: list[dict[str, Any]]
) -> pa.RecordBatchReader:
    """The rows; the totals before them are put into ``found`` on the way."""
    import pyarrow as pa

    def rows() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            totals = 0
            if batch.num_rows and batch.column(0)[0].as_py() == "total":
                totals = batch.column(0).to_pylist().count("total")
                for row in batch.slice(0, totals).to_pylist():
                    found.append(row | {COUNT: row[origin.key[0]]})
            yield batch.slice(totals)

    assert batches.schema.names[0] == PART
    return pa.RecordBatchReader.from_batches(batches.schema, rows())


def _in_row_groups(batches: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """The same rows in the same order, in batches of a row group each."""
    import pyarrow as pa

    def regrouped() -> Iterator[pa.RecordBatch]:
        held: list[pa.RecordBatch] = []
        for batch in batches:
            held.append(batch)
            rows = sum(one.num_rows for one in held)
            if rows < ROW_GROUP and sum(one.nbytes for one in held) < HELD_BYTES:
                continue
            joined = pa.concat_batches(held)
            full = rows - rows % ROW_GROUP or rows
            for start in range(0, full, ROW_GROUP):
                yield joined.slice(start, min(ROW_GROUP, full - start))
            held = [joined.slice(full)] if full < rows else []
        yield from held

    return pa.RecordBatchReader.from_batches(batches.schema, regrouped())
