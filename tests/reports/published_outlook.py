"""A published file about what one company sells, stocks and owes, small enough to count by hand.

It is Wednesday, 25 November 2026, noon UTC. Ada leads, Ben manages Joe, Tess is in no team, Pia makes.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

AS_OF = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
TODAY = AS_OF.date()
TABLES = Path(__file__).with_name("web") / "published.ddl"
CUSTOMERS = (
    # number, name, owner, days ago of its orders; score and overdue
    ("A-1", "Steady Ltd", "E-4", (40, 30, 20, 10), 9000, 0),
    ("A-2", "Fading Ltd", "E-4", (71, 61, 51, 41), 5000, 0),
    ("A-3", "Gappy Ltd", "E-5", (150, 70, 60, 50), 3000, 700),
    ("A-4", "Fresh Ltd", "E-5", (300, 200, 100), 2000, 0),
    ("A-5", "Gone Ltd", "E-5", (430, 420, 410, 400), 0, 0),
)


def days_ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def build(path: Path, *, empty: bool = False) -> Path:
    """The file at ``path``; ``empty`` publishes before anything was sold or stocked."""
    with duckdb.connect(str(path)) as database:
        database.execute("create schema core; create schema marts; set timezone = 'UTC'")
        database.execute(TABLES.read_text("utf-8"))
        put(database, "marts.mart_publication", as_of=AS_OF, published_at=AS_OF)
        put(database, "core.dim_date", country="--", on_date=TODAY, timezone="Europe/Madrid")
        if not empty:
            _people_and_items(database)
            _customers(database)
            _late(database)
            _ahead(database)
            _leads(database)
    return path


def put(database: duckdb.DuckDBPyConnection, table: str, **row: Any) -> None:
    database.execute(
        f"insert into {table} ({', '.join(row)}) values ({', '.join('?' * len(row))})", [*row.values()]
    )


def _people_and_items(database: duckdb.DuckDBPyConnection) -> None:
    for number, name, role, manager in (
        ("E-1", "Ada", "executive", None), ("E-2", "Ben", "sales_manager", "E-1"),
        ("E-4", "Joe", "sales", "E-2"), ("E-5", "Tess", "sales", "E-1"), ("E-6", "Pia", "production", "E-1"),
    ):  # fmt: skip
        put(
            database, "core.dim_employee", employee_no=number, name=name, role=role, manager_no=manager,
            is_current=True,
        )  # fmt: skip
    put(database, "core.dim_supplier", supplier_no="S-1", name="Cable Works", lead_time_days=15)
    for number, name, kind, supplier, stock, reserved, demand, cover, takes, suggested in (
        ("IT-1", "Pump", "finished", None, 100, 10, 60, 45, 5, 0),
        ("IT-2", "Cable", "component", "S-1", 4, 6, 60, 0, 15, 40),
        ("IT-3", "Valve", "finished", None, 1, 3, 30, 0, 5, 12),
        ("IT-4", "Gauge", "finished", None, 20, 0, 30, 20, 5, 0),
    ):
        put(
            database, "core.dim_item", item_no=number, name=name, kind=kind, supplier_no=supplier,
            is_current=True,
        )  # fmt: skip
        put(
            database, "marts.mart_supply", item_no=number, item_name=name, kind=kind, on_hand=stock,
            reserved=reserved, available=stock - reserved, monthly_demand=demand, days_of_cover=cover,
            runs_out_on=TODAY + dt.timedelta(days=cover), lead_time_days=takes, suggested_quantity=suggested,
            late_orders=0, min_stock=0,
        )  # fmt: skip
    # Of the valves that are wanted, five are being made, in time; the cables' purchase is six days late.
    put(
        database, "core.fct_production", production_no="MO-9", item_no="IT-3", quantity=5, status="released",
        due_on=TODAY + dt.timedelta(days=2), days_late=0,
    )  # fmt: skip
    for number, status, expected, received, late in (
        ("PO-1", "ordered", 6, None, 6), ("PO-2", "received", 30, 30, 0), ("PO-3", "received", 60, 58, 2),
        ("PO-4", "received", 90, 90, 0), ("PO-5", "received", 500, 480, 20),
    ):  # fmt: skip
        put(
            database, "core.fct_purchase", purchase_no=number, supplier_no="S-1", requester_no="E-6",
            status=status, expected_on=days_ago(expected), received_on=received and days_ago(received),
            ordered_on=days_ago(expected + 15), days_late=late, lines=1, amount=Decimal(100),
        )  # fmt: skip


def _customers(database: duckdb.DuckDBPyConnection) -> None:
    for number, name, owner, ordered, score, overdue in CUSTOMERS:
        put(
            database, "core.dim_customer", account_no=number, name=name, owner_no=owner, is_current=True,
            status="active",
        )  # fmt: skip
        put(
            database, "marts.mart_customer_value", account_no=number, account_name=name, owner_no=owner,
            status="active", segment="active", orders=len(ordered), revenue_amount=1000 * len(ordered),
            revenue_12m_amount=1000 * sum(days < 365 for days in ordered),
            last_order_on=days_ago(ordered[-1]),
            days_since_order=ordered[-1], open_amount=overdue, overdue_amount=overdue, score=score,
        )  # fmt: skip
        for n, days in enumerate(ordered):
            put(
                database, "core.fct_order", order_key=f"OLD-{number}-{n}", account_no=number, owner_no=owner,
                ordered_on=days_ago(days), is_revenue=True, state="shipped", amount=Decimal(1000),
            )  # fmt: skip


def _late(database: duckdb.DuckDBPyConnection) -> None:
    """An order a cause, each with much of what stands behind its cause wrong too, and some not late."""
    for number, item, state, approval, sales_order, payment in (
        ("CO-1", "IT-2", "approval_wanted", "wanted", None, "unpaid"),
        ("CO-2", "IT-2", "confirmed", "none", None, "unpaid"),
        ("CO-3", "IT-2", "planned", "approved", "SO-3", "unpaid"),
        ("CO-4", "IT-1", "planned", "none", "SO-4", "unpaid"),
        ("CO-5", "IT-3", "planned", "none", "SO-5", "unpaid"),
        ("CO-6", "IT-1", "planned", "none", "SO-6", "partly"),
        ("CO-7", "IT-1", "paid", "none", "SO-7", "paid"),
    ):
        _order(
            database,
            number,
            item=item,
            state=state,
            approval=approval,
            sales_order=sales_order,
            payment=payment,
        )
    put(
        database, "core.fct_production", production_no="MO-4", order_key="CO-4", item_no="IT-1", quantity=2,
        status="released", due_on=days_ago(5), days_late=5,
    )  # fmt: skip
    put(
        database, "core.fct_approval", request_no="AR-1", kind="discount", status="pending",
        source_key="CO-1", pending_approver_no="E-2", requester_no="E-4",
    )  # fmt: skip
    # Promised for today; shipped, though late; and one that nobody promised, wanted nine days ago.
    _order(database, "CO-8", item="IT-1", state="planned", sales_order="SO-8", promised=TODAY)
    _order(database, "CO-9", item="IT-1", state="shipped", sales_order="SO-9")
    _order(
        database,
        "CO-10",
        item="IT-4",
        state="planned",
        sales_order="SO-10",
        promised=None,
        wanted=days_ago(9),
    )


def _order(
    database: duckdb.DuckDBPyConnection,
    number: str,
    *,
    item: str,
    state: str,
    sales_order: str | None,
    approval: str = "none",
    payment: str = "unpaid",
    promised: dt.date | None = TODAY - dt.timedelta(days=3),
    wanted: dt.date | None = None,
) -> None:
    put(
        database, "core.fct_order", order_key=number, order_no=number, sales_order_no=sales_order,
        account_no="A-1", owner_no="E-4", state=state, approval_status=approval, payment_status=payment,
        is_waiting_for_stock=False, promised_on=promised, requested_on=wanted, is_revenue=False,
        ordered_on=days_ago(10), amount=Decimal(100),
    )  # fmt: skip
    put(
        database, "core.fct_order_line", order_line_no=f"{number}:1", order_key=number, item_no=item,
        quantity=2, is_revenue=True, ordered_on=days_ago(10), amount=Decimal(100),
    )  # fmt: skip


def _ahead(database: duckdb.DuckDBPyConnection) -> None:
    for month, amount in ((9, 4000), (10, 5000), (11, 3000)):
        put(
            database, "marts.mart_sales", month_on=dt.date(2026, month, 1), item_no="IT-1", quantity=9,
            revenue_amount=amount, orders=1,
        )  # fmt: skip
    for kind, key, error in (("sales_total", "total", "0.6"), ("demand_item", "IT-1", "1.4")):
        for month, actual, forecast in ((9, 40, None), (10, 50, None), (11, None, 60), (12, None, 70)):
            value = None if forecast is None else Decimal(forecast)
            put(
                database, "marts.mart_forecast", series_kind=kind, series_key=key,
                period_on=dt.date(2026, month, 1), is_forecast=actual is None, actual=actual, forecast=value,
                lower_80=value and value - 10, upper_80=value and value + 10, naive=value and value + 5,
                model_error=Decimal(error), naive_error=Decimal(1), beats_naive=Decimal(error) < 1,
            )  # fmt: skip
    for week, came, due, forecast, overdue in (
        (dt.date(2026, 11, 16), 800, 300, None, 300), (dt.date(2026, 11, 23), 100, 500, 600, 400),
        (dt.date(2026, 11, 30), 0, 250, 650, 0),
    ):  # fmt: skip
        put(
            database, "marts.mart_cash", week_on=week, actual_in_amount=came, expected_in_amount=due,
            forecast_amount=forecast, lower_80=forecast and forecast - 50,
            upper_80=forecast and forecast + 50, naive_amount=forecast, overdue_amount=overdue,
        )  # fmt: skip


def _leads(database: duckdb.DuckDBPyConnection) -> None:
    for number, account, owner, stage, amount, rate, age, touched in (
        ("L-1", "A-1", "E-4", "proposal", 1000, "0.5", 40, 20),
        ("L-2", "A-3", "E-5", "new", 4000, "0.1", 5, 1),
    ):  # fmt: skip
        put(
            database, "core.fct_lead", lead_no=number, account_no=account, owner_no=owner, stage=stage,
            is_closed=False, is_won=False, created_on=days_ago(age), age_days=age, source="web",
            expected_amount=Decimal(amount),
        )  # fmt: skip
        put(database, "marts.mart_pipeline", stage=stage, owner_no=owner, win_rate=Decimal(rate), leads=1)
        put(
            database, "core.fct_activity", activity_no=f"AC-{number}", lead_no=number, account_no=account,
            employee_no=owner, kind="call", happened_on=days_ago(touched),
        )  # fmt: skip
    for number, account, owner, status, asked, cost, revenue, order in (
        ("AR-7", "Steady Ltd", "E-4", "approved", 20, 640, 13374, "OLD-A-1-3"),
        ("AR-8", "Steady Ltd", "E-4", "refused", 10, 0, 0, None),
        ("AR-9", "Gappy Ltd", "E-5", "approved", 5, 900, 0, None),
        ("AR-6", "Gappy Ltd", "E-5", "approved", 500, 70, 99, None),
    ):
        put(
            database, "marts.mart_trip_roi", request_no=number, employee_no=owner, account_name=account,
            employee_name={"E-4": "Joe", "E-5": "Tess"}[owner], status=status, channel="system",
            requested_at=AS_OF - dt.timedelta(days=asked), cost_amount=cost, revenue_amount=revenue,
            order_no=order, circulation_hours=20,
        )  # fmt: skip
        put(
            database, "core.fct_approval", request_no=number, kind="trip", status=status, requester_no=owner,
            requested_at=AS_OF - dt.timedelta(days=asked),
        )  # fmt: skip
