"""Which rows set aside would change which number, by the warehouse's own list.

``int_metric_effect`` says which step's rows change which metric ─▶ a select over ``fct_quarantine`` for pages
and row sets. What a number lacks in money is counted by ``mart_metric``; here it is only found again.
"""

from __future__ import annotations

from functools import lru_cache

from reports.pages.today import TODAY
from warehouse.model import SQL


@lru_cache(maxsize=1)
def effects() -> str:
    """The select of metric, flow, step, waiting_counts and says; it reads no table.

    The same text as the warehouse counts ``quarantined_rows`` with, so that the two cannot differ.
    """
    return (SQL / "marts" / "int_metric_effect.sql").read_text("utf-8")


def touched() -> str:
    """The select of ``entry_no`` and ``metric``: which open entry would change which number."""
    return f"""
        select entries.entry_no, effects.metric
        from core.fct_quarantine as entries
        join ({effects()}) as effects on effects.flow = entries.flow and effects.step = entries.step
        cross join ({TODAY}) as today
        where entries.is_open and (entries.state = 'quarantined' or effects.waiting_counts)
            and (effects.metric <> 'revenue_30d' or entries.happened_on > today.on_date - 30)
        union
        select entries.entry_no, sources.metric
        from core.fct_quarantine as entries
        join marts.mart_metric_source as sources on sources.stream = entries.step
        cross join ({TODAY}) as today
        where entries.is_open and starts_with(entries.flow, 'import')
            and (sources.metric <> 'revenue_30d' or entries.happened_on > today.on_date - 30)"""
