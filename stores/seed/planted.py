"""Writes an order that is planted by hand, as CRM and ERP would have it.

The catalogue in, rows out with the numbers that ``stores.seed.faults`` names. Nothing here is random; what is
planted is ``stores.seed.plant``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stores.seed.faults import year
from stores.seed.goods import Goods
from stores.seed.load import Load
from stores.seed.markets import Account
from stores.seed.plan import ANNA, JOE, Plan, exact, units


@dataclass(frozen=True)
class Planter:
    """Writes what is planted; ``goods`` gives prices."""

    load: Load
    plan: Plan
    goods: Goods

    @property
    def year(self) -> int:
        """The year that planted keys carry."""
        return year(self.plan.as_of)

    def at(self, working_days_ago: int, minutes: int) -> dt.datetime:
        """So many minutes after opening, so many working days before the last day."""
        company = self.plan.days.company
        return company.at(company.before(self.plan.days.end, working_days_ago), minutes)

    def number(self, number: int) -> str:
        """A planted number, of the year that the faults carry."""
        return f"{self.year}-{number:05d}"

    def crm_order(
        self, number: int, account_no: str, *, item_no: str = "IT-0104", quantity: int = 3, **instead: Any
    ) -> None:
        """A confirmed order of one line, as a sales person left it; ``instead`` replaces columns."""
        at = instead.pop("ordered_at", self.at(2, 90 + number))
        key, percent = f"CO-{self.number(number)}", instead.pop("percent", 0)
        price, amount = self._price(item_no, quantity, percent)
        row = {
            "order_no": key,
            "account_no": account_no,
            "owner_no": JOE,
            "status": "confirmed",
            "ordered_at": at,
            "currency": "EUR",
            "total_amount": amount,
            "approval_status": "none",
            "updated_at": at,
        }
        self.load.add("crm.orders", **{**row, **instead})
        what = (item_no, units(quantity), price, Decimal(percent).scaleb(-2), amount)
        self.load.put("crm.order_lines", (f"{key}:1", key, 1, *what, at))

    def erp_order(
        self,
        number: int,
        account: Account,
        *,
        item_no: str,
        quantity: int,
        at: dt.datetime,
        paid_at: dt.datetime,
    ) -> None:
        """A planned and paid order in both systems, shipped by nobody yet; reserves are the caller's."""
        key = f"SO-{self.number(number)}"
        price, amount = self._price(item_no, quantity, 0)
        promised = (at + dt.timedelta(days=5)).date()
        told = {"fulfilment": "paid", "promised_on": promised}
        self.crm_order(number, account.account_no, item_no=item_no, quantity=quantity, ordered_at=at, **told)
        self.load.add(
            "erp.sales_orders",
            sales_order_no=key,
            crm_order_no=f"CO-{self.number(number)}",
            customer_no=account.customer_no,
            status="planned",
            payment_status="paid",
            ordered_at=at,
            promised_on=promised,
            currency="EUR",
            total_amount=amount,
            paid_amount=amount,
            channel="system",
            cancel_requested=False,
            updated_at=paid_at,
        )
        line = (item_no, units(quantity), price, Decimal(0), amount)
        self.load.put("erp.sales_order_lines", (f"{key}:1", key, 1, *line, at))
        self._money(number, account, amount, at=at, paid_at=paid_at)

    def _money(
        self, number: int, account: Account, amount: Decimal, *, at: dt.datetime, paid_at: dt.datetime
    ) -> None:
        key = f"SO-{self.number(number)}"
        self.load.add(
            "erp.receivables",
            receivable_no=f"RE-{self.number(number)}",
            sales_order_no=key,
            customer_no=account.customer_no,
            amount=amount,
            open_amount=Decimal(0),
            currency="EUR",
            due_on=at.date() + dt.timedelta(days=account.terms),
            settled_on=paid_at.date(),
            updated_at=paid_at,
        )
        self.load.add(
            "erp.payments",
            payment_no=f"PA-{self.number(number)}",
            sales_order_no=key,
            amount=amount,
            currency="EUR",
            paid_on=paid_at.date(),
            recorded_at=paid_at,
            recorded_by=ANNA,
            channel="system",
            updated_at=paid_at,
        )

    def _price(self, item_no: str, quantity: int, percent: int) -> tuple[Decimal, Decimal]:
        known = self.goods.items.get(item_no)
        cents = known.cents if known else 9_900
        return Decimal(cents).scaleb(-2), exact(quantity * cents * (100 - percent))
