"""What the data withholds from the numbers: rows set aside, by reason and by the number they would change.

fct_quarantine and what ``set_aside`` finds touched ─▶ rows and a sentence. What a number lacks in money is
counted by mart_metric; here it is only said.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from reports.look import Look
from reports.pages.morning_said import Said, Urgency
from reports.publication import Row
from reports.set_aside import touched


def reasons(look: Look) -> list[Row]:
    """What is set aside by rule, stream and state; ``metrics`` are the numbers that it would change."""
    return look.rows(
        f"""
        with documents as (
            select
                rule, stream, state, coalesce(record_key, cast(entry_no as varchar)) as document_no,
                max(abs(amount)) as amount, max(age_days) as age_days
            from core.fct_quarantine
            where is_open
            group by all
        ),
        numbers as (
            select entries.rule, entries.stream, entries.state,
                list_sort(list(distinct touched.metric)) as metrics
            from core.fct_quarantine as entries
            join ({touched()}) as touched on touched.entry_no = entries.entry_no
            group by all
        )
        select
            documents.rule, documents.stream, split_part(documents.stream, '.', 1) as system, documents.state,
            count(*) as documents, sum(documents.amount) as amount, max(documents.age_days) as age_days,
            max(documents.document_no) as example, any_value(numbers.metrics) as metrics
        from documents
        left join numbers using (rule, stream, state)
        group by documents.rule, documents.stream, documents.state
        order by
            documents.state, count(numbers.metrics) > 0 desc, amount desc nulls last,
            documents.rule, documents.stream"""
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
