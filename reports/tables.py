"""What the page reads: one select a question, from marts alone.

The published file is opened read-only for one read and closed again, so that its replacement is never
held up; rows come out as mappings with exact decimals and aware instants. It formats nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.errors import Refused
from connectors.published_file import open_published

Row = Mapping[str, Any]
Tables = Mapping[str, list[Row]]

GAPS_SHOWN, TRIPS_SHOWN, STEPS_SHOWN, APPROVERS_SHOWN, OWNERS_SHOWN = 15, 6, 10, 8, 6
ORDERS_SHOWN, ITEMS_SHOWN, SUPPLY_SHOWN = 6, 6, 8
FEW = 3
"""Fewer decisions than this make no typical time; such rows come last."""
SOON_DAYS = 30
"""Supply that lasts shorter than this is shown as running out."""

SELECTS: Mapping[str, str] = {
    "metrics": """
        select metric, title, value, unit, previous_value, change_rate, verdict, definition, as_of,
            checks_passed, checks_failed, quarantined_rows
        from marts.mart_metric order by sort_order, metric""",
    "gap_total": """
        select count(*) as documents, coalesce(sum(amount), 0) as amount
        from (select document_no, max(amount) as amount from marts.mart_handoff_gaps group by document_no)""",
    "gap_kinds": """
        select kind, count(*) as gaps, coalesce(sum(amount), 0) as amount,
            max(age_working_days) as oldest, sum(circulation_hours) as circulation_hours,
            sum(system_median_hours) as usual_hours
        from marts.mart_handoff_gaps group by kind order by amount desc, kind""",
    "worst_gap": """
        with worst as (
            select kind, count(*) as gaps, sum(amount) as amount from marts.mart_handoff_gaps
            where kind <> 'done_on_paper' group by kind having sum(amount) > 0
            order by amount desc, kind limit 1)
        select worst.kind, worst.gaps, worst.amount, gap.document_no, gap.party_name, gap.age_working_days,
            gap.owner_name, gap.next_action
        from marts.mart_handoff_gaps as gap join worst on worst.kind = gap.kind
        order by gap.amount desc nulls last, gap.gap_key limit 1""",
    "gaps": f"""
        select kind, from_system, to_system, document_no, party_name, amount, since_at, age_working_days,
            owner_name, next_action, circulation_hours
        from marts.mart_handoff_gaps
        order by amount desc nulls last, age_working_days desc, gap_key limit {GAPS_SHOWN}""",
    "trip_total": """
        select count(*) as trips, count(*) filter (where status = 'refused') as refused,
            coalesce(sum(cost_amount) filter (where status = 'approved'), 0) as cost_amount,
            coalesce(sum(revenue_amount) filter (where status = 'approved'), 0) as revenue_amount
        from marts.mart_trip_roi""",
    "trips": f"""
        select request_no, employee_name, lead_no, account_name, status, cost_amount, revenue_amount,
            order_no, circulation_hours, channel
        from marts.mart_trip_roi order by requested_at desc, request_no desc limit {TRIPS_SHOWN}""",
    "trip_story": """
        select employee_name, account_name, lead_no, cost_amount, revenue_amount from marts.mart_trip_roi
        where cost_amount > 0 and revenue_amount > 0
        order by requested_at desc, request_no desc limit 1""",
    "cash_path": """
        select count(*) as orders, quantile_disc(lead_to_cash_days, 0.5) as median_days,
            quantile_disc(order_to_ship_days, 0.5) as ship_days
        from marts.mart_lead_to_cash
        where paid_at >= (select max(paid_at) from marts.mart_lead_to_cash) - interval 90 day""",
    "orders": f"""
        select order_no, sales_order_no, account_name, amount, ordered_at, paid_at, shipped_at,
            lead_to_cash_days, state, channel, trip_cost_amount
        from marts.mart_lead_to_cash where state not in ('draft', 'cancelled')
        order by lead_to_cash_days is null, paid_at desc nulls last, ordered_at desc, order_no desc
        limit {ORDERS_SHOWN}""",
    "approval_steps": f"""
        select kind, step_name, decided, pending, refused, median_elapsed_h, p90_elapsed_h,
            median_working_h, p90_working_h, target_h, oldest_pending_h, count(*) over () as total
        from marts.mart_approval_times where breakdown = 'step'
        order by decided < {FEW}, median_working_h desc nulls last, kind, step_name limit {STEPS_SHOWN}""",
    "approvers": f"""
        select kind, step_name, approver_name, decided, pending, median_elapsed_h, p90_elapsed_h,
            median_working_h, p90_working_h, target_h, oldest_pending_h, count(*) over () as total
        from marts.mart_approval_times where breakdown = 'approver'
        order by decided < {FEW}, median_working_h desc nulls last, approver_no, kind, step_name
        limit {APPROVERS_SHOWN}""",
    "pending": """
        select approver_name, step_name, target_h, oldest_pending_h
        from marts.mart_approval_times where breakdown = 'approver' and oldest_pending_h is not null
        order by oldest_pending_h - coalesce(target_h, 0) desc, approver_no, kind, step_name limit 1""",
    "stages": """
        select stage, min(stage_order) as stage_order, sum(leads) as leads,
            coalesce(sum(expected_amount), 0) as expected, coalesce(sum(weighted_amount), 0) as weighted
        from marts.mart_pipeline where stage not in ('won', 'lost')
        group by stage order by stage_order, stage""",
    "owners": f"""
        select nullif(owner_no, 'unassigned') as owner_no, any_value(owner_name) as owner_name,
            sum(leads) as leads,
            coalesce(sum(expected_amount), 0) as expected, coalesce(sum(weighted_amount), 0) as weighted
        from marts.mart_pipeline where stage not in ('won', 'lost')
        group by all order by weighted desc, owner_no limit {OWNERS_SHOWN}""",
    "sales": """
        select month_on, sum(revenue_amount) as actual from marts.mart_sales
        group by month_on order by month_on""",
    "sales_forecast": """
        select period_on, forecast, lower_80, upper_80, naive, model, model_error, naive_error, beats_naive
        from marts.mart_forecast where series_kind = 'sales_total' and is_forecast
        order by period_on, series_key""",
    "demand_score": """
        select count(distinct series_key) as series,
            count(distinct series_key) filter (where beats_naive) as better
        from marts.mart_forecast where series_kind = 'demand_item'""",
    "demand": f"""
        with item as (
            select item_no, any_value(item_name) as item_name, sum(revenue_amount) filter (
                where month_on > (select max(month_on) from marts.mart_sales) - interval 12 month
            ) as revenue
            from marts.mart_sales group by item_no),
        ahead as (
            select * from marts.mart_forecast where series_kind = 'demand_item' and is_forecast
            qualify row_number() over (partition by series_key order by period_on) = 1),
        last as (
            select series_key, max_by(actual, period_on) as actual from marts.mart_forecast
            where series_kind = 'demand_item' and not is_forecast and actual is not null
            group by series_key)
        select ahead.series_key as item_no, item.item_name, ahead.period_on, last.actual, ahead.forecast,
            ahead.lower_80, ahead.upper_80, ahead.naive, ahead.model, ahead.model_error,
            ahead.naive_error, ahead.beats_naive
        from ahead
        left join item on item.item_no = ahead.series_key
        left join last on last.series_key = ahead.series_key
        order by item.revenue desc nulls last, ahead.series_key limit {ITEMS_SHOWN}""",
    "cash": """
        select week_on, actual_in_amount, expected_in_amount, forecast_amount, lower_80, upper_80,
            naive_amount, overdue_amount
        from marts.mart_cash order by week_on""",
    "supply_count": f"""
        select count(*) as items, count(*) filter (where days_of_cover < {SOON_DAYS}) as soon,
            coalesce(sum(late_orders), 0) as late_orders
        from marts.mart_supply""",
    "supply": f"""
        select item_no, item_name, available, monthly_demand, days_of_cover, runs_out_on,
            suggested_quantity, late_orders
        from marts.mart_supply where days_of_cover < {SOON_DAYS}
        order by days_of_cover, monthly_demand desc, item_no limit {SUPPLY_SHOWN}""",
    "health": """
        select system, stream, rows, last_changed_at, read_at, waiting, quarantined, checks_passed,
            checks_failed, checks_unchecked, state
        from marts.mart_data_health order by system, stream""",
}


def read(published: Path) -> Tables:
    """Every select's rows by its name; ``Refused`` when the file is missing or is no published warehouse."""
    if not published.is_file():
        raise Refused(f"report: {published} is not there; build the warehouse first (./triada build)")
    with open_published(published) as database:
        return {name: _rows(database, select) for name, select in SELECTS.items()}


def _rows(database: Any, select: str) -> list[Row]:
    cursor = database.execute(select)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
