"""How much work goes around the systems, month by month, and what that takes longer.

Requests, orders and payments with the way they took ─▶ the share in the system by month, and by sort of
document how long each way takes. For whoever sees the whole company, through how many hands a case goes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reports.filters import Filter
from reports.look import Look
from reports.rows import Column, RowSet

MONTHS = 12

# An order that the ERP has, a request, a payment: each is one hand-off, on the day it was asked or booked.
DOCUMENTS = """
    with clock as (
        select coalesce(any_value(timezone), 'UTC') as zone from core.dim_date where is_default_country)
    select
        'request' as sort, request_no as document_no, request_no, cast(null as varchar) as order_key,
        requester_no as person_no, channel,
        cast(requested_at at time zone clock.zone as date) as on_date, amount,
        case when decided_at is not null then elapsed_h end as took_h
    from core.fct_approval cross join clock
    union all
    select
        'order', coalesce(sales_order_no, order_key), null, order_key, owner_no, channel, ordered_on, amount,
        cast((epoch_ms(shipped_at) - epoch_ms(ordered_at)) / 3600000 as decimal(18, 4))
    from core.fct_order
    where sales_order_no is not null and state not in ('cancelled', 'refused')
    union all
    select
        'payment', payment_no, null, order_key, recorded_by_no, channel, paid_on, amount,
        cast((epoch_ms(recorded_at) - epoch_ms(cast(paid_on as timestamp) at time zone clock.zone))
            / 3600000 as decimal(18, 4))
    from core.fct_payment cross join clock"""
"""One row per document; ``took_h`` are hours until it was decided, shipped or recorded, null while open."""

BY_MONTH = f"""
    select
        cast(date_trunc('month', on_date) as date) as month_on, count(*) as documents,
        count(*) filter (channel = 'paper') as on_paper,
        count(*) filter (channel = 'paper' and sort = 'request') as requests,
        count(*) filter (channel = 'paper' and sort = 'order') as orders,
        count(*) filter (channel = 'paper' and sort = 'payment') as payments
    from ({DOCUMENTS}) as found
    where on_date >= $since and on_date < $until
    group by all order by month_on"""
BY_SORT = f"""
    select
        sort, count(*) as documents, count(*) filter (channel = 'paper') as on_paper,
        quantile_disc(took_h, 0.5) filter (channel = 'system') as system_h,
        quantile_disc(took_h, 0.5) filter (channel = 'paper') as paper_h
    from ({DOCUMENTS}) as found
    where on_date >= $since and on_date < $until
    group by sort order by on_paper desc, sort"""
HANDS = """
    select kind, channel, cases, median_people, median_handovers, median_elapsed_h, p90_elapsed_h
    from marts.mart_circulation
    where kind in (select kind from marts.mart_circulation where channel = 'paper')
    order by process, kind, channel"""
WAITS = """
    select
        process, from_system, to_system, handovers, median_working_h, median_elapsed_h, paper_share,
        example_case_no
    from marts.mart_handover
    where breakdown = 'system' and from_system <> to_system
    order by median_working_h * handovers desc, handovers desc, process, from_system, to_system"""

PAPER_ROWS = RowSet(
    name="documents-by-way",
    tables=("core.fct_approval", "core.fct_order", "core.fct_payment"),
    select=f"""
        select found.*, people.name as person_name, cast(date_trunc('month', on_date) as date) as month_on
        from ({DOCUMENTS}) as found
        left join core.dim_employee as people
            on people.employee_no = found.person_no and people.is_current""",
    columns=(
        Column("document_no"),
        Column("sort", words="record"),
        Column("channel", words="channel"),
        Column("on_date", "date"),
        Column("amount", "money"),
        Column("took_h", "hours"),
        Column("person_name", record="person", number="person_no"),
        Column("request_no", record="request"),
        Column("order_key", record="order"),
    ),
    order="on_date desc, sort, document_no",
    where={
        "channel": "channel = $channel",
        "sort_of": "sort = $sort_of",
        "month": "month_on = cast($month as date)",
        "since": "on_date >= cast($since as date)",
        "person": "person_no = $person",
    },
    filters=(
        Filter("channel", "text", choices=("system", "paper")),
        Filter("sort_of", "text", choices=("request", "order", "payment"), words="record"),
        Filter("month", "date"),
        Filter("since", "date"),
        Filter("person", "code"),
    ),
)


def paper(look: Look) -> Mapping[str, Any] | None:
    """The last twelve months' documents by way; ``None`` when there were none at all."""
    since = first_month(look.today, MONTHS)
    span = {"since": since, "until": look.today + dt.timedelta(days=1)}
    months = {row["month_on"]: row for row in look.rows(BY_MONTH, **span)}
    documents = sum(row["documents"] for row in months.values())
    if not documents:
        return None
    on_paper = sum(row["on_paper"] for row in months.values())
    wide = look.sees("marts.mart_circulation", "marts.mart_handover")
    return {
        "since": since,
        "months": [(month, months.get(month)) for month in months_of(since, MONTHS)],
        "top": max(row["on_paper"] for row in months.values()),
        "documents": documents,
        "on_paper": on_paper,
        "share": Decimal(documents - on_paper) / documents,
        "sorts": look.rows(BY_SORT, **span),
        "longer": longer(look),
        "hands": look.rows(HANDS) if wide else [],
        "waits": look.rows(WAITS) if wide else [],
    }


def longer(look: Look) -> Mapping[str, Any]:
    """What the documents on paper on the page took, beside the same ones in the system, in hours."""
    return look.one("""
        select
            count(*) as documents, coalesce(sum(circulation_hours), 0) as paper_h,
            coalesce(sum(system_median_hours), 0) as system_h
        from marts.mart_handoff_gaps
        where kind = 'done_on_paper' and system_median_hours is not null""")


def first_month(today: dt.date, months: int) -> dt.date:
    """The first day of the month that lies so many months back, this one counted."""
    year, month = divmod(today.year * 12 + today.month - months, 12)
    return dt.date(year, month + 1, 1)


def months_of(since: dt.date, months: int) -> list[dt.date]:
    """So many months from one on, each by its first day."""
    return [first_month(since, 1 - n) for n in range(months)]
