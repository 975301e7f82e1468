"""A mapping: a YAML file that says which tables and columns of a foreign source feed which stream.

    name: shop                       what the import is called; its flow is ``import_shop``
    source: csv                      csv, xes or database
    files: {pipeline: "pipe*.csv"}   csv: table → file pattern (default ``<table>.csv``); xes: one pattern
    corrections:                     values put right before anything else: table.column → wrong → right
      pipeline.product: {GTXPro: GTX Pro}
    lookups:                         each becomes a strict SQL function: country_code(x)
      country_code: {Germany: DE}
    views: {heads: "select …"}       named selects over the source's tables and other views
    streams:
      crm.leads:
        from: pipeline               a table, a view, or a join
        where: stage <> 'Spam'
        columns:                     target column → SQL over the source's columns (DuckDB's dialect)
          lead_no: "'L-' || id"
          won_amount: {sql: price * count, round: half-even}    to the column's digits; else never rounded
        references:                  what a row points to must be in the source
          product: {in: products.product}
          account: {in: accounts.account, empty: keep, say: kept as leads without account}
        tell: {never engaged: stage = 'Prospecting'}            rows the summary shall count
        lines: {stream: crm.lead_stages, from: …, columns: …, references: …}
      oa.calendars:
        rows: [{country: ES, timezone: Europe/Madrid}]      rows written here, not read
    checks: {crm.leads: […]}         rules as in ``flows/<noun>.yml``

The SQL may call company_currency(), company_timezone(), slug(text) (what a key may be made of) and
half_even(number) (four digits).

Everything that is wrong in a file is named at once. Nothing is read but the file itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

SOURCES = ("csv", "xes", "database")
HALF_EVEN = "half-even"


@dataclass(frozen=True)
class Reference:
    """``value`` must be found in ``table.column``; ``empty`` and ``unknown`` say keep or quarantine if not.

    ``say`` is what the summary tells about the rows that are kept.
    """

    name: str
    value: str
    table: str
    column: str
    empty: str = "quarantine"
    unknown: str = "quarantine"
    say: str = ""


@dataclass(frozen=True)
class Part:
    """The rows of one stream: SQL for each column over ``source``, or ``rows`` given in the file."""

    stream: str
    source: str = ""
    where: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    rounded: frozenset[str] = frozenset()
    references: tuple[Reference, ...] = ()
    tell: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Document:
    """What becomes one record of a stream: its head and, where the stream has them, its lines."""

    head: Part
    key: str
    lines: Part | None = None

    @property
    def stream(self) -> str:
        return self.head.stream

    def parts(self) -> tuple[Part, ...]:
        """Head and lines."""
        return (self.head, self.lines) if self.lines else (self.head,)


@dataclass(frozen=True)
class SourceMapping:
    """A whole mapping file; ``documents`` are in the order of the file."""

    name: str
    where: str
    source: str
    documents: tuple[Document, ...]
    doc: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    corrections: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    views: Mapping[str, str] = field(default_factory=dict)
    checks: str = ""

    @property
    def flow(self) -> str:
        return f"import_{self.name}"


def load_mapping(path: Path) -> SourceMapping:
    """The mapping in a file; ``Misconfigured`` names everything that is wrong with it."""
    from connectors.mapping_file import parse_mapping, read_mapping
    from connectors.mapping_sql import in_order

    mapping = parse_mapping(read_mapping(path), where=path.name)
    return replace(mapping, views=in_order(mapping.views, where=path.name))
