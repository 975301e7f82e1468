"""What is in stock, late and owed, counted from the sources' own tables.

Books ─▶ each item's supply, each late order with its cause, suppliers' deliveries, and what open invoices
bring by week. After docs/marts.md and what the page supply says of itself.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from tests.reports.numbers.books import FOUR, NOTHING, Books, Row
from tests.reports.numbers.books_approvals import rank
from tests.reports.numbers.books_forecast import Values, monday

MAKING = ("requested", "released")
NEVER_DAYS = 3650


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def sold_in_a_year(books: Books) -> dict[str, Decimal]:
    """What each item was sold for in a year."""
    since, found = books.today - dt.timedelta(days=365), dict[str, Decimal]()
    for one in books.orders:
        for line, worth in one["lines"] if one["revenue"] and one["on"] > since else ():
            found[line["item_no"]] = found.get(line["item_no"], NOTHING) + (worth or NOTHING)
    return found


def supply(books: Books, expected: Mapping[str, Decimal]) -> dict[str, dict[str, Any]]:
    """Each item by its number; ``expected`` is next month's forecast of those that have one."""
    since = books.today - dt.timedelta(days=90)
    used: dict[str, Decimal] = defaultdict(Decimal)
    for move in books.rows("erp.stock_moves"):
        if since < books.day(move["moved_at"]) <= books.today and Decimal(move["quantity"]) < 0:
            used[move["item_no"]] -= Decimal(move["quantity"])
    stock = books.stock()
    making = books.by("erp.production_orders", "item_no")
    found = {}
    for item in books.rows("erp.items"):
        number, takes = item["item_no"], item["lead_time_days"]
        available = stock.get(number, NOTHING)
        demand = expected.get(number, (used[number] / 3).quantize(FOUR, ROUND_HALF_UP))
        cover = int((max(available, NOTHING) * 30 / demand).to_integral(ROUND_FLOOR)) if demand else None
        lacks = (demand * takes / 30 + Decimal(item["min_stock"]) - available).to_integral(ROUND_CEILING)
        runs_out = None if cover is None or cover >= NEVER_DAYS else books.today + dt.timedelta(days=cover)
        made = [one for one in making.get(number, []) if one["status"] in MAKING]
        under_way = sum((Decimal(one["quantity"]) for one in made), NOTHING)
        found[number] = {
            "available": available, "monthly_demand": demand, "days_of_cover": cover,
            "runs_out_on": runs_out, "lead_time_days": takes, "suggested_quantity": max(lacks, NOTHING),
            "order_by_on": runs_out and runs_out - dt.timedelta(days=takes), "under_way": under_way,
            "ready_on": day(min((one["due_on"] for one in made), default=None)),
            "to_order": max(max(lacks, NOTHING) - under_way, NOTHING),
            "expected_on": day(_expected(books, item["supplier_no"])),
        }  # fmt: skip
    return found


def _expected(books: Books, supplier: str | None) -> str | None:
    open_ = (row for row in books.rows("erp.purchases") if row["status"] == "ordered")
    days = [row["expected_on"] for row in open_ if row["supplier_no"] == supplier and row["expected_on"]]
    return min(days, default=None)


def late_orders(books: Books) -> dict[str, dict[str, Any]]:
    """Orders past the day promised or else asked for, and not shipped, by their number."""
    found = {}
    for one in books.orders:
        order, sale = one["order"] or {}, one["sale"] or {}
        promised = sale.get("promised_on") or order.get("promised_on")
        wanted = day(promised or order.get("requested_on") or sale.get("requested_on"))
        over = one["closed"] or order.get("status") in ("draft", "cancelled")
        if not over and wanted and wanted < books.today:
            key = order.get("order_no") or sale.get("crm_order_no") or sale["sales_order_no"]
            found[key] = {
                "wanted_on": wanted, "days_late": (books.today - wanted).days, "amount": one["worth"],
                "cause": _cause(books, one),
            }  # fmt: skip
    return found


def _cause(books: Books, one: dict[str, Any]) -> str:
    """The first step of its way that is not done: decided, booked, bought, made, in stock, paid, shipped."""
    order, sale = one["order"] or {}, one["sale"]
    if order.get("approval_status") in ("wanted", "refused"):
        return "approval"
    if sale is None:
        return "booking"
    short = _short(books, one)
    behind = [
        row for row in books.rows("erp.production_orders")
        if row["status"] in MAKING and row["due_on"] < books.today.isoformat()
        and (row["sales_order_no"] == sale["sales_order_no"]
             if row["sales_order_no"] else row["item_no"] in short)
    ]  # fmt: skip
    lacking = short | {row["item_no"] for row in behind}
    suppliers = {row["supplier_no"] for row in books.rows("erp.items") if row["item_no"] in lacking}
    if any(row["supplier_no"] in suppliers for row in _not_come(books)):
        return "purchase"
    if behind:
        return "production"
    sent = books.by("erp.shipments", "sales_order_no").get(sale["sales_order_no"], [])
    if short or any(row["status"] == "waiting" for row in sent):
        return "stock"
    return "release" if sale["payment_status"] == "paid" else "payment"


def _short(books: Books, one: dict[str, Any]) -> set[str]:
    """The order's items of which more is promised than there is, or less is there than it wants."""
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for line, _ in one["lines"]:
        wanted[line["item_no"]] += Decimal(line["quantity"])
    free = books.stock()
    there = {row["item_no"]: Decimal(row["on_hand"]) for row in books.rows("erp.stock")}
    return {
        item for item, quantity in wanted.items()
        if free.get(item, NOTHING) < 0 or there.get(item, NOTHING) < quantity
    }  # fmt: skip


def _not_come(books: Books) -> list[Row]:
    today = books.today.isoformat()
    open_ = (row for row in books.rows("erp.purchases") if row["status"] == "ordered")
    return [row for row in open_ if row["expected_on"] and row["expected_on"] < today]


def deliveries(books: Books) -> dict[str, tuple[int, int, int, Decimal | None]]:
    """Deliveries due in a year, those late, of these the open ones, and the days nine of ten were late."""
    since, today = (books.today - dt.timedelta(days=365)).isoformat(), books.today.isoformat()
    found: dict[str, list[tuple[Decimal, bool]]] = defaultdict(list)
    for row in books.rows("erp.purchases"):
        due, came = row["expected_on"], row["received_on"]
        if row["status"] in ("ordered", "received") and due and due > since and (came or due < today):
            late = dt.date.fromisoformat(came or today) - dt.date.fromisoformat(due)
            days = Decimal(max(late.days, 0))
            found[row["supplier_no"]].append((days, bool(days) and row["status"] == "ordered"))
    return {
        supplier: (len(own), sum(days > 0 for days, _ in own), sum(still for _, still in own),
                   rank((days for days, _ in own), 9))
        for supplier, own in found.items() if len(own) >= 3
    }  # fmt: skip


def owed(books: Books) -> tuple[Values, dict[str, Decimal]]:
    """What open invoices that are not overdue bring by week, and what each account owes over its day."""
    weeks: Values = defaultdict(Decimal)
    accounts: dict[str, Decimal] = defaultdict(Decimal)
    sales = {one["sale"]["sales_order_no"]: one for one in books.orders if one["sale"]}
    for row in books.rows("erp.receivables"):
        one, due = sales[row["sales_order_no"]], dt.date.fromisoformat(row["due_on"])
        left = books.worth(row["open_amount"], row["currency"], one["on"]) or NOTHING
        if due >= books.today:
            weeks[monday(due)] += left
        elif left:
            accounts[one["account_no"]] += left
    return {on: left for on, left in weeks.items() if left}, dict(accounts)
