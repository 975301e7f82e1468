"""A step between real databases: documents with lines, batches, rules, restamps; SQLite and the servers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.sql_engine import make_engine, parse
from hub import quarantine
from hub.desk import open_desk
from hub.memory import Memory
from hub.run import StepReport, run_step
from hub.words import Flow
from models import SYSTEMS, crm, ddl, erp, erp_supply, state
from settings import Settings
from tests.hub.bookings import BOOK

RULES = """
book:
  - {rule: has_lines, expect: at_least_one_line}
  - {rule: currency_is_iso, column: currency, expect: matches, regex: "^[A-Z]{3}$"}
  - {rule: total_is_sum_of_lines, column: total_amount, expect: sum_of_lines, of: line_amount}
  - {rule: line_amount_is_exact, lines: true, column: line_amount, expect: product_of,
     of: [quantity, unit_price], less: discount_rate}
"""
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


FLOW = Flow("orders", every="15 minutes", owner="sales", doc="Orders.", steps=(BOOK,))


@dataclass
class Stores:
    """A CRM and an ERP in real databases, and the hub between them."""

    crm: sa.Engine
    erp: sa.Engine
    settings: Settings
    rules: Path

    def order(self, *numbers: int, total: str = "", **changes: Any) -> None:
        """Confirmed orders of two lines each."""
        headers, lines = [], []
        for number in numbers:
            no = f"CO-2026-{number:05d}"
            lines += (its := [_line(no, 1, Decimal(number)), _line(no, 2, Decimal("0.3333"))])
            amount = Decimal(total or str(sum(line["line_amount"] for line in its)))
            headers.append(
                {"order_no": no, "account_no": "A-0001", "status": "confirmed", "ordered_at": AT,
                 "currency": "EUR", "total_amount": amount, "approval_status": "none", **changes}
            )  # fmt: skip
        with self.crm.begin() as connection:
            connection.execute(sa.insert(crm.orders), headers)
            connection.execute(sa.insert(crm.order_lines), lines)

    def customer(self, number: int) -> None:
        values = {
            "customer_no": f"C-{number:04d}", "crm_account_no": f"A-{number:04d}", "name": "Ken & Co",
            "currency": "EUR", "kind": "customer", "credit_status": "ok", "credit_limit": Decimal(0),
            "payment_terms_days": 30,
        }  # fmt: skip
        with self.erp.begin() as connection:
            connection.execute(sa.insert(erp.customers).values(values))

    def run(self) -> StepReport:
        with open_desk(self.settings, rules=self.rules, patience_s=0) as desk:
            return run_step(desk, FLOW, step="book")

    def booked(self) -> dict[str, tuple[Decimal, int]]:
        """Total and number of lines of each sales order."""
        lines = erp.sales_order_lines
        many = sa.select(lines.c.sales_order_no, sa.func.count().label("n")).group_by(lines.c.sales_order_no)
        counted = many.subquery()
        orders = erp.sales_orders
        query = sa.select(orders.c.crm_order_no, orders.c.total_amount, counted.c.n).join(
            counted, counted.c.sales_order_no == orders.c.sales_order_no
        )
        with self.erp.connect() as connection:
            return {no: (total, n) for no, total, n in connection.execute(query)}

    def waiting(self) -> list[str]:
        with open_desk(self.settings) as desk:
            return [entry["key"] for entry in quarantine.entries(desk, waiting=True)]


def _line(order_no: str, position: int, price: Decimal) -> dict[str, Any]:
    amount = (Decimal(3) * price * Decimal("0.9")).quantize(Decimal("0.0001"))
    return {
        "order_line_no": f"{order_no}:{position}", "order_no": order_no, "line_no": position,
        "item_no": "IT-0001", "quantity": Decimal(3), "unit_price": price,
        "discount_rate": Decimal("0.1"), "line_amount": amount,
    }  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql to mariadb"])
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, str], dict[str, sa.Engine]]]:
    """Addresses and engines of a CRM and an ERP, made once for all tests: servers take long over tables."""
    home = tmp_path_factory.mktemp("stores")
    addresses = {f"{name}_url": f"sqlite:///{home / name}.db" for name in ("crm", "erp", "state")}
    if request.param == "sqlite":
        for name in ("crm", "erp"):
            (home / f"{name}.db").touch()
    else:
        new_postgresql = request.getfixturevalue("new_postgresql")
        new_mariadb = request.getfixturevalue("new_mariadb")
        addresses = {"crm_url": new_postgresql(), "erp_url": new_mariadb(), "state_url": new_postgresql()}
    engines = {name: make_engine(parse(name, addresses[f"{name}_url"])) for name in ("crm", "erp")}
    for name, engine in engines.items():
        ddl.create(engine, SYSTEMS[name])
    yield addresses, engines
    for engine in engines.values():
        engine.dispose()


@pytest.fixture
def stores(databases: tuple[dict[str, str], dict[str, sa.Engine]], tmp_path: Path) -> Iterator[Stores]:
    addresses, engines = databases
    (tmp_path / "orders.yml").write_text(RULES)
    settings = Settings(home=tmp_path, page_rows=100).model_copy(update=addresses)
    made = Stores(**engines, settings=settings, rules=tmp_path)
    _seed(made)
    yield made
    for name, engine in engines.items():
        with engine.begin() as connection:
            for table in reversed(SYSTEMS[name].sorted_tables):
                if table in SEEDED:
                    connection.execute(sa.delete(table))
    with open_desk(made.settings) as desk, desk.state.writing() as connection:
        for table in state.METADATA.sorted_tables:
            connection.execute(sa.delete(table))


SEEDED = (
    crm.accounts, crm.orders, crm.order_lines,
    erp.customers, erp.sales_orders, erp.sales_order_lines, erp_supply.items,
)  # fmt: skip


def _seed(stores: Stores) -> None:
    account = {"account_no": "A-0001", "name": "Ken & Co", "owner_no": "E-1", "currency": "EUR",
               "status": "active", "created_on": AT.date()}  # fmt: skip
    item = {"item_no": "IT-0001", "name": "Wheel", "kind": "finished", "unit": "pcs",
            "unit_price": Decimal(5), "standard_cost": Decimal(2), "currency": "EUR",
            "lead_time_days": 3, "min_stock": Decimal(0), "is_active": True}  # fmt: skip
    with stores.crm.begin() as connection:
        connection.execute(sa.insert(crm.accounts), [account, {**account, "account_no": "A-0002"}])
    with stores.erp.begin() as connection:
        connection.execute(sa.insert(erp_supply.items).values(item))
    stores.customer(1)


def test_documents_arrive_whole_and_exact_and_only_once(stores: Stores) -> None:
    stores.order(*range(1, 251))
    report = stores.run()
    assert (report.read, report.written, report.quarantined) == (250, 250, 0)
    booked = stores.booked()
    assert len(booked) == 250
    assert booked["CO-2026-00100"] == (Decimal("270.8999"), 2)
    again = stores.run()
    assert (again.read, again.written) == (0, 0)


def test_a_wrong_document_stays_behind_and_the_rest_arrive(stores: Stores) -> None:
    stores.order(1)
    stores.order(2, total="5.4000")
    stores.order(3, currency="eur")
    report = stores.run()
    assert (report.read, report.written, report.quarantined) == (3, 1, 2)
    with open_desk(stores.settings) as desk:
        entries = quarantine.entries(desk, waiting=False)
        shown = quarantine.show(desk, entries[0]["id"])
    assert [entry["rule"] for entry in entries] == ["total_is_sum_of_lines", "currency_is_iso"]
    assert (
        "total_amount is 5.4000, expected the sum of its lines' line_amount (6.2999)" in entries[0]["reason"]
    )
    assert [line["line_amount"] for line in shown["payload"]["lines"]] == ["5.4000", "0.8999"]


def test_a_changed_line_brings_its_document_again(stores: Stores) -> None:
    stores.order(1)
    stores.run()
    with stores.crm.begin() as connection:
        connection.execute(sa.update(crm.orders).values(total_amount=Decimal("2.7000")))
        connection.execute(sa.delete(crm.order_lines).where(crm.order_lines.c.line_no == 2))
    report = stores.run()
    assert (report.read, report.written) == (1, 1)
    assert stores.booked() == {"CO-2026-00001": (Decimal("2.7000"), 1)}


def test_an_order_waits_for_its_customer_and_then_goes(stores: Stores) -> None:
    stores.order(1, account_no="A-0002")
    assert stores.run().waiting == 1
    assert stores.waiting() == ["CO-2026-00001"]
    stores.customer(2)
    assert stores.run().written == 1
    assert stores.waiting() == []


def test_a_line_whose_item_the_erp_lacks_waits_alone(stores: Stores) -> None:
    stores.order(1, 2)
    with stores.crm.begin() as connection:
        connection.execute(
            sa.update(crm.order_lines)
            .where(crm.order_lines.c.order_line_no == "CO-2026-00002:1")
            .values(item_no="IT-9999")
        )
    report = stores.run()
    assert (report.read, report.written, report.waiting) == (2, 1, 1)
    assert list(stores.booked()) == ["CO-2026-00001"]


def test_killed_after_the_write_leaves_one_record(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    stores.order(1)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Memory, "remember", killed)
        with pytest.raises(KeyboardInterrupt):
            stores.run()
    assert len(stores.booked()) == 1
    report = stores.run()
    assert (report.read, report.written, report.unchanged) == (1, 0, 1)
    assert len(stores.booked()) == 1


def test_a_thousand_orders_move_in_seconds(stores: Stores) -> None:
    stores.order(1)
    stores.run()  # whatever is imported once a process is, from here on
    stores.order(*range(2, 1002))
    began = time.perf_counter()
    assert stores.run().written == 1000
    # About 1 s on an idle core; a round trip a row would take far longer.
    assert time.perf_counter() - began < 15
