"""The page morning: what changed, and what needs the reader.

The role's six numbers, the sentences written from the data, and what to take up first ─▶ the template's
values. The sentences stand beside this module: ``morning_money``, ``morning_waits``, ``morning_stock``,
``morning_people``, ``trust_held``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from reports.access.scope import group_of
from reports.access.viewer import ROLES
from reports.look import Look, Page
from reports.numbers import STILL, Number, behind, numbers, passport
from reports.pages import (
    morning_money,
    morning_people,
    morning_rows,
    morning_rows_decisions,
    morning_rows_work,
    morning_stock,
    morning_waits,
    trust_held,
)
from reports.pages.morning_first import first
from reports.pages.morning_said import MOST, NOTHING_TO_DO, Said, Urgency, chosen
from reports.reader import MINUS, SHARE_UNITS


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows; ``None`` before anything was read."""
    if not look.rows("select 1 from marts.mart_data_health where read_at is not null and rows > 0 limit 1"):
        return None
    found = numbers(look)
    sentences = chosen(list(_sentences(look, found)))
    return {
        "finding": _finding(look, found, sentences),
        "numbers": [shown(look, one) for one in found],
        "read_at": min((one.read_at for one in found if one.read_at), default=None),
        "sentences": sentences,
        "first": first(look),
    }


def shown(look: Look, number: Number) -> Mapping[str, Any]:
    """A number as it stands on a page: title, value, change and verdict in the reader's words."""
    reader, metric = look.reader, number.metric
    return {
        "number": number,
        "key": metric.key,
        "title": reader.word("metric_title", metric.key),
        "definition": reader.word("metric_definition", metric.key),
        "value": reader.value(number.value, number.unit),
        "exact": reader.value(number.value, number.unit, exact=number.unit != "count"),
        "before": reader.value(number.previous, number.unit),
        "change": _change(look, number),
        "passport": passport(look, metric),
        "rows": behind(look, metric),
    }


def _change(look: Look, number: Number) -> str:
    """By how much a number moved: a share of what it was; a count by how many, a share by how many points."""
    if number.value is None or number.previous is None or number.value == number.previous:
        return ""
    by = number.value - number.previous
    sign, reader = "+" if by > 0 else MINUS, look.reader
    if number.unit == "count":
        return sign + reader.number(abs(by))
    if number.unit in SHARE_UNITS:
        return str(reader.text("unit.points", value=sign + reader.number(abs(by) * 100, 1)))
    if number.change:
        return reader.change(number.change)
    # Of nothing before, nothing is a share.
    return sign + reader.value(abs(by), number.unit)


def _sentences(look: Look, found: list[Number]) -> Iterator[Said]:
    group = group_of(look.viewer.role)
    by_key = {one.metric.key: one for one in found}
    if group in ("company", "team"):
        yield from morning_money.of_money(look, by_key.get("revenue_30d"))
        yield from morning_waits.gaps(look)
    if look.sees("core.fct_approval_step"):
        yield from morning_waits.waits(look)
    if look.sees("marts.mart_supply"):
        yield from morning_stock.supply(look)
    if group == "production":
        yield from morning_stock.making(look)
    if group == "hr":
        yield from morning_people.of_people(look)
    if group == "staff":
        yield from morning_people.own(look)
    yield from trust_held.withheld(look)
    yield from morning_stock.ahead(look)
    yield from _moved(look, found)


def _moved(look: Look, found: list[Number]) -> Iterator[Said]:
    """Numbers that moved; what fell back presses a little, what improved is the good news."""
    for one in found:
        # What revenue did is told with where it happened, and what stands still is no news.
        if one.metric.key == "revenue_30d" or one.change is None or abs(one.change) <= STILL:
            continue
        if one.verdict not in ("good", "bad") or one.metric.better == "none_is_best":
            continue
        text = look.reader.text(
            f"morning.moved.{one.verdict}",
            title=look.reader.word("metric_title", one.metric.key),
            before=look.reader.value(one.previous, one.unit),
            after=look.reader.value(one.value, one.unit),
        )
        action = look.reader.text("morning.moved.do") if one.verdict == "bad" else NOTHING_TO_DO
        urgency = Urgency.GOOD if one.verdict == "good" else Urgency.AHEAD
        yield Said(text, passport(look, one.metric), urgency, action=action)


def _finding(look: Look, found: list[Number], sentences: list[Said]) -> Markup:
    """The page's headline: the first thing that changed, and how many matters need somebody."""
    reader = look.reader
    matters = sum(1 for said in sentences if said.needs_somebody)
    needs = (
        reader.text("morning.finding.needs", min(matters, MOST))
        if matters
        else reader.text("morning.finding.calm")
    )
    if not found:
        return reader.text("morning.finding.alone", needs=needs)
    lead = found[0]
    if lead.metric.key == "revenue_30d":
        change = lead.change
        way = (
            "none"
            if change is None
            else "still"
            if abs(change) <= STILL
            else "rose"
            if change > 0
            else "fell"
        )
        changed = reader.text(
            f"morning.finding.{way}",
            change=reader.percent(abs(change or 0)),
            value=reader.value(lead.value, lead.unit),
        )
    else:
        count = int(lead.value or 0)
        key = f"morning.finding.{lead.metric.key}"
        changed = reader.text(key, count) if count else reader.text(f"{key}_none")
    return reader.text("morning.finding.both", changed=changed, needs=needs)


PAGE = Page(
    key="morning",
    make=make,
    roles=frozenset(ROLES),
)
ROWS = (*morning_rows.ROWS, *morning_rows_decisions.ROWS, *morning_rows_work.ROWS)
