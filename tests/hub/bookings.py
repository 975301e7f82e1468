"""A step for tests: confirmed orders of the CRM, lines and all, become sales orders of the ERP."""

from __future__ import annotations

from hub.words import Look, Made, MissingDependency, Read, Row, Step, Using, Write


def sales_order(order: Row, look: Look) -> Made:
    """A sales order of the ERP for a confirmed order; waits for its customer."""
    customer = look.one("customers", order["account_no"])
    if customer is None:
        raise MissingDependency(f"{order['order_no']}: no customer yet", rule="customer_in_erp")
    number = order["order_no"].replace("CO", "SO")
    kept = ("line_no", "item_no", "quantity", "unit_price", "discount_rate", "line_amount")
    return {
        "sales_order_no": number,
        "crm_order_no": order["order_no"],
        "customer_no": customer["customer_no"],
        **{name: order[name] for name in ("ordered_at", "requested_on", "currency", "total_amount")},
        **{"status": "requested", "payment_status": "unpaid", "paid_amount": 0, "channel": "system"},
        "lines": [
            {"sales_order_line_no": f"{number}:{line['line_no']}", "sales_order_no": number}
            | {name: line[name] for name in kept}
            for line in order["lines"]
        ],
    }


BOOK = Step(
    "book",
    read=Read("crm.orders", where={"status": "confirmed"}, lines="crm.order_lines"),
    make=sales_order,
    write=Write(
        "erp.sales_orders",
        key="crm_order_no",
        create=("sales_order_no", "status", "payment_status", "paid_amount", "channel"),
        lines="erp.sales_order_lines",
    ),
    using={"customers": Using("erp.customers", "crm_account_no", match="account_no")},
)
