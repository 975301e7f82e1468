"""What the data withholds from the numbers: rows set aside, by reason and by the number that they would change.

fct_quarantine and the warehouse's own list of which step changes which number ─▶ rows and a sentence. What a
number lacks in money is counted by mart_metric; here it is only said.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from reports.look import Look
from reports.pages.morning_said import Said, Urgency
from reports.published import Row
from warehouse.model import SQL


@lru_cache(maxsize=1)
def effects() -> str:
    """The select of metric, flow, step, waiting_counts and says; it reads no table.

    The same text as the warehouse counts ``quarantined_rows`` with, so that the two cannot differ.
    """
    return (SQL / "marts" / "int_metric_effect.sql").read_text("utf-8")


def affected(number: str = "$metric") -> str:
    """The condition that a row of ``fct_quarantine`` called ``found`` would change a number."""
    return f"""
        found.is_open and (
            exists (
                select 1 from ({effects()}) as effect
                where effect.metric = {number} and effect.flow = found.flow and effect.step = found.step
                    and (found.state = 'quarantined' or effect.waiting_counts))
            or starts_with(found.flow, 'import') and exists (
                select 1 from marts.mart_metric_source as source
                where source.metric = {number} and source.stream = found.step))"""


def reasons(look: Look) -> list[Row]:
    """What is set aside by system, rule and state, the most first; ``metrics`` are the numbers it would change."""
    return look.rows(
        f"""
        with found as (select * from core.fct_quarantine where is_open),
        touched as (
            select found.entry_no, metrics.metric
            from found
            join marts.mart_metric as metrics on {affected("metrics.metric")}
        ),
        documents as (
            select found.rule, found.stream, found.state, coalesce(found.record_key, found.entry_no::varchar) as no,
                max(abs(found.amount)) as amount, max(found.age_days) as age_days, count(*) as entries,
                list(touched.metric) as metrics
            from found
            left join touched on touched.entry_no = found.entry_no
            group by all
        )
        select
            rule, stream, split_part(stream, '.', 1) as system, state, count(*) as documents,
            sum(amount) as amount, max(age_days) as age_days, max(no) as example,
            list_sort(list_distinct(flatten(list(metrics)))) as metrics
        from documents
        group by rule, stream, state
        order by state, len(metrics) desc, amount desc nulls last, rule, stream"""
    )


def withheld(look: Look) -> Iterator[Said]:
    """The number that most money is missing from, where the viewer sees what is set aside."""
    if not look.sees("core.fct_quarantine", "marts.mart_metric"):
        return
    rows = look.rows(
        """select metric, quarantined_rows, quarantined_amount, unknown_rows from marts.mart_metric
        where quarantined_rows > waiting_rows and metric <> 'stuck_in_gaps'
        order by quarantined_amount desc nulls last, quarantined_rows desc, sort_order limit 1"""
    )
    for row in rows:
        reader = look.reader
        text = reader.text(
            "morning.held.said" if row["quarantined_amount"] else "morning.held.uncounted",
            row["quarantined_rows"],
            title=reader.word("metric_title", row["metric"]),
            amount=reader.money(row["quarantined_amount"]),
        )
        owner = str(reader.text("morning.held.owner"))
        link = look.rows_of("quarantine", metric=row["metric"])
        money = Decimal(row["quarantined_amount"] or 0)
        yield Said(text, link, Urgency.DRIFTS, owner, reader.text("morning.held.do"), money)
