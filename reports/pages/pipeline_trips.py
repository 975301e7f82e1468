"""Trips: what they cost beside what their leads brought.

trips asked for in the period ─▶ totals, the latest that brought an order, the list. A lead's orders stand
with its first approved trip, so that two trips do not earn them twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.look import Look
from reports.pages.pipeline_leads import asked
from reports.pages.today import TODAY

SHOWN = 8

TRIPS = f"""
    with today as ({TODAY})
    select
        trips.request_no, trips.employee_no, trips.employee_name, trips.lead_no, trips.account_name,
        trips.status, trips.channel, trips.requested_at,
        cast(trips.requested_at at time zone today.zone as date) as requested_on,
        trips.cost_amount, trips.revenue_amount, trips.order_no, trips.circulation_hours,
        trips.revenue_amount > 0 as has_brought
    from marts.mart_trip_roi as trips
    cross join today"""
TABLES = ("marts.mart_trip_roi", "core.dim_date")


def trips(look: Look) -> Mapping[str, Any] | None:
    """Trips of the period with their totals, and the latest that led to an order; ``None`` without any."""
    only, values = asked(look, "employee_no")
    values |= {"since": look.since}
    which = f"from ({TRIPS}) where {only} and requested_on > $since"
    total = look.one(
        f"""select count(*) as trips, count(*) filter (where status = 'refused') as refused,
            count(*) filter (where status = 'approved' and not has_brought) as without,
            sum(cost_amount) filter (where status = 'approved') as cost,
            sum(cost_amount) filter (where status = 'approved' and not has_brought) as cost_without,
            sum(revenue_amount) as revenue {which}""",
        **values,
    )
    if not total["trips"]:
        return None
    story = look.rows(
        f"select * {which} and has_brought order by requested_at desc, request_no desc limit 1", **values
    )
    rows = look.rows(
        f"""select * {which}
        order by has_brought desc, revenue_amount desc, requested_at desc, request_no limit {SHOWN}""",
        **values,
    )
    top = max(max(row["cost_amount"] or 0, row["revenue_amount"] or 0) for row in rows)
    return {**total, "story": story[0] if story else None, "rows": rows, "top": top}
