"""A number's own page: what it means, how exact it is, what it was made of, and what would change it.

A metric's key ─▶ its value with definition, sources as they were read, failed checks, rows set aside, and
where its rows are. The number itself is ``reports.numbers``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reports.look import Look
from reports.numbers import Number, number
from reports.numbers_declared import Metric
from reports.pages.morning import shown
from reports.publication import Row
from reports.reader import NOTHING, Reader
from reports.set_aside import touched

SHOWN = 10

OF_COMPANY = "select * from marts.mart_metric_source where metric = $metric order by stream"
OF_HEALTH = """
    select *, null as quarantined_rows, null as quarantined_amount, null as unknown_rows
    from marts.mart_data_health
    where stream in (select unnest($streams))
    order by stream"""
CHECKS = """
    select * from marts.mart_check as checks
    where result <> 'passed' and exists (
        select 1 from marts.mart_metric_source as source
        where source.metric = $metric and contains(' ' || checks.streams || ' ', ' ' || source.stream || ' '))
    order by holds desc, check_name"""
ASIDE = f"""
    select * from core.fct_quarantine
    where entry_no in (select entry_no from ({touched()}) as effects where metric = $metric)
    order by abs(amount) desc nulls last, entry_no"""


def passport(look: Look, key: str) -> Mapping[str, Any] | None:
    """What the template shows; ``None`` when it is none of the viewer's numbers."""
    found = number(look, key)
    if found is None:
        return None
    sees_company = look.sees("marts.mart_metric_source", "marts.mart_check", "core.fct_quarantine")
    return {
        "one": shown(look, found),
        "exact": exact(look.reader, found.metric, found.value),
        "row": _company_row(look, key) if sees_company else None,
        "sources": _sources(look, found, sees_company=sees_company),
        "checks": look.rows(CHECKS, metric=key) if sees_company else None,
        "aside": look.rows(ASIDE, metric=key) if sees_company else None,
        "aside_rows": look.rows_of("quarantine", metric=key),
        "shown": SHOWN,
    }


def exact(reader: Reader, metric: Metric, value: Decimal | None) -> str:
    """A value of this metric with every digit that it has, at least two after the point of money."""
    if value is None:
        return NOTHING
    digits = max(0, -int(value.normalize().as_tuple().exponent))
    if metric.unit == "money":
        return reader.money(value, max(2, digits))
    if metric.unit == "share":
        return reader.percent(value, max(0, digits - 2))
    said = reader.number(value, digits)
    return said if metric.unit == "count" else str(reader.text("unit.hours", value=said))


def _company_row(look: Look, key: str) -> Row:
    return look.one("select * from marts.mart_metric where metric = $metric", metric=key)


def _sources(look: Look, found: Number, *, sees_company: bool) -> list[Row]:
    if sees_company:
        return look.rows(OF_COMPANY, metric=found.metric.key)
    return look.rows(OF_HEALTH, streams=found.metric.streams)
