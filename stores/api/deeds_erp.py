"""The ERP's actions: recording payments, cancelling orders, releasing production and shipments."""

from __future__ import annotations

from models import erp
from stores import erp as rules
from stores import erp_shipments as shipping
from stores import erp_supply as supply
from stores.api.deeds import Action, Field

_by = Field("by_no", erp.staff.c.employee_no)

ACTIONS: tuple[Action, ...] = (
    Action(
        "sales_orders",
        "record_payment",
        "erp:pay",
        "Record money received for an accepted order and settle it.",
        lambda c, key, given, at: rules.record_payment(c, sales_order_no=key, at=at, **given),
        (
            Field("amount", erp.payments.c.amount),
            _by,
            Field("paid_on", erp.payments.c.paid_on, required=False),
        ),
        makes="payments",
    ),
    Action(
        "sales_orders",
        "cancel",
        "erp:write",
        "Cancel an order whose goods have not left; its goods are free again.",
        lambda c, key, _given, at: rules.cancel_order(c, sales_order_no=key, at=at),
    ),
    Action(
        "production_orders",
        "release",
        "erp:write",
        "Release one production order, such as one for stock.",
        lambda c, key, _given, _at: supply.release_work(c, production_no=key),
    ),
    Action(
        "production_orders",
        "finish",
        "erp:write",
        "Report a released production order as done: components leave stock, the item enters it.",
        lambda c, key, _given, at: supply.finish_production(c, production_no=key, at=at),
    ),
    Action(
        "shipments",
        "release",
        "erp:write",
        "Ship what is paid or within credit and in stock; else it waits, or is refused.",
        lambda c, key, _given, at: shipping.release_shipment(c, shipment_no=key, at=at),
    ),
)
