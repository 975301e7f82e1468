"""Rows to write: right ones, from which a test changes what it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from connectors.protocol import Outcome, Row, Write

ACCOUNTS = Write("crm.accounts", "account_no")
CAMPAIGNS = Write("crm.campaigns", "campaign_no")
ORDERS = Write("crm.orders", "order_no", lines="crm.order_lines")
SALES_ORDERS = Write(
    "erp.sales_orders", "crm_order_no", create=("sales_order_no", "status"), lines="erp.sales_order_lines"
)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
CUSTOMER = {
    "customer_no": "C-0001",
    "crm_account_no": "A-0001",
    "name": "Company 1",
    "currency": "EUR",
    "kind": "customer",
    "credit_status": "ok",
    "credit_limit": Decimal(0),
    "payment_terms_days": 30,
}
ITEM = {
    "item_no": "IT-0101",
    "name": "Desk",
    "kind": "finished",
    "unit": "pcs",
    "unit_price": Decimal("10.5"),
    "standard_cost": Decimal(5),
    "currency": "EUR",
    "lead_time_days": 5,
    "min_stock": Decimal(0),
    "is_active": True,
}


def account(number: int, **changes: Any) -> Row:
    """Account A-0001, …"""
    return {
        "account_no": f"A-{number:04}",
        "name": f"Company {number}",
        "owner_no": "E-0001",
        "currency": "EUR",
        "status": "active",
        "created_on": dt.date(2026, 1, 1),
        **changes,
    }


def campaign(number: int, **changes: Any) -> Row:
    """Campaign CA-00001, …"""
    return {
        "campaign_no": f"CA-{number:05}",
        "name": f"Fair {number}",
        "channel": "fair",
        "starts_on": dt.date(2026, 1, 1),
        "ends_on": dt.date(2026, 1, 2),
        "budget_amount": Decimal("100.0000"),
        "currency": "EUR",
        **changes,
    }


def line(order: int, number: int, **changes: Any) -> Row:
    """Line CO-2026-00001:1, …"""
    return {
        "order_line_no": f"CO-2026-{order:05}:{number}",
        "line_no": number,
        "item_no": "IT-0101",
        "quantity": Decimal(2),
        "unit_price": Decimal("10.50"),
        "discount_rate": Decimal(0),
        "line_amount": Decimal("21.00"),
        **changes,
    }


def order(number: int, *, lines: Sequence[Row] | None = None, **changes: Any) -> Row:
    """Order CO-2026-00001, … of account A-0001, with one line unless told."""
    return {
        "order_no": f"CO-2026-{number:05}",
        "account_no": "A-0001",
        "status": "confirmed",
        "ordered_at": NOON,
        "currency": "EUR",
        "total_amount": Decimal("21.00"),
        "approval_status": "none",
        "lines": [line(number, 1)] if lines is None else list(lines),
        **changes,
    }


def sales_order(**changes: Any) -> Row:
    """Sales order SO-2026-00001 of CRM order CO-2026-00001."""
    return {
        "sales_order_no": "SO-2026-00001",
        "crm_order_no": "CO-2026-00001",
        "customer_no": "C-0001",
        "status": "requested",
        "payment_status": "unpaid",
        "ordered_at": NOON,
        "currency": "EUR",
        "total_amount": Decimal("21"),
        "paid_amount": Decimal("0"),
        "channel": "system",
        "lines": [],
        **changes,
    }


def effects(outcomes: Sequence[Outcome]) -> list[str]:
    """The outcomes' effects, in order; a refused one says which rule."""
    return [getattr(one.error, "rule", one.effect) for one in outcomes]
