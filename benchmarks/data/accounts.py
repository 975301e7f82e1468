"""A million accounts in a CRM on PostgreSQL, and the customers that stand for them in an ERP on MariaDB.

Both sides hold the same, so that a poll finds nothing to do but what the benchmark changes.
"""

from __future__ import annotations

import sqlalchemy as sa

from benchmarks.data.databases import engine
from models import SYSTEMS, ddl

_ACCOUNTS = """insert into accounts (account_no, name, owner_no, currency, status, created_on, country, city,
updated_at)
select 'A-' || to_char(n, 'FM0000000'), 'Company ' || n, 'E-0001', 'EUR', 'active', '2026-01-01', 'ES',
'Madrid', timestamptz '2026-01-01 00:00Z' + n * interval '10 seconds'
from generate_series(0, :last) n"""
_CUSTOMERS = """insert into customers (customer_no, crm_account_no, name, currency, country, city, kind,
credit_status, credit_limit, payment_terms_days)
select concat('C-', lpad(seq, 7, '0')), concat('A-', lpad(seq, 7, '0')), concat('Company ', seq), 'EUR',
'ES', 'Madrid', 'customer', 'ok', 0, 30 from seq_0_to_{last}"""
_MOVED = "update accounts set city = 'Town ' || :town where account_no between :first and :last"


def fill(crm_url: str, erp_url: str, *, accounts: int) -> None:
    """That many accounts on one side and their customers on the other."""
    last = accounts - 1
    with engine(crm_url) as crm:
        ddl.create_tables(crm, SYSTEMS["crm"])
        with crm.begin() as connection:
            connection.execute(sa.text(_ACCOUNTS), {"last": last})
        ddl.create_triggers(crm, SYSTEMS["crm"])
        with crm.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("vacuum analyze accounts")
    with engine(erp_url) as erp:
        ddl.create_tables(erp, SYSTEMS["erp"])
        with erp.begin() as connection:
            connection.exec_driver_sql(_CUSTOMERS.format(last=last))
        ddl.create_triggers(erp, SYSTEMS["erp"])


def change(crm_url: str, *, town: int) -> int:
    """Have a thousand accounts move to another town; how many did."""
    with engine(crm_url) as crm, crm.begin() as connection:
        some = {"first": f"A-{town * 1_000:07}", "last": f"A-{town * 1_000 + 999:07}"}
        moved = connection.execute(sa.text(_MOVED), {"town": str(town), **some})
        return int(moved.rowcount)
