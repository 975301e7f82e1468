"""The ERP's decisions about goods: reserving and moving stock, releasing and finishing production.

``production_orders`` arrive as ``requested`` and are released; a finished one takes its components out of
stock and puts its item in. It plans nothing: what is to be made comes from outside.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa

from models import erp, erp_supply
from stores.records import Row, add, aware, change, find, need, next_number, rows
from stores.refusals import Refusal

ZERO = Decimal(0)


def release_production(connection: sa.Connection, *, sales_order_no: str) -> int:
    """Release all that was requested to be made for an accepted order, which is planned then; how many."""
    order = need(connection, erp.sales_orders, sales_order_no)
    if order["status"] not in ("open", "planned"):
        raise Refusal(
            f"{sales_order_no} is {order['status']}; production is released for accepted orders",
            rule="order_accepted",
        )
    works = erp_supply.production_orders.c
    requested = rows(
        connection,
        erp_supply.production_orders,
        works.sales_order_no == sales_order_no,
        works.status == "requested",
    )
    for work in requested:
        _need_bom(connection, work)
    for work in requested:
        release_work(connection, production_no=work["production_no"])
    if requested and order["status"] == "open":
        change(connection, erp.sales_orders, sales_order_no, status="planned")
    return len(requested)


def release_work(connection: sa.Connection, *, production_no: str) -> None:
    """Release one production order, such as one for stock."""
    work = need(connection, erp_supply.production_orders, production_no)
    if work["status"] != "requested":
        raise Refusal(f"{production_no} is {work['status']}, not requested", rule="released_once")
    _need_bom(connection, work)
    change(connection, erp_supply.production_orders, production_no, status="released")


def cancel_production(connection: sa.Connection, *, sales_order_no: str) -> int:
    """Cancel what was to be made for an order and is not done yet; how many. What is done stays in stock."""
    works = erp_supply.production_orders.c
    unfinished = rows(
        connection,
        erp_supply.production_orders,
        works.sales_order_no == sales_order_no,
        works.status.in_(("requested", "released")),
    )
    for work in unfinished:
        change(connection, erp_supply.production_orders, work["production_no"], status="cancelled")
    return len(unfinished)


def finish_production(connection: sa.Connection, *, production_no: str, at: dt.datetime) -> None:
    """Report a released production order as done: components leave stock, the item enters it."""
    work = need(connection, erp_supply.production_orders, production_no)
    if work["status"] != "released":
        raise Refusal(f"{production_no} is {work['status']}, not released", rule="released_first")
    needed = _components(connection, work)
    for item_no, quantity in needed.items():
        there = find(connection, erp_supply.stock, item_no)
        on_hand = there["on_hand"] if there else ZERO
        if on_hand < quantity:
            raise Refusal(
                f"{production_no} takes {quantity} of {item_no}, {on_hand} are there; make or buy them first",
                rule="components_in_stock",
            )
    for item_no, quantity in needed.items():
        move_stock(connection, item_no, -quantity, kind="issue", document_no=production_no, at=at)
    move_stock(
        connection, work["item_no"], work["quantity"], kind="production", document_no=production_no, at=at
    )
    change(connection, erp_supply.production_orders, production_no, status="done", done_at=aware(at))


def move_stock(
    connection: sa.Connection,
    item_no: str,
    quantity: Decimal,
    *,
    kind: str,
    document_no: str,
    at: dt.datetime,
) -> None:
    """Write a stock move and what lies there after it; ``Refusal`` when less than nothing would."""
    there = find(connection, erp_supply.stock, item_no)
    on_hand = (there["on_hand"] if there else ZERO) + quantity
    if on_hand < ZERO:
        raise Refusal(f"{item_no}: {-quantity} would leave, {on_hand - quantity} are there", rule="in_stock")
    add(
        connection,
        erp_supply.stock_moves,
        stock_move_no=next_number(
            connection, erp_supply.stock_moves.c.stock_move_no, prefix="SM", year=at.year, width=6
        ),
        item_no=item_no,
        moved_at=aware(at),
        quantity=quantity,
        kind=kind,
        document_no=document_no,
    )
    _put(connection, there, item_no, on_hand=on_hand)


def reserve(connection: sa.Connection, item_no: str, quantity: Decimal) -> None:
    """Promise so much of an item to an order, or give it back when negative."""
    there = find(connection, erp_supply.stock, item_no)
    _put(connection, there, item_no, reserved=(there["reserved"] if there else ZERO) + quantity)


def _put(connection: sa.Connection, there: Row | None, item_no: str, **values: Decimal) -> None:
    if there is None:
        add(connection, erp_supply.stock, item_no=item_no, **{"on_hand": ZERO, "reserved": ZERO, **values})
    else:
        change(connection, erp_supply.stock, item_no, **values)


def _need_bom(connection: sa.Connection, work: Row) -> None:
    if not _components(connection, work):
        raise Refusal(
            f"{work['production_no']}: {work['item_no']} has no bill of materials, so nobody knows what "
            "it is made of; add the lines, then it is released",
            rule="bom_is_there",
        )


def _components(connection: sa.Connection, work: Row) -> dict[str, Decimal]:
    bom = rows(connection, erp_supply.bom_lines, erp_supply.bom_lines.c.parent_item_no == work["item_no"])
    return {line["component_item_no"]: line["quantity"] * work["quantity"] for line in bom}
