"""How a CRM order becomes the ERP's: the order it asks for, and the request to cancel it.

Pure functions of a ``crm.orders`` row, used by the orders flow. Accepting, reserving and cancelling are the
ERP's own decisions.
"""

from hub.words import Look, Made, MissingDependency, RecordRejected, Row

FIXED_ONCE_ACCEPTED = ("customer_no", "currency", "total_amount")
SET_AT_BOOKING = ("sales_order_no", "status", "payment_status", "paid_amount", "channel")


def sales_order_no(order_no: str) -> str:
    """CO-2026-00412 is booked as SO-2026-00412, so that a repeat finds it."""
    return f"SO-{order_no.removeprefix('CO-')}"


def sales_order(order: Row, look: Look) -> Made:
    """The ERP's order for a CRM order, asking to be accepted; waits for its customer."""
    customer = look.one("customers", order["account_no"])
    if customer is None:
        raise MissingDependency(
            f"crm.orders {order['order_no']}: account {order['account_no']} is no ERP customer yet; "
            "it goes by itself once the account is active",
            rule="customer_in_erp",
        )
    _refuse_late_change(order, look.one("booked", order["order_no"]), customer)
    number = sales_order_no(order["order_no"])
    return {
        "sales_order_no": number,
        "crm_order_no": order["order_no"],
        "customer_no": customer["customer_no"],
        **{name: order[name] for name in ("ordered_at", "requested_on", "currency", "total_amount")},
        "status": "requested",
        "payment_status": "unpaid",
        "paid_amount": 0,
        "channel": "system",
        "lines": [_sales_order_line(number, order, line, look) for line in order["lines"]],
    }


def _refuse_late_change(order: Row, booked: Row | None, customer: Row) -> None:
    """What the ERP has accepted, it has reserved and billed: a changed order is not slipped under that."""
    if booked is None or booked["status"] == "requested":
        return
    wanted = {**order, "customer_no": customer["customer_no"]}
    changed = [name for name in FIXED_ONCE_ACCEPTED if wanted[name] != booked[name]]
    if changed:
        said = ", ".join(f"{name} {booked[name]} to {wanted[name]}" for name in changed)
        raise RecordRejected(
            f"crm.orders {order['order_no']}: changed after the ERP had it as {booked['status']} ({said}); "
            "change it back, or cancel the order in the CRM and write a new one",
            rule="not_changed_once_accepted",
        )


def _sales_order_line(number: str, order: Row, line: Row, look: Look) -> Row:
    if look.one("items", line["item_no"]) is None:
        raise RecordRejected(
            f"crm.orders {order['order_no']} line {line['line_no']}: item {line['item_no']!r} is not in the "
            "ERP's catalogue; correct the item in the CRM, or add it to the ERP and replay",
            rule="item_in_erp",
        )
    kept = ("line_no", "item_no", "quantity", "unit_price", "discount_rate", "line_amount")
    return {
        "sales_order_line_no": f"{number}:{line['line_no']}",
        "sales_order_no": number,
        **{name: line[name] for name in kept},
    }


def cancellation(order: Row, look: Look) -> Made:
    """The request to cancel what was booked for a cancelled CRM order; whether it still can is the ERP's."""
    booked = look.one("sales_orders", order["order_no"])
    if booked is None or booked["status"] not in ("requested", "open", "planned"):
        return None
    return {"crm_order_no": order["order_no"], "cancel_requested": True}
