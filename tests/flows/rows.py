"""Rows as the streams hold them, for the tests of the pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hub.words import Look, Row

NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)


def look(**tables: Mapping[Any, list[Row]]) -> Look:
    """Looked-up tables, as the hub brings them: rows by key."""
    return Look(tables)


def trip(**changes: Any) -> Row:
    """An approved trip request, Thursday to Monday."""
    return {
        "request_no": "AR-2026-00042",
        "kind": "trip",
        "requester_no": "E-0007",
        "subject": "Visit Ken",
        "amount": Decimal("840.00"),
        "currency": "EUR",
        "status": "approved",
        "lead_no": "L-2026-0042",
        "starts_on": dt.date(2026, 11, 26),
        "ends_on": dt.date(2026, 11, 30),
        "decided_at": NOW,
    } | changes


def order(**changes: Any) -> Row:
    """A confirmed CRM order with one line."""
    line = {
        "order_line_no": "CO-2026-00412:1",
        "order_no": "CO-2026-00412",
        "line_no": 1,
        "item_no": "IT-0101",
        "quantity": Decimal(3),
        "unit_price": Decimal("10.00"),
        "discount_rate": Decimal("0.1"),
        "line_amount": Decimal("27.00"),
    }
    return {
        "order_no": "CO-2026-00412",
        "account_no": "A-0012",
        "owner_no": "E-0007",
        "ordered_at": NOW,
        "requested_on": None,
        "currency": "EUR",
        "total_amount": Decimal("27.00"),
        "approval_kind": None,
        "updated_at": NOW,
        "lines": [line],
    } | changes


def booked(**changes: Any) -> Row:
    """An ERP sales order."""
    return {
        "sales_order_no": "SO-2026-00412",
        "crm_order_no": "CO-2026-00412",
        "status": "open",
        "payment_status": "unpaid",
        "promised_on": None,
        "refusal_reason": None,
        "updated_at": NOW,
    } | changes
