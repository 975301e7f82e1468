"""The ERP's decision to let goods go: paid in full or within credit, and in stock.

``shipments`` arrive as ``requested`` and leave shipped, waiting for stock, or refused with the reason; what
ships leaves the stock and closes its order.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa

from models import erp, erp_supply
from stores.erp import order_lines
from stores.erp_supply import move_stock, reserve
from stores.records import Row, add, aware, change, find, need, rows
from stores.refusals import Refusal

ZERO = Decimal(0)


def release_shipment(connection: sa.Connection, *, shipment_no: str, at: dt.datetime) -> str:
    """Ship what is paid or within credit and in stock; else let it wait for stock, or refuse it."""
    shipment = need(connection, erp.shipments, shipment_no)
    if shipment["status"] == "shipped":
        raise Refusal(f"{shipment_no} left at {shipment['shipped_at']}", rule="shipped_once")
    order = need(connection, erp.sales_orders, shipment["sales_order_no"])
    reason = _why_not_ship(connection, order)
    if reason:
        return _leave(connection, shipment, "refused", reason)
    lines = order_lines(connection, order["sales_order_no"])
    short = _short(connection, lines)
    if short:
        return _leave(connection, shipment, "waiting", f"waits for stock of {', '.join(short)}")
    for number, (item_no, quantity) in enumerate(_per_item(lines).items(), start=1):
        add(
            connection,
            erp.shipment_lines,
            shipment_line_no=f"{shipment_no}:{number}",
            shipment_no=shipment_no,
            item_no=item_no,
            quantity=quantity,
        )
        move_stock(connection, item_no, -quantity, kind="shipment", document_no=shipment_no, at=at)
        reserve(connection, item_no, -quantity)
    change(
        connection,
        erp.shipments,
        shipment_no,
        status="shipped",
        shipped_at=aware(at),
        refusal_reason=None,
    )
    change(connection, erp.sales_orders, order["sales_order_no"], status="shipped")
    return "shipped"


def _why_not_ship(connection: sa.Connection, order: Row) -> str:
    if order["status"] not in ("open", "planned"):
        return f"order {order['sales_order_no']} is {order['status']}; only an accepted order is shipped"
    if order["payment_status"] == "paid":
        return ""
    customer = need(connection, erp.customers, order["customer_no"])
    owed = rows(connection, erp.receivables, erp.receivables.c.customer_no == customer["customer_no"])
    exposure = sum((receivable["open_amount"] for receivable in owed), ZERO)
    if customer["credit_status"] != "hold" and exposure <= customer["credit_limit"]:
        return ""
    return (
        f"neither paid nor within credit: {customer['customer_no']} owes {exposure} {order['currency']} "
        f"of a limit of {customer['credit_limit']} ({customer['credit_status']})"
    )


def _short(connection: sa.Connection, lines: list[Row]) -> list[str]:
    short = []
    for item_no, quantity in _per_item(lines).items():
        there = find(connection, erp_supply.stock, item_no)
        if there is None or there["on_hand"] < quantity:
            short.append(item_no)
    return short


def _per_item(lines: list[Row]) -> dict[str, Decimal]:
    needed: dict[str, Decimal] = {}
    for line in lines:
        needed[line["item_no"]] = needed.get(line["item_no"], ZERO) + line["quantity"]
    return needed


def _leave(connection: sa.Connection, shipment: Row, status: str, reason: str) -> str:
    if (shipment["status"], shipment["refusal_reason"]) != (status, reason):
        change(connection, erp.shipments, shipment["shipment_no"], status=status, refusal_reason=reason)
    return status
