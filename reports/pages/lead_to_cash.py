"""The page lead-to-cash: how orders go from the first card to the money, and which stand on the way.

Orders and leads as the viewer may see them ─▶ how long each leg takes, what the orders under way wait for,
where leads drop off, and one order's whole story. The ways that orders take are a module beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from reports import story_parts
from reports.filters import ITEM, PART, PERIOD, PERSON, Filter
from reports.look import Look, Page
from reports.pages.lead_to_cash_rows import (
    ASKED_LEADS,
    ASKED_ORDERS,
    LEAD_ROWS,
    LEADS,
    LEGS,
    ORDER_ROWS,
    ORDERS,
    STEPS,
    narrowed,
    took,
)
from reports.pages.lead_to_cash_ways import EVENT_ROWS, VARIANT_ROWS, WAY_ROWS, ways
from reports.publication import Row
from reports.rows import RowSet
from reports.story import story
from reports.story_drawing import drawings

LONGEST = 10
"""Orders under way that the page names; all of them are behind the link."""

FOUND = f"select * from ({ORDERS}) as found where {ASKED_ORDERS}"
TIMES = " union all ".join(
    f"""select '{name}' as leg, count(*) as cases, quantile_disc({name}_days, 0.5) as median_days,
        quantile_disc({name}_days, 0.9) as p90_days
    from found where {took(name)} and {end.removesuffix("_at")}_on >= $since"""
    for name, (_, end) in LEGS.items()
)
TIMES = f"with found as materialized ({FOUND}) {TIMES}"
UNDER_WAY = f"""{FOUND} and waits_for is not null
    order by days_since desc, amount desc nulls last, order_key limit {LONGEST}"""
WAITS = f"""
    select
        waits_for as waits, count(*) as orders, coalesce(sum(amount), 0) as amount, max(days_since) as days,
        count(*) filter (days_since > $usual) as slow,
        coalesce(sum(amount) filter (days_since > $usual), 0) as slow_amount
    from ({FOUND}) as found where waits_for is not null
    group by waits_for order by amount desc, waits"""
DROPS = f"""
    select
        reached, is_lost, count(*) as leads, sum(expected_amount) as amount
    from ({LEADS}) as found
    where is_closed and closed_on >= $since and {ASKED_LEADS}
    group by reached, is_lost"""
EXAMPLE = """
    select order_key from marts.mart_lead_to_cash
    where cast($person as varchar) is null or owner_no = $person
    order by trip_cost_amount > 0 and paid_at is not null and shipped_at is not null desc,
        lead_no is not null and paid_at is not null desc, paid_at desc nulls last, order_key desc limit 1"""
ORDER = """
    select * from core.fct_order where order_key = $number or order_no = $number or sales_order_no = $number
    order by order_key limit 1"""
OWNERS = """
    select distinct owner_no as value, owner_name as label from marts.mart_lead_to_cash
    where owner_name is not null order by label, value"""
PARTS = """
    select department_no as value, any_value(department_name) as label from core.dim_employee
    where is_current and employee_no in (select owner_no from marts.mart_lead_to_cash)
    group by department_no order by label, value"""
ITEMS = """
    select item_no as value, name as label from core.dim_item
    where is_current and item_no in (select item_no from core.fct_order_line) order by label, value"""


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows; ``None`` before any order or lead."""
    if not look.one(f"select count(*) as n from ({LEADS}) as found")["n"]:
        known = look.one("select count(*) as n from marts.mart_lead_to_cash")["n"]
        if not known:
            return None
    asked = narrowed(look)
    legs = {row["leg"]: row for row in look.rows(TIMES, since=look.since, **asked)}
    usual = legs["order_to_cash"]
    waits = look.rows(WAITS, usual=usual["p90_days"], **asked)
    return {
        "options": options(look),
        "asked": asked,
        "finding": finding(look, usual, waits),
        "legs": [{**legs[name], "end": end.removesuffix("_at")} for name, (_, end) in LEGS.items()],
        "top": max((row["p90_days"] or 0 for row in legs.values()), default=0),
        "usual": usual,
        "under_way": sum(row["orders"] for row in waits),
        "slow": sum(row["slow"] for row in waits),
        "longest": look.rows(UNDER_WAY, **asked),
        "waits": waits,
        "drops": drops(look.rows(DROPS, since=look.since, **asked)),
        "ways": ways(look),
        "one": told(look),
    }


def finding(look: Look, usual: Row, waits: list[Row]) -> Markup:
    """How long half of the orders take to their money, and how many are late for it."""
    reader = look.reader
    under_way, slow = (sum(row[name] for row in waits) for name in ("orders", "slow"))
    said = [
        reader.text(
            "lead-to-cash.found", days=reader.days(usual["median_days"]), many=reader.days(usual["p90_days"])
        )
        if usual["cases"]
        else reader.text("lead-to-cash.found_none", under_way)
        if under_way
        else reader.text("lead-to-cash.found_calm")
    ]
    if slow:
        amount = reader.money(sum(row["slow_amount"] for row in waits))
        said.append(reader.text("lead-to-cash.found_slow", slow, amount=amount))
    return Markup(" ").join(said)


def drops(rows: list[Row]) -> Mapping[str, Any]:
    """How far the leads came that were decided in the period, and where the lost ones stopped."""
    steps: list[dict[str, Any]] = []
    for n, step in enumerate(STEPS, 1):
        came = sum(row["leads"] for row in rows if row["reached"] >= n)
        stopped = [row for row in rows if row["reached"] == n and row["is_lost"]]
        steps.append({
            "step": step,
            "leads": came,
            "share": Decimal(came) / steps[-1]["leads"] if steps and steps[-1]["leads"] else None,
            "lost": sum(row["leads"] for row in stopped),
            "amount": sum((row["amount"] or Decimal(0) for row in stopped), Decimal(0)),
        })  # fmt: skip
    worst = max(steps, key=lambda step: (step["lost"], step["amount"]))
    return {"steps": steps, "decided": steps[0]["leads"], "worst": worst if worst["lost"] else None}


def told(look: Look) -> Mapping[str, Any]:
    """One order's story: the one asked for, else one that came from a lead and brought its money."""
    asked = look.asked.get("order")
    number = asked
    if number is None:
        example = look.rows(EXAMPLE, person=look.asked.get("person"))
        number = example[0]["order_key"] if example else None
    orders = look.rows(ORDER, number=number) if number else []
    if not orders:
        return {"asked": asked, "order": None, "story": None, "lines": ()}
    found = story(look, story_parts.of_order(look, orders[0]))
    return {"asked": asked, "order": orders[0], "story": found, "lines": drawings(found) if found else ()}


def options(look: Look) -> Mapping[str, list[tuple[str, str]]]:
    """What the page can be narrowed to, as this viewer sees it."""
    found = {"person": look.rows(OWNERS), "part": look.rows(PARTS), "item": look.rows(ITEMS)}
    pairs = {
        name: [(row["value"], row["label"] or row["value"]) for row in rows] for name, rows in found.items()
    }
    return {name: rows for name, rows in pairs.items() if len(rows) > 1}


PAGE = Page(
    key="lead-to-cash",
    make=make,
    roles=frozenset({"executive", "finance", "sales_manager", "sales"}),
    filters=(PERIOD, PERSON, PART, ITEM, Filter("order", "code")),
)
ROWS: tuple[RowSet, ...] = (ORDER_ROWS, LEAD_ROWS, WAY_ROWS, VARIANT_ROWS, EVENT_ROWS)
