"""Payments of an ERP on PostgreSQL, made by the database itself, that stand for a large table."""

from __future__ import annotations

ROWS = 5_000
ONLY = ("erp.payments",)
UNTOUCHED = "set session_replication_role = replica"
FILL = f"""insert into payments (payment_no, sales_order_no, amount, currency, paid_on, recorded_at,
    recorded_by, channel, updated_at)
select 'PA-' || n, 'SO-' || n, n + 0.1234, 'EUR', date '2026-01-01', timestamptz '2026-01-01 00:00Z',
    'E-0004', 'system', timestamptz '2026-01-01 00:00Z' + n * interval '1 microsecond'
from generate_series(1, {ROWS}) n"""
