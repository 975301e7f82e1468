"""What a mapping's SQL speaks about, found by sqlglot before any of it runs.

mapping + the source's tables and their columns → every select the mapping stands for, parsed → what they use
and miss (``connectors.mapping_names``). Runs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from connectors.errors import Misconfigured
from connectors.mapping import Part, SourceMapping
from connectors.mapping_guards import DIALECT
from connectors.mapping_names import Columns, Names, Used


def used(mapping: SourceMapping, tables: Columns) -> Used:
    """Every table and column of the source that the mapping names."""
    found = Used()
    known: dict[str, Sequence[str] | None] = dict(tables)
    for name, text in mapping.views.items():
        select = _parse(text, f"{mapping.where}, views.{name}", found.faults)
        if select is not None:
            names = Names(f"{mapping.where}, views.{name}", known, tables, found)
            known[name] = names.check(select, view=name)
            _no_lookups(mapping, name, select, found.faults)
    for document in mapping.documents:
        for part in document.parts():
            _check_part(mapping, document.stream, part, _Where(known, tables, found))
    for table, column in mapping.corrections:
        _check_column(f"{mapping.where}, corrections", table, column, _Where(known, tables, found))
    found.settle(known, list(mapping.views))
    return found


def in_order(views: Mapping[str, str], *, where: str) -> dict[str, str]:
    """The views, each after those it takes from, whatever their order in the file."""
    names = {name.lower(): name for name in views}
    needs = {
        name: {names[table.lower()] for table in _tables(text) if table.lower() in names} - {name}
        for name, text in views.items()
    }
    try:
        return {name: views[name] for name in TopologicalSorter(needs).static_order()}
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise Misconfigured(f"{where}, views: {circle} take from each other; expected an order") from None


def tables_named(mapping: SourceMapping) -> list[str]:
    """The tables that the mapping's SQL takes from the source, in the order they are named."""
    found: dict[str, None] = {}
    texts = [*mapping.views.values()]
    for part in (part for document in mapping.documents for part in document.parts() if not part.rows):
        conditions = (*part.columns.values(), *part.tell.values(), part.where or "1")
        texts += [f"select {_one(sql)} from {part.source}" for sql in conditions]
        texts += [f"select {_one(reference.value)} from {reference.table}" for reference in part.references]
    for text in texts:
        found |= dict.fromkeys(_tables(text))
    found |= {table: None for table, _ in mapping.corrections}
    return [name for name in found if name not in mapping.views]


def _tables(text: str) -> list[str]:
    select = _parse(text, "", [])
    scopes = traverse_scope(select) if select is not None else []
    return [s.name for scope in scopes for s in scope.sources.values() if isinstance(s, exp.Table) and s.name]


def _no_lookups(mapping: SourceMapping, view: str, select: exp.Query, faults: list[str]) -> None:
    """A value that a lookup does not know would go unnoticed in a view: no guard can follow it there."""
    for call in select.find_all(exp.Anonymous):
        if call.name.lower() in mapping.lookups:
            faults.append(
                f"{mapping.where}, views.{view}: the lookup {call.name} belongs into a stream's column"
            )


@dataclass(frozen=True)
class _Where:
    known: Columns
    tables: Columns
    found: Used


def _check_part(mapping: SourceMapping, stream: str, part: Part, where: _Where) -> None:
    place = f"{mapping.where}, {stream}" + ("" if part.stream == stream else f", lines {part.stream}")
    if part.rows:
        return
    told = len(where.found.faults)
    _check(f"select 1 from {part.source}", f"{place}, from", where)
    if len(where.found.faults) > told:
        return
    pieces = {name: f"{_one(sql)} as {_quoted(name)}" for name, sql in part.columns.items()}
    pieces |= {r.name: f"{_one(r.value)} as {_quoted(r.name)}" for r in part.references}
    conditions = {"where": part.where} if part.where else {}
    pieces |= {
        name: f"{_one(sql)} as {_quoted(name)}" for name, sql in (conditions | dict(part.tell)).items()
    }
    for name, piece in pieces.items():
        _check(f"select {piece} from {part.source}", f"{place}, {name}", where)
    for reference in part.references:
        _check_column(f"{place}, references.{reference.name}", reference.table, reference.column, where)


def _check(text: str, place: str, where: _Where) -> None:
    select = _parse(text, place, where.found.faults)
    if select is not None:
        Names(place, where.known, where.tables, where.found).check(select)


def _check_column(place: str, table: str, column: str, where: _Where) -> None:
    select = exp.select(exp.column(column, quoted=True)).from_(exp.to_table(table, dialect=DIALECT))
    Names(place, where.known, where.tables, where.found).check(select)


def _parse(text: str, place: str, faults: list[str]) -> exp.Query | None:
    try:
        parsed = sqlglot.parse_one(text, dialect=DIALECT)
    except SqlglotError as error:
        faults.append(f"{place}: this is no SQL: {' '.join(str(error).split())[:300]}")
        return None
    if isinstance(parsed, exp.Query):
        return parsed
    faults.append(f"{place}: expected a select, came {text[:80]!r}")
    return None


def _one(sql: str) -> str:
    return f"({sql}\n)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
