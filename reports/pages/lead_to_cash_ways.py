"""The ways that orders take: which are usual, how long each takes, what is done again and who waits for whom.

For the whole company as the process marts have it; for a team, a person or an item counted from the events of
the orders that are seen, by the same rules. A way goes by the first letters of its path's digest, which an
address can hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.filters import Filter
from reports.look import Look
from reports.pages.lead_to_cash_rows import ASKED_ORDERS, ORDERS, narrowed
from reports.rows import Column, RowSet

SHOWN, HANDS = 8, 8
# What an order may have several of is on its way once, where it begins; so has it core.int_activity_kind.
MANY = """('contact', 'production planned', 'production released', 'production done', 'production cancelled',
    'payment recorded', 'shipment requested', 'goods shipped', 'shipment refused', 'crm told', 'funds booked',
    'attendance booked', 'trip reported', 'funds reversed', 'attendance released')"""
WAYS = f"""
    select
        object_no as order_key,
        string_agg(case when occurrence = 1 or kind not in {MANY} then activity end, ' → ' order by sequence)
            as path,
        cast(sum(coalesce(elapsed_h, 0)) as decimal(18, 4)) as elapsed_h,
        cast(sum(coalesce(working_h, 0)) as decimal(18, 4)) as working_h,
        bool_or(channel = 'paper') as is_on_paper, bool_or(is_rework) as is_rework,
        min(happened_at) as begun_at
    from core.fct_process_event where object_type = 'order'
    group by object_no"""
"""One row per order that the viewer sees: its way, and how long it took."""
CODE = "left(md5(path), 12)"
VARIANTS = f"""
    with ways as ({WAYS}),
    asked as (select order_key from ({ORDERS}) as found where {ASKED_ORDERS})
    select
        path, {CODE} as way, count(*) as cases,
        cast(count(*) / sum(count(*)) over () as decimal(18, 4)) as case_share,
        cast(quantile_disc(elapsed_h, 0.5) / 24 as decimal(18, 4)) as median_days,
        cast(quantile_disc(elapsed_h, 0.9) / 24 as decimal(18, 4)) as p90_days,
        cast(avg(case when is_on_paper then 1 else 0 end) as decimal(18, 4)) as paper_share,
        cast(avg(case when is_rework then 1 else 0 end) as decimal(18, 4)) as rework_share,
        max(order_key) as example_case_no
    from ways semi join asked using (order_key)
    group by path order by cases desc, example_case_no"""
COMPANY_VARIANTS = f"""
    select
        path, {CODE} as way, cases, case_share, median_elapsed_h / 24 as median_days,
        p90_elapsed_h / 24 as p90_days, paper_share, rework_share, example_case_no
    from marts.mart_process_variant where process = 'lead_to_cash' order by variant_no"""
REWORK = """
    select activity, cases, repeated_cases, repeats, rework_share, rework_working_h, example_case_no
    from marts.mart_rework where process = 'lead_to_cash' and repeats > 0
    order by rework_working_h desc, activity"""
# Most of the waiting is where much is handed on and each waits long, so both count.
HANDOVERS = """
    select
        from_system, from_actor_no, from_actor, to_system, to_actor_no, to_actor, handovers, median_working_h,
        median_working_h * handovers as waited_h, paper_share, example_case_no
    from marts.mart_handover
    where breakdown = 'actor' and process = 'lead_to_cash' and median_working_h > 0
    order by waited_h desc, to_actor_no nulls first, from_actor_no nulls first, from_system, to_system"""

WAY_ROWS = RowSet(
    name="order-ways",
    tables=("core.fct_process_event", "marts.mart_lead_to_cash"),
    select=f"""
        select ways.*, {CODE} as way, elapsed_h / 24 as elapsed_days, orders.account_name, orders.account_no,
            orders.owner_name, orders.owner_no, orders.amount, orders.state
        from ({WAYS}) as ways
        left join marts.mart_lead_to_cash as orders on orders.order_key = ways.order_key""",
    columns=(
        Column("order_key", record="order"),
        Column("account_name", record="account", number="account_no"),
        Column("owner_name", record="person", number="owner_no"),
        Column("amount", "money"),
        Column("state", words="state"),
        Column("elapsed_days", "decimal"),
        Column("working_h", "hours"),
        Column("begun_at", "instant"),
    ),
    order="begun_at desc, order_key",
    where={"way": "way = $way", "person": "owner_no = $person"},
    filters=(Filter("way", "code"), Filter("person", "code")),
)
VARIANT_ROWS = RowSet(
    name="variants",
    tables=("marts.mart_process_variant",),
    select="""select *, median_elapsed_h / 24 as median_days, p90_elapsed_h / 24 as p90_days
        from marts.mart_process_variant where process = 'lead_to_cash'""",
    columns=(
        Column("variant_no", "integer"),
        Column("path", "activities"),
        Column("cases", "integer"),
        Column("case_share", "percent"),
        Column("median_days", "decimal"),
        Column("p90_days", "decimal"),
        Column("rework_share", "percent"),
        Column("paper_share", "percent"),
        Column("example_case_no", record="order"),
    ),
    order="variant_no",
    where={},
)
EVENT_ROWS = RowSet(
    name="events",
    tables=("core.fct_process_event",),
    select="select * from core.fct_process_event where object_type = 'order'",
    columns=(
        Column("object_no", record="order"),
        Column("sequence", "integer"),
        Column("activity", words="activity"),
        Column("happened_at", "instant"),
        Column("actor", record="person", number="actor_no"),
        Column("system", words="system"),
        Column("channel", words="channel"),
        Column("elapsed_h", "hours"),
        Column("working_h", "hours"),
    ),
    order="happened_at desc, object_no, sequence",
    where={"order": "object_no = $order", "person": "actor_no = $person", "channel": "channel = $channel",
           "activity": "activity = $activity"},
    filters=(Filter("order", "code"), Filter("person", "code"), Filter("activity", "code"),
             Filter("channel", "choice", choices=("system", "paper"))),
)  # fmt: skip


def ways(look: Look) -> Mapping[str, Any]:
    """The usual ways with their times, what is done again and where an order waits between two hands."""
    asked = narrowed(look)
    whole = look.sees("marts.mart_process_variant") and not any(asked.values())
    if whole:
        found = look.rows(COMPANY_VARIANTS)
    else:
        found = look.rows(VARIANTS, **asked) if look.sees("core.fct_process_event") else []
    company = look.sees("marts.mart_rework", "marts.mart_handover")
    return {
        "rows": [{**row, "steps": row["path"].split(" → ")} for row in found[:SHOWN] if row["path"]],
        "total": len(found),
        "top": max((row["cases"] for row in found), default=0),
        "is_whole": whole,
        "rework": look.rows(REWORK) if company else [],
        "handovers": look.rows(HANDOVERS)[:HANDS] if company else [],
        "sees_rework": company,
    }
