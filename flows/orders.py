"""Orders: what a customer ordered is booked, planned and promised in the ERP, and the CRM knows.

crm.orders → erp.sales_orders → erp.production_orders → the promise on the order → back to crm.orders.
"""

import datetime as dt
from typing import Any

from flows.booking import SET_AT_BOOKING, cancellation, sales_order
from hub.words import Flow, Look, Made, Read, Row, Step, Using, Write
from planning.production import plan_order, promised_on, schedule_order


def production(order: Row, look: Look) -> Made:
    """What must be made for an accepted order, from BOM, stock and lead times."""
    return plan_order(order, look.firsts("items"), **_supply(look))


def promise(order: Row, look: Look) -> Made:
    """The delivery day of an accepted order; given once, a later plan does not take it back."""
    if order["promised_on"] is not None:
        return None
    if order["status"] == "open":
        day = schedule_order(order, look.firsts("items"), **_supply(look)).promised_on
    else:
        planned = look.all("production", order["sales_order_no"])
        day = promised_on(order, planned, holidays=_closed_days(look))
    return {"sales_order_no": order["sales_order_no"], "promised_on": day}


def _supply(look: Look) -> dict[str, Any]:
    return {"bom": look.table("bom"), "stock": look.firsts("stock"), "holidays": _closed_days(look)}


def _closed_days(look: Look) -> frozenset[dt.date]:
    """Days kept anywhere in the company: no promise rests on a day when a part of it is closed."""
    return frozenset(row["on_date"] for row in look.rows("holidays") if row["day_part"] == "full")


def order_status(booked: Row, _look: Look) -> Made:
    """How far the ERP is with an order, in the CRM's words; an order keyed in by hand has no CRM order."""
    if booked["crm_order_no"] is None or booked["status"] == "cancelled":
        return None
    return {
        "order_no": booked["crm_order_no"],
        "fulfilment": fulfilment(booked),
        "promised_on": booked["promised_on"],
        "refusal_reason": booked["refusal_reason"],
    }


def fulfilment(booked: Row) -> str:
    """booked, planned, paid, shipped or refused."""
    status = str(booked["status"])
    if status in ("shipped", "refused"):
        return status
    if booked["payment_status"] == "paid":
        return "paid"
    return "planned" if status == "planned" else "booked"


_SUPPLY = {
    "items": Using("erp.items", "item_no"),
    "bom": Using("erp.bom_lines", "parent_item_no"),
    "stock": Using("erp.stock", "item_no"),
    "holidays": Using("oa.holidays", "country"),
}

ORDERS = Flow(
    name="orders",
    every="15 minutes",
    owner="sales-operations",
    doc=__doc__,
    steps=(
        Step(
            "book",
            read=Read(
                "crm.orders",
                where={"status": "confirmed", "approval_status": ("none", "approved")},
                lines="crm.order_lines",
            ),
            make=sales_order,
            write=Write(
                "erp.sales_orders", key="crm_order_no", create=SET_AT_BOOKING, lines="erp.sales_order_lines"
            ),
            needs=("customers", "catalogue"),
            gone={"cancel_requested": True},
            using={
                "customers": Using("erp.customers", "crm_account_no", match="account_no"),
                "items": Using("erp.items", "item_no", match="lines.item_no"),
                "booked": Using("erp.sales_orders", "crm_order_no", match="order_no"),
            },
        ),
        Step(
            "cancel",
            read=Read("crm.orders", where={"status": "cancelled"}),
            make=cancellation,
            write=Write("erp.sales_orders", key="crm_order_no", owns=("cancel_requested",)),
            using={"sales_orders": Using("erp.sales_orders", "crm_order_no", match="order_no")},
        ),
        Step(
            "plan",
            read=Read("erp.sales_orders", where={"status": "open"}, lines="erp.sales_order_lines"),
            make=production,
            write=Write(
                "erp.production_orders",
                key="plan_key",
                # A plan once made is production's to change: stock moves on, a replan must not undo it.
                create=(
                    "production_no",
                    "sales_order_no",
                    "item_no",
                    "quantity",
                    "bom_level",
                    "starts_on",
                    "due_on",
                    "status",
                ),
            ),
            using=_SUPPLY,
        ),
        Step(
            "promise",
            read=Read(
                "erp.sales_orders", where={"status": ("open", "planned")}, lines="erp.sales_order_lines"
            ),
            make=promise,
            write=Write("erp.sales_orders", key="sales_order_no", owns=("promised_on",)),
            using={
                **_SUPPLY,
                "production": Using("erp.production_orders", "sales_order_no", match="sales_order_no"),
            },
        ),
        Step(
            "report_back",
            read=Read("erp.sales_orders"),
            make=order_status,
            write=Write("crm.orders", key="order_no", owns=("fulfilment", "promised_on", "refusal_reason")),
        ),
    ),
)
