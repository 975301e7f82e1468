"""A CRM full of confirmed orders, an ERP to book them in, and the hub between: real databases of one kind.

``made`` makes them once, ``filled`` gives every test the same orders and takes away what it left.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.protocol import Connector
from connectors.registry import connect
from connectors.sql_engine import make_engine, parse
from hub.desk import Desk, open_desk
from hub.run import StepReport, run_step
from hub.words import Flow, Look, Made, RecordRejected, Row
from models import SYSTEMS, crm, ddl, erp, erp_supply, state
from settings import Settings
from tests.hub import bookings

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ORDERS, PAGE = 240, 80
WAITS, WRONG = "CO-2026-00007", "CO-2026-00013"
"""An order without a customer, and one that its flow refuses: both in the first page."""
MOVED = ORDERS - 2
RULES = """
book:
  - {rule: has_lines, expect: at_least_one_line}
  - {rule: currency_is_iso, column: currency, expect: matches, regex: "^[A-Z]{3}$"}
"""


def sales_order(order: Row, look: Look) -> Made:
    """A sales order for an order, but for the one that nobody wants."""
    made = bookings.sales_order(order, look)
    if order["order_no"] == WRONG:
        raise RecordRejected(f"{WRONG}: nobody wants it", rule="wanted")
    return made


BOOK = replace(bookings.BOOK, make=sales_order)
FLOW = Flow("orders", every="15 minutes", owner="sales", doc="Orders.", steps=(BOOK,))


@dataclass(frozen=True)
class Databases:
    """Where everything is: a database for each of ``crm``, ``erp`` and ``state``."""

    kind: str
    urls: Mapping[str, str]
    engines: Mapping[str, sa.Engine]


@dataclass(frozen=True)
class Stage:
    """The databases with the orders in them; ``urls`` are what the hub is told."""

    kind: str
    urls: Mapping[str, str]
    engines: Mapping[str, sa.Engine]
    home: Path
    token: str = ""

    def behind(self, address: str, token: str = "") -> Stage:
        """The same, with the ERP asked at another address."""
        return replace(self, urls={**self.urls, "erp": address}, token=token or self.token)

    def with_state(self, address: str) -> Stage:
        """The same, with the hub's own database asked at another address."""
        return replace(self, urls={**self.urls, "state": address})

    def settings(self, **changes: Any) -> Settings:
        """The settings of a hub over these systems."""
        return settings_of(self.home, self.urls, **changes)

    @contextmanager
    def desk(self, **changes: Any) -> Iterator[Desk]:
        with desk_of(self.settings(**changes), self.token) as desk:
            yield desk

    def run(self, **changes: Any) -> StepReport:
        """Run the step here and now."""
        with self.desk(**changes) as desk:
            return run_step(desk, FLOW, step="book")

    def forget(self) -> None:
        """Lose the hub's memory."""
        _forget(self.engines["state"])

    def change(self, number: int, total: str) -> None:
        """Give an order of the CRM another total."""
        mine = crm.orders.c.order_no == order_no(number)
        with self.engines["crm"].begin() as connection:
            connection.execute(sa.update(crm.orders).where(mine).values(total_amount=Decimal(total)))

    def take_back(self, number: int) -> None:
        """Make an order of the CRM a draft again."""
        mine = crm.orders.c.order_no == order_no(number)
        with self.engines["crm"].begin() as connection:
            connection.execute(sa.update(crm.orders).where(mine).values(status="draft"))

    def booked(self) -> dict[str, tuple[Decimal, list[str]]]:
        """Each sales order's total and lines; more than one for an order is an error."""
        orders, lines = erp.sales_orders, erp.sales_order_lines
        engine = self.engines["erp"]
        # One look at both: what was on its way when a worker died may arrive in between.
        if engine.dialect.name != "sqlite":
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("begin")
            found = connection.execute(
                sa.select(orders.c.crm_order_no, orders.c.sales_order_no, orders.c.total_amount)
            ).all()
            of: dict[str, list[str]] = {}
            for order, line in connection.execute(
                sa.select(lines.c.sales_order_no, lines.c.sales_order_line_no)
            ):
                of.setdefault(order, []).append(line)
        assert len({row.crm_order_no for row in found}) == len(found)
        assert of.keys() == {row.sales_order_no for row in found}
        return {row.crm_order_no: (row.total_amount, sorted(of[row.sales_order_no])) for row in found}

    def total(self, number: int) -> Decimal:
        """An order's total in the ERP."""
        return self.booked()[order_no(number)][0]

    def remembered(self, table: sa.Table) -> list[Any]:
        """The rows of a table of the hub's state, in its key's order."""
        with self.engines["state"].connect() as connection:
            return list(connection.execute(sa.select(table).order_by(*table.primary_key.columns)))

    def position(self) -> str | None:
        """How far the hub says it has read."""
        rows = self.remembered(state.cursors)
        return rows[0].position if rows else None

    def fence(self) -> int | None:
        """The newest token that the ERP has seen."""
        with self.engines["erp"].connect() as connection:
            query = sa.select(SYSTEMS["erp"].tables["fences"].c.token)
            return connection.execute(query).scalar_one_or_none()


def settings_of(home: Path, urls: Mapping[str, str], **changes: Any) -> Settings:
    """Settings that no environment has a say in but for what they do not name."""
    addresses = {f"{system}_url": url for system, url in urls.items()}
    return Settings(home=home, page_rows=PAGE).model_copy(update={**addresses, **changes})


@contextmanager
def desk_of(settings: Settings, token: str) -> Iterator[Desk]:
    """A hub's desk over these systems; ``token`` is for those that want one."""

    def connecting(system: str, url: str) -> Connector:
        return connect(system, url, token=token if url.startswith("http") else "")

    with open_desk(settings, connect=connecting, rules=settings.home, patience_s=0.1) as desk:
        yield desk


def order_no(number: int) -> str:
    return f"CO-2026-{number:05d}"


def expected() -> dict[str, tuple[Decimal, list[str]]]:
    """What the ERP holds once every order that can be booked is booked, once."""
    return {
        order_no(number): (Decimal(number), [f"SO-2026-{number:05d}:1", f"SO-2026-{number:05d}:2"])
        for number in range(1, ORDERS + 1)
        if order_no(number) not in (WAITS, WRONG)
    }


@contextmanager
def made(kind: str, request: pytest.FixtureRequest, home: Path) -> Iterator[Databases]:
    """Databases of this kind with a CRM's and an ERP's tables, and the orders; the CRM is always SQLite."""
    new: Callable[[], str] | None = None if kind == "sqlite" else request.getfixturevalue(f"new_{kind}")
    urls = {"crm": f"sqlite:///{home / 'crm.db'}"}
    urls |= {name: new() if new else f"sqlite:///{home / name}.db" for name in ("erp", "state")}
    for name in ("crm", "erp", "state"):
        if urls[name].startswith("sqlite"):
            (home / f"{name}.db").touch()
    with ExitStack() as stack:
        engines = {name: make_engine(parse(name, url)) for name, url in urls.items()}
        for engine in engines.values():
            stack.callback(engine.dispose)
        for name in ("crm", "erp"):
            ddl.create(engines[name], SYSTEMS[name])
        _fill(engines)
        engines["crm"].dispose()  # all of it is in the file then, for every test's copy
        with open_desk(settings_of(home, urls)):
            pass  # makes the tables of the state
        yield Databases(kind, urls, engines)


@contextmanager
def filled(databases: Databases, home: Path) -> Iterator[Stage]:
    """The orders in a CRM of this test's own, nothing booked, nothing remembered."""
    (home / "orders.yml").write_text("")
    shutil.copy(str(sa.make_url(databases.urls["crm"]).database), home / "crm.db")
    urls = {**databases.urls, "crm": f"sqlite:///{home / 'crm.db'}"}
    engine = make_engine(parse("crm", urls["crm"]))
    try:
        yield Stage(databases.kind, urls, {**databases.engines, "crm": engine}, home)
    finally:
        engine.dispose()
    _take_away(databases.engines)


def _fill(engines: Mapping[str, sa.Engine]) -> None:
    account = {"account_no": "A-0001", "name": "Ken & Co", "owner_no": "E-1", "currency": "EUR",
               "status": "active", "created_on": AT.date()}  # fmt: skip
    item = {"item_no": "IT-0001", "name": "Wheel", "kind": "finished", "unit": "pcs",
            "unit_price": Decimal(5), "standard_cost": Decimal(2), "currency": "EUR",
            "lead_time_days": 3, "min_stock": Decimal(0), "is_active": True}  # fmt: skip
    customer = {
        "customer_no": "C-0001", "crm_account_no": "A-0001", "name": "Ken & Co", "currency": "EUR",
        "kind": "customer", "credit_status": "ok", "credit_limit": Decimal(0), "payment_terms_days": 30,
    }  # fmt: skip
    headers, lines = [], []
    for number in range(1, ORDERS + 1):
        no = order_no(number)
        of = "A-0002" if no == WAITS else "A-0001"
        headers.append(
            {"order_no": no, "account_no": of, "status": "confirmed", "ordered_at": AT, "currency": "EUR",
             "total_amount": Decimal(number), "approval_status": "none"}
        )  # fmt: skip
        lines += [_line(no, 1, Decimal(number) - Decimal("0.3333")), _line(no, 2, Decimal("0.3333"))]
    with engines["crm"].begin() as connection:
        connection.execute(sa.insert(crm.accounts), [account, {**account, "account_no": "A-0002"}])
        connection.execute(sa.insert(crm.orders), headers)
        connection.execute(sa.insert(crm.order_lines), lines)
    with engines["erp"].begin() as connection:
        connection.execute(sa.insert(erp_supply.items).values(item))
        connection.execute(sa.insert(erp.customers).values(customer))


def _line(order: str, position: int, amount: Decimal) -> dict[str, Any]:
    return {
        "order_line_no": f"{order}:{position}", "order_no": order, "line_no": position,
        "item_no": "IT-0001", "quantity": Decimal(1), "unit_price": amount,
        "discount_rate": Decimal(0), "line_amount": amount,
    }  # fmt: skip


def _take_away(engines: Mapping[str, sa.Engine]) -> None:
    kept = {"items", "customers", "api_tokens"}
    tables = [table for table in reversed(SYSTEMS["erp"].sorted_tables) if table.name not in kept]
    tables.sort(key=lambda table: table.name == "tombstones")  # last: every delete leaves one
    with engines["erp"].begin() as connection:
        for table in tables:
            connection.execute(sa.delete(table))
    _forget(engines["state"])


def _forget(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(state.METADATA.sorted_tables):
            connection.execute(sa.delete(table))
