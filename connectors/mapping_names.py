"""The names in one select, looked up in what the source has: which are there, which used, which missing.

A parsed select + columns by table or view → columns to read, columns that mean something to the mapping, and
a message with the closest name for each that is missing. ``*`` reads all columns of a table and maps none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from connectors.near import did_you_mean

Columns = Mapping[str, Sequence[str] | None]
"""Columns by table or view; none where they are not known before the SQL runs."""

_SHOWN = 40
_MISSING: tuple[str, ...] = ("",)


@dataclass
class Used:
    """What a mapping uses of its source.

    ``columns`` are to be read, by table; ``mapped`` are those that reach a stream, by table or view;
    ``stars`` are the tables and views that a view takes whole; ``faults`` say what is named but not there.
    """

    columns: dict[str, set[str]] = field(default_factory=dict)
    mapped: dict[str, set[str]] = field(default_factory=dict)
    stars: dict[str, set[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def settle(self, known: Columns, views: Sequence[str]) -> None:
        """What a later step takes of a view's ``*`` is taken of the tables behind it."""
        for view in reversed(views):
            for source in self.stars.get(view, ()):
                taken = self.mapped.get(view, set()) & set(known.get(source) or ())
                self.mapped.setdefault(source, set()).update(taken)


class Names:
    """Looks up every name of a select; ``place`` begins its messages."""

    def __init__(self, place: str, known: Columns, tables: Columns, found: Used) -> None:
        self._place, self._known, self._tables, self._found = place, known, tables, found

    def check(self, select: exp.Query, *, view: str = "") -> Sequence[str] | None:
        """Note what the select uses and misses; the columns it gives."""
        scopes = list(traverse_scope(select))
        for scope in scopes:
            for source in scope.sources.values():
                if isinstance(source, exp.Table) and source.name:
                    self._take(source)
            for column in scope.columns:
                # A scope also lists what its subqueries may take from it.
                if column.parent_select is scope.expression:
                    self._resolve(scope, column)
            self._join_columns(scope)
            self._whole(scope, view if scope is scopes[-1] else "")
        return _gives(scopes[-1], self._columns) if scopes else select.named_selects

    def _take(self, table: exp.Table) -> None:
        name = self._name(table)
        if name not in self._known:
            self._missing(f"the source has no table {table.name!r}", table.name, self._known)
        elif name in self._tables:
            self._found.columns.setdefault(name, set())
            self._found.mapped.setdefault(name, set())

    def _resolve(self, scope: Scope, column: exp.Column) -> None:
        seen: list[str] = []
        at: Scope | None = scope
        while at is not None:
            for alias, source in at.sources.items():
                if column.table and column.table.lower() != alias.lower():
                    continue
                names = self._columns(source)
                if names is None or names is _MISSING:
                    return  # not known before it runs, or told already
                if match := next((each for each in names if each.lower() == column.name.lower()), None):
                    self._use(source, match)
                    return
                seen += names
            at = at.parent
        if column.table or column.name not in _aliases(scope):
            table = f" of {column.table}" if column.table else ""
            self._missing(f"the source has no column {column.name!r}{table}", column.name, seen)

    def _join_columns(self, scope: Scope) -> None:
        """``using (…)`` names columns without a column's own node."""
        joins = scope.expression.args.get("joins") or ()
        names = {i.name.lower() for join in joins for i in join.args.get("using") or ()}
        for source in scope.sources.values() if names else ():
            for name in self._columns(source) or ():
                if name.lower() in names:
                    self._use(source, name)

    def _whole(self, scope: Scope, view: str) -> None:
        for source in _starred(scope):
            if not isinstance(source, exp.Table):
                continue
            name = self._name(source)
            for column in self._columns(source) or ():
                if name in self._tables:
                    self._found.columns.setdefault(name, set()).add(column)
                if not view:
                    self._use(source, column)
            if view:
                self._found.stars.setdefault(view, set()).add(name)

    def _columns(self, source: Any) -> Sequence[str] | None:
        if isinstance(source, Scope):
            return _gives(source, self._columns)
        # A table function has no name; only DuckDB knows what it gives.
        return self._known.get(self._name(source), _MISSING) if source.name else None

    def _name(self, source: exp.Table) -> str:
        return next((each for each in self._known if each.lower() == source.name.lower()), source.name)

    def _use(self, source: Any, column: str) -> None:
        if not isinstance(source, exp.Table):
            return
        name = self._name(source)
        self._found.mapped.setdefault(name, set()).add(column)
        if name in self._tables:
            self._found.columns.setdefault(name, set()).add(column)

    def _missing(self, what: str, name: str, known: Iterable[str]) -> None:
        names = sorted(dict.fromkeys(known))
        message = (
            f"{self._place}: {what}{did_you_mean(name, names)}. It has: {', '.join(names[:_SHOWN])}. "
            "Correct the mapping, or the source"
        )
        if message not in self._found.faults:
            self._found.faults.append(message)


def _gives(scope: Scope, columns: Any) -> Sequence[str] | None:
    """The columns a query gives, its stars written out; none where that is not known."""
    query: Any = scope.expression
    if not isinstance(query, exp.Select):
        return None if query.is_star else list(query.named_selects)
    names: list[str] = []
    for each in query.expressions:
        if not each.is_star:
            names.append(each.alias_or_name)
            continue
        for source in _starred(scope, each):
            more = columns(source)
            if more is None:
                return None
            names += more
    return names


def _starred(scope: Scope, one: Any = None) -> list[Any]:
    """The sources whose columns a ``*`` or ``table.*`` of this query takes."""
    stars = [each for each in (scope.expression.expressions if one is None else [one]) if each.is_star]
    tables = {each.table.lower() if isinstance(each, exp.Column) else "" for each in stars}
    return [source for alias, source in scope.sources.items() if tables & {"", alias.lower()}]


def _aliases(scope: Scope) -> list[str]:
    query: Any = scope.expression
    return list(query.named_selects)
