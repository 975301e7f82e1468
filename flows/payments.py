"""Payments: an order that is paid leaves the warehouse, and the CRM knows.

erp.sales_orders (paid) → erp.shipments, which the ERP releases → crm.orders.fulfilment. Reads the orders
rather than the payments: an order is restamped by every payment, and only its sum says that it is paid.
"""

from hub.words import Flow, Look, Made, Read, Row, Step, Using, Write


def release(order: Row, _look: Look) -> Made:
    """The request to ship an order that is paid in full; the ERP decides whether goods leave."""
    number = order["sales_order_no"]
    return {
        "release_key": number,
        "shipment_no": f"SH-{number.removeprefix('SO-')}",
        "sales_order_no": number,
        "status": "requested",
        "requested_at": order["updated_at"],
    }


def shipped(shipment: Row, look: Look) -> Made:
    """The CRM's order of goods that left."""
    order = look.one("sales_orders", shipment["sales_order_no"])
    if order is None or order["crm_order_no"] is None:
        return None
    return {"order_no": order["crm_order_no"], "fulfilment": "shipped"}


PAYMENTS = Flow(
    name="payments",
    every="15 minutes",
    owner="finance",
    doc=__doc__,
    steps=(
        Step(
            "release",
            read=Read("erp.sales_orders", where={"payment_status": "paid", "status": ("open", "planned")}),
            make=release,
            write=Write(
                "erp.shipments",
                key="release_key",
                create=("shipment_no", "sales_order_no", "status", "requested_at"),
            ),
            needs=("orders",),
        ),
        Step(
            "report_back",
            read=Read("erp.shipments", where={"status": "shipped"}),
            make=shipped,
            write=Write("crm.orders", key="order_no", owns=("fulfilment",)),
            using={"sales_orders": Using("erp.sales_orders", "sales_order_no", match="sales_order_no")},
        ),
    ),
)
