"""A value in a store that is none of its column's type: the row says so, and all others are read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.protocol import Connector, Read, Write
from connectors.registry import connect
from connectors.sql_engine import make_engine, parse
from hub import quarantine
from hub.desk import open_desk
from hub.run import StepReport, run_step
from hub.words import Flow, Look, Made, Row, Step
from models import SYSTEMS, ddl
from settings import Settings
from tests.connectors.conftest import Database
from tests.connectors.contract import read_all
from tests.connectors.rows import ACCOUNTS, CAMPAIGNS, ORDERS, account, campaign, line, order

ACCOUNT_READ = Read("crm.accounts")
ORDER_READ = Read("crm.orders", lines="crm.order_lines")
BROKEN = [
    ("credit_limit = 'n/a'", "column credit_limit is 'n/a', expected a decimal"),
    ("created_on = 'soon'", "column created_on is 'soon', expected a date"),
    ("name = cast(x'ff41' as text)", r"column name is b'\xffA', expected UTF-8 text"),
    ("updated_at = '2020-02-31 00:00:00.000000'", "column updated_at is '2020-02-31 00:00:00.000000', "
     "expected an instant"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A CRM and an ERP in SQLite files, their stamps kept by whoever writes."""
    for system in ("crm", "erp"):
        (tmp_path / f"{system}.db").touch()
        engine = make_engine(parse(system, f"sqlite:///{tmp_path / system}.db"))
        ddl.create(engine, SYSTEMS[system])
        engine.dispose()
    yield tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[Connector]:
    connector = connect("crm", f"sqlite:///{folder / 'crm.db'}")
    connector.write(ACCOUNTS, [account(n, credit_limit=Decimal(n)) for n in range(1, 8)])
    yield connector
    connector.close()


def ask(folder: Path, *statements: str) -> None:
    """What a person at the database's own prompt would do, without the triggers' stamps."""
    engine = sa.create_engine(f"sqlite:///{folder / 'crm.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("drop trigger if exists accounts_touch")
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def problems(rows: list[Row]) -> dict[str, str]:
    return {row["account_no"]: row["_problem"] for row in rows if "_problem" in row}


@pytest.mark.parametrize(("broken", "problem"), BROKEN)
@pytest.mark.parametrize("number", [1, 4, 7])
def test_an_unreadable_value_is_none_and_the_row_says_what_it_was(
    store: Connector, folder: Path, broken: str, problem: str, number: int
) -> None:
    good = {row["account_no"]: row for row in store.lookup("crm.accounts", "account_no", None)}
    ask(folder, f"update accounts set {broken} where account_no = 'A-{number:04}'")
    key, column = f"A-{number:04}", broken.partition(" ")[0]
    window = store.open_window(ACCOUNT_READ, None)
    assert window.count == 7
    for rows in (
        *(read_all(store, ACCOUNT_READ, window, size=size) for size in (1, 3, 50)),
        store.fetch(ACCOUNT_READ, [*good]),
        store.lookup("crm.accounts", "account_no", [*good]),
    ):
        assert problems(rows) == {key: problem}
        assert {row["account_no"]: row for row in rows} == {
            **good,
            key: {**good[key], column: None, "_problem": problem},
        }


def test_a_store_reads_as_before_once_the_value_is_mended(store: Connector, folder: Path) -> None:
    before = store.fetch(ACCOUNT_READ, ["A-0001"])
    ask(folder, "update accounts set name = cast(x'ff' as text) where account_no = 'A-0001'")
    assert problems(store.fetch(ACCOUNT_READ, ["A-0001"]))
    ask(folder, "update accounts set name = 'Company 1' where account_no = 'A-0001'")
    assert store.fetch(ACCOUNT_READ, ["A-0001"]) == before


def test_a_document_tells_the_problem_of_its_line(store: Connector, folder: Path) -> None:
    store.write(ORDERS, [order(1, lines=[line(1, 1), line(1, 2)]), order(2)])
    ask(folder, "update order_lines set quantity = 'two' where order_line_no = 'CO-2026-00001:2'")
    rows = read_all(store, ORDER_READ, store.open_window(ORDER_READ, None))
    told = {row["order_no"]: row.get("_problem") for row in rows}
    problem = "line CO-2026-00001:2: column quantity is 'two', expected a decimal"
    assert told == {"CO-2026-00001": problem, "CO-2026-00002": None}
    (bad,) = (row for row in rows if row["order_no"] == "CO-2026-00001")
    assert [one["quantity"] is None for one in bad["lines"]] == [False, True]


def test_a_write_mends_what_its_target_holds_unreadable(store: Connector, folder: Path) -> None:
    ask(folder, "update accounts set credit_limit = 'n/a' where account_no = 'A-0001'")
    rows = [account(n, credit_limit=Decimal(n)) for n in (1, 2)]
    assert [one.effect for one in store.write(ACCOUNTS, rows)] == ["updated", "unchanged"]
    assert store.fetch(ACCOUNT_READ, ["A-0001"])[0]["credit_limit"] == 1


def test_a_server_holds_dates_that_python_does_not(crm: Connector, database: Database) -> None:
    if database.kind != "postgresql":
        pytest.skip("PostgreSQL alone has dates before the year 1")
    crm.write(CAMPAIGNS, [campaign(1), campaign(2)])
    good = crm.fetch(Read("crm.campaigns"), ["CA-00001"])[0]
    database.sql("crm", "update campaigns set starts_on = '0044-03-15 BC' where campaign_no = 'CA-00002'")
    read = Read("crm.campaigns")
    rows = read_all(crm, read, crm.open_window(read, None), size=1)
    assert rows[0] == good
    assert rows[1]["_problem"] == "column starts_on is '0044-03-15 BC', expected a date"


def customer(row: Row, _look: Look) -> Made:
    return {
        "customer_no": row["account_no"].replace("A", "C"), "crm_account_no": row["account_no"],
        "name": row["name"], "currency": "EUR", "kind": "customer", "credit_status": "ok",
        "credit_limit": row["credit_limit"] or Decimal(0), "payment_terms_days": 30,
    }  # fmt: skip


STEP = Step("book", read=ACCOUNT_READ, make=customer, write=Write("erp.customers", key="crm_account_no"))
FLOW = Flow("accounts", every="15 minutes", owner="sales", doc="Accounts.", steps=(STEP,))


@pytest.mark.parametrize(
    "rules", ["", "book: [{rule: has_limit, column: name, expect: not_blank}]\n"], ids=["none", "rules"]
)
def test_the_hub_puts_the_unreadable_row_aside_and_brings_the_rest(
    store: Connector, folder: Path, rules: str
) -> None:
    if rules:
        (folder / "accounts.yml").write_text(rules)
    urls: dict[str, Any] = {
        f"{name}_url": f"sqlite:///{folder / name}.db" for name in ("crm", "erp", "state")
    }
    settings = Settings(home=folder, page_rows=3).model_copy(update=urls)

    def run() -> StepReport:
        with open_desk(settings, rules=folder, patience_s=0) as desk:
            return run_step(desk, FLOW, step="book")

    ask(folder, "update accounts set credit_limit = 'n/a' where account_no = 'A-0004'")
    report = run()
    assert (report.read, report.written, report.quarantined) == (7, 6, 1)
    with open_desk(settings, rules=folder) as desk:
        (entry,) = quarantine.entries(desk, waiting=False)
    assert (entry["key"], entry["rule"]) == ("A-0004", "row_is_readable")
    assert entry["reason"].startswith(
        "crm.accounts A-0004: column credit_limit is 'n/a', expected a decimal; correct it"
    )
    assert run().read == 0
    store.write(ACCOUNTS, [account(4, credit_limit=Decimal(4))])
    ask(
        folder,
        "update accounts set updated_at = strftime('%Y-%m-%d %H:%M:%f000') where account_no = 'A-0004'",
    )
    report = run()
    assert (report.read, report.written, report.quarantined) == (1, 1, 0)
