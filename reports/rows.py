"""The rows behind numbers and charts: named row sets, each a select that an address can narrow.

A set's name and its filters ─▶ one page of rows, all of them for an export, and their count. Which rows a
viewer sees is ``access.scope``'s; how they look is the template's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reports import activities, check_says, gap_says
from reports.filters import Filter
from reports.look import Look
from reports.publication import Row
from reports.reader import NOTHING, Reader

PAGE_ROWS = 50
PAGING = (Filter("from", "whole", default="0"), Filter("sort", "code"))


@dataclass(frozen=True)
class Column:
    """A column of a row set: ``kind`` says how a value reads, ``record`` which records its values name.

    ``number`` is the column that has the record's number where the values themselves are only what is shown.

    ``words`` is the group of words that say its values. Kinds: text, integer, decimal, money, percent, date,
    instant, hours, days, working_days; and action, activities, check, says, which are composed of words.
    """

    name: str
    kind: str = "text"
    record: str | None = None
    words: str | None = None
    number: str | None = None


@dataclass(frozen=True)
class RowSet:
    """Rows behind numbers: ``where`` has a condition for each filter, ``order`` ends in a unique key.

    ``tables`` are what a viewer must see; ``select`` is what stands before the conditions, without order.
    """

    name: str
    tables: tuple[str, ...]
    select: str
    columns: tuple[Column, ...]
    order: str
    where: Mapping[str, str]
    filters: tuple[Filter, ...] = ()

    def statement(self, asked: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The select with the conditions that were asked for, and their values."""
        given = {name: value for name, value in asked.items() if value is not None and name in self.where}
        conditions = " and ".join(f"({self.where[name]})" for name in given) or "true"
        names = ", ".join(
            [*(one.name for one in self.columns), *(one.number for one in self.columns if one.number)]
        )
        return f"select {names} from ({self.select}) as found where {conditions}", given

    def ordered(self, asked: Mapping[str, Any]) -> str:
        """The order asked for: a column's name, with a minus for the largest first; else the set's own."""
        sort = asked.get("sort") or ""
        name = sort.removeprefix("-")
        if name not in {column.name for column in self.columns}:
            return self.order
        way = "desc" if sort.startswith("-") else "asc"
        return f"{name} {way} nulls last, {self.order}"


@dataclass(frozen=True)
class Found:
    """A page of a row set: ``total`` rows in all, these from row ``start`` on."""

    rows: list[Row]
    total: int
    start: int


def find(look: Look, rows: RowSet) -> Found:
    """One page of the rows that the look asks for."""
    statement, values = rows.statement(look.asked)
    total: int = look.one(f"select count(*) as n from ({statement}) as counted", **values)["n"]
    start = min(look.asked.get("from") or 0, max(0, total - 1))
    order = rows.ordered(look.asked)
    page = f"{statement} order by {order} limit {PAGE_ROWS} offset {start}"
    return Found(look.rows(page, **values), total, start)


def said_as(reader: Reader, value: Any, column: Column) -> str:
    """A value as its column's kind reads in this reader's language."""
    if value is None:
        return NOTHING
    if column.words:
        return reader.word(column.words, value)
    if column.kind == "text":
        return str(value)
    if column.kind in COMPOSED:
        return COMPOSED[column.kind](reader, str(value))
    digits = {"money": 2, "decimal": 2, "percent": 1}
    kind = "number" if column.kind in ("integer", "decimal") else column.kind
    kind = {"date": "day"}.get(kind, kind)
    form = getattr(reader, kind)
    return str(form(value, digits[column.kind]) if column.kind in digits else form(value))


COMPOSED: Mapping[str, Callable[[Reader, str], str]] = {
    "action": lambda reader, value: reader.action(value),
    "activities": lambda reader, value: " → ".join(
        activities.said(reader, one) for one in value.split(" → ")
    ),
    "check": check_says.said,
    "says": gap_says.said,
}
"""Kinds whose values are put together from words of the reader's language, and how."""


def narrowed_by(reader: Reader, rows: RowSet, asked: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What rows are narrowed to: each filter's name and value, as this reader says them."""
    words = {column.name: column.words for column in rows.columns}
    found = []
    for one in rows.filters:
        value = asked.get(one.name)
        if value is not None:
            group = one.words or words.get(one.name)
            said = (
                reader.day(value)
                if one.kind == "date"
                else reader.word(group, value)
                if group
                else str(value)
            )
            found.append((str(reader.text(f"filter.{one.name}")), said))
    return found


@lru_cache(maxsize=1)
def row_sets() -> Mapping[str, RowSet]:
    """Every row set by its name; each page brings its own."""
    from reports.pages import ROW_SETS

    return {one.name: one for one in ROW_SETS}
