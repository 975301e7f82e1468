"""Reads the models: plain ``.sql`` files, one ``select`` each, in the order their ``from`` clauses give.

``warehouse/sql/<layer>/<name>.sql`` is the view ``staging.<name>`` or the table ``<layer>.<name>``. Lines of
its header may say what to look at when only some rows of what it reads changed (``warehouse.increment``):

    -- made anew by order_key:
    --  core.int_order
    --  staging.erp_sales_orders as coalesce(crm_order_no, sales_order_no)
    --  core.int_order_money through core.int_order on sales_order_no
    --  time while sales_status = 'open'

It runs nothing, and knows no table by name.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from graphlib import TopologicalSorter
from itertools import takewhile
from pathlib import Path

SQL = Path(__file__).parent / "sql"
LAYERS = ("staging", "core", "marts")
DIALECT = "duckdb"
PUBLISHED = ("dim_", "fct_", "mart_")
"""Tables whose names begin so are published; the others are steps on the way to them."""

CALENDAR_SPAN = "core.int_day_range"
"""Reads every fact for its first day; what stands on a calendar is not made of those facts."""

CLOCK = frozenset({"staging.now", "staging.today"})
"""What changes as time goes by, and with nothing else: neither has the company's currency or zone."""

BUILD, COMPANY = "staging.build", "staging.company"
"""The first has the build's instant beside what the second has alone, the company's currency and zone."""

STREAMS = frozenset({"raw.streams", "raw.source_totals"})
"""What is known of each stream, and when that was: no two builds have it in common."""


class BadModel(ValueError):
    """A file's header says what its ``select`` does not bear out."""


@dataclass(frozen=True)
class Input:
    """What a change of one relation means for the model's keys.

    ``keys`` are expressions over the relation that give the model's key: its rows are filtered by them.
    With ``through`` the relation has no key of the model's: the changed rows are joined to that other
    relation, ``on`` pairs of (its column, the changed relation's), which has the key.
    """

    relation: str
    keys: tuple[str, ...]
    through: str = ""
    on: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Model:
    """One file: the relation it makes, its ``select``, and the relations it reads.

    ``by`` is the key of the groups of rows that are made anew together, when the header names one;
    ``while_`` is true of the rows that change as time goes by.
    """

    layer: str
    name: str
    header: str
    select: str
    reads: frozenset[str]
    by: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    while_: str = ""

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


@lru_cache(maxsize=256)
def origins_of(relation: str, folder: Path = SQL) -> frozenset[str]:
    """The ``raw`` tables behind a relation, however far; not those that only stretch the calendar."""
    known = {model.relation: model for model in models(folder)}
    if relation not in known or relation == CALENDAR_SPAN:
        return frozenset({relation}) if relation.startswith("raw.") else frozenset()
    return frozenset().union(*(origins_of(read, folder) for read in known[relation].reads))


def text_of(model: Model, known: dict[str, Model]) -> str:
    """A checksum of the model's select, of what its header says of changes, and of the views it reads."""
    views = [
        known[read].select for read in sorted(model.reads) if read in known and known[read].layer == "staging"
    ]
    told = repr((model.by, model.inputs, model.while_))
    return hashlib.sha256("\n".join([model.select, told, *views]).encode()).hexdigest()


def _read(path: Path) -> Model:
    import sqlglot
    from sqlglot import exp

    text = path.read_text(encoding="utf-8")
    top = list(takewhile(lambda line: line.startswith("--"), text.splitlines()))
    lines = [line[2:].strip() for line in top]
    select = "\n".join(text.splitlines()[len(top) :]).strip().rstrip(";")
    tables = sqlglot.parse_one(select, dialect=DIALECT).find_all(exp.Table)
    reads = frozenset(f"{table.db}.{table.name}" for table in tables if table.db)
    by, inputs, while_ = _increment(lines, path.name)
    unread = sorted({i.relation for i in inputs} - reads)
    if unread:
        raise BadModel(f"{path.name}: the header names {', '.join(unread)}, which the select does not read")
    return Model(path.parent.name, path.stem, "\n".join(lines), select, reads, by, inputs, while_)


def _increment(lines: list[str], where: str) -> tuple[tuple[str, ...], tuple[Input, ...], str]:
    """The key, the inputs and the clock's condition that a header declares; empty when it declares none."""
    start = next((n for n, line in enumerate(lines) if line.startswith("made anew by ")), None)
    if start is None:
        return (), (), ""
    by = _names(lines[start].removeprefix("made anew by ").rstrip(":"))
    inputs, while_ = [], ""
    for line in lines[start + 1 :]:
        if line.startswith("time while "):
            while_ = line.removeprefix("time while ")
        else:
            inputs.append(_input(line, by, where))
    return by, tuple(inputs), while_


def _input(line: str, by: tuple[str, ...], where: str) -> Input:
    shape = re.fullmatch(r"(\w+\.\w+)(?: through (\w+\.\w+))?(?: as (.+?))?(?: on (.+))?", line)
    if shape is None or bool(shape[2]) != bool(shape[4]):
        raise BadModel(
            f"{where}: {line!r} is no input; expected 'relation', 'relation as expression' or "
            "'relation through relation on column'"
        )
    keys = (shape[3],) if shape[3] and len(by) == 1 else _names(shape[3]) if shape[3] else by
    if len(keys) != len(by):
        raise BadModel(f"{where}: {line!r} gives {len(keys)} keys; expected {len(by)}, {', '.join(by)}")
    pairs = tuple((pair.split(" = ") * 2)[:2] for pair in _names(shape[4] or ""))
    return Input(shape[1], keys, shape[2] or "", tuple((mine, theirs) for mine, theirs in pairs))


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
