"""A light flow for many rows: the CRM's campaigns as the ERP's customers, seeded by the database itself.

One campaign in the middle can be made bad in each way a row can be: for the rules, for ``make``, or so that
only the target's own constraint finds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import sqlalchemy as sa

from hub.words import Flow, Look, Made, Read, Row, Step, Write
from tests.promises.world_company import Company

RULES = """
move:
  - {rule: currency_is_iso, column: currency, expect: matches, regex: "^[A-Z]{3}$"}
"""
BAD = {
    "check": ("currency", "eur", "currency_is_iso"),
    "make": ("name", "explode", "make_failed"),
    "target": ("channel", "vip", "ck_customers_kind_is_known"),
}
"""How a campaign is bad: the column, what is in it, and the rule that says so."""


def customer(campaign: Row, _look: Look) -> Made:
    """A customer with the campaign's number; whether its kind is one is the ERP's to say."""
    if campaign["name"] == "explode":
        raise ZeroDivisionError("boom")
    number = campaign["campaign_no"]
    return {
        "customer_no": number,
        "crm_account_no": number,
        "name": campaign["name"],
        "currency": campaign["currency"],
        "kind": campaign["channel"],
        "credit_status": "ok",
        "credit_limit": Decimal(0),
        "payment_terms_days": 30,
    }


MOVE = Step(
    "move",
    read=Read("crm.campaigns"),
    make=customer,
    write=Write("erp.customers", key="crm_account_no"),
)
BULK = Flow("bulk", every="1 day", owner="tests", doc="Many rows.", steps=(MOVE,))


def seed(company: Company, rows: int) -> None:
    """That many campaigns, numbered from 1, by the database itself."""
    engine = company.engines["crm"]
    columns = "campaign_no, name, channel, starts_on, ends_on, budget_amount, currency"
    values = "'CA-' || substr('000000' || n, -6), 'Fair ' || n, 'customer', '2026-01-01', '2026-01-02'"
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "with recursive numbers(n) as "
                f"(select 1 union all select n + 1 from numbers where n < {rows}) "
                f"insert into campaigns ({columns}) select {values}, '1.0000', 'EUR' from numbers"
            )
        )
    (company.home / "bulk.yml").write_text(RULES)
    company.rules = company.home


def spoil(company: Company, number: int, how: str) -> None:
    """Make one campaign bad."""
    column, value, _ = BAD[how]
    change(company, number, **{column: value})


def change(company: Company, number: int, **values: str) -> None:
    """Edit one campaign."""
    sets = ", ".join(f"{name} = :{name}" for name in values)
    company.sql("crm", f"update campaigns set {sets} where campaign_no = :no", no=key(number), **values)


def key(number: int) -> str:
    return f"CA-{number:06d}"


def arrived(company: Company) -> int:
    """How many customers the ERP has."""
    return int(company.sql("erp", "select count(*) from customers")[0][0])


@contextmanager
def counted(engine: sa.Engine) -> Iterator[dict[str, int]]:
    """How many transactions are begun and statements sent over an engine while the block runs."""
    counts = {"begin": 0, "statements": 0}

    def begin(_connection: sa.Connection) -> None:
        counts["begin"] += 1

    def execute(*_: object) -> None:
        counts["statements"] += 1

    sa.event.listen(engine, "begin", begin)
    sa.event.listen(engine, "before_cursor_execute", execute)
    try:
        yield counts
    finally:
        sa.event.remove(engine, "begin", begin)
        sa.event.remove(engine, "before_cursor_execute", execute)
