"""Runs the models: plain ``.sql`` files, one ``select`` each, in the order their ``from`` clauses give.

``warehouse/sql/<layer>/<name>.sql`` becomes the view ``staging.<name>`` or the table ``<layer>.<name>``. A
table whose text and inputs are as they were when it was built is left alone. It knows no table by name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.build_file import transaction

if TYPE_CHECKING:
    import duckdb

SQL = Path(__file__).parent / "sql"
LAYERS = ("staging", "core", "marts")
DIALECT = "duckdb"
PUBLISHED = ("dim_", "fct_", "mart_")
"""Tables whose names begin so are published; the others are steps on the way to them."""

CALENDAR_SPAN = "core.int_day_range"
"""Reads every fact for its first day; what stands on a calendar is not made of those facts."""


@dataclass(frozen=True)
class Model:
    """One file: the relation it makes, its ``select``, and the relations it reads."""

    layer: str
    name: str
    header: str
    select: str
    reads: frozenset[str]

    @property
    def relation(self) -> str:
        return f"{self.layer}.{self.name}"

    @property
    def is_published(self) -> bool:
        return self.layer != "staging" and self.name.startswith(PUBLISHED)


@lru_cache(maxsize=4)
def models(folder: Path = SQL) -> tuple[Model, ...]:
    """Every model under ``folder``, each after those it reads; ``CycleError`` when two read each other."""
    found = {
        model.relation: model
        for layer in LAYERS
        for model in map(_read, sorted((folder / layer).glob("*.sql")))
    }
    graph = {name: sorted(model.reads & found.keys()) for name, model in found.items()}
    return tuple(found[name] for name in TopologicalSorter(graph).static_order())


def build(connection: duckdb.DuckDBPyConnection, *layers: str, folder: Path = SQL) -> dict[str, int]:
    """Make the relations of these layers; rows of each table that was made anew, all or none of them."""
    made: dict[str, int] = {}
    prints: dict[str, str] = {}
    with transaction(connection):
        for model in models(folder):
            prints[model.relation] = _fingerprint(connection, model, prints)
            if model.layer not in layers or _is_built(connection, model, prints[model.relation]):
                continue
            kind = "view" if model.layer == "staging" else "table"
            connection.execute(f"create or replace {kind} {model.relation} as {model.select}")
            connection.execute("delete from quality.built where relation = ?", [model.relation])
            connection.execute(
                "insert into quality.built values (?, ?)", [model.relation, prints[model.relation]]
            )
            if kind == "table":
                made[model.relation] = _count(connection, model.relation)
    return made


@lru_cache(maxsize=256)
def origins_of(relation: str, folder: Path = SQL) -> frozenset[str]:
    """The ``raw`` tables behind a relation, however far; not those that only stretch the calendar."""
    known = {model.relation: model for model in models(folder)}
    if relation not in known or relation == CALENDAR_SPAN:
        return frozenset({relation}) if relation.startswith("raw.") else frozenset()
    return frozenset().union(*(origins_of(read, folder) for read in known[relation].reads))


def _read(path: Path) -> Model:
    import sqlglot
    from sqlglot import exp

    text = path.read_text(encoding="utf-8")
    header = "\n".join(line[2:].strip() for line in text.splitlines() if line.startswith("--"))
    tables = sqlglot.parse_one(text, dialect=DIALECT).find_all(exp.Table)
    reads = frozenset(f"{table.db}.{table.name}" for table in tables if table.db)
    return Model(path.parent.name, path.stem, header, text.strip().rstrip(";"), reads)


def _fingerprint(connection: duckdb.DuckDBPyConnection, model: Model, prints: dict[str, str]) -> str:
    for read in model.reads - prints.keys():
        prints[read] = _state(connection, read)
    inputs = [prints[read] for read in sorted(model.reads)]
    return hashlib.sha256("\n".join([model.select, *inputs]).encode()).hexdigest()


def _state(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """What tells one content of a table that no model makes from another."""
    row = connection.execute(f"select count(*), bit_xor(hash(t)), sum(hash(t)) from {relation} t").fetchone()
    return f"{relation} {row}"


def _is_built(connection: duckdb.DuckDBPyConnection, model: Model, fingerprint: str) -> bool:
    """A table dropped by hand is not built, whatever is remembered of it."""
    found = connection.execute(
        """select 1 from quality.built b join information_schema.tables t
        on b.relation = t.table_schema || '.' || t.table_name where b.relation = ? and b.fingerprint = ?""",
        [model.relation, fingerprint],
    ).fetchone()
    return found is not None


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0
