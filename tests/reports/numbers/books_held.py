"""What cannot go on until somebody decides, counted from the three systems' own tables.

Approvals ─▶ orders, purchases and trips behind the steps that wait, their worth and the first day of need.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from tests.reports.numbers.books import total
from tests.reports.numbers.books_approvals import Approvals

Held = tuple[int, Decimal, dt.date | None, set[str]]
"""How many, their worth, when the first is needed, and which."""


def held(approvals: Approvals) -> dict[str, Held]:
    """By what waits: an order whose approval is wanted, a purchase, a trip."""
    books = approvals.books
    found: dict[str, list[tuple[str, Decimal | None, str | None]]] = {}
    orders = {one["order"]["order_no"]: one["order"] for one in books.orders if one["order"]}
    purchases = {row["purchase_no"]: row for row in books.rows("erp.purchases")}
    for step in approvals.pending:
        request, key = step.request, step.request["source_key"]
        order, purchase = orders.get(key), purchases.get(key)
        if request["kind"] == "trip":
            one = (request["request_no"], step.worth, request["starts_on"])
            found.setdefault("trips", []).append(one)
        elif order and order["approval_status"] == "wanted":
            needed = order["promised_on"] or order["requested_on"]
            found.setdefault("orders", []).append((key, step.worth, needed))
        elif purchase:
            found.setdefault("purchases", []).append((key, step.worth, purchase["expected_on"]))
    return {
        what: (len(own), total(worth for _, worth, _ in own),
               min((dt.date.fromisoformat(day) for *_, day in own if day), default=None),
               {number for number, *_ in own})
        for what, own in found.items()
    }  # fmt: skip
