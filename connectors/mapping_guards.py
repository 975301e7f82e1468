"""What could be wrong with a mapped row, as SQL that finds it without stopping the other rows.

column expression, reference → guards: each gives the offending value's text where its rule is broken, null
elsewhere; the expression gives null where a value does not convert. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from connectors.mapping import Part, Reference

DIALECT = "duckdb"
# Inside these a part of an expression does not stand for one value of one row, or is skipped on purpose.
_NOT_ONE_VALUE = (exp.Query, exp.Window, exp.AggFunc, exp.Case, exp.If, exp.Coalesce, exp.Lambda)


@dataclass(frozen=True)
class Guard:
    """``bad`` is the offending value's text where the rule is broken, null elsewhere.

    ``name`` is the column or reference it speaks about; ``expected`` says what was expected; ``known`` is a
    query for the names it may be; with ``kept`` the row passes and the summary says so.
    """

    name: str
    rule: str
    bad: str
    expected: str
    known: str = ""
    kept: str = ""


def guarded(column: str, sql: str, lookups: Mapping[str, Mapping[str, str]]) -> tuple[str, list[Guard]]:
    """The expression with null where a value does not convert or is in no lookup, and a guard for each."""
    tree = sqlglot.parse_one(f"select ({sql}\n)", dialect=DIALECT).expressions[0].copy()
    found: list[Guard] = []
    for node in list(tree.walk()):
        if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast) and _stands_alone(node):
            value, wanted = node.this.sql(DIALECT), node.to.sql(DIALECT)
            bad = f"case when try_cast({value} as {wanted}) is null then ({value})::varchar end"
            found.append(Guard(column, f"{column}_converts", bad, f"a value that reads as {wanted}"))
        elif isinstance(node, exp.Anonymous) and node.name.lower() in lookups and _stands_alone(node):
            value, name = node.expressions[0].sql(DIALECT), node.name.lower()
            bad = f"case when {name}({value}) is null then ({value})::varchar end"
            known = f"select unnest(map_keys({name}_map()))"
            found.append(Guard(column, f"{column}_is_known", bad, f"one of the lookup {name}", known))
    if not any(guard.rule.endswith("_converts") for guard in found):
        return sql, found
    return tree.transform(_soft).sql(DIALECT), found


def part_guards(part: Part) -> list[Guard]:
    """What a part declares beside its columns: its references, and what it wants told."""
    told = [
        Guard(text, "note", f"case when {condition} then '' end", "", kept=text)
        for text, condition in part.tell.items()
    ]
    return [guard for reference in part.references for guard in _reference_guards(reference)] + told


def _reference_guards(reference: Reference) -> list[Guard]:
    """What is referred to is given, and is there; or the row is kept by the mapping's own word."""
    name, value, column = reference.name, f"({reference.value})", f'"{reference.column}"'
    known = f'select {column}::varchar from "{reference.table}" where {column} is not null'
    where = f"one of {reference.table}.{reference.column}"
    unknown = f"case when {value}::varchar not in ({known}) then {value}::varchar end"
    empty = f"case when {value} is null then '' end"
    kept = {
        fate: reference.say if getattr(reference, fate) == "keep" else "" for fate in ("unknown", "empty")
    }
    return [
        Guard(
            name, "kept" if kept["unknown"] else f"{name}_is_known", unknown, where, known, kept["unknown"]
        ),
        Guard(name, "kept" if kept["empty"] else f"{name}_is_given", empty, where, kept=kept["empty"]),
    ]


def _soft(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast) and _stands_alone(node):
        return exp.TryCast(this=node.this, to=node.to)
    return node


def _stands_alone(node: exp.Expr) -> bool:
    return not any(isinstance(above, _NOT_ONE_VALUE) for above in _above(node))


def _above(node: exp.Expr) -> Iterator[exp.Expr]:
    while node.parent is not None:
        node = node.parent
        yield node
