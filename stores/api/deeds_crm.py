"""The CRM's actions: drafting, confirming and cancelling orders, moving leads."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa

from models import crm
from stores import crm as rules
from stores.api.deeds import Action, Arguments, Field

_leads, _orders, _lines = crm.leads.c, crm.orders.c, crm.order_lines.c
_by = Field("by_no", crm.staff.c.employee_no)


def _draft(connection: sa.Connection, _key: str, given: Arguments, at: dt.datetime) -> str:
    lines = [
        rules.Line(
            line["item_no"],
            line["quantity"],
            line.get("discount_rate", Decimal(0)),
            line.get("unit_price"),
        )
        for line in given["lines"]
    ]
    return rules.add_order(connection, **{**given, "lines": lines}, at=at)


ACTIONS: tuple[Action, ...] = (
    Action(
        "orders",
        "draft",
        "crm:write",
        "Draft an order at the catalogue's prices unless others are given.",
        _draft,
        (
            Field("account_no", _orders.account_no),
            Field("owner_no", _orders.owner_no),
            Field("lead_no", _orders.lead_no, required=False),
            Field("requested_on", _orders.requested_on, required=False),
            Field(
                "lines",
                many=(
                    Field("item_no", _lines.item_no),
                    Field("quantity", _lines.quantity),
                    Field("discount_rate", _lines.discount_rate, required=False),
                    Field("unit_price", _lines.unit_price, required=False),
                ),
            ),
        ),
        on_record=False,
        makes="orders",
    ),
    Action(
        "orders",
        "confirm",
        "crm:write",
        "Confirm a draft; a large discount asks for an approval.",
        lambda c, key, _given, at: rules.confirm_order(c, order_no=key, at=at),
    ),
    Action(
        "orders",
        "cancel",
        "crm:write",
        "Cancel an order whose goods have not left.",
        lambda c, key, _given, _at: rules.cancel_order(c, order_no=key),
    ),
    Action(
        "leads",
        "move",
        "crm:write",
        "Move a lead forward to a stage.",
        lambda c, key, given, at: rules.move_lead(c, lead_no=key, at=at, **given),
        (Field("stage", _leads.stage), _by, Field("won_amount", _leads.won_amount, required=False)),
    ),
    Action(
        "leads",
        "win",
        "crm:write",
        "The lead became an order of its own account.",
        lambda c, key, given, at: rules.win_lead(c, lead_no=key, at=at, **given),
        (Field("order_no", _orders.order_no), _by),
    ),
    Action(
        "leads",
        "lose",
        "crm:write",
        "The lead went elsewhere.",
        lambda c, key, given, at: rules.lose_lead(c, lead_no=key, at=at, **given),
        (_by,),
    ),
)
