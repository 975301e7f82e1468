"""Open leads: by stage, by age, which stand still, and what became of those that were closed.

leads, their last activity and their stage's win rate ─▶ one select, counted on the page and listed behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.look import Look
from reports.pages.today import TODAY
from reports.publication import Row

AGES = ("0-14", "15-30", "31-60", "61-90", "over-90")
STAGES = ("new", "engaged", "qualified", "proposal")
STILL_DAYS = 14
"""Nothing done about a lead for longer than this: it stands still."""
FEW = 10
"""With fewer won leads than this, nobody can say how long a lead usually takes."""
SHOWN = 8

# The win rate of a stage is the company's, as the mart has it; the leads are the viewer's.
LEADS = f"""
    with today as ({TODAY}),
    rates as (select stage, max(win_rate) as win_rate from marts.mart_pipeline group by stage),
    touched as (
        select lead_no, max(happened_on) as touched_on from core.fct_activity
        where lead_no is not null and kind <> 'note' group by lead_no
    ),
    won as (
        select case when count(*) >= {FEW} then quantile_disc(age_days, 0.9) end as usual_days
        from core.fct_lead where is_won
    )
    select
        leads.lead_no, leads.account_no,
        coalesce(customers.name, nullif(leads.company_name, '')) as account_name,
        leads.stage, leads.source, leads.created_on, leads.age_days, leads.owner_no,
        people.name as owner_name, items.name as item_name, leads.expected_amount,
        cast(round(leads.expected_amount * rates.win_rate, 4) as decimal(18, 4)) as weighted_amount,
        rates.win_rate, touched.touched_on, won.usual_days,
        date_diff('day', coalesce(touched.touched_on, leads.created_on), today.on_date) as still_days,
        coalesce(leads.age_days > won.usual_days, false) as is_old,
        date_diff('day', coalesce(touched.touched_on, leads.created_on), today.on_date)
            > {STILL_DAYS} as is_still,
        case when leads.age_days <= 14 then '0-14' when leads.age_days <= 30 then '15-30'
            when leads.age_days <= 60 then '31-60' when leads.age_days <= 90 then '61-90'
            else 'over-90' end as age
    from core.fct_lead as leads
    cross join today
    cross join won
    left join rates on rates.stage = leads.stage
    left join touched on touched.lead_no = leads.lead_no
    left join core.dim_customer as customers
        on customers.account_no = leads.account_no and customers.is_current
    left join core.dim_employee as people on people.employee_no = leads.owner_no and people.is_current
    left join core.dim_item as items on items.item_no = leads.item_no and items.is_current
    where not leads.is_closed"""
CLOSED = f"""
    with today as ({TODAY})
    select leads.lead_no, leads.account_no, leads.source, leads.stage, leads.is_won, leads.owner_no,
        people.name as owner_name, leads.age_days, leads.expected_amount, leads.won_amount,
        cast(leads.closed_at at time zone today.zone as date) as closed_on, today.on_date
    from core.fct_lead as leads
    cross join today
    left join core.dim_employee as people on people.employee_no = leads.owner_no and people.is_current
    where leads.is_closed"""
TABLES = (
    "core.fct_lead", "core.fct_activity", "core.dim_customer", "core.dim_employee", "core.dim_item",
    "core.dim_date", "marts.mart_pipeline",
)  # fmt: skip


def leads(look: Look) -> Mapping[str, Any]:
    """Open leads by stage and by age, and those to act on: standing still or old, the most worth first."""
    only, values = asked(look)
    counted = look.rows(
        f"""select stage, age, count(*) as leads, sum(expected_amount) as expected_amount,
            sum(weighted_amount) as weighted_amount, max(win_rate) as win_rate,
            quantile_disc(age_days, 0.5) as age_days, count(*) filter (where is_still) as still
        from ({LEADS}) where {only} group by grouping sets ((stage), (age))""",
        **values,
    )
    stages = [row for row in counted if row["stage"] is not None]
    ages = [row for row in counted if row["stage"] is None]
    acted = look.rows(
        f"""select *, count(*) over () as total, sum(expected_amount) over () as total_amount
        from ({LEADS}) where {only} and (is_still or is_old)
        order by weighted_amount desc nulls last, still_days desc, lead_no limit {SHOWN}""",
        **values,
    )
    by_age = {row["age"]: row for row in ages}
    nothing = {"leads": 0, "expected_amount": None}
    return {
        "stages": sorted(stages, key=lambda row: (*STAGES, row["stage"]).index(row["stage"])),
        "most": max(stages, key=lambda row: row["weighted_amount"] or 0, default=None),
        "ages": [{**nothing, **by_age.get(age, {}), "age": age} for age in AGES],
        "top_age": max((row["leads"] for row in ages), default=0),
        "acted": acted,
        "still": acted[0]["total"] if acted else 0,
        "still_amount": acted[0]["total_amount"] if acted else None,
        "usual_days": acted[0]["usual_days"] if acted else None,
        "still_days": STILL_DAYS,
        "n": sum(row["leads"] for row in stages),
        "expected": _sum(stages, "expected_amount"),
        "weighted": _sum(stages, "weighted_amount"),
    }


def closed(look: Look) -> Mapping[str, Any] | None:
    """Leads closed in the period by where they came from; ``None`` without any."""
    only, values = asked(look)
    rows = look.rows(
        f"""select source, count(*) as leads, count(*) filter (where is_won) as won,
            cast(round(count(*) filter (where is_won) / count(*), 4) as decimal(18, 4)) as win_rate,
            sum(won_amount) filter (where is_won) as won_amount
        from ({CLOSED}) where {only} and closed_on > $since
        group by source order by win_rate desc, won desc, source""",
        **values,
        since=look.since,
    )
    if not rows:
        return None
    total, won = sum(row["leads"] for row in rows), sum(row["won"] for row in rows)
    return {"rows": rows, "leads": total, "won": won, "won_amount": _sum(rows, "won_amount")}


def asked(look: Look, column: str = "owner_no") -> tuple[str, dict[str, Any]]:
    """The condition of the person asked for, and its value."""
    person = look.asked.get("person")
    return (f"{column} = $person", {"person": person}) if person else ("true", {})


def _sum(rows: list[Row], name: str) -> Any:
    known = [row[name] for row in rows if row[name] is not None]
    return sum(known) if known else None
