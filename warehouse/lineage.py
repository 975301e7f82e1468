"""Where each column of a model comes from, one step back, as sqlglot reads it out of the select.

a model's text and the columns of what it reads ─▶ the columns that its values are made of. Read once for a
text and kept beside the pages by the hash of both. Filters and joins choose rows and are no origin of a
value; what cannot be traced is listed, never guessed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.model import DIALECT, Model

if TYPE_CHECKING:
    from sqlglot.lineage import Node

Schema = Mapping[str, Mapping[str, str]]
"""The columns of each relation with their types."""


@dataclass(frozen=True)
class Traced:
    """A model's columns: what each is made of (``relation.column``), those written here, those not traced."""

    made_of: dict[str, list[str]] = field(default_factory=dict)
    written_here: list[str] = field(default_factory=list)
    not_traced: dict[str, str] = field(default_factory=dict)


def trace_all(models: Iterable[Model], schema: Schema, *, kept: Path) -> dict[str, Traced]:
    """Every model by its relation; ``kept`` is the file where what was read before lies."""
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    now: dict[str, Traced] = {}
    keep: dict[str, object] = {}
    for model in models:
        key = _key(model, schema)
        traced = Traced(**known[key]) if key in known else trace(model, schema)
        now[model.relation] = traced
        keep[key] = asdict(traced)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(keep), encoding="utf-8")
    return now


def trace(model: Model, schema: Schema) -> Traced:
    """One model's columns; when its select cannot be read, none of them is traced and it is said why."""
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage

    nested: dict[str, dict[str, dict[str, str]]] = {}
    for relation in model.reads & schema.keys():
        layer, _, name = relation.partition(".")
        nested.setdefault(layer, {})[name] = dict(schema[relation])
    traced = Traced()
    try:
        nodes = lineage(None, model.select, nested, dialect=DIALECT)
    except (SqlglotError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        return Traced(not_traced=dict.fromkeys(schema.get(model.relation, ()), reason))
    for column, node in nodes.items():
        _sort(traced, column, node, schema)
    return traced


def _sort(traced: Traced, column: str, node: Node, schema: Schema) -> None:
    """Put a column where it belongs, by the ends of its lineage."""
    from sqlglot import exp

    found: set[str] = set()
    lost: set[str] = set()
    for end in node.walk():
        if isinstance(end.expression, exp.Table):
            relation, name = f"{end.expression.db}.{end.expression.name}", end.name.rpartition(".")[2]
            if name in schema.get(relation, ()):
                found.add(f"{relation}.{name}")
            else:
                lost.add(f"{relation} has no column {name}")
        elif not end.downstream and (unknown := list(end.expression.find_all(exp.Column))):
            lost.add(f"{', '.join(sorted({each.sql() for each in unknown}))} leads to no table")
    if lost:
        traced.not_traced[column] = "; ".join(sorted(lost))
    if found:
        traced.made_of[column] = sorted(found)
    elif not lost:
        traced.written_here.append(column)


def _key(model: Model, schema: Schema) -> str:
    reads = {relation: sorted(schema.get(relation, ())) for relation in sorted(model.reads)}
    own = sorted(schema.get(model.relation, ()))
    return hashlib.sha256(json.dumps([model.relation, model.select, reads, own]).encode()).hexdigest()
