"""A published warehouse with the marts' columns and plausible rows, the same for the same arguments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from tests.reports.published_rows import LONG, PARTIES, mart_rows

MONEY = "decimal(18,4)"
NUMBER = "decimal(18,4)"
TABLES: dict[str, str] = {
    "mart_metric": f"metric text, title text, value {MONEY}, unit text, previous_value {MONEY},"
    f" change_rate {NUMBER}, verdict text, definition text, as_of timestamptz, checks_passed bigint,"
    " checks_failed bigint, quarantined_rows bigint, sort_order bigint",
    "mart_handoff_gaps": f"gap_key text, kind text, from_system text, to_system text, document_no text,"
    f" party_name text, amount {MONEY}, currency text, since_at timestamptz, age_days bigint,"
    f" age_working_days {NUMBER}, owner_no text, owner_name text, next_action text,"
    f" circulation_hours {NUMBER}, system_median_hours {NUMBER}",
    "mart_approval_times": "breakdown text, kind text, step_name text, approver_no text, approver_name text,"
    f" decided bigint, pending bigint, refused bigint, median_elapsed_h {NUMBER}, p90_elapsed_h {NUMBER},"
    f" median_working_h {NUMBER}, p90_working_h {NUMBER}, target_h {NUMBER}, oldest_pending_h {NUMBER}",
    "mart_pipeline": f"stage text, stage_order bigint, owner_no text, owner_name text, leads bigint,"
    f" expected_amount {MONEY}, weighted_amount {MONEY}, win_rate {NUMBER}, median_age_days {NUMBER}",
    "mart_lead_to_cash": "order_no text, sales_order_no text, lead_no text, account_no text,"
    f" account_name text, owner_no text, amount {MONEY}, currency text, lead_at timestamptz,"
    " ordered_at timestamptz, booked_at timestamptz, paid_at timestamptz, shipped_at timestamptz,"
    f" lead_to_cash_days {NUMBER}, order_to_ship_days {NUMBER}, state text, channel text,"
    f" trip_cost_amount {MONEY}",
    "mart_trip_roi": "request_no text, employee_no text, employee_name text, lead_no text,"
    f" account_name text, status text, cost_amount {MONEY}, revenue_amount {MONEY}, order_no text,"
    f" circulation_hours {NUMBER}, channel text, requested_at timestamptz",
    "mart_sales": f"month_on date, item_no text, item_name text, category text, quantity {NUMBER},"
    f" revenue_amount {MONEY}, orders bigint",
    "mart_forecast": f"series_kind text, series_key text, period_on date, is_forecast boolean,"
    f" actual {NUMBER}, forecast {NUMBER}, lower_80 {NUMBER}, upper_80 {NUMBER}, naive {NUMBER},"
    f" model text, model_error {NUMBER}, naive_error {NUMBER}, beats_naive boolean",
    "mart_cash": f"week_on date, actual_in_amount {MONEY}, expected_in_amount {MONEY},"
    f" forecast_amount {MONEY}, lower_80 {MONEY}, upper_80 {MONEY}, naive_amount {MONEY},"
    f" overdue_amount {MONEY}",
    "mart_customer_value": f"account_no text, account_name text, owner_no text, orders bigint,"
    f" revenue_amount {MONEY}, revenue_12m_amount {MONEY}, last_order_on date, days_since_order bigint,"
    f" open_amount {MONEY}, overdue_amount {MONEY}, score {NUMBER}, segment text",
    "mart_supply": f"item_no text, item_name text, on_hand {NUMBER}, reserved {NUMBER},"
    f" available {NUMBER}, monthly_demand {NUMBER}, days_of_cover {NUMBER}, runs_out_on date,"
    f" min_stock {NUMBER}, suggested_quantity {NUMBER}, late_orders bigint",
    "mart_data_health": "system text, stream text, rows bigint, last_changed_at timestamptz,"
    " read_at timestamptz, waiting bigint, quarantined bigint, checks_passed bigint,"
    " checks_failed bigint, checks_unchecked bigint, state text",
}


def build(path: Path, *, gaps: int = 23, empty: bool = False, long_names: bool = False) -> Path:
    """A fresh published file at ``path``; ``empty`` makes every mart without rows."""
    random = Random(7)
    with duckdb.connect(str(path)) as database:
        database.execute("create schema core; create schema marts; set timezone = 'UTC'")
        for name, columns in TABLES.items():
            database.execute(f"create table marts.{name} ({columns})")
        if not empty:
            parties = (LONG, *PARTIES) if long_names else PARTIES
            for name, rows in mart_rows(random, gaps, parties).items():
                _insert(database, name, rows)
    return path


def _insert(database: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        places = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
        database.execute(f"insert into marts.{name} values {places}", [cell for row in rows for cell in row])
