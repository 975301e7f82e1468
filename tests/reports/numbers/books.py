"""What the sources' own tables say, counted again without the warehouse: the definitions, not its SQL.

The three SQLite stores ─▶ rows with exact decimals, dates and instants ─▶ figures in company currency. It is
slow and plain on purpose: a reader can check it against docs/marts.md with a pencil.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from settings import Settings

Row = Mapping[str, Any]
FOUR = Decimal("0.0001")
NOTHING = Decimal(0)
STAGES = ("new", "engaged", "qualified", "proposal")
ACCEPTED = ("open", "planned", "shipped")
HOUR_S = 3600


class Books:
    """The company as its own systems have it, at an instant."""

    def __init__(self, settings: Settings, *, as_of: dt.datetime) -> None:
        self.as_of, self.zone = as_of, ZoneInfo(settings.timezone)
        self.today = as_of.astimezone(self.zone).date()
        self._settings = settings
        self._kept: dict[str, list[Row]] = {}

    def rows(self, stream: str) -> list[Row]:
        """All rows of a stream, as text: the stores keep decimals and instants so."""
        if stream not in self._kept:
            system, _, table = stream.partition(".")
            path = sa.make_url(self._settings.url(system)).database
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
                store.row_factory = sqlite3.Row
                self._kept[stream] = [dict(row) for row in store.execute(f"select * from {table}")]
        return self._kept[stream]

    def by(self, stream: str, key: str) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows(stream):
            found[row[key]].append(row)
        return found

    def day(self, instant: str) -> dt.date:
        return at(instant).astimezone(self.zone).date()

    @cached_property
    def _rates(self) -> dict[str, tuple[list[str], list[Decimal]]]:
        found = {}
        for currency, rows in self.by("erp.exchange_rates", "currency").items():
            known = sorted((row["on_date"], Decimal(row["rate"])) for row in rows)
            found[currency] = ([on for on, _ in known], [rate for _, rate in known])
        return found

    def worth(self, amount: str | Decimal | None, currency: str, on: dt.date) -> Decimal | None:
        """In company currency at the day's nearest earlier rate; ``None`` where there is none."""
        if amount is None:
            return None
        if currency == self._settings.currency:
            return Decimal(amount).quantize(FOUR, ROUND_HALF_UP)
        days, rates = self._rates.get(currency, ([], []))
        place = bisect_right(days, on.isoformat())
        return (Decimal(amount) * rates[place - 1]).quantize(FOUR, ROUND_HALF_UP) if place else None

    @cached_property
    def orders(self) -> list[dict[str, Any]]:
        """Every order, whether CRM, ERP or both have it: its lines' worth, its state and what is owed."""
        sales_of = self.by("erp.sales_orders", "crm_order_no")
        known = {row["order_no"] for row in self.rows("crm.orders")}
        pairs: list[tuple[Row | None, Row | None]] = []
        for row in self.rows("crm.orders"):
            pairs += [(row, sale) for sale in sales_of.get(row["order_no"], [None])]
        pairs += [(None, sale) for sale in self.rows("erp.sales_orders") if sale["crm_order_no"] not in known]
        return [self._order(order, sale) for order, sale in pairs]

    @cached_property
    def _accounts(self) -> dict[str, str]:
        return {row["customer_no"]: row["crm_account_no"] for row in self.rows("erp.customers")}

    @cached_property
    def _parts(self) -> dict[str, dict[str, list[Row]]]:
        return {
            "crm": self.by("crm.order_lines", "order_no"),
            "erp": self.by("erp.sales_order_lines", "sales_order_no"),
            "shipments": self.by("erp.shipments", "sales_order_no"),
            "receivables": self.by("erp.receivables", "sales_order_no"),
            "payments": self.by("erp.payments", "sales_order_no"),
        }

    def _order(self, order: Row | None, sale: Row | None) -> dict[str, Any]:
        head: Row = order or sale or {}
        customer = sale["customer_no"] if sale else ""
        number = sale["sales_order_no"] if sale else None
        on, currency = self.day(head["ordered_at"]), head["currency"]
        lines = self._parts["crm"][order["order_no"]] if order else self._parts["erp"][number or ""]
        sent = {one["status"] for one in self._parts["shipments"].get(number or "", [])}
        gone = "shipped" in sent and not sent & {"requested", "waiting"}
        owed = self._parts["receivables"].get(number or "", [])
        paid = sum((Decimal(one["amount"]) for one in self._parts["payments"].get(number or "", [])), NOTHING)
        left = sum((Decimal(one["open_amount"]) for one in owed), NOTHING)
        status = sale["status"] if sale else None
        return {
            "order": order, "sale": sale, "on": on,
            "account_no": (order or {}).get("account_no") or self._accounts.get(customer),
            "gone": gone, "status": status,
            "revenue": order["status"] == "confirmed" if order else status in ACCEPTED,
            "closed": status in ("cancelled", "refused") or gone or status == "shipped",
            "worth": self.worth(head["total_amount"], currency, on),
            "paid": self.worth(paid, currency, on),
            "open": self.worth(left, currency, on),
            "due_on": min((one["due_on"] for one in owed), default=None),
            "lines": [(line, self.worth(line["line_amount"], currency, on)) for line in lines],
        }  # fmt: skip

    def revenue(self, *, after: dt.date, until: dt.date) -> Decimal:
        chosen = (one for one in self.orders if one["revenue"] and after < one["on"] <= until)
        return total(worth for one in chosen for _, worth in one["lines"])

    def sales_by_month(self) -> dict[dt.date, tuple[Decimal, Decimal]]:
        """Worth and quantity of what was sold, by the month's first day."""
        found: dict[dt.date, tuple[Decimal, Decimal]] = {}
        for one in self.orders:
            for line, worth in one["lines"] if one["revenue"] else ():
                month = one["on"].replace(day=1)
                money, quantity = found.get(month, (NOTHING, NOTHING))
                found[month] = (money + (worth or 0), quantity + Decimal(line["quantity"]))
        return found

    def open_orders(self) -> tuple[int, Decimal]:
        chosen = [one for one in self.orders if one["revenue"] and not one["closed"]]
        return len(chosen), total(one["worth"] for one in chosen)

    def overdue(self) -> Decimal:
        today = self.today.isoformat()
        return total(one["open"] for one in self.orders if one["due_on"] and one["due_on"] < today)

    def cash_by_week(self) -> dict[dt.date, Decimal]:
        found: dict[dt.date, Decimal] = defaultdict(Decimal)
        for row in self.rows("erp.payments"):
            on = dt.date.fromisoformat(row["paid_on"])
            found[on - dt.timedelta(days=on.weekday())] += self.worth(row["amount"], row["currency"], on) or 0
        return dict(found)

    def stock(self) -> dict[str, Decimal]:
        stock = self.rows("erp.stock")
        return {row["item_no"]: Decimal(row["on_hand"]) - Decimal(row["reserved"]) for row in stock}

    @cached_property
    def been(self) -> dict[str, set[str]]:
        """The leads that were ever in a stage; a lead in a stage has been there."""
        found: dict[str, set[str]] = {stage: set() for stage in STAGES}
        for row in self.rows("crm.lead_stages"):
            found.get(row["stage"], set()).add(row["lead_no"])
        for row in self.rows("crm.leads"):
            found.get(row["stage"], set()).add(row["lead_no"])
            if row["qualified_at"]:
                found["qualified"].add(row["lead_no"])
        return found

    def win_rate(self) -> Decimal | None:
        since = self.as_of - dt.timedelta(days=180)
        ended = [row for row in self.rows("crm.leads") if row["closed_at"]]
        closed = [row for row in ended if since < at(row["closed_at"]) <= self.as_of]
        won = sum(row["stage"] == "won" for row in closed)
        return (Decimal(won) / len(closed)).quantize(FOUR, ROUND_HALF_UP) if closed else None

    def pipeline(self) -> dict[str, tuple[int, Decimal, Decimal]]:
        """Leads, their worth and that times the stage's win rate, by stage; closed ones of 180 days."""
        decided = [row for row in self.rows("crm.leads") if row["stage"] in ("won", "lost")]
        rates: dict[str, Decimal | None] = {"won": Decimal(1), "lost": Decimal(0)}
        for stage in STAGES:
            of = [row for row in decided if stage == "new" or row["lead_no"] in self.been[stage]]
            won = Decimal(sum(row["stage"] == "won" for row in of))
            rates[stage] = (won / len(of)).quantize(FOUR, ROUND_HALF_UP) if of else None
        since = self.as_of - dt.timedelta(days=180)
        shown: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
        for row in self.rows("crm.leads"):
            if row["stage"] in STAGES or (row["closed_at"] and at(row["closed_at"]) > since):
                on = self.day(row["created_at"])
                worth = self.worth(row["expected_amount"], row["currency"], on)
                if row["stage"] == "won":
                    worth = coalesce(self.worth(row["won_amount"], row["currency"], on), worth)
                shown[row["stage"], row["owner_no"] or ""].append(worth or NOTHING)
        found: dict[str, tuple[int, Decimal, Decimal]] = {}
        for (stage, _), amounts in shown.items():
            rate = coalesce(rates[stage], rates["new"]) or NOTHING
            leads, worth, weighted = found.get(stage, (0, NOTHING, NOTHING))
            held = sum(amounts, NOTHING)
            weighed = (held * rate).quantize(FOUR, ROUND_HALF_UP)
            found[stage] = (leads + len(amounts), worth + held, weighted + weighed)
        return found

    def approvals(self) -> Counter[tuple[str, str]]:
        """Requests by kind and status."""
        return Counter((row["kind"], row["status"]) for row in self.rows("oa.approval_requests"))

    def decisions(self) -> Counter[str]:
        """Steps by decision."""
        return Counter(row["decision"] for row in self.rows("oa.approval_steps"))

    def approval_hours(self) -> Decimal | None:
        """Nearest-rank median of the working hours of requests decided in 90 days."""
        since, steps, waited = (
            self.as_of - dt.timedelta(days=90),
            self.by("oa.approval_steps", "request_no"),
            [],
        )
        for row in self.rows("oa.approval_requests"):
            decided = row["status"] in ("approved", "refused") and row["decided_at"]
            if decided and since < at(row["decided_at"]) <= self.as_of and steps.get(row["request_no"]):
                waited.append(sum((self.waited(step) for step in steps[row["request_no"]]), NOTHING))
        return sorted(waited)[(len(waited) + 1) // 2 - 1] if waited else None

    def waited(self, step: Row) -> Decimal:
        """The working hours that a step waited, by its approver's own calendar."""
        people = {row["employee_no"]: row["country"] for row in self.rows("oa.employees")}
        country = people[step["approver_no"]]
        since, until = at(step["asked_at"]), at(step["decided_at"]) if step["decided_at"] else self.as_of
        seconds, on = 0, since.date() - dt.timedelta(days=1)
        while on <= until.date() + dt.timedelta(days=1):
            opens, closes = self.open_hours(country, on)
            begun, ended = (min(max(when, opens), closes) for when in (since, max(since, until)))
            seconds += int((ended - opens).total_seconds()) - int((begun - opens).total_seconds())
            on += dt.timedelta(days=1)
        return (Decimal(seconds) / HOUR_S).quantize(FOUR, ROUND_HALF_UP)

    def open_hours(self, country: str, on: dt.date) -> tuple[dt.datetime, dt.datetime]:
        """From when until when a country works on a day; the same instant twice where it does not."""
        found = next((row for row in self.rows("oa.calendars") if row["country"] == country), {})
        zone = ZoneInfo(found.get("timezone") or self._settings.timezone)
        times = (found.get("opens_at") or "09:00", found.get("closes_at") or "17:00")
        clock = [dt.time.fromisoformat(time) for time in times]
        opens, closes = (dt.datetime.combine(on, time, zone).astimezone(dt.UTC) for time in clock)
        here = (row for row in self.rows("oa.holidays") if row["country"] == country)
        off = {row["day_part"] for row in here if row["on_date"] == on.isoformat()}
        if str(on.isoweekday()) not in (found.get("working_weekdays") or "12345") or "full" in off:
            return opens, opens
        return opens, opens + (closes - opens) / 2 if off else closes


def at(text: str) -> dt.datetime:
    """A store's instant; it keeps them in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), NOTHING)


def coalesce(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return second if first is None else first
