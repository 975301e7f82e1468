"""What a mapping's SQL speaks about, found by sqlglot before any of it runs.

mapping + the source's tables and their columns → columns used, and a message for each that is not there;
Runs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from connectors.mapping import Part, SourceMapping
from connectors.mapping_guards import DIALECT
from connectors.near import did_you_mean

Columns = Mapping[str, Sequence[str] | None]
"""Columns by table or view; none: not known before it runs (a view with ``select *``)."""


@dataclass
class Used:
    """What a mapping uses of its source, by table; ``faults`` say what it names that is not there."""

    columns: dict[str, set[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


_MISSING: tuple[str, ...] = ("",)


def used(mapping: SourceMapping, tables: Columns) -> Used:
    """Every table and column of the source that the mapping names."""
    found = Used()
    known: dict[str, Sequence[str] | None] = dict(tables)
    for name, text in mapping.views.items():
        select = _parse(text, f"views.{name}", found.faults, mapping.where)
        if select is not None:
            _Names(f"{mapping.where}, views.{name}", known, tables, found).check(select)
            _no_lookups(mapping, name, select, found.faults)
            known[name] = None if select.is_star else select.named_selects
    for document in mapping.documents:
        for part in document.parts():
            _check_part(mapping, document.stream, part, _Where(known, tables, found))
    for table, column in mapping.corrections:
        _check_column(f"{mapping.where}, corrections", table, column, _Where(known, tables, found))
    return found


def tables_named(mapping: SourceMapping) -> list[str]:
    """The tables that the mapping's SQL takes from the source, in the order they are named."""
    found: dict[str, None] = {}
    texts = [*mapping.views.values()]
    for part in (part for document in mapping.documents for part in document.parts() if not part.rows):
        texts += [f"select {_one(sql)} from {part.source}" for sql in (*part.columns.values(), part.where or "1")]
        texts += [f"select {_one(reference.value)} from {reference.table}" for reference in part.references]
    for text in texts:
        select = _parse(text, "", [], "")
        for scope in traverse_scope(select) if select is not None else ():
            found |= {s.name: None for s in scope.sources.values() if isinstance(s, exp.Table)}
    return [name for name in [*found, *(table for table, _ in mapping.corrections)] if name not in mapping.views]


def _no_lookups(mapping: SourceMapping, view: str, select: exp.Query, faults: list[str]) -> None:
    """A value that a lookup does not know would go unnoticed in a view: no guard can follow it there."""
    for call in select.find_all(exp.Anonymous):
        if call.name.lower() in mapping.lookups:
            faults.append(f"{mapping.where}, views.{view}: the lookup {call.name} belongs into a stream's column")


@dataclass(frozen=True)
class _Where:
    known: Columns
    tables: Columns
    found: Used


def _check_part(mapping: SourceMapping, stream: str, part: Part, where: _Where) -> None:
    place = f"{mapping.where}, {stream}" + ("" if part.stream == stream else f", lines {part.stream}")
    if part.rows:
        return
    pieces = {name: f"{_one(sql)} as {_quoted(name)}" for name, sql in part.columns.items()}
    pieces |= {r.name: f"{_one(r.value)} as {_quoted(r.name)}" for r in part.references}
    if part.where:
        pieces["where"] = f'({part.where}) as "where"'
    for name, piece in pieces.items():
        spot = f"{place}, {name}"
        select = _parse(f"select {piece} from {part.source}", spot, where.found.faults, "")
        if select is not None:
            _Names(spot, where.known, where.tables, where.found).check(select)
    for reference in part.references:
        _check_column(f"{place}, references.{reference.name}", reference.table, reference.column, where)


def _check_column(place: str, table: str, column: str, where: _Where) -> None:
    select = exp.select(exp.column(column, quoted=True)).from_(exp.to_table(table, dialect=DIALECT))
    _Names(place, where.known, where.tables, where.found).check(select)


def _parse(text: str, place: str, faults: list[str], prefix: str) -> exp.Query | None:
    place = f"{prefix}, {place}" if prefix else place
    try:
        parsed = sqlglot.parse_one(text, dialect=DIALECT)
    except SqlglotError as error:
        faults.append(f"{place}: this is no SQL: {' '.join(str(error).split())[:300]}")
        return None
    if isinstance(parsed, exp.Query):
        return parsed
    faults.append(f"{place}: expected a select, came {text[:80]!r}")
    return None


class _Names:
    """Looks up every name of one select."""

    def __init__(self, place: str, known: Columns, tables: Columns, found: Used) -> None:
        self.place, self.known, self.tables, self.found = place, known, tables, found

    def check(self, select: exp.Query) -> None:
        for scope in traverse_scope(select):
            for source in scope.sources.values():
                if isinstance(source, exp.Table) and self._columns(source) is _MISSING:
                    self._missing(f"the source has no table {source.name!r}", source.name, self.known)
            for column in scope.columns:
                self._resolve(scope, column)
            self._whole(scope)

    def _resolve(self, scope: Scope, column: exp.Column) -> None:
        at: Scope | None = scope
        seen: list[str] = []
        while at is not None:
            for alias, source in at.sources.items():
                if column.table and column.table.lower() != alias.lower():
                    continue
                names = self._columns(source)
                if names is _MISSING or names is None:
                    return  # already told, or not known before it runs
                if match := next((n for n in names if n.lower() == column.name.lower()), None):
                    self._use(source, match)
                    return
                seen += names
            if not column.table and column.name in at.expression.named_selects and at is scope:
                return
            at = at.parent
        table = f" of {column.table}" if column.table else ""
        self._missing(f"the source has no column {column.name!r}{table}", column.name, seen)

    def _whole(self, scope: Scope) -> None:
        """``*`` and ``using (…)`` name columns without a column's own node."""
        names = [
            i.name for join in scope.expression.args.get("joins") or () for i in join.args.get("using") or ()
        ]
        star = scope.expression.is_star
        for source in scope.sources.values():
            for name in self._columns(source) or ():
                if star or name.lower() in (each.lower() for each in names):
                    self._use(source, name)

    def _columns(self, source: exp.Expression | Scope) -> Sequence[str] | None:
        if isinstance(source, Scope):
            query = source.expression
            return None if not isinstance(query, exp.Query) or query.is_star else query.named_selects
        names = {name.lower(): name for name in self.known}
        found = names.get(source.name.lower())
        return _MISSING if found is None else self.known[found]

    def _use(self, source: exp.Expression | Scope, column: str) -> None:
        if isinstance(source, exp.Table):
            name = next(each for each in self.known if each.lower() == source.name.lower())
            if name in self.tables:
                self.found.columns.setdefault(name, set()).add(column)

    def _missing(self, what: str, name: str, known: Mapping[str, object] | Sequence[str]) -> None:
        has = ", ".join(sorted(dict.fromkeys(known))[:40])
        message = f"{self.place}: {what}{did_you_mean(name, known)}. It has: {has}. Correct the mapping, or the source"
        if message not in self.found.faults:
            self.found.faults.append(message)


def _one(sql: str) -> str:
    return f"({sql}\n)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
