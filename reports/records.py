"""One record and its story across the systems: what it is, what happened to it, what belongs to it.

A kind and a number ─▶ its facts, where it stands still, its events in order, its related rows, as the viewer
may see them. A record that is not the viewer's is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports import activities, story_parts
from reports.look import Look
from reports.publication import Row
from reports.record_kinds import KINDS, Kind
from reports.record_parts import Part
from reports.record_related import PARTS
from reports.rows import Column
from reports.story import Story, story
from reports.story_drawing import Drawing, drawings

__all__ = ["KINDS", "Record", "Related", "record", "said"]

SHOWN = 12
"""Related rows of a kind on the page; the row sets have the rest."""
STORIES = ("order", "lead", "request", "payment", "shipment", "production", "account", "gap")
"""Kinds that the process log knows, or whose documents it does."""
NAMES: Mapping[str, tuple[str, str]] = {
    "account": ("core.dim_customer", "account_no = $key and is_current"),
    "person": ("core.dim_employee", "employee_no = $key and is_current"),
    "item": ("core.dim_item", "item_no = $key and is_current"),
    "supplier": ("core.dim_supplier", "supplier_no = $key"),
}
"""Where the name behind a number is, by what the number names."""
GAPS = """
    select distinct gaps.* from marts.mart_handoff_gaps as gaps
    join marts.mart_gap_record as records on records.gap_key = gaps.gap_key
    where records.record_key in (select unnest(string_split($numbers, chr(10))))
    order by gaps.amount desc nulls last, gaps.gap_key"""
GAPS_OF = """
    select * from marts.mart_handoff_gaps where account_no = $key
    order by amount desc nulls last, gap_key"""


@dataclass(frozen=True)
class Related:
    """Related rows of one kind: the first of them, and how many there are."""

    part: Part
    rows: Sequence[Row]
    total: int


@dataclass(frozen=True)
class Record:
    """A record: ``row`` as it is published, ``facts`` the columns to show, ``of`` whom or what it concerns.

    ``names`` has the names behind the row's numbers, by column; ``gaps`` is where it stands still.
    """

    kind: str
    number: str
    of: str | None
    state: tuple[str, str] | None
    row: Row
    facts: Sequence[Column]
    names: Mapping[str, str]
    gaps: Sequence[Row]
    related: Sequence[Related]
    story: Story | None
    drawings: Sequence[Drawing]


def record(look: Look, kind: str, number: str) -> Record | None:
    """A record as the viewer may see it; ``None`` where there is none, or none for this viewer."""
    known = KINDS.get(kind)
    if known is None or not look.sees(known.table):
        return None
    row = _row(look, known, number)
    if row is None:
        return None
    key = str(row[known.number])
    names = _names(look, known, row)
    told = story(look, [(kind, key), *_beside(look, kind, row)], own=_own(kind, key))
    told = told if kind in STORIES else None
    return Record(
        kind=kind,
        number=key,
        of=names.get(known.of or "")
        or (row[known.of] if known.of and not known.of.endswith("_no") else None),
        state=(known.state[1], row[known.state[0]]) if known.state and row.get(known.state[0]) else None,
        row=row,
        facts=[one for one in known.facts if row.get(one.number or one.name) is not None],
        names=names,
        gaps=_gaps(look, kind, row) if kind not in ("gap", "person") else [],
        related=_related(look, kind, row, key),
        story=told,
        drawings=drawings(told) if told else (),
    )


def _row(look: Look, known: Kind, number: str) -> Row | None:
    condition = " or ".join(f"{name} = $number" for name in (known.number, *known.also))
    order = f"{known.number} desc limit 1"
    select = f"select * from {known.table} where ({condition}) and {known.only} order by {order}"
    found = look.rows(select, number=number)
    if not found or not known.more or not look.sees(known.more):
        return found[0] if found else None
    more = look.rows(f"select * from {known.more} where {known.number} = $key", key=found[0][known.number])
    return {**(more[0] if more else {}), **found[0]}


def _names(look: Look, known: Kind, row: Row) -> dict[str, str]:
    """The names behind the numbers of a row that are shown or said, by the column of the number."""
    named = {
        one.number or one.name: one.record or "supplier" for one in known.facts if one.number or one.record
    }
    found: dict[str, str] = {}
    for column, kind in named.items():
        table, condition = NAMES.get(kind, ("", ""))
        if table and row.get(column) is not None and look.sees(table):
            rows = look.rows(f"select name from {table} where {condition} limit 1", key=row[column])
            if rows and rows[0]["name"]:
                found[column] = rows[0]["name"]
    return found


def _own(kind: str, key: str) -> tuple[str, str] | None:
    return (kind, key) if kind != "gap" else None


def _beside(look: Look, kind: str, row: Row) -> list[tuple[str, str]]:
    if kind == "order":
        return story_parts.of_order(look, row)[1:]
    if kind == "lead":
        return story_parts.of_lead(look, row["lead_no"])[1:]
    if kind == "gap":
        return story_parts.of_gap(look, row["gap_key"])
    return story_parts.order_of(look, row) if kind in ("payment", "shipment", "production") else []


def _gaps(look: Look, kind: str, row: Row) -> list[Row]:
    if not look.sees("marts.mart_handoff_gaps", "marts.mart_gap_record"):
        return []
    if kind == "account":
        return look.rows(GAPS_OF, key=row["account_no"])[:SHOWN]
    known = KINDS[kind]
    numbers = {str(row[name]) for name in (known.number, *known.also) if row[name] is not None}
    return look.rows(GAPS, numbers="\n".join(sorted(numbers)))[:SHOWN]


def _related(look: Look, kind: str, row: Row, key: str) -> list[Related]:
    found = []
    for part in PARTS.get(kind, ()):
        if not look.sees(*part.tables):
            continue
        values: dict[str, Any] = {name: row[name] for name in part.names}
        rows = [one for one in look.rows(part.select, **values) if not _itself(kind, key, one)]
        if rows:
            found.append(Related(part, rows[:SHOWN], len(rows)))
    return found


def _itself(kind: str, key: str, row: Row) -> bool:
    """Whether a related row is the record that it is related to."""
    return kind in ("payment", "production") and row.get(KINDS[kind].number) == key


def said(look: Look, activity: str) -> str:
    """What the reader calls an activity."""
    return activities.said(look.reader, activity)
