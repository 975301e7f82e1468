"""One record and its story across the systems: what it is, what happened to it, what belongs to it.

A kind and a number ─▶ its facts, its events in order, its related records, as the viewer may see them. A
record that is not the viewer's is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports import activities, story_parts
from reports.look import Look
from reports.published import Row
from reports.record_kinds import KINDS, RELATED, STREAMS
from reports.rows import Column
from reports.story import Story, story
from reports.story_drawing import Drawing, drawings

SHOWN = 24
"""Related records of a kind that the page links to; the row sets have the rest."""


@dataclass(frozen=True)
class Related:
    """Records of one kind that belong to this one: the first of them, and how many there are."""

    kind: str
    numbers: Sequence[str]
    total: int


@dataclass(frozen=True)
class Record:
    """A record: ``row`` as it is published, ``facts`` the columns to show, ``of`` whom it concerns."""

    kind: str
    number: str
    of: str | None
    row: Row
    facts: Sequence[Column]
    related: Sequence[Related]
    story: Story | None
    drawings: Sequence[Drawing]


def record(look: Look, kind: str, number: str) -> Record | None:
    """A record as the viewer may see it; ``None`` where there is none, or none for this viewer."""
    known = KINDS.get(kind)
    if known is None or not look.sees(known.table):
        return None
    condition = " or ".join(f"{name} = $number" for name in (known.number, *known.also))
    order = f"{known.number} desc limit 1"
    select = f"select * from {known.table} where ({condition}) and {known.only} order by {order}"
    found = look.rows(select, number=number)
    if not found:
        return None
    row, key = found[0], str(found[0][known.number])
    beside = _beside(look, kind, row)
    told = story(look, [(kind, key), *beside], own=(kind, key)) if kind in STORIES else None
    return Record(
        kind=kind,
        number=key,
        of=_of(look, row, known.of),
        row=row,
        facts=known.facts,
        related=_related(look, kind, key, beside),
        story=told,
        drawings=drawings(told) if told else (),
    )


STORIES = ("order", "lead", "request", "payment", "shipment", "production", "account")
"""Kinds that the process log knows."""


def _beside(look: Look, kind: str, row: Row) -> list[tuple[str, str]]:
    if kind == "order":
        return story_parts.of_order(look, row)[1:]
    if kind == "lead":
        return story_parts.of_lead(look, row["lead_no"])[1:]
    return []


def _of(look: Look, row: Row, name: str | None) -> str | None:
    if name == "account_no":
        found = look.sees("core.dim_customer") and look.rows(
            "select name from core.dim_customer where account_no = $account and is_current",
            account=row["account_no"],
        )
        return found[0]["name"] if found else None
    return row[name] if name else None


def _related(look: Look, kind: str, key: str, beside: Sequence[tuple[str, str]]) -> list[Related]:
    found: dict[str, list[str]] = {}
    for other, number in beside:
        found.setdefault(other, []).append(number)
    for other, (table, select) in RELATED.get(kind, {}).items():
        if look.sees(table):
            numbers = [str(row["no"]) for row in look.rows(select, key=key)]
            found[other] = [*found.get(other, []), *(n for n in numbers if n not in found.get(other, []))]
    if kind == "gap":
        for row in look.rows(
            "select stream, record_key from marts.mart_gap_record where gap_key = $key"
            " order by happened_at, stream, record_key",
            key=key,
        ):
            if of := STREAMS.get(row["stream"]):
                found.setdefault(of, []).append(row["record_key"])
    return [Related(other, numbers[:SHOWN], len(numbers)) for other, numbers in found.items() if numbers]


def said(look: Look, activity: str) -> str:
    """What the reader calls an activity."""
    return activities.said(look.reader, activity)
