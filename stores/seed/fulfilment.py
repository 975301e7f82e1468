"""The rows of the seeded orders: in the CRM as they were taken, in the ERP as they were fulfilled.

Orders that the supply run has lived through in, rows with the same business keys in both systems out. What
happened since the cut is in the ERP alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from stores.seed.demand import Line, Order
from stores.seed.load import Load
from stores.seed.plan import ANNA, FIRST_NUMBER, Plan, exact, units

SHARES = {percent: Decimal(percent).scaleb(-2) for percent in range(101)}
PAPER_DAYS = 6


def owe(plan: Plan, orders: list[Order]) -> None:
    """Keep the payments that have come, and what each account owes for the others."""
    for order in orders:
        if order.payments is None:
            continue
        order.payments = [payment for payment in order.payments if payment[0] < plan.days.end]
        order.account.owed += order.total - order.paid


class Books:
    """Writes orders; ``item_no`` names a line's item, ``finance`` are those who record payments.

    ``behind`` is the number of an order that left without the CRM hearing of it.
    """

    def __init__(
        self, load: Load, plan: Plan, *, item_no: Callable[[Line], str], finance: list[str], behind: str
    ) -> None:
        self._load, self._plan, self._days = load, plan, plan.days
        self._item_no, self._finance, self._behind = item_no, finance, behind
        self._payments: list[tuple[dt.datetime, str, int, str, dt.date, str]] = []

    def put(self, orders: list[Order]) -> None:
        """All orders, then their payments in the order they were recorded."""
        for order in orders:
            lines = [
                (
                    self._item_no(line),
                    units(line.quantity),
                    Decimal(line.cents).scaleb(-2),
                    SHARES[line.percent],
                    exact(line.amount),
                )
                for line in order.lines
            ]
            if order.channel == "system":
                self._crm(order, lines)
            if order.booked is not None:
                self._erp(order, lines)
        self._put_payments()

    def _crm(self, order: Order, lines: list[tuple[str, Decimal, Decimal, Decimal, Decimal]]) -> None:
        number = order.crm_no
        told = self._told_at(order)
        dates = self._days.dates
        row = (
            number,
            order.account.account_no,
            order.lead.lead_no if order.lead else None,
            order.account.owner_no,
            order.status,
            order.ordered_at,
            None if order.requested is None else dates[order.requested],
            order.account.currency,
            exact(order.total),
            order.approval,
            order.approval_kind,
            self._fulfilment(order),
            None if order.promised is None else dates[order.promised],
            order.refusal,
            told,
        )
        self._load.put("crm.orders", row)
        for position, line in enumerate(lines, start=1):
            self._load.put(
                "crm.order_lines", (f"{number}:{position}", number, position, *line, order.ordered_at)
            )

    def _fulfilment(self, order: Order) -> str | None:
        if order.booked is None:
            return None
        if order.refusal:
            return "refused"
        if order.shipped is not None:
            return "paid" if order.number == self._behind else "shipped"
        return "paid" if self._paid_before_cut(order) else "planned"

    def _paid_before_cut(self, order: Order) -> bool:
        return order.paid == order.total and (order.payments or [(0, 0)])[-1][0] < self._days.cut

    def _told_at(self, order: Order) -> dt.datetime:
        """When the CRM last heard of the order."""
        heard = [order.changed_at or order.ordered_at]
        if order.shipped is not None:
            heard.append(order.shipped_at(self._days))
        elif order.booked is not None and self._paid_before_cut(order):
            heard.append(self._days.company.at((order.payments or [(0, 0)])[-1][0], 400))
        return max(heard)

    def _erp(self, order: Order, lines: list[tuple[str, Decimal, Decimal, Decimal, Decimal]]) -> None:
        number, paid = order.erp_no, order.paid
        dates = self._days.dates
        status = "refused" if order.refusal else "planned" if order.shipped is None else "shipped"
        payment_status = "paid" if paid == order.total else "partly" if paid else "unpaid"
        events = [order.changed_at or order.ordered_at]
        events += [self._days.company.at(day, 300) for day, _amount in order.payments or ()]
        if order.shipped is not None:
            events.append(order.shipped_at(self._days))
        changed = max(events)
        row = (
            number,
            order.crm_no if order.channel == "system" else None,
            order.account.customer_no,
            status,
            payment_status,
            order.ordered_at,
            None if order.requested is None else dates[order.requested],
            None if order.promised is None else dates[order.promised],
            order.account.currency,
            exact(order.total),
            exact(paid),
            order.refusal,
            order.channel,
            False,
            changed,
        )
        self._load.put("erp.sales_orders", row)
        for position, line in enumerate(lines, start=1):
            self._load.put(
                "erp.sales_order_lines",
                (f"{number}:{position}", number, position, *line, order.ordered_at),
            )
        if not order.refusal:
            self._money(order, changed)
            self._shipment(order, lines)

    def _money(self, order: Order, changed: dt.datetime) -> None:
        paid_days = order.payments or ()
        full = order.paid == order.total
        due_on = order.ordered_at.date() + dt.timedelta(days=order.account.terms)
        paper_days = PAPER_DAYS if order.channel == "paper" else 0
        days_paid = [self._days.dates[day - paper_days] for day, _amount in paid_days]
        self._load.put(
            "erp.receivables",
            (
                f"RE-{order.number}",
                order.erp_no,
                order.account.customer_no,
                exact(order.total),
                exact(order.total - order.paid),
                order.account.currency,
                due_on,
                days_paid[-1] if full else None,
                changed,
            ),
        )
        for (day, amount), paid_on in zip(paid_days, days_paid, strict=True):
            at = self._days.company.at(day, 30 + int(order.number[5:]) % 240)
            self._payments.append((at, order.erp_no, amount, order.account.currency, paid_on, order.channel))

    def _put_payments(self) -> None:
        counted: dict[int, int] = {}
        self._payments.sort()
        for n, (at, number, amount, currency, paid_on, channel) in enumerate(self._payments):
            counted[at.year] = counted.get(at.year, FIRST_NUMBER - 1) + 1
            payment_no = f"PA-{at.year}-{counted[at.year]:05d}"
            by = ANNA if n % 3 else self._finance[n % len(self._finance)]
            self._load.put(
                "erp.payments",
                (payment_no, number, exact(amount), currency, paid_on, at, by, channel, at),
            )

    def _shipment(self, order: Order, lines: list[tuple[str, Decimal, Decimal, Decimal, Decimal]]) -> None:
        number = f"SH-{order.number}"
        if order.shipped is not None:
            at = order.shipped_at(self._days)
            asked = at - dt.timedelta(hours=2)
            row = (number, order.erp_no, order.erp_no, "shipped", asked, at, None, at)
            self._load.put("erp.shipments", row)
            for position, line in enumerate(lines, start=1):
                self._load.put("erp.shipment_lines", (f"{number}:{position}", number, *line[:2], at))
        elif self._paid_before_cut(order):
            asked = self._days.company.at((order.payments or [(0, 0)])[-1][0], 420)
            reason = f"waits for stock of {', '.join(sorted(line[0] for line in lines))}"
            waiting = (number, order.erp_no, order.erp_no, "waiting", asked, None, reason, asked)
            self._load.put("erp.shipments", waiting)
