"""A published warehouse with the marts' columns and plausible rows, the same for the same arguments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb

UTC = dt.UTC
TODAY = dt.date(2026, 11, 20)
AS_OF = dt.datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
SCRIPT = "<script>alert('x')</script> & Söhne GmbH"
LONG = "Kommunale-Wasserversorgungs-und-Abwasserbeseitigungsgesellschaft-Oberpfalz-Nord" * 2

MONEY = "decimal(18,4)"
NUMBER = "decimal(18,4)"
TABLES: dict[str, str] = {
    "mart_metric": f"metric text, title text, value {MONEY}, unit text, previous_value {MONEY},"
    f" change_rate {NUMBER}, verdict text, definition text, as_of timestamptz, checks_passed bigint,"
    " checks_failed bigint, quarantined_rows bigint, sort_order bigint",
    "mart_handoff_gaps": f"gap_key text, kind text, from_system text, to_system text, document_no text,"
    f" party_name text, amount {MONEY}, currency text, since_at timestamptz, age_days bigint,"
    f" age_working_days {NUMBER}, owner_no text, owner_name text, next_action text,"
    f" circulation_hours {NUMBER}",
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
    f" circulation_hours {NUMBER}",
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
PEOPLE = ("Ken Okafor", "Joe Lindqvist", "Marta Vidal", "Anna Keller", "Luis Prieto", "Ingrid Solheim")
PARTIES = ("Contoso Brewing", "Alpenglas AG", "Hidráulica Norte", "Fjordkraft", "Van Dijk & Zonen", SCRIPT)
GAPS = (
    ("won_without_order", "crm", "crm", "L", "Enter the order for the won lead"),
    ("order_without_approval", "crm", "oa", "CO", "Ask for the approval or withdraw the discount"),
    ("approved_not_booked", "oa", "erp", "AR", "Run the approvals flow; funds are not booked"),
    ("paid_not_shipped", "erp", "erp", "SO", "Release the shipment"),
    ("shipped_crm_open", "erp", "crm", "SO", "Report the shipment back to the CRM"),
    ("done_on_paper", "oa", "crm", "SO", "Enter the paper decision in OA"),
)
ITEMS = tuple(
    (f"IT-{101 + n:04}", f"{kind} {size}", kind)
    for n, (kind, size) in enumerate(
        (kind, size)
        for kind in ("Pump", "Valve", "Controller", "Filter housing")
        for size in ("DN 25", "DN 40", "DN 80")
    )
)


def money(value: float) -> Decimal:
    """A plausible amount with cents."""
    return Decimal(round(value * 100)) / 100


def build(path: Path, *, gaps: int = 23, empty: bool = False, long_names: bool = False) -> Path:
    """A fresh published file at ``path``; ``empty`` makes every mart without rows."""
    random = Random(7)
    with duckdb.connect(str(path)) as database:
        database.execute("create schema core; create schema marts; set timezone = 'UTC'")
        for name, columns in TABLES.items():
            database.execute(f"create table marts.{name} ({columns})")
        if not empty:
            parties = (LONG, *PARTIES) if long_names else PARTIES
            for name, rows in _rows(random, gaps, parties).items():
                _insert(database, name, rows)
    return path


def _insert(database: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        places = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
        database.execute(f"insert into marts.{name} values {places}", [cell for row in rows for cell in row])


def _rows(random: Random, gaps: int, parties: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    return {
        "mart_metric": _metrics(),
        "mart_handoff_gaps": _gaps(random, gaps, parties),
        "mart_approval_times": _approvals(random),
        "mart_pipeline": _pipeline(random),
        "mart_lead_to_cash": _orders(random, parties),
        "mart_trip_roi": _trips(parties),
        "mart_sales": _sales(random),
        "mart_forecast": _forecast(random),
        "mart_cash": _cash(random),
        "mart_supply": _supply(random),
        "mart_data_health": _health(),
    }


def _metrics() -> list[tuple[Any, ...]]:
    said = "Sum of confirmed order lines of the last 30 days in company currency, at the rate of the order day."
    rows = (
        ("revenue_30d", "Revenue, last 30 days", "1265793.04", "EUR", "1127448.50", "0.1227", "good", 41, 0, 3),
        ("open_orders", "Open order value", "842310.55", "EUR", "866020.10", "-0.0274", "neutral", 18, 0, 0),
        ("gap_money", "Money stuck in hand-off gaps", "148230.10", "EUR", "96410", "0.5375", "bad", 22, 1, 4),
        ("approval_h", "Median approval time", "9.7", "working hours", "11.4", "-0.1491", "good", 12, 0, 0),
        ("win_rate", "Lead win rate", "0.2875", "rate", "0.3011", "-0.0452", "bad", 9, 0, 2),
        ("overdue", "Overdue receivables", "97120.00", "EUR", None, None, "neutral", 14, 0, 0),
    )
    return [
        (key, title, Decimal(value), unit, before and Decimal(before), change and Decimal(change), verdict,
         said, AS_OF, passed, failed, quarantined, order)
        for order, (key, title, value, unit, before, change, verdict, passed, failed, quarantined)
        in enumerate(rows, 1)
    ]  # fmt: skip


def _gaps(random: Random, count: int, parties: Sequence[str]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for n in range(count):
        kind, source, target, prefix, action = GAPS[n % len(GAPS)]
        age = 2 + random.randrange(40)
        owner = None if n == 4 else PEOPLE[n % len(PEOPLE)]
        rows.append((
            f"{kind}:{n}", kind, source, target, f"{prefix}-2026-{400 + n:05}", parties[n % len(parties)],
            money(random.lognormvariate(8.3, 0.9)), "EUR", AS_OF - dt.timedelta(days=age), age,
            Decimal(age * 5 // 7), owner and f"E-{n % len(PEOPLE):04}", owner, action,
            Decimal(random.randrange(20, 90)) if kind == "done_on_paper" else None,
        ))  # fmt: skip
    return rows


def _approvals(random: Random) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for kind, step, median, target in (
        ("trip", "Line manager", 5.2, 8), ("trip", "Finance", 11.8, 16), ("discount", "Head of sales", 9.4, 8),
        ("credit", "Finance", 21.6, 16), ("purchase", "Head of production", 7.1, 16), ("plan", "Board", 30.5, 40),
    ):  # fmt: skip
        times = [money(median * f) for f in (2.9, 7.8, 1.0, 2.6)]
        rows.append(("step", kind, step, None, None, random.randrange(20, 400), random.randrange(0, 9),
                     random.randrange(0, 20), *times, Decimal(target), money(median * 3)))  # fmt: skip
        for n, name in enumerate(PEOPLE[:3]):
            factor = (0.6, 1.0, 1.9)[n]
            rows.append(("approver", kind, step, f"E-{n:04}", name, random.randrange(3, 90),
                         n, 1, *[t * Decimal(str(factor)) for t in times], Decimal(target),
                         money(median * 2) if n else None))  # fmt: skip
    return rows


def _pipeline(random: Random) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for order, (stage, chance, leads) in enumerate(
        (("new", 0.08, 14), ("engaged", 0.15, 9), ("qualified", 0.35, 6), ("proposal", 0.6, 4)), 1
    ):
        for n, name in enumerate(PEOPLE[:5]):
            expected = money(leads * random.uniform(4000, 14000))
            rate = Decimal(str(chance))
            rows.append((stage, order, f"E-{n:04}", name, leads - n % 3, expected, expected * rate, rate,
                         Decimal(12 * order)))  # fmt: skip
    return rows


def _orders(random: Random, parties: Sequence[str]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for n in range(30):
        ordered = AS_OF - dt.timedelta(days=n * 4 + 1, hours=n)
        lead = ordered - dt.timedelta(days=random.randrange(8, 90)) if n % 3 else None
        paid = ordered + dt.timedelta(days=random.randrange(1, 30)) if n > 3 else None
        shipped = paid + dt.timedelta(days=3) if paid and n % 5 else None
        days = Decimal((paid - lead).days) if paid and lead else None
        state = "shipped" if shipped else "paid" if paid else "booked"
        rows.append((
            f"CO-2026-{500 - n:05}", f"SO-2026-{500 - n:05}", lead and f"L-2026-{200 - n:04}", "A-0001",
            parties[n % len(parties)], "E-0001", money(random.lognormvariate(9, 0.6)), "EUR", lead, ordered,
            ordered, paid, shipped, days, Decimal((shipped - ordered).days) if shipped else None, state,
            "paper" if n == 7 else "system", money(1240) if n == 4 else None,
        ))  # fmt: skip
    return rows


def _trips(parties: Sequence[str]) -> list[tuple[Any, ...]]:
    return [
        ("AR-2026-00142", "E-0001", "Joe Lindqvist", "L-2026-0196", parties[0], "approved", money(1240),
         money(38520.5), "CO-2026-00496", None),
        ("AR-2026-00143", "E-0001", "Joe Lindqvist", "L-2026-0197", parties[1], "refused", money(0), money(0),
         None, None),
        ("AR-2026-00139", "E-0004", "Luis Prieto", "L-2026-0171", parties[-1], "approved", money(860), money(0),
         None, Decimal(46)),
        ("AR-2026-00121", "E-0005", "Ingrid Solheim", "L-2026-0150", parties[2], "approved", money(2110),
         money(17400), "CO-2026-00431", None),
    ]  # fmt: skip


def _months(count: int) -> list[dt.date]:
    first = TODAY.year * 12 + TODAY.month - 1
    return [dt.date((first - n) // 12, (first - n) % 12 + 1, 1) for n in range(count, 0, -1)]


SEASON = (0.82, 0.86, 1.0, 1.04, 1.1, 1.12, 1.0, 0.8, 1.08, 1.14, 1.2, 0.94)


def _sales(random: Random) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for n, month in enumerate(_months(34)):
        for i, (item, name, category) in enumerate(ITEMS):
            quantity = round((40 + 6 * i) * SEASON[month.month - 1] * (1 + n * 0.009) * random.uniform(0.8, 1.2))
            rows.append((month, item, name, category, Decimal(quantity), money(quantity * (95 + 30 * i)),
                         quantity // 4 + 1))  # fmt: skip
    return rows


def _forecast(random: Random) -> list[tuple[Any, ...]]:
    ahead = [dt.date(2026, 11, 1), dt.date(2026, 12, 1), dt.date(2027, 1, 1), dt.date(2027, 2, 1),
             dt.date(2027, 3, 1), dt.date(2027, 4, 1)]  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    series = [("sales_total", "all", 340000.0)]
    series += [("demand_item", item, 40.0 + 6 * i) for i, (item, _, _) in enumerate(ITEMS)]
    for n, (kind, key, level) in enumerate(series):
        wins = n % 4 != 3
        tail = ("median of AutoETS, AutoCES, DynamicOptimizedTheta", money(level * 0.08),
                money(level * (0.1 if wins else 0.07)), wins)  # fmt: skip
        for month in _months(34):
            actual = money(level * SEASON[month.month - 1] * random.uniform(0.9, 1.1))
            rows.append((kind, key, month, False, actual, None, None, None, None, *tail))
        for step, month in enumerate(ahead, 1):
            middle, naive = level * SEASON[month.month - 1] * 1.2, level * SEASON[month.month - 1] * 1.05
            wide = level * (0.08 + 0.02 * step)
            rows.append((kind, key, month, True, None, money(middle), money(middle - wide), money(middle + wide),
                         money(naive), *tail))  # fmt: skip
    return rows


def _cash(random: Random) -> list[tuple[Any, ...]]:
    monday = TODAY - dt.timedelta(days=TODAY.weekday())
    rows: list[tuple[Any, ...]] = []
    for n in range(-26, 8):
        week, flow = monday + dt.timedelta(weeks=n), 80000 * random.uniform(0.6, 1.4)
        if n < 0:
            rows.append((week, money(flow), None, None, None, None, None, None))
        else:
            expected = money(max(0.0, 70000 - n * 9000) * random.uniform(0.8, 1.2))
            rows.append((week, None, expected, money(82000), money(61000 - n * 900), money(104000 + n * 900),
                         money(76000), money(97120) if n == 0 else money(0)))  # fmt: skip
    return rows


def _supply(random: Random) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for n, (item, name, _) in enumerate(ITEMS):
        demand, on_hand = Decimal(40 + 6 * n), Decimal(n * 22)
        reserved = Decimal(min(n * 22, 18))
        cover = Decimal(round((on_hand - reserved) / demand * 30))
        rows.append((item, name, on_hand, reserved, on_hand - reserved, demand, cover,
                     TODAY + dt.timedelta(days=int(cover)), Decimal(40), max(demand * 2 - on_hand, Decimal(0)),
                     random.randrange(3) if n < 3 else 0))  # fmt: skip
    return rows


def _health() -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for system, streams in {
        "oa": ("approval_requests", "approval_steps", "attendance", "employees"),
        "crm": ("accounts", "activities", "leads", "orders", "order_lines"),
        "erp": ("items", "payments", "production_orders", "sales_orders", "shipments", "stock"),
        "files": ("leads",),
    }.items():
        for n, stream in enumerate(streams):
            state = "stale" if (system, stream) == ("erp", "payments") else "fresh"
            rows.append((system, stream, 900 * (n + 1), AS_OF - dt.timedelta(hours=3 + 40 * (state == "stale")),
                         AS_OF - dt.timedelta(minutes=20), 2 if stream == "orders" else 0,
                         3 if (system, n) in (("files", 0), ("crm", 3)) else 0, 11, 1 if stream == "leads" else 0,
                         1 if stream == "stock" else 0, state))  # fmt: skip
    return rows
