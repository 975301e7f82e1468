"""The documents that stand still between the systems, counted from the sources' own tables.

Books ─▶ how many of a kind and what they are worth, and the worth of any document that a gap names.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tests.reports.numbers.books import NOTHING, Books, Row, at, coalesce, total

Count = tuple[int, Decimal]


def gaps(books: Books) -> dict[str, Count]:
    """The kinds that can be told without policies; none for a kind without documents."""
    found = {
        "won_without_order": _won(books),
        "paid_not_shipped": _paid(books),
        "shipped_crm_open": _shipped(books),
        "done_on_paper": _paper(books),
    }
    return {kind: count for kind, count in found.items() if count[0]}


def _counted(amounts: Iterable[Decimal | None]) -> Count:
    kept = list(amounts)
    return len(kept), total(kept)


def _won(books: Books) -> Count:
    if not books.rows("crm.orders"):
        return 0, NOTHING
    kept = (row for row in books.rows("crm.orders") if row["status"] != "cancelled")
    ordered = {row["lead_no"] for row in kept}
    won = (row for row in books.rows("crm.leads") if row["stage"] == "won" and row["lead_no"] not in ordered)
    return _counted(_lead(books, row) for row in won)


def _lead(books: Books, row: Row) -> Decimal | None:
    on = books.day(row["created_at"])
    worth = (books.worth(row[name], row["currency"], on) for name in ("won_amount", "expected_amount"))
    return coalesce(*worth)


def _under_way(one: dict[str, Any]) -> bool:
    return one["status"] in ("open", "planned")


def _paid(books: Books) -> Count:
    paid = (one for one in books.orders if one["sale"] and one["sale"]["payment_status"] == "paid")
    return _counted(one["paid"] for one in paid if _under_way(one) and not one["gone"])


def _shipped(books: Books) -> Count:
    known = (one for one in books.orders if one["sale"] and one["order"])
    told = (one for one in known if one["order"]["fulfilment"] != "shipped")
    open_ = (one for one in told if one["order"]["status"] != "cancelled")
    left = (one for one in open_ if one["status"] == "shipped"
            or (_under_way(one) and one["gone"]))  # fmt: skip
    return _counted(one["worth"] for one in left)


def _paper(books: Books) -> Count:
    since = books.as_of - dt.timedelta(days=90)
    requests = [
        document(books, "oa.approval_requests", row["request_no"], kind="")
        for row in books.rows("oa.approval_requests")
        if row["channel"] == "paper" and (not row["decided_at"] or at(row["requested_at"]) > since)
    ]
    orders = [
        one["worth"]
        for one in books.orders
        if one["sale"] and one["sale"]["channel"] == "paper" and one["status"] not in ("cancelled", "refused")
        and not (one["order"] and one["order"]["status"] in ("draft", "cancelled"))
        and (not one["gone"] or at((one["order"] or one["sale"])["ordered_at"]) > since)
    ]  # fmt: skip
    payments = [
        document(books, "erp.payments", row["payment_no"], kind="")
        for row in books.rows("erp.payments")
        if row["channel"] == "paper"
        and dt.datetime.combine(dt.date.fromisoformat(row["paid_on"]), dt.time(), books.zone) > since
    ]
    return _counted([*requests, *orders, *payments])


def document(books: Books, stream: str, number: str, *, kind: str) -> Decimal | None:
    """What a document of a gap is worth: as its own system has it, at the rate of its day."""
    (row,) = (row for row in books.rows(stream) if next(iter(row.values())) == number)
    if stream == "crm.leads":
        return _lead(books, row)
    if stream in ("crm.orders", "erp.sales_orders"):
        side = "order" if stream == "crm.orders" else "sale"
        (one,) = (one for one in books.orders if one[side] == row)
        return one["paid" if kind == "paid_not_shipped" else "worth"]  # type: ignore[no-any-return]
    if stream == "oa.attendance":
        asked = (one for one in books.rows("oa.approval_requests") if one["request_no"] == row["request_no"])
        return next(
            (document(books, "oa.approval_requests", one["request_no"], kind=kind) for one in asked), None
        )
    amount, on = {
        "erp.payments": ("amount", "paid_on"),
        "erp.funds": ("amount", "booked_on"),
        "erp.purchases": ("total_amount", "ordered_at"),
        "oa.approval_requests": ("amount", "requested_at"),
    }[stream]
    day = dt.date.fromisoformat(row[on]) if on.endswith("_on") else books.day(row[on])
    return books.worth(row[amount], row["currency"], day)


def stuck(books: Books, found: Iterable[tuple[str, str, str]]) -> Decimal:
    """The money in gaps given as kind, stream and number: each document once, an order under all its numbers.

    An order's payments are each money of their own.
    """
    documents: dict[tuple[str, str], Decimal] = {}
    for kind, stream, number in found:
        worth = document(books, stream, number, kind=kind) or NOTHING
        documents[stream, number] = max(worth, documents.get((stream, number), worth))
    objects: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for (stream, number), worth in documents.items():
        objects[_about(books, stream, number)][stream].append(worth)
    of_object = (
        max(
            sum(worths, NOTHING) if stream == "erp.payments" else max(worths)
            for stream, worths in streams.items()
        )
        for streams in objects.values()
    )
    return sum(of_object, NOTHING)


def _about(books: Books, stream: str, number: str) -> str:
    (row,) = (row for row in books.rows(stream) if next(iter(row.values())) == number)
    if stream in ("erp.funds", "oa.attendance") and row["request_no"]:
        return _about(books, "oa.approval_requests", row["request_no"])
    if stream == "oa.approval_requests" and row["source_stream"] in ("crm.orders", "erp.purchases"):
        return f"{row['source_stream']}:{row['source_key']}"
    if stream == "erp.payments":
        return _about(books, "erp.sales_orders", row["sales_order_no"])
    if stream == "erp.sales_orders" and row["crm_order_no"]:
        return f"crm.orders:{row['crm_order_no']}"
    return f"{stream}:{number}"
