"""What the build knows of its tables: columns, rows, when they were read, and what the gates said last.

build file, opened to be read ─▶ one ``Catalogue``. It makes no table and judges none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.errors import Misconfigured
from warehouse.build_file import connect
from warehouse.build_lock import building_alone

if TYPE_CHECKING:
    from settings import Settings


@dataclass(frozen=True)
class Judged:
    """A gate and what it said last."""

    name: str
    on: str
    severity: str
    outcome: str
    violations: int
    says: str
    message: str


@dataclass(frozen=True)
class Catalogue:
    """``columns`` with their types and ``rows`` by relation, the gates, and when each stream was read."""

    columns: dict[str, dict[str, str]]
    rows: dict[str, int]
    gates: tuple[Judged, ...]
    read_at: dict[str, Any]
    changed_at: dict[str, Any]
    built_at: Any


def read_catalogue(settings: Settings) -> Catalogue:
    """Everything at one moment; ``Misconfigured`` when nothing is built, ``Unreachable`` while it is."""
    if not settings.build_file.is_file():
        raise Misconfigured("nothing is built yet; ./triada build makes and publishes the warehouse")
    with building_alone(settings):
        build = connect(settings)
        try:
            return _read(build)
        finally:
            build.close()


def _read(build: Any) -> Catalogue:
    columns: dict[str, dict[str, str]] = {}
    for relation, name, kind in build.execute(
        """select schema_name || '.' || table_name, column_name, lower(data_type) from duckdb_columns()
        where not internal order by schema_name, table_name, column_index"""
    ).fetchall():
        columns.setdefault(relation, {})[name] = kind
    tables = [
        relation
        for (relation,) in build.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
    ]
    rows = {table: build.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}
    gates = build.execute(
        """select gate, on_table, severity, outcome, violations, says, coalesce(message, '')
        from quality.latest order by outcome = 'passed', severity, gate"""
    ).fetchall()
    streams = build.execute("select stream, read_at, last_changed_at from raw.streams").fetchall()
    built = build.execute("select max(read_at) from raw.run").fetchone()
    return Catalogue(
        columns=columns,
        rows=rows,
        gates=tuple(Judged(*gate) for gate in gates),
        read_at={stream: read for stream, read, _ in streams},
        changed_at={stream: changed for stream, _, changed in streams},
        built_at=built[0] if built else None,
    )
