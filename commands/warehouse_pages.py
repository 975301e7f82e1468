"""What each table's page says: its columns and what they are made of, its neighbours, its gates.

the declarations, the models' lineage and the build's catalogue → one ``Page`` a stream and table.
Staging only renames a stream's columns, so it is passed through. It writes no HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import models
from warehouse import describe
from warehouse.catalogue import Catalogue, Judged
from warehouse.lineage import Traced
from warehouse.lineage_ends import columns_behind, relations_behind, streams_of_raw
from warehouse.model import CALENDAR_SPAN, Model
from warehouse.model import models as made_models
from warehouse.origins import origins
from warehouse.planned import forecast

_NOTED = {
    "_run_id": "noted by extract: the build that read the row",
    "_read_at": "noted by extract: when the row was read",
    "_deleted": "noted by extract: whether the system deleted the row",
}


@dataclass(frozen=True)
class ColumnRow:
    """A column: what it means, what its values are made of and what is made of them (``table.column``)."""

    name: str
    kind: str
    unit: str
    says: str
    made_of: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Page:
    """A stream, or a table that is made: ``kind`` is stream, core, planning or marts, with ``is_step``."""

    name: str
    kind: str
    says: str
    grain: tuple[str, ...]
    is_step: bool
    rows: int | None
    columns: tuple[ColumnRow, ...]
    gates: tuple[Judged, ...]
    reads: frozenset[str]
    sql: str = ""
    not_traced: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return f"{self.name}.html"


def pages(catalogue: Catalogue, traced: Mapping[str, Traced]) -> dict[str, Page]:
    """Every page by its name: streams, then tables in the order in which they are made."""
    made_of = {name: columns_behind(traced, name) for name in traced if not name.startswith("staging.")}
    used_by: dict[str, list[str]] = {}
    for relation, columns in made_of.items():
        for column, sources in columns.items():
            for source in sources:
                used_by.setdefault(source, []).append(f"{relation}.{column}")
    found = [_stream(name, catalogue, used_by) for name in dict.fromkeys(streams_of_raw().values())]
    planned = [relation for relation in sorted(catalogue.columns) if relation.startswith("planning.")]
    found += [_planned(relation, catalogue, used_by) for relation in planned]
    for model in made_models():
        if model.layer != "staging":
            found.append(_table(model, catalogue, traced[model.relation], made_of[model.relation], used_by))
    return {page.name: page for page in found}


def _table(
    model: Model,
    catalogue: Catalogue,
    traced: Traced,
    made_of: Mapping[str, tuple[str, ...]],
    used_by: Mapping[str, list[str]],
) -> Page:
    described = next((table for table in describe.tables() if table.relation == model.relation), None)
    written = dict.fromkeys(traced.written_here, "written in the select, or a count of rows")
    notes = written | {name: f"not traced: {why}" for name, why in traced.not_traced.items()}
    rows = [
        ColumnRow(
            name=name,
            kind=kind,
            unit=described.units.get(name, "") if described else "",
            says=described.columns.get(name, "") if described else "",
            made_of=made_of.get(name, ()),
            used_by=tuple(used_by.get(f"{model.relation}.{name}", ())),
            note=notes.get(name, ""),
        )
        for name, kind in catalogue.columns.get(model.relation, {}).items()
    ]
    return Page(
        name=model.relation,
        kind=model.layer,
        says=described.says if described else _sentence(model.header),
        grain=described.grain if described else (),
        is_step=not model.is_published,
        rows=catalogue.rows.get(model.relation),
        columns=tuple(rows),
        gates=_about(catalogue, model.relation),
        reads=frozenset() if model.relation == CALENDAR_SPAN else relations_behind(model.reads),
        sql=model.select,
        not_traced=traced.not_traced,
    )


def _stream(stream: str, catalogue: Catalogue, used_by: Mapping[str, list[str]]) -> Page:
    origin = next(origin for origin in origins() if origin.stream == stream)
    declared = {column.name: column for column in origin.table.columns}
    kinds = catalogue.columns.get(f"{origin.raw}_versions", {}) | catalogue.columns.get(origin.raw, {})
    rows = [
        ColumnRow(
            name=name,
            kind=kind,
            unit=str(declared[name].info.get("unit", "")) if name in declared else "",
            says=(declared[name].comment if name in declared else _NOTED.get(name)) or "",
            used_by=tuple(used_by.get(f"{stream}.{name}", ())),
        )
        for name, kind in kinds.items()
    ]
    says = models.stream_table(stream).comment if stream in models.streams() else "The hub's own record."
    return Page(
        name=stream,
        kind="stream",
        says=says or "",
        grain=tuple(origin.key),
        is_step=False,
        rows=catalogue.rows.get(origin.raw),
        columns=tuple(rows),
        gates=_about(catalogue, origin.raw),
        reads=frozenset(),
    )


def _planned(relation: str, catalogue: Catalogue, used_by: Mapping[str, list[str]]) -> Page:
    note = "made by planning, which is no select"
    rows = [
        ColumnRow(name, kind, "", "", used_by=tuple(used_by.get(f"{relation}.{name}", ())), note=note)
        for name, kind in catalogue.columns[relation].items()
    ]
    return Page(
        name=relation,
        kind="planning",
        says="Made by planning from series of core; marts read it.",
        grain=(),
        is_step=True,
        rows=catalogue.rows.get(relation),
        columns=tuple(rows),
        gates=(),
        reads=forecast().reads,
        not_traced={row.name: note for row in rows},
    )


def _about(catalogue: Catalogue, relation: str) -> tuple[Judged, ...]:
    return tuple(gate for gate in catalogue.gates if gate.on == relation)


def _sentence(header: str) -> str:
    """What a model's header says of a row: its words before the first dot in the middle."""
    said = " ".join(header.split()).partition(" · ")[0]
    return f"{said[:1].upper()}{said[1:]}." if said else ""
