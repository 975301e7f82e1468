"""The ERP's decisions about orders: accepting them, taking in their payments, cancelling them.

``sales_orders`` arrive as ``requested`` and leave accepted or refused with the reason; payments settle the
order and its receivable. Making goods is ``stores.erp_supply``, letting them go ``stores.erp_shipments``.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa

from models import erp, erp_supply
from stores.erp_supply import cancel_production, reserve
from stores.records import Row, add, aware, change, find, need, next_number, rows
from stores.refusals import Refusal

FINANCE = "D-FIN"
ACCEPTED = ("open", "planned", "shipped")
ZERO = Decimal(0)


def accept_order(connection: sa.Connection, *, sales_order_no: str, at: dt.datetime) -> str:
    """Accept a requested order, reserving goods and opening its receivable, or refuse it with a reason."""
    order = need(connection, erp.sales_orders, sales_order_no)
    if order["status"] != "requested":
        raise Refusal(f"{sales_order_no} is {order['status']}, not requested", rule="decided_once")
    customer = need(connection, erp.customers, order["customer_no"])
    lines = order_lines(connection, sales_order_no)
    reason = _why_not(connection, order, customer, lines)
    if reason:
        change(connection, erp.sales_orders, sales_order_no, status="refused", refusal_reason=reason)
        return "refused"
    for line in lines:
        reserve(connection, line["item_no"], line["quantity"])
    if customer["kind"] == "prospect":
        change(connection, erp.customers, customer["customer_no"], kind="customer")
    number = f"RE-{sales_order_no.removeprefix('SO-')}"
    if find(connection, erp.receivables, number) is None:
        add(
            connection,
            erp.receivables,
            receivable_no=number,
            sales_order_no=sales_order_no,
            customer_no=customer["customer_no"],
            amount=order["total_amount"],
            open_amount=order["total_amount"] - order["paid_amount"],
            currency=order["currency"],
            due_on=order["ordered_at"].date() + dt.timedelta(days=customer["payment_terms_days"]),
        )
    change(connection, erp.sales_orders, sales_order_no, status="open")
    settle(connection, sales_order_no, at=at)
    return "open"


def cancel_order(connection: sa.Connection, *, sales_order_no: str, at: dt.datetime) -> str:
    """Cancel an order whose goods have not left; gives the status that it has then.

    Its goods are free again, nothing more is made for it, and nothing of it is owed. What was paid stays
    paid: giving it back is a payment of its own.
    """
    order = need(connection, erp.sales_orders, sales_order_no)
    if order["status"] not in ("requested", "open", "planned"):
        return str(order["status"])
    # What another program paid with SQL counts before the order is closed.
    settle(connection, sales_order_no, at=at)
    if order["status"] != "requested":
        for line in order_lines(connection, sales_order_no):
            reserve(connection, line["item_no"], -line["quantity"])
    cancel_production(connection, sales_order_no=sales_order_no)
    for owed in rows(connection, erp.receivables, erp.receivables.c.sales_order_no == sales_order_no):
        change(connection, erp.receivables, owed["receivable_no"], open_amount=ZERO)
    change(connection, erp.sales_orders, sales_order_no, status="cancelled")
    return "cancelled"


def record_payment(
    connection: sa.Connection,
    *,
    sales_order_no: str,
    amount: Decimal,
    by_no: str,
    at: dt.datetime,
    paid_on: dt.date | None = None,
    payment_no: str = "",
    channel: str = "system",
) -> str:
    """Record money received for an accepted order and settle it; gives the payment's number."""
    order = need(connection, erp.sales_orders, sales_order_no)
    _check_payment(connection, order, amount=amount, by_no=by_no)
    number = payment_no or next_number(
        connection, erp.payments.c.payment_no, prefix="PA", year=at.year, width=5
    )
    add(
        connection,
        erp.payments,
        payment_no=number,
        sales_order_no=sales_order_no,
        amount=amount,
        currency=order["currency"],
        paid_on=paid_on or at.date(),
        recorded_at=aware(at),
        recorded_by=by_no,
        channel=channel,
    )
    settle(connection, sales_order_no, at=at)
    return number


def _check_payment(connection: sa.Connection, order: Row, *, amount: Decimal, by_no: str) -> None:
    person = find(connection, erp.staff, by_no)
    if person is None or person["department_no"] != FINANCE or not person["is_active"]:
        raise Refusal(f"{by_no} is not in {FINANCE}; only finance records payments", rule="by_finance")
    if order["status"] not in ACCEPTED:
        raise Refusal(
            f"{order['sales_order_no']} is {order['status']}; only an accepted order is paid",
            rule="order_accepted",
        )
    owed = order["total_amount"] - order["paid_amount"]
    if not ZERO < amount <= owed:
        raise Refusal(
            f"{order['sales_order_no']}: {amount} {order['currency']} came, more than 0 and at most "
            f"{owed} is owed",
            rule="amount_is_owed",
        )


def settle(connection: sa.Connection, sales_order_no: str, *, at: dt.datetime) -> bool:
    """Bring an order's paid amount and receivable to the sum of its payments; whether that changed anything.

    A payment that another program wrote with SQL counts as one recorded here.
    """
    order = need(connection, erp.sales_orders, sales_order_no)
    payments = rows(connection, erp.payments, erp.payments.c.sales_order_no == sales_order_no)
    paid = sum((payment["amount"] for payment in payments), ZERO)
    if paid == order["paid_amount"]:
        return False
    full = paid >= order["total_amount"]
    status = "paid" if full else "partly" if paid > ZERO else "unpaid"
    change(connection, erp.sales_orders, sales_order_no, paid_amount=paid, payment_status=status)
    last_day = max((payment["paid_on"] for payment in payments), default=at.date())
    for owed in rows(connection, erp.receivables, erp.receivables.c.sales_order_no == sales_order_no):
        change(
            connection,
            erp.receivables,
            owed["receivable_no"],
            open_amount=ZERO if order["status"] == "cancelled" else owed["amount"] - paid,
            settled_on=last_day if full else None,
        )
    return True


def order_lines(connection: sa.Connection, sales_order_no: str) -> list[Row]:
    """The lines of an order, in key order."""
    return rows(connection, erp.sales_order_lines, erp.sales_order_lines.c.sales_order_no == sales_order_no)


def _why_not(connection: sa.Connection, order: Row, customer: Row, lines: list[Row]) -> str:
    if customer["credit_status"] == "hold":
        return f"customer {customer['customer_no']} is on credit hold; finance must lift it first"
    if not lines or sum((line["line_amount"] for line in lines), ZERO) != order["total_amount"]:
        return "the total is not the sum of the lines; correct the order"
    for line in lines:
        item = need(connection, erp_supply.items, line["item_no"])
        if item["kind"] != "finished" or not item["is_active"]:
            return f"item {line['item_no']} is not sold; take another"
    return ""
