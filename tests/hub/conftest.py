"""A hub over two systems in memory: orders on one side, what is booked for them on the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from connectors.protocol import Connector
from hub.desk import Desk, open_desk
from hub.run import StepReport, run_step
from hub.words import Flow, Look, Made, MissingDependency, Read, Row, Step, Using, Write
from settings import Settings
from tests.hub.fakes import FakeSystem

RULES = 'book: [{rule: currency_is_iso, column: currency, expect: matches, regex: "^[A-Z]{3}$"}]\n'


def booked(order: Row, look: Look) -> Made:
    """A sales order for an order whose customer is there; nothing for a draft."""
    if order.get("draft"):
        return None
    if look.one("customers", order["account_no"]) is None:
        raise MissingDependency(f"{order['order_no']}: no customer yet", rule="customer_in_erp")
    return {"crm_order_no": order["order_no"], "amount": order["amount"] * 1, "currency": order["currency"]}


BOOK = Step(
    "book",
    read=Read("crm.orders", where={"status": "confirmed"}),
    make=booked,
    write=Write("erp.sales_orders", key="crm_order_no"),
    using={"customers": Using("erp.customers", "account_no", match="account_no")},
)


@dataclass
class World:
    """The two systems, and the hub between them."""

    crm: FakeSystem
    erp: FakeSystem
    settings: Settings
    rules: Path
    flow: Flow

    def order(self, number: int, **changes: Any) -> None:
        """Put an order into the CRM as it is now."""
        row = {"order_no": f"CO-{number:04d}", "account_no": "A-1", "amount": 10, "currency": "EUR"}
        self.crm.put("orders", {**row, "status": "confirmed", **changes})

    def desk(self) -> AbstractContextManager[Desk]:
        systems: dict[str, Connector] = {"crm": self.crm, "erp": self.erp}
        return open_desk(
            self.settings, connect=lambda system, _url: systems[system], rules=self.rules, patience_s=0
        )

    def run(self) -> StepReport:
        with self.desk() as desk:
            return run_step(desk, self.flow, step="book")

    def with_make(self, make: Any) -> None:
        self.flow = replace(self.flow, steps=(replace(self.flow.steps[0], make=make),))

    def in_erp(self) -> list[str]:
        return sorted(self.erp.streams.get("sales_orders", {}))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    (tmp_path / "orders.yml").write_text(RULES)
    crm, erp = FakeSystem("crm"), FakeSystem("erp")
    erp.put("customers", {"account_no": "A-1"})
    flow = Flow("orders", every="15 minutes", owner="sales", doc="Orders.", steps=(BOOK,))
    yield World(crm, erp, Settings(home=tmp_path, page_rows=100), tmp_path, flow)
