"""Leads and trips, counted from the sources' own tables.

Books ─▶ every open lead with its age and likely value, what became of the closed ones, and every trip with
its cost and what its lead brought. After docs/marts.md and what the page pipeline says of itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.reports.numbers.books import FOUR, NOTHING, STAGES, Books, Row, at, total

STILL_DAYS, ENOUGH_WON = 14, 10
AGES = ((14, "0-14"), (30, "15-30"), (60, "31-60"), (90, "61-90"))


def rank(values: Iterable[int], tenths: int) -> int:
    """The nearest rank: the least value that so many tenths of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(1, -(-len(ordered) * tenths // 10)) - 1]


def share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / whole).quantize(FOUR, ROUND_HALF_UP)


def won_of_stage(books: Books) -> dict[str, Decimal]:
    """Of the decided leads that were ever in a stage the share won; of all decided where none was."""
    been: dict[str, set[str]] = {stage: set() for stage in STAGES}
    for row in books.rows("crm.lead_stages"):
        been.setdefault(row["stage"], set()).add(row["lead_no"])
    decided = [row for row in books.rows("crm.leads") if row["stage"] in ("won", "lost")]
    been["qualified"] |= {row["lead_no"] for row in decided if row["qualified_at"]}
    been["new"] = {row["lead_no"] for row in decided}
    found = {}
    for stage in STAGES:
        of = [row for row in decided if row["lead_no"] in been[stage]] or decided
        if of:
            found[stage] = share(sum(row["stage"] == "won" for row in of), len(of))
    return found


def open_leads(books: Books) -> dict[str, dict[str, Any]]:
    """Each open lead: its age, how long nothing was done about it, its worth and what of it is likely."""
    rates, usual, touched = won_of_stage(books), usual_days(books), dict[str, dt.date]()
    for row in books.rows("crm.activities"):
        if row["lead_no"] and row["kind"] != "note":
            on = books.day(row["happened_at"])
            touched[row["lead_no"]] = max(on, touched.get(row["lead_no"], on))
    found = {}
    for row in books.rows("crm.leads"):
        if row["stage"] not in ("won", "lost"):
            created, rate = books.day(row["created_at"]), rates.get(row["stage"])
            worth = books.worth(row["expected_amount"], row["currency"], created)
            likely = None if worth is None or rate is None else worth * rate
            age = max(0, (books.today - created).days)
            still = (books.today - touched.get(row["lead_no"], created)).days
            found[row["lead_no"]] = {
                "stage": row["stage"], "owner_no": row["owner_no"], "account_no": row["account_no"],
                "age_days": age, "still_days": still, "expected_amount": worth, "win_rate": rate,
                "weighted_amount": None if likely is None else likely.quantize(FOUR, ROUND_HALF_UP),
                "is_still": still > STILL_DAYS, "is_old": usual is not None and age > usual,
                "age": next((name for most, name in AGES if age <= most), "over-90"),
            }  # fmt: skip
    return found


def usual_days(books: Books) -> int | None:
    """Within how many days nine of ten won leads were won; ``None`` where too few were."""
    won = [row for row in books.rows("crm.leads") if row["stage"] == "won"]
    ages = [max(0, (books.day(row["closed_at"]) - books.day(row["created_at"])).days) for row in won]
    return rank(ages, 9) if len(ages) >= ENOUGH_WON else None


def closed_leads(books: Books, *, after: dt.date) -> dict[str, tuple[int, int, Decimal, Decimal]]:
    """Leads closed after a day, those won, their share and worth, by where they came from."""
    found: dict[str, list[Row]] = {}
    for row in books.rows("crm.leads"):
        if row["stage"] in ("won", "lost") and books.day(row["closed_at"]) > after:
            found.setdefault(row["source"], []).append(row)
    return {source: _closed(books, rows) for source, rows in found.items()}


def _closed(books: Books, rows: list[Row]) -> tuple[int, int, Decimal, Decimal]:
    won = [row for row in rows if row["stage"] == "won"]
    worth = total(
        books.worth(row["won_amount"], row["currency"], books.day(row["created_at"])) for row in won
    )
    return len(rows), len(won), share(len(won), len(rows)), worth


def trips(books: Books, *, after: dt.date) -> dict[str, dict[str, Any]]:
    """Trips asked for after a day: funds booked and not reversed beside the confirmed orders of the lead.

    A lead's orders stand with its first approved trip.
    """
    funds = books.by("erp.funds", "request_no")
    asked = [row for row in books.rows("oa.approval_requests") if row["kind"] == "trip"]
    asked.sort(key=lambda row: (row["requested_at"], row["request_no"]))
    found, earned = {}, set[str]()
    for row in asked:
        orders = _orders_of(books, row["lead_no"]) if row["status"] == "approved" and row["lead_no"] else []
        brought = NOTHING if row["lead_no"] in earned else total(one["worth"] for one in orders)
        if row["status"] == "approved" and row["lead_no"]:
            earned.add(row["lead_no"])
        cost = total(
            books.worth(one["amount"], one["currency"], dt.date.fromisoformat(one["booked_on"]))
            for one in funds.get(row["request_no"], []) if one["status"] == "booked"
        )  # fmt: skip
        if books.day(row["requested_at"]) > after:
            found[row["request_no"]] = {
                "status": row["status"], "cost_amount": cost, "revenue_amount": brought,
                "order_no": orders[0]["order"]["order_no"] if orders else None,
                "circulation_hours": _hours(books, row),
            }  # fmt: skip
    return found


def _orders_of(books: Books, lead: str) -> list[dict[str, Any]]:
    kept = (one for one in books.orders if one["revenue"] and one["order"])
    of = [one for one in kept if one["order"]["lead_no"] == lead]
    return sorted(of, key=lambda one: (one["order"]["ordered_at"], one["order"]["order_no"]))


def _hours(books: Books, row: Row) -> Decimal:
    until = at(row["decided_at"]) if row["decided_at"] else books.as_of
    lasted = until - at(row["requested_at"])
    micros = lasted // dt.timedelta(microseconds=1)
    return (Decimal(max(0, micros)) / 3_600_000_000).quantize(FOUR, ROUND_HALF_UP)
