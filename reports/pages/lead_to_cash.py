"""The page lead-to-cash: how orders go from the first card to the money.

orders and leads of the period ─▶ how long each leg takes, where leads drop off, the ways that orders take,
and which orders are under way for longest. It counts; what an event is, the warehouse says.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from reports.filters import PERIOD, PERSON
from reports.look import Look, Page
from reports.pages.lead_to_cash_rows import LEAD_ROWS, LEADS, ORDER_ROWS, ORDERS, STEPS
from reports.published import Row
from reports.rows import RowSet

LONGEST, VARIANTS = 10, 8
LEGS = (
    ("lead_to_order", "lead_at", "ordered_at"),
    ("order_to_ship", "ordered_at", "shipped_at"),
    ("order_to_cash", "ordered_at", "paid_at"),
    ("lead_to_cash", "lead_at", "paid_at"),
)
"""Ways through an order's life by where they begin and end; a leg counts in the period it ended in."""


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows; ``None`` before any order or lead."""
    values = {"since": look.since, "owner": look.asked["person"]}
    legs = [leg for name, begin, end in LEGS if (leg := _leg(look, name, begin, end, values))]
    path = look.one(PATH, **values)
    under_way = look.rows(UNDER_WAY, owner=values["owner"])
    if not legs and not under_way and not path["created"]:
        return None
    steps = [{"step": step, "leads": path[step], "lost": path[f"{step}_lost"]} for step in STEPS]
    before = [None, *(step["leads"] for step in steps[:-1])]
    for step, whole in zip(steps, before, strict=True):
        step["share"] = None if not whole else step["leads"] / whole
    known = [step for step in steps[1:-1] if step["share"] is not None]
    return {
        "legs": legs,
        "top": max((leg["p90_working_h"] for leg in legs), default=0),
        "cash": next((leg for leg in legs if leg["leg"] == "order_to_cash"), None),
        "steps": steps,
        "worst": min(known, key=lambda step: step["share"], default=None),
        "under_way": under_way[:LONGEST],
        "under_way_total": len(under_way),
        "under_way_amount": sum(row["amount"] or 0 for row in under_way),
        "variants": _variants(look),
        "story": next(iter(look.rows(STORY, owner=values["owner"])), None),
        "options": {"person": [(row["owner_no"], row["owner_name"]) for row in look.rows(OWNERS)]},
    }


def _leg(look: Look, name: str, begin: str, end: str, values: Mapping[str, Any]) -> Row | None:
    # begin and end are columns' names of ours; what is asked goes in as values
    select = f"""
        with done as (
            select epoch({end}) - epoch({begin}) as took_s
            from marts.mart_lead_to_cash
            where {begin} is not null and {end} >= {begin} and state not in ('draft', 'cancelled')
                and cast({end} as date) >= $since and ($owner is null or owner_no = $owner))
        select count(*) as cases,
            cast(quantile_disc(took_s, 0.5) / 86400 as decimal(18, 4)) as median_working_h,
            cast(quantile_disc(took_s, 0.9) / 86400 as decimal(18, 4)) as p90_working_h
        from done"""
    found = look.one(select, **values)
    return {"leg": name, "target_h": None, **found} if found["cases"] else None


def _variants(look: Look) -> list[Row]:
    if not look.sees("marts.mart_process_variant"):
        return []
    return look.rows(VARIANT, most=VARIANTS)


PATH = f"""
    select {", ".join(f"count(*) filter (where {step}) as {step}" for step in STEPS)},
        0 as created_lost,
        {
    ", ".join(
        f"count(*) filter (where {before} and not {step} and is_lost) as {step}_lost"
        for before, step in pairwise(STEPS)
    )
}
    from ({LEADS}) as leads
    where created_on >= $since and ($owner is null or owner_no = $owner)"""
UNDER_WAY = f"""
    select * from ({ORDERS}) as orders
    where is_under_way and ($owner is null or owner_no = $owner)
    order by days_since desc, order_key"""
VARIANT = """
    select variant_no, path, cases, case_share, median_elapsed_h / 24 as median_days,
        p90_elapsed_h / 24 as p90_days, paper_share, example_case_no
    from marts.mart_process_variant where process = 'lead_to_cash'
    order by cases desc, variant_no limit $most"""
STORY = """
    select order_key, order_no, account_name, lead_no, amount, trip_cost_amount, lead_to_cash_days
    from marts.mart_lead_to_cash
    where trip_cost_amount > 0 and paid_at is not null and ($owner is null or owner_no = $owner)
    order by paid_at desc, order_key limit 1"""
OWNERS = """
    select distinct owner_no, owner_name from marts.mart_lead_to_cash
    where owner_no is not null and owner_name is not null order by owner_name, owner_no"""

PAGE = Page(
    key="lead-to-cash",
    make=make,
    roles=frozenset({"executive", "finance", "sales_manager", "sales"}),
    filters=(PERIOD, PERSON),
)
ROWS: tuple[RowSet, ...] = (ORDER_ROWS, LEAD_ROWS)
