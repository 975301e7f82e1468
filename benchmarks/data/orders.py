"""Orders with lines in a CRM on PostgreSQL, and the ERP on MariaDB that they go to.

Made by the databases themselves, so that a hundred thousand take seconds. ``booked`` is what the flow makes
of an order, for the copies that a benchmark compares with.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from benchmarks.data.databases import engine
from models import SYSTEMS, ddl

LINES_EACH, ITEMS, CUSTOMERS = 3, 100, 500

_CRM = (
    f"""insert into accounts (account_no, name, owner_no, currency, status, created_on, country)
select 'A-' || to_char(n, 'FM00000'), 'Company ' || n, 'E-0001', 'EUR', 'active', '2026-01-01', 'ES'
from generate_series(0, {CUSTOMERS - 1}) n""",
    f"""insert into orders (order_no, account_no, owner_no, status, ordered_at, currency, total_amount,
approval_status)
select 'CO-2026-' || to_char(n, 'FM0000000'), 'A-' || to_char(n % {CUSTOMERS}, 'FM00000'), 'E-0001',
'confirmed', timestamptz '2026-01-01 00:00Z' + n * interval '1 minute', 'EUR', 59.40, 'none'
from generate_series(0, :orders - 1) n""",
    f"""insert into order_lines (order_line_no, order_no, line_no, item_no, quantity, unit_price,
discount_rate, line_amount)
select 'CO-2026-' || to_char(n, 'FM0000000') || ':' || l, 'CO-2026-' || to_char(n, 'FM0000000'), l,
'IT-' || to_char((n + l) % {ITEMS}, 'FM0000'), 2, 9.90, 0, 19.80
from generate_series(0, :orders - 1) n, generate_series(1, {LINES_EACH}) l""",
)
_ERP = (
    f"""insert into customers (customer_no, crm_account_no, name, currency, kind, credit_status,
credit_limit, payment_terms_days)
select concat('C-', lpad(seq, 5, '0')), concat('A-', lpad(seq, 5, '0')), concat('Company ', seq), 'EUR',
'customer', 'ok', 0, 30 from seq_0_to_{CUSTOMERS - 1}""",
    f"""insert into items (item_no, name, kind, unit, unit_price, standard_cost, currency, lead_time_days,
min_stock, is_active)
select concat('IT-', lpad(seq, 4, '0')), concat('Item ', seq), 'finished', 'pcs', 9.90, 5, 'EUR', 5, 0, 1
from seq_0_to_{ITEMS - 1}""",
)


def fill(crm_url: str, erp_url: str, *, orders: int) -> None:
    """A CRM with that many confirmed orders, and an ERP that knows their customers and items."""
    with engine(crm_url) as crm:
        ddl.create_tables(crm, SYSTEMS["crm"])
        with crm.begin() as connection:
            for statement in _CRM:
                connection.execute(sa.text(statement), {"orders": orders} if ":orders" in statement else {})
        ddl.create_triggers(crm, SYSTEMS["crm"])
        with crm.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("analyze")
    with engine(erp_url) as erp:
        ddl.create(erp, SYSTEMS["erp"])
        with erp.begin() as connection:
            for statement in _ERP:
                connection.exec_driver_sql(statement)


def booked(order: Any) -> dict[str, Any]:
    """The ERP's header for an order."""
    return {
        "sales_order_no": f"SO-{order['order_no'][3:]}",
        "crm_order_no": order["order_no"],
        "customer_no": f"C-{order['account_no'][2:]}",
        "status": "requested",
        "payment_status": "unpaid",
        "ordered_at": order["ordered_at"],
        "requested_on": order["requested_on"],
        "currency": order["currency"],
        "total_amount": order["total_amount"],
        "paid_amount": Decimal(0),
        "channel": "system",
    }


def booked_line(line: Any) -> dict[str, Any]:
    """The ERP's line for an order's line."""
    number = f"SO-{line['order_no'][3:]}"
    kept = ("line_no", "item_no", "quantity", "unit_price", "discount_rate", "line_amount")
    return {
        "sales_order_line_no": f"{number}:{line['line_no']}",
        "sales_order_no": number,
        **{name: line[name] for name in kept},
    }
