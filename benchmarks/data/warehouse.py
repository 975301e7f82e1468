"""Five streams of a CRM and an ERP on PostgreSQL, as many rows as asked, for what reads them in bulk.

Made by the database itself with triggers and foreign keys off, so that millions take a minute or two. Rows
last changed over the 600 days before 24 June 2026: only what ``change`` touches is newer.
"""

from __future__ import annotations

import sqlalchemy as sa

from benchmarks.data.databases import engine
from models import SYSTEMS, ddl

SHARES = {
    "crm.orders": 0.15,
    "crm.order_lines": 0.35,
    "erp.sales_orders": 0.15,
    "erp.payments": 0.15,
    "erp.stock_moves": 0.20,
}
"""The streams, and what part of all rows each has."""

_SEQUENCE = "from generate_series(0, :rows - 1) n"
_STAMP = "timestamptz '2024-11-01 00:00Z' + n * (interval '600 days' / :rows) + interval '0.123456 seconds'"
_DAY_AFTER = "timestamptz '2026-07-01 00:00Z'"
_STATUS = "case when n % 20 = 0 then 'cancelled' else '{usual}' end"
_CURRENCY = "case n % 3 when 0 then 'USD' else 'EUR' end"
_MONEY = "cast(n % 100000 as numeric) / 7 + {least}"
_ROWS = {
    "crm.orders": f"""insert into orders (order_no, account_no, owner_no, status, ordered_at, requested_on,
currency, total_amount, approval_status, fulfilment, updated_at)
select 'CO-2026-' || n, 'A-' || n % 500, 'E-' || n % 90, {_STATUS.format(usual="confirmed")}, {_STAMP},
date '2025-01-01' + n % 700, {_CURRENCY}, {_MONEY.format(least="0.0001")}, 'none', 'booked', {_STAMP}""",
    "crm.order_lines": f"""insert into order_lines (order_line_no, order_no, line_no, item_no, quantity,
unit_price, discount_rate, line_amount, updated_at)
select 'CO-2026-' || n / 3 || ':' || n % 3, 'CO-2026-' || n / 3, n % 3, 'IT-' || n % 100, 2 + n % 9,
{_MONEY.format(least="9.90")}, 0.05, {_MONEY.format(least="19.8")}, {_STAMP}""",
    "erp.sales_orders": f"""insert into sales_orders (sales_order_no, crm_order_no, customer_no, status,
payment_status, ordered_at, requested_on, promised_on, currency, total_amount, paid_amount, channel,
updated_at)
select 'SO-2026-' || n, 'CO-2026-' || n, 'C-' || n % 500, {_STATUS.format(usual="open")}, 'paid', {_STAMP},
date '2025-01-01' + n % 700, date '2025-01-09' + n % 700, {_CURRENCY}, {_MONEY.format(least="0.0001")},
{_MONEY.format(least="0")}, 'system', {_STAMP}""",
    "erp.payments": f"""insert into payments (payment_no, sales_order_no, amount, currency, paid_on,
recorded_at, recorded_by, channel, updated_at)
select 'PA-2026-' || n, 'SO-2026-' || n, {_MONEY.format(least="0.0001")}, {_CURRENCY},
date '2025-01-01' + n % 700, {_STAMP}, 'E-' || n % 90, 'system', {_STAMP}""",
    "erp.stock_moves": f"""insert into stock_moves (stock_move_no, item_no, moved_at, quantity, kind,
document_no, updated_at)
select 'SM-2026-' || n, 'IT-' || n % 100, {_STAMP}, 1 + n % 40, 'receipt', 'PO-' || n / 4, {_STAMP}""",
}
_TOUCH = {
    "crm.orders": "total_amount = total_amount + 0.01",
    "crm.order_lines": "line_amount = line_amount + 0.01",
    "erp.sales_orders": "paid_amount = paid_amount + 0.01",
    "erp.payments": "amount = amount + 0.01",
    "erp.stock_moves": "quantity = quantity + 1",
}


def rows_of(stream: str, rows: int) -> int:
    """How many of ``rows`` are this stream's."""
    return round(rows * SHARES[stream])


def fill(urls: dict[str, str], *, rows: int) -> None:
    """Tables of the systems at ``urls``, and that many rows over the five streams."""
    for system, url in urls.items():
        with engine(url) as store:
            ddl.create(store, SYSTEMS[system])
            for stream, insert in _ROWS.items():
                if stream.startswith(f"{system}."):
                    _run(store, f"{insert} {_SEQUENCE}", rows=rows_of(stream, rows))
            with store.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("vacuum analyze")


def change(urls: dict[str, str], *, rows: int, changed: int, hour: int) -> None:
    """Change that many rows, spread over all of the five streams' ``rows``, and stamp them with that hour.

    Hours of a day after all rows, so that one change is not read again with the next.
    """
    for stream, touch in _TOUCH.items():
        system, _, table = stream.partition(".")
        (key,) = SYSTEMS[system].tables[table].primary_key.columns
        step = rows // changed
        numbers = f"select n * {step} as n from generate_series(0, :rows - 1) n"
        name = {
            "crm.orders": "'CO-2026-' || n",
            "crm.order_lines": "'CO-2026-' || n / 3 || ':' || n % 3",
            "erp.sales_orders": "'SO-2026-' || n",
            "erp.payments": "'PA-2026-' || n",
            "erp.stock_moves": "'SM-2026-' || n",
        }[stream]
        with engine(urls[system]) as store:
            _run(
                store,
                f"update {table} set {touch}, updated_at = {_DAY_AFTER} + {hour} * interval '1 hour' "
                f"from (select {name} as key from ({numbers}) numbers) mine where {key.name} = mine.key",
                rows=rows_of(stream, changed),
            )


def _run(store: sa.Engine, statement: str, *, rows: int) -> None:
    with store.begin() as connection:
        connection.exec_driver_sql("set local session_replication_role = replica")
        connection.execute(sa.text(statement), {"rows": rows})
