"""How fast orders move: the hub's whole way beside a raw read and bulk write of the same rows.

PostgreSQL (CRM) → MariaDB (ERP), orders with their lines. The baseline reads the same rows with one query and
writes them with multi-row inserts: no check, no comparison, no link, no count. Addresses come from
``TRIADA_TEST_POSTGRESQL`` and ``TRIADA_TEST_MARIADB``; both get databases of their own, dropped at the end.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flows.orders import ORDERS
from hub.desk import open_desk
from hub.run import run_step
from models import SYSTEMS, crm, ddl, erp, erp_supply
from settings import Settings

POSTGRESQL = "postgresql+psycopg2://postgres@127.0.0.1:5432/postgres"
MARIADB = "mysql+pymysql://root@127.0.0.1:3306/test"
ORDERS_MOVED, LINES_EACH, ITEMS, CUSTOMERS = 10_000, 3, 100, 500
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def run() -> list[dict[str, Any]]:
    """One row: orders, seconds through the hub, seconds of the raw copy, and their ratio."""
    with (
        _database("TRIADA_TEST_POSTGRESQL", POSTGRESQL) as crm_url,
        _database("TRIADA_TEST_MARIADB", MARIADB) as erp_url,
    ):
        _fill(crm_url, erp_url)
        raw = _raw_copy(crm_url, erp_url)
        hub = _through_the_hub(crm_url, erp_url)
    return [
        {
            "name": "orders PostgreSQL → MariaDB",
            "rows": ORDERS_MOVED,
            "seconds": round(hub, 2),
            "orders_per_second": round(ORDERS_MOVED / hub),
            "baseline": "raw read and bulk write",
            "baseline_seconds": round(raw, 2),
            "ratio": round(hub / raw, 2),
            "goal": None,
            "met": None,
        }
    ]


@contextmanager
def _database(variable: str, default: str) -> Iterator[str]:
    server = sa.make_url(os.environ.get(variable, default))
    name = f"triada_bench_{uuid.uuid4().hex[:8]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"drop database {name}"))
        engine.dispose()


def _fill(crm_url: str, erp_url: str) -> None:
    with _engine(crm_url) as engine:
        ddl.create_tables(engine, SYSTEMS["crm"])
        with engine.begin() as connection:
            connection.execute(crm.accounts.insert(), [_account(n) for n in range(CUSTOMERS)])
            connection.execute(crm.orders.insert(), [_order(n) for n in range(ORDERS_MOVED)])
            connection.execute(
                crm.order_lines.insert(), [line for n in range(ORDERS_MOVED) for line in _lines(n)]
            )
        ddl.create_triggers(engine, SYSTEMS["crm"])
    with _engine(erp_url) as engine:
        ddl.create(engine, SYSTEMS["erp"])
        with engine.begin() as connection:
            connection.execute(erp.customers.insert(), [_customer(n) for n in range(CUSTOMERS)])
            connection.execute(erp_supply.items.insert(), [_item(n) for n in range(ITEMS)])


def _raw_copy(crm_url: str, erp_url: str) -> float:
    """Seconds to read the orders with their lines and write them in bulk; the copy is taken away again."""
    with _engine(crm_url) as source, _engine(erp_url) as target:
        started = time.perf_counter()
        with source.connect() as connection:
            orders = connection.execute(sa.select(crm.orders)).mappings().all()
            lines = connection.execute(sa.select(crm.order_lines)).mappings().all()
        with target.begin() as connection:
            connection.execute(erp.sales_orders.insert(), [_booked(order) for order in orders])
            connection.execute(erp.sales_order_lines.insert(), [_booked_line(line) for line in lines])
        seconds = time.perf_counter() - started
        with target.begin() as connection:
            connection.execute(erp.sales_order_lines.delete())
            connection.execute(erp.sales_orders.delete())
    return seconds


def _through_the_hub(crm_url: str, erp_url: str) -> float:
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), crm_url=crm_url, erp_url=erp_url)
        with open_desk(settings) as desk:
            book = ORDERS.steps[0]
            import great_expectations  # noqa: F401  (its six seconds of import are not the flow's)

            started = time.perf_counter()
            report = run_step(desk, ORDERS, step=book)
            seconds = time.perf_counter() - started
    if report.written != ORDERS_MOVED:
        raise AssertionError(f"the flow wrote {report.written} of {ORDERS_MOVED} orders")
    return seconds


@contextmanager
def _engine(url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _account(n: int) -> dict[str, Any]:
    return {"account_no": f"A-{n:05}", "name": f"Company {n}", "owner_no": "E-0001", "currency": "EUR",
            "status": "active", "created_on": START.date(), "country": "ES"}  # fmt: skip


def _customer(n: int) -> dict[str, Any]:
    return {"customer_no": f"C-{n:05}",
        "crm_account_no": f"A-{n:05}", "name": f"Company {n}", "currency": "EUR",
            "kind": "customer", "credit_status": "ok", "credit_limit": Decimal(0),
            "payment_terms_days": 30}  # fmt: skip


def _item(n: int) -> dict[str, Any]:
    return {"item_no": f"IT-{n:04}", "name": f"Item {n}", "kind": "finished",
            "unit": "pcs",
            "unit_price": Decimal("9.90"), "standard_cost": Decimal("5"), "currency": "EUR",
            "lead_time_days": 5,
            "min_stock": Decimal(0), "is_active": True}  # fmt: skip


def _order(n: int) -> dict[str, Any]:
    return {"order_no": f"CO-2026-{n:05}", "account_no": f"A-{n % CUSTOMERS:05}", "owner_no": "E-0001",
            "status": "confirmed", "ordered_at": START + dt.timedelta(minutes=n), "currency": "EUR",
            "total_amount": Decimal("59.40"), "approval_status": "none"}  # fmt: skip


def _lines(n: int) -> list[dict[str, Any]]:
    return [
        {"order_line_no": f"CO-2026-{n:05}:{line}", "order_no": f"CO-2026-{n:05}", "line_no": line,
         "item_no": f"IT-{(n + line) % ITEMS:04}", "quantity": Decimal(2), "unit_price": Decimal("9.90"),
         "discount_rate": Decimal(0), "line_amount": Decimal("19.80")}
        for line in range(1, LINES_EACH + 1)
    ]  # fmt: skip


def _booked(order: Any) -> dict[str, Any]:
    return {"sales_order_no": f"SO-{order['order_no'][3:]}", "crm_order_no": order["order_no"],
            "customer_no": f"C-{order['account_no'][2:]}", "status": "requested",
            "payment_status": "unpaid",
            "ordered_at": order["ordered_at"], "currency": order["currency"],
            "total_amount": order["total_amount"], "paid_amount": Decimal(0),
            "channel": "system"}  # fmt: skip


def _booked_line(line: Any) -> dict[str, Any]:
    number = f"SO-{line['order_no'][3:]}"
    kept = ("line_no", "item_no", "quantity", "unit_price", "discount_rate", "line_amount")
    return {"sales_order_line_no": f"{number}:{line['line_no']}", "sales_order_no": number,
            **{name: line[name] for name in kept}}  # fmt: skip
