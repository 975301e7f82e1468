"""A company small enough to know by heart, told as rows; the numbers in the tests are counted from it.

It is Monday 15 June 2026, noon UTC. In Spain the 11th was a holiday and of the 12th half was worked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import models
from models import ddl
from settings import Settings

AS_OF = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)

DEFAULTS: dict[str, dict[str, Any]] = {
    "oa.employees": {"role": "staff", "department_no": "D-ALL", "country": "ES", "timezone": "Europe/Madrid"}
    | {"hired_on": "2020-01-01", "email": "someone@example.com"},
    "oa.approval_requests": {"requester_no": "E-0003", "currency": "EUR", "channel": "system", "amount": "0"}
    | {"subject": "please"},
    "oa.approval_steps": {"sequence": 1, "requester_no": "E-0003", "approver_no": "E-0002"},
    "crm.accounts": {"owner_no": "E-0003", "currency": "EUR", "status": "active", "created_on": "2025-01-01"},
    "crm.leads": {"account_no": "A-0001", "owner_no": "E-0003", "source": "web", "currency": "EUR"}
    | {"email": "buyer@example.com", "phone": "+34 600 000 000", "contact_name": "A Buyer"},
    "crm.orders": {"account_no": "A-0001", "owner_no": "E-0003", "status": "confirmed", "currency": "EUR"}
    | {"approval_status": "none"},
    "crm.order_lines": {"line_no": 1, "item_no": "IT-0001", "quantity": "1", "discount_rate": "0"},
    "erp.customers": {"currency": "EUR", "kind": "customer", "credit_status": "ok", "credit_limit": "0"}
    | {"payment_terms_days": 30},
    "erp.items": {
        "kind": "finished",
        "unit": "pcs",
        "unit_price": "10",
        "standard_cost": "5",
        "currency": "EUR",
    }
    | {"lead_time_days": 10, "min_stock": "5", "is_active": True},
    "erp.sales_orders": {"customer_no": "C-0001", "currency": "EUR", "channel": "system", "paid_amount": "0"}
    | {"payment_status": "unpaid", "status": "open"},
    "erp.sales_order_lines": {"line_no": 1, "item_no": "IT-0001", "quantity": "1", "discount_rate": "0"},
    "erp.payments": {"currency": "EUR", "recorded_by": "E-0004", "channel": "system"},
    "erp.receivables": {"customer_no": "C-0001", "currency": "EUR"},
}


def settings_at(home: Path, **more: Any) -> Settings:
    """Settings of a company whose files lie under ``home``."""
    return Settings(home=home, **more)


def make_stores(settings: Settings) -> None:
    """Three empty stores with their triggers."""
    for system, metadata in models.SYSTEMS.items():
        engine = sa.create_engine(settings.url(system))
        if engine.dialect.name == "sqlite":
            Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
        ddl.create(engine, metadata)
        engine.dispose()


def put(settings: Settings, stream: str, *rows: Mapping[str, Any]) -> None:
    """Insert rows, filled up with what is usual for the stream."""
    table = models.stream_table(stream)
    usual = DEFAULTS.get(stream, {})
    filled = [{name: _value(table.c[name], v) for name, v in (usual | dict(row)).items()} for row in rows]
    engine = sa.create_engine(settings.url(stream.partition(".")[0]))
    with engine.begin() as connection:
        for row in filled:
            connection.execute(table.insert(), row)
    engine.dispose()


def run_sql(settings: Settings, system: str, *statements: str) -> None:
    """What somebody with a database client does to a store."""
    engine = sa.create_engine(settings.url(system))
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def at(text: str) -> dt.datetime:
    """An instant of 2026, UTC: ``06-15 12:00``."""
    return dt.datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=dt.UTC)


def _value(column: sa.Column[Any], value: Any) -> Any:
    """Dates and money as text in the story, as what they are in the store."""
    if isinstance(value, str) and isinstance(column.type, sa.Date):
        return dt.date.fromisoformat(value)
    if isinstance(value, str) and isinstance(column.type, models.types.Exact):
        return Decimal(value)
    return value
