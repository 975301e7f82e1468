"""What the published tables mean: ``describe.yml`` as data, as comments in the file, as docs/marts.md.

Reads the declaration only; that the tables are so is for the gates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

DESCRIBE = Path(__file__).parent / "describe.yml"


@dataclass(frozen=True)
class Described:
    """A published table: what a row is, what makes it unique, and each column's meaning with its unit."""

    relation: str
    says: str
    grain: tuple[str, ...]
    columns: dict[str, str]
    units: dict[str, str]


@lru_cache(maxsize=1)
def _declared() -> Any:
    return yaml.safe_load(DESCRIBE.read_text(encoding="utf-8"))


def never_published() -> frozenset[tuple[str, str]]:
    """(stream, column) of what a source has of people and no report needs."""
    return _columns(_declared()["never"])


def may_be_published() -> frozenset[tuple[str, str]]:
    """(stream, column) of what people fill in and a report needs; the declaration says why."""
    return frozenset().union(*map(_columns, _declared()["may"].values()))


def personal_columns() -> frozenset[str]:
    """Names that no published column has: those of columns that are never published, and of no other."""
    other = {name for _, name in may_be_published()}
    return frozenset(name for _, name in never_published() if name not in other)


def free_text_columns() -> frozenset[str]:
    """Names of published columns that people fill in freely."""
    return frozenset(_declared()["free_text"])


@lru_cache(maxsize=1)
def tables() -> tuple[Described, ...]:
    """Every published table; ``KeyError`` names a column that is not described."""
    return tuple(_described(relation, table) for relation, table in _declared()["tables"].items())


@lru_cache(maxsize=1)
def _money() -> frozenset[tuple[str, str]]:
    return frozenset(
        (table.relation, name)
        for table in (*tables(), publication())
        for name, unit in table.units.items()
        if unit.endswith("currency")
    )


def is_money(relation: str, column: str) -> bool:
    """Whether a published column is an amount, of whatever currency."""
    return (relation, column) in _money()


def publication() -> Described:
    """The table in which the published file says which publication it is; only publishing makes it."""
    ((relation, table),) = _declared()["publication"].items()
    return _described(relation, table)


def marts_markdown() -> str:
    """docs/marts.md: every published table with its grain and columns."""
    lines = [
        "# Published tables",
        "",
        "Made from `warehouse/describe.yml`. The published file has these tables and no others; columns "
        "named `*_at` are UTC instants, `*_on` dates; percentiles are nearest-rank; money is exact, four "
        "digits after the point.",
    ]
    for table in (*tables(), publication()):
        lines += ["", f"## {table.relation}", "", f"{table.says} One row per {_words(table.grain)}.", ""]
        lines += ["| column | meaning | unit |", "|---|---|---|"]
        lines += [f"| `{name}` | {says} | {table.units[name]} |" for name, says in table.columns.items()]
    return "\n".join(lines) + "\n"


def _columns(streams: dict[str, list[str]]) -> frozenset[tuple[str, str]]:
    return frozenset((stream, name) for stream, names in streams.items() for name in names)


def _described(relation: str, table: Any) -> Described:
    shared, own = _declared()["columns"], table.get("own", {})
    says = {name: own.get(name) or shared[name]["says"] for name in table["columns"]}
    units = {name: shared.get(name, {}).get("unit", "") for name in table["columns"]}
    return Described(relation, table["says"], tuple(table["grain"]), says, units)


def _words(grain: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in grain)
