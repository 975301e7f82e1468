# ruff: noqa: E501  (a statement reads best in one piece)
"""Random histories of a company: what people do to the three stores, one SQL statement after the other.

A number draws what happens (``Histories.act``); the same numbers give the same history. Nothing here knows
the warehouse: it only makes records come late, change, move to another document, go and come back.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from models.types import NOW_SQL
from settings import Settings
from tests.warehouse.company import run_sql

COUNTRIES, CURRENCIES = ("ES", "GB"), ("EUR", "USD")


@dataclass
class Histories:
    """What happens to the stores of ``settings``, drawn by ``random``, while ``now`` goes on."""

    settings: Settings
    random: random.Random
    now: dt.datetime
    number: int = 100

    def act(self) -> str:
        """One thing happens; its name."""
        name = self.random.choice(ACTS)
        getattr(self, f"_{name}")()
        return name

    def _do(self, system: str, *statements: str) -> None:
        run_sql(self.settings, system, *statements)

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _instant(self, back_days: int = 40) -> str:
        moment = self.now - dt.timedelta(minutes=self.random.randrange(back_days * 1440))
        return f"{moment:%Y-%m-%d %H:%M:%S.000000}"

    def _day(self, back: int = 40, ahead: int = 0) -> str:
        return str(self.now.date() + dt.timedelta(days=self.random.randint(-back, ahead)))

    def _amount(self) -> str:
        return f"{self.random.randrange(1, 3_000_000)}.{self.random.randrange(100):02}00"

    def _one_of(self, table: str, key: str) -> str:
        return (
            f"{key} = (select {key} from {table} order by {key} limit 1 offset {self.random.randrange(12)})"
        )

    def _order(self) -> None:
        no, amount = f"CO-{self._next()}", self._amount()
        lead = self.random.choice(("'L-2026-0001'", "'L-2026-0002'", "null"))
        currency, account = self.random.choice(CURRENCIES), self.random.choice(("A-0001", "A-0002"))
        self._do(
            "crm",
            "insert into orders (order_no, account_no, lead_no, owner_no, status, ordered_at, currency, "
            f"total_amount, approval_status) values ('{no}', '{account}', {lead}, 'E-0003', 'confirmed', "
            f"'{self._instant()}', '{currency}', '{amount}', 'none')",
            "insert into order_lines (order_line_no, order_no, line_no, item_no, quantity, unit_price, "
            f"discount_rate, line_amount) values ('{no}:1', '{no}', 1, 'IT-0001', '1.0000', '{amount}', "
            f"'0.0000', '{amount}')",
        )

    def _booking(self) -> None:
        no = f"SO-{self._next()}"
        self._do(
            "erp",
            "insert into sales_orders (sales_order_no, crm_order_no, customer_no, status, payment_status, "
            "ordered_at, currency, total_amount, paid_amount, channel, cancel_requested) values "
            f"('{no}', {self.random.choice((repr(f'CO-{self.number - 1}'), 'null'))}, 'C-0001', 'open', "
            f"'unpaid', '{self._instant()}', 'EUR', '{self._amount()}', '0.0000', 'paper', 0)",
        )

    def _payment(self) -> None:
        no = f"PA-{self._next()}"
        self._do(
            "erp",
            "insert into payments (payment_no, sales_order_no, paid_on, recorded_at, recorded_by, amount, "
            f"currency, channel) select '{no}', sales_order_no, '{self._day()}', '{self._instant()}', "
            f"'E-0004', '{self._amount()}', '{self.random.choice(CURRENCIES)}', 'system' from sales_orders "
            f"where {self._one_of('sales_orders', 'sales_order_no')}",
        )

    def _payment_moves(self) -> None:
        self._do(
            "erp",
            "update payments set sales_order_no = (select max(sales_order_no) from sales_orders) "
            f"where {self._one_of('payments', 'payment_no')}",
        )

    def _payment_goes_and_comes_back(self) -> None:
        chosen = self._one_of("payments", "payment_no")
        self._do("erp", "create temp table kept as select * from payments where " + chosen,
                 f"delete from payments where {chosen}",
                 *(["insert into payments select * from kept"] if self.random.random() < 0.5 else []),
                 "drop table kept")  # fmt: skip

    def _order_changes(self) -> None:
        change = self.random.choice(
            (f"total_amount = '{self._amount()}'", "status = 'cancelled'", "lead_no = 'L-2026-0001'",
             f"ordered_at = '{self._instant()}'", "currency = 'USD'", "account_no = 'A-0002'",
             "fulfilment = 'shipped'", "owner_no = 'E-0002'")
        )  # fmt: skip
        self._do("crm", f"update orders set {change} where {self._one_of('orders', 'order_no')}")

    def _line_moves(self) -> None:
        change = self.random.choice(
            (f"order_no = 'CO-2026-00001', line_no = {self._next()}", "item_no = 'IT-0002'")
        )
        self._do(
            "crm", f"update order_lines set {change} where {self._one_of('order_lines', 'order_line_no')}"
        )

    def _order_goes(self) -> None:
        last = "(select max(order_no) from orders)"
        self._do("crm", f"delete from order_lines where order_no = {last}",
                 f"delete from orders where order_no = {last}")  # fmt: skip

    def _booking_changes(self) -> None:
        change = self.random.choice(
            ("status = 'shipped'", "payment_status = 'paid'", "crm_order_no = null", "channel = 'system'",
             f"promised_on = '{self._day(ahead=20)}'")
        )  # fmt: skip
        self._do(
            "erp", f"update sales_orders set {change} where {self._one_of('sales_orders', 'sales_order_no')}"
        )

    def _shipment(self) -> None:
        no, at = f"SH-{self._next()}", self._instant()
        self._do(
            "erp",
            "insert into shipments (shipment_no, sales_order_no, release_key, status, requested_at, shipped_at) "
            f"select '{no}', sales_order_no, '{no}', 'shipped', '{at}', '{at}' from sales_orders where "
            f"{self._one_of('sales_orders', 'sales_order_no')}",
            "insert into shipment_lines (shipment_line_no, shipment_no, item_no, quantity) select "
            f"'{no}:1', shipment_no, 'IT-0001', '2.0000' from shipments where shipment_no = '{no}'",
        )

    def _stock(self) -> None:
        self._do(
            "erp",
            "insert into stock_moves (stock_move_no, item_no, moved_at, quantity, kind) values "
            f"('SM-{self._next()}', 'IT-000{self.random.choice('12')}', '{self._instant(400)}', "
            f"'{self.random.randint(-9, 9)}.0000', 'adjustment')",
        )

    def _production(self) -> None:
        no = f"MO-{self._next()}"
        self._do(
            "erp",
            "insert into production_orders (production_no, plan_key, sales_order_no, item_no, quantity, "
            f"bom_level, starts_on, due_on, status) values ('{no}', '{no}', 'SO-2026-00001', 'IT-0001', "
            f"'1.0000', 0, '{self._day(back=40)}', '{self._day(back=-1, ahead=9)}', 'released')",
            f"update production_orders set status = 'done', done_at = '{self._instant()}' where "
            f"{self._one_of('production_orders', 'production_no')}",
        )

    def _rate(self) -> None:
        day = self._day()
        self._do(
            "erp",
            "insert or replace into exchange_rates (rate_no, currency, on_date, rate) values "
            f"('USD:{day}', 'USD', '{day}', '0.{self.random.randrange(80, 99)}000000')",
        )

    def _person_changes(self) -> None:
        change = self.random.choice(
            ("name = name || 'a'", "country = 'GB', timezone = 'Europe/London'", "manager_no = 'E-0004'",
             "department_no = 'D-TWO'")
        )  # fmt: skip
        self._do("oa", "insert or ignore into departments (department_no, name, country) "
                 "values ('D-TWO', 'Two', 'GB')",
                 f"update employees set {change} where {self._one_of('employees', 'employee_no')}")  # fmt: skip

    def _item_changes(self) -> None:
        change = self.random.choice(
            (f"standard_cost = '{self.random.randrange(9)}.5000'", "category = 'Pumps'")
        )
        self._do("erp", f"update items set {change} where {self._one_of('items', 'item_no')}")

    def _account_changes(self) -> None:
        change = self.random.choice(("name = name || 'x'", "country = 'PT'", "sector = 'water'"))
        self._do("crm", f"update accounts set {change} where {self._one_of('accounts', 'account_no')}")

    def _customer(self) -> None:
        self._do(
            "erp",
            "insert or ignore into customers (customer_no, crm_account_no, name, currency, kind, credit_status, "
            "credit_limit, payment_terms_days) values ('C-0002', 'A-0002', 'Zeta', 'EUR', 'customer', 'ok', "
            "'0.0000', 30)",
            f"update customers set credit_status = 'watch' where {self._one_of('customers', 'customer_no')}",
        )

    def _stamp_set_back(self) -> None:
        system, table, key = self.random.choice(
            (("crm", "accounts", "account_no"), ("erp", "customers", "customer_no"),
             ("erp", "items", "item_no"), ("oa", "employees", "employee_no"))
        )  # fmt: skip
        back = f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '-{self.random.randrange(1, 200)} seconds')"
        self._do(
            system,
            f"drop trigger {table}_touch",
            f"update {table} set name = name || 'b', updated_at = {back} where {self._one_of(table, key)}",
            f"create trigger {table}_touch after update on {table} begin update {table} set updated_at = "
            f"{NOW_SQL['sqlite']} where rowid = new.rowid; end",
        )

    def _account_and_customer_seen_in_opposite_builds(self) -> None:
        no, day = self.random.randrange(3, 6), self._instant()
        if self.random.random() < 0.5:
            self._do(
                "crm",
                "insert or ignore into accounts (account_no, name, owner_no, currency, status, created_on, "
                f"updated_at) values ('A-000{no}', 'Eta {no}', 'E-0003', 'EUR', 'active', '{day[:10]}', "
                f"'{day}')",
            )
        else:
            self._do(
                "erp",
                "insert or ignore into customers (customer_no, crm_account_no, name, currency, kind, "
                "credit_status, credit_limit, payment_terms_days, updated_at) values "
                f"('C-000{no}', 'A-000{no}', 'Eta', 'EUR', 'customer', 'ok', '7.0000', 30, '{day}')",
            )

    def _customer_moves_to_another_account(self) -> None:
        self._do(
            "erp",
            f"update or ignore customers set crm_account_no = 'A-000{self.random.randrange(1, 6)}' "
            f"where {self._one_of('customers', 'customer_no')}",
        )

    def _customer_goes(self) -> None:
        self._do("erp", f"delete from customers where {self._one_of('customers', 'customer_no')} "
                 "and customer_no not in (select customer_no from sales_orders) "
                 "and customer_no not in (select customer_no from receivables)")  # fmt: skip

    def _lead_changes(self) -> None:
        change = self.random.choice(
            (f"expected_amount = '{self._amount()}'", f"stage = 'lost', closed_at = '{self._instant()}'",
             "owner_no = 'E-0002'", "currency = 'USD'", f"created_at = '{self._instant(90)}'")
        )  # fmt: skip
        chosen = self._one_of("leads", "lead_no")
        self._do("crm", f"update leads set {change} where {chosen}",
                 "insert or ignore into lead_stages (lead_stage_no, lead_no, stage, entered_at) "
                 f"values ('LS-{self._next()}', 'L-2026-0004', 'engaged', '{self._instant()}')")  # fmt: skip

    def _activity(self) -> None:
        self._do(
            "crm",
            "insert or ignore into activities (activity_no, lead_no, employee_no, kind, subject, happened_at, "
            f"cost_amount, currency, request_no) values ('AC-{self._next()}', 'L-2026-0001', 'E-0003', 'trip', "
            f"'x', '{self._instant()}', '12.5000', 'USD', {self.random.choice((repr('AR-2026-00010'), 'null'))})",
        )

    def _request(self) -> None:
        no, at = f"AR-{self._next()}", self._instant(20)
        self._do(
            "oa",
            "insert into approval_requests (request_no, kind, requester_no, subject, amount, currency, status, "
            f"requested_at, channel, starts_on, ends_on) values ('{no}', 'trip', 'E-0003', 'x', "
            f"'{self._amount()}', 'USD', 'pending', '{at}', 'system', '{self._day()}', null)",
            "insert into approval_steps (step_no, request_no, sequence, step_name, requester_no, approver_no, "
            f"asked_at, decision) values ('{no}:1', '{no}', 1, 'manager', 'E-0003', 'E-0002', '{at}', 'pending')",
        )

    def _decision(self) -> None:
        open_one = "(select min(request_no) from approval_requests where status = 'pending')"
        at = f"{self.now:%Y-%m-%d %H:%M:%S.000000}"
        self._do(
            "oa",
            f"update approval_steps set decision = 'approved', decided_at = '{at}' where decision = 'pending' "
            f"and request_no = {open_one}",
            f"update approval_requests set status = 'approved', decided_at = '{at}' where request_no = {open_one}",
        )

    def _fund(self) -> None:
        self._do(
            "erp",
            "insert or ignore into funds (fund_no, request_no, employee_no, kind, amount, currency, status, booked_on) "
            f"values ('FU-{self._next()}', 'AR-2026-00011', 'E-0003', 'trip', '33.0000', 'USD', 'booked', "
            f"'{self._day()}')",
        )

    def _holiday(self) -> None:
        day = self._day(ahead=5)
        self._do(
            "oa",
            "insert or replace into holidays (holiday_no, country, on_date, name, day_part) values "
            f"('ES-{day}', 'ES', '{day}', 'H', '{self.random.choice(('full', 'half'))}')",
        )

    def _attendance(self) -> None:
        day = self._day()
        self._do(
            "oa",
            "insert or replace into attendance (attendance_no, employee_no, on_date, kind, hours, status) values "
            f"('E-0003:{day}', 'E-0003', '{day}', 'present', '8.0000', 'actual')",
        )

    def _receivable(self) -> None:
        self._do(
            "erp",
            "update receivables set open_amount = '1.0000', due_on = "
            f"'{self._day(ahead=9)}' where {self._one_of('receivables', 'receivable_no')}",
        )

    def _time_goes_by(self) -> None:
        self.now += dt.timedelta(hours=self.random.choice((1, 5, 30, 24 * 35)))


ACTS = tuple(sorted(name[1:] for name in vars(Histories) if name.startswith("_") and not name.startswith("__")
                    and name not in {"_do", "_next", "_instant", "_day", "_amount", "_one_of"}))  # fmt: skip
