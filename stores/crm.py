"""The CRM's decisions: drafting, confirming and cancelling orders, moving leads through their stages.

An order is drafted with lines, confirmed once it may be sold so, and moves on through the hub; a lead goes
new, engaged, qualified, proposal, won or lost, never backwards. It knows neither stock nor credit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import sqlalchemy as sa

from models import crm
from stores.records import Row, add, aware, change, need, next_number, rows
from stores.refusals import Refusal

# A sales person gives up to a fifth; more is the manager's to allow.
FREE_DISCOUNT = Decimal("0.20")
STAGES = ("new", "engaged", "qualified", "proposal", "won", "lost")
CLOSED = ("won", "lost")
UNIT = Decimal("0.0001")


@dataclass(frozen=True)
class Line:
    """One line of an order to draft; without ``unit_price`` it is the catalogue's."""

    item_no: str
    quantity: Decimal
    discount_rate: Decimal = Decimal(0)
    unit_price: Decimal | None = None


def add_order(
    connection: sa.Connection,
    *,
    account_no: str,
    owner_no: str,
    lines: Sequence[Line],
    at: dt.datetime,
    lead_no: str | None = None,
    requested_on: dt.date | None = None,
    order_no: str = "",
) -> str:
    """Draft an order; gives its number."""
    account = need(connection, crm.accounts, account_no)
    if not lines:
        raise Refusal(f"an order of {account_no} without lines orders nothing", rule="has_lines")
    number = order_no or next_number(connection, crm.orders.c.order_no, prefix="CO", year=at.year, width=5)
    rows_of_lines = [
        _line(connection, number, position, line, account=account) for position, line in enumerate(lines, 1)
    ]
    add(
        connection,
        crm.orders,
        order_no=number,
        account_no=account_no,
        lead_no=lead_no,
        owner_no=owner_no,
        status="draft",
        ordered_at=aware(at),
        requested_on=requested_on,
        currency=account["currency"],
        total_amount=sum((row["line_amount"] for row in rows_of_lines), Decimal(0)),
        approval_status="none",
    )
    for row in rows_of_lines:
        add(connection, crm.order_lines, **row)
    return number


def confirm_order(connection: sa.Connection, *, order_no: str, at: dt.datetime) -> str:
    """Confirm a draft; its account is active from then on. Gives the approval it wants: none or wanted."""
    order = need(connection, crm.orders, order_no)
    if order["status"] != "draft":
        raise Refusal(f"{order_no} is {order['status']}, not a draft", rule="confirmed_once")
    account = need(connection, crm.accounts, order["account_no"])
    if account["status"] == "merged":
        raise Refusal(
            f"{order_no}: {account['account_no']} was merged into {account['merged_into']}; order there",
            rule="account_is_live",
        )
    lines = rows(connection, crm.order_lines, crm.order_lines.c.order_no == order_no)
    wanted = any(line["discount_rate"] > FREE_DISCOUNT for line in lines)
    change(
        connection,
        crm.orders,
        order_no,
        status="confirmed",
        ordered_at=aware(at),
        approval_status="wanted" if wanted else "none",
        approval_kind="discount" if wanted else None,
    )
    if account["status"] != "active":
        change(connection, crm.accounts, account["account_no"], status="active")
    return "wanted" if wanted else "none"


def cancel_order(connection: sa.Connection, *, order_no: str) -> None:
    """Cancel an order whose goods have not left."""
    order = need(connection, crm.orders, order_no)
    if order["status"] == "cancelled" or order["fulfilment"] == "shipped":
        state = order["fulfilment"] if order["status"] != "cancelled" else "cancelled"
        raise Refusal(f"{order_no} is {state}; nothing is left to cancel", rule="cancellable")
    change(connection, crm.orders, order_no, status="cancelled")


def move_lead(
    connection: sa.Connection,
    *,
    lead_no: str,
    stage: str,
    by_no: str,
    at: dt.datetime,
    won_amount: Decimal | None = None,
) -> None:
    """Move a lead forward; winning takes an account and the amount won."""
    lead = need(connection, crm.leads, lead_no)
    if stage not in STAGES:
        raise Refusal(f"{stage!r} is no stage; they are {', '.join(STAGES)}", rule="stage_is_known")
    if lead["stage"] in CLOSED or STAGES.index(stage) <= STAGES.index(lead["stage"]):
        raise Refusal(f"{lead_no} is {lead['stage']}; it cannot become {stage}", rule="stages_go_forward")
    if stage == "won" and (lead["account_no"] is None or won_amount is None):
        raise Refusal(f"{lead_no} is won with an account and an amount only", rule="won_by_an_account")
    history = rows(connection, crm.lead_stages, crm.lead_stages.c.lead_no == lead_no)
    add(
        connection,
        crm.lead_stages,
        lead_stage_no=f"{lead_no}:{len(history) + 1}",
        lead_no=lead_no,
        stage=stage,
        entered_at=aware(at),
        by_no=by_no,
    )
    qualified = {"qualified_at": aware(at)} if stage == "qualified" else {}
    closed = {"closed_at": aware(at), "won_amount": won_amount} if stage in CLOSED else {}
    change(connection, crm.leads, lead_no, stage=stage, **qualified, **closed)


def qualify_lead(connection: sa.Connection, *, lead_no: str, by_no: str, at: dt.datetime) -> None:
    """The lead has a need, a budget and somebody who decides."""
    move_lead(connection, lead_no=lead_no, stage="qualified", by_no=by_no, at=at)


def win_lead(connection: sa.Connection, *, lead_no: str, order_no: str, by_no: str, at: dt.datetime) -> None:
    """The lead became an order of its own account."""
    lead, order = need(connection, crm.leads, lead_no), need(connection, crm.orders, order_no)
    if order["account_no"] != lead["account_no"]:
        raise Refusal(
            f"{order_no} is {order['account_no']}'s, {lead_no} is {lead['account_no']}'s", rule="same_account"
        )
    move_lead(connection, lead_no=lead_no, stage="won", by_no=by_no, at=at, won_amount=order["total_amount"])


def lose_lead(connection: sa.Connection, *, lead_no: str, by_no: str, at: dt.datetime) -> None:
    """The lead went elsewhere."""
    move_lead(connection, lead_no=lead_no, stage="lost", by_no=by_no, at=at)


def _line(connection: sa.Connection, order_no: str, position: int, line: Line, *, account: Row) -> Row:
    product = need(connection, crm.products, line.item_no)
    if not product["is_active"]:
        raise Refusal(f"{line.item_no} is not sold any more", rule="product_is_active")
    if line.quantity <= 0 or not 0 <= line.discount_rate <= 1:
        raise Refusal(
            f"{line.quantity} of {line.item_no} with discount {line.discount_rate}: the quantity is above 0, "
            "the discount from 0 to 1",
            rule="line_makes_sense",
        )
    if line.unit_price is None and product["currency"] != account["currency"]:
        raise Refusal(
            f"{line.item_no} is priced in {product['currency']}, {account['account_no']} buys in "
            f"{account['currency']}; give the price",
            rule="price_in_currency",
        )
    price = product["unit_price"] if line.unit_price is None else line.unit_price
    amount = line.quantity * price * (1 - line.discount_rate)
    return {
        "order_line_no": f"{order_no}:{position}",
        "order_no": order_no,
        "line_no": position,
        "item_no": line.item_no,
        "quantity": line.quantity,
        "unit_price": price,
        "discount_rate": line.discount_rate,
        "line_amount": amount.quantize(UNIT, rounding=ROUND_HALF_EVEN),
    }
