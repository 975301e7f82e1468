"""The ways that orders take, told again from the rows of the three systems and the hub's links.

Books ─▶ what happened to each order in its order ─▶ how many orders took which way, and for how long.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import pairwise

from tests.reports.numbers.books import FOUR, HOUR_S, NOTHING, Books, Row, at
from tests.reports.numbers.books_approvals import rank
from tests.reports.numbers.books_cash_path import CashPath, Way

PLACES = {
    "lead created": 10, "lead new": 11, "lead engaged": 12, "lead qualified": 13, "lead proposal": 14,
    "lead won": 30, "lead lost": 31, "order drafted": 40, "order confirmed": 41, "request filed": 50,
    "request approved": 1000, "request refused": 1000, "request cancelled": 1001, "order booked": 1100,
    "booking refused": 1101, "production planned": 1110, "production released": 1111,
    "production done": 1112, "production cancelled": 1113, "payment recorded": 1120,
    "shipment requested": 1130, "goods shipped": 1131, "shipment refused": 1132, "crm told": 1140,
    "order cancelled": 1150, "booking cancelled": 1151, "funds booked": 1010, "attendance booked": 1011,
    "trip reported": 1012, "funds reversed": 1020, "attendance released": 1021,
}  # fmt: skip
"""Which of what happened at one instant came first."""
MANY = ("production ", "payment ", "shipment ", "goods ", "crm told")
"""An order may have several of these; on its way they stand once, where they begin."""


@dataclass(frozen=True, order=True)
class Event:
    """Something that happened to an order."""

    on: dt.datetime
    place: int
    number: str
    activity: str
    channel: str = "system"


def event(activity: str, when: dt.datetime | str | None, number: str, channel: str = "system") -> Event:
    """At an instant or a store's text of one; what has no instant is long ago, and left out."""
    on = at(when) if isinstance(when, str) else when
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    return Event(on or never, PLACES.get(activity, 2000), number, activity, channel)


@dataclass(frozen=True)
class Ways:
    """Every order's events, by what the systems' own rows say."""

    path: CashPath

    @property
    def books(self) -> Books:
        return self.path.books

    @cached_property
    def rows(self) -> dict[str, dict[str, list[Row]]]:
        keys = {"erp.payments": "sales_order_no", "erp.shipments": "sales_order_no",
                "erp.production_orders": "sales_order_no", "crm.lead_stages": "lead_no",
                "crm.leads": "lead_no", "oa.approval_steps": "request_no",
                "oa.approval_requests": "source_key", "state.links": "target_key"}  # fmt: skip
        return {stream: self.books.by(stream, key) for stream, key in keys.items()}

    def of(self, stream: str, key: str | None) -> list[Row]:
        return self.rows[stream].get(key or "", [])

    def events(self, way: Way) -> list[Event]:
        order, sale = way.one["order"], way.one["sale"]
        found = [*self._lead(way.lead_no)]
        if order:
            found += [*self._order(order, sale), *self._requests(order), *self._told(order)]
        if sale:
            found += [*self._booked(way, order, sale), *self._delivered(sale)]
        return sorted(one for one in found if one.on.year > 1)

    def counted(self) -> dict[str, tuple[int, Decimal, Decimal, int, int]]:
        """By way: orders, days of half and nine of ten; those with something on paper, those done again."""
        hours, paper, again = defaultdict(list), Counter[str](), Counter[str]()
        for way in self.path.ways:
            events = self.events(way)
            said = [one for n, one in enumerate(events) if not one.activity.startswith(MANY)
                    or all(one.activity != before.activity for before in events[:n])]  # fmt: skip
            path = " → ".join(one.activity for one in said)
            took = (Decimal(int((b.on - a.on).total_seconds() * 1_000_000)) / 1_000_000 / HOUR_S
                    for a, b in pairwise(events))  # fmt: skip
            hours[path].append(sum((one.quantize(FOUR, ROUND_HALF_UP) for one in took), NOTHING))
            paper[path] += any(one.channel == "paper" for one in events)
            again[path] += bool(repeated(events))
        return {path: (len(own), _days(own, 5), _days(own, 9), paper[path], again[path])
                for path, own in hours.items()}  # fmt: skip

    def _lead(self, lead_no: str | None) -> Iterator[Event]:
        stages = self.of("crm.lead_stages", lead_no)
        been = {row["stage"] for row in stages}
        for lead in self.of("crm.leads", lead_no):
            yield event("lead created", lead["created_at"], f"{lead_no}:created")
            for row in stages:
                if row["stage"] != "new" or row["entered_at"] != lead["created_at"]:
                    number = f"{row['lead_stage_no']}:entered"
                    yield event(f"lead {row['stage']}", row["entered_at"], number)
            if "qualified" not in been:
                yield event("lead qualified", lead["qualified_at"], f"{lead_no}:qualified")
            if not been & {"won", "lost"}:
                yield event(f"lead {lead['stage']}", lead["closed_at"], f"{lead_no}:closed")

    def _order(self, order: Row, sale: Row | None) -> Iterator[Event]:
        number = order["order_no"]
        is_confirmed = order["status"] == "confirmed" or sale or order["approval_status"] != "none"
        kind = "order confirmed" if is_confirmed else "order drafted"
        yield event(kind, order["ordered_at"], f"{number}:ordered")
        if order["status"] == "cancelled":
            yield event("order cancelled", max(order["updated_at"], order["ordered_at"]), f"{number}:order c")

    def _asked(self, order: Row | None) -> list[Row]:
        rows = self.of("oa.approval_requests", order["order_no"]) if order else []
        return [row for row in rows if row["source_stream"] == "crm.orders"]

    def _requests(self, order: Row) -> Iterator[Event]:
        for row in self._asked(order):
            yield from self.request(row)

    def request(self, row: Row) -> Iterator[Event]:
        """What happened to a request until it was decided."""
        number, channel = row["request_no"], row["channel"]
        steps = self.of("oa.approval_steps", number)
        yield event("request filed", row["requested_at"], f"{number}:filed", channel)
        for step in steps:
            name, place = step["step_name"], 100 + 2 * step["sequence"]
            yield Event(at(step["asked_at"]), place, f"{step['step_no']}:asked", f"{name} asked", channel)
            if step["decision"] in ("approved", "refused"):
                yield Event(at(step["decided_at"]), place + 1, f"{step['step_no']}:decided",
                            f"{name} {step['decision']}", channel)  # fmt: skip
        if row["status"] == "cancelled" or (row["status"] in ("approved", "refused") and not steps):
            yield event(f"request {row['status']}", row["decided_at"], f"{number}:request", channel)

    def _told(self, order: Row) -> Iterator[Event]:
        """What the hub told the CRM, where the CRM's order changed then or later."""
        last: dict[str, dt.datetime] = {}
        for link in self.of("state.links", order["order_no"]):
            written = at(link["written_at"])
            is_told = link["target_stream"] == "crm.orders" and order["fulfilment"]
            is_of_erp = link["source_stream"] in ("erp.sales_orders", "erp.shipments")
            if is_told and is_of_erp and at(order["updated_at"]) >= written - dt.timedelta(seconds=10):
                last[link["source_key"]] = max(written, last.get(link["source_key"], written))
        for key, written in last.items():
            yield event("crm told", written, f"{order['order_no']}:told:{key}")

    def _booked(self, way: Way, order: Row | None, sale: Row) -> Iterator[Event]:
        number, channel, status = sale["sales_order_no"], sale["channel"], sale["status"]
        if status not in ("requested", "refused"):
            agreed = (row["decided_at"] for row in self._asked(order) if row["status"] == "approved")
            when = [way.instants["booked"], *(at(decided) for decided in agreed if decided)]
            yield event("order booked", max(one for one in when if one), f"{number}:booked", channel)
        if status in ("refused", "cancelled"):
            yield event(f"booking {status}", max(sale["updated_at"], sale["ordered_at"]), number, channel)

    def _delivered(self, sale: Row) -> Iterator[Event]:
        number = sale["sales_order_no"]
        for row in self.of("erp.payments", number):
            yield event("payment recorded", row["recorded_at"], f"{row['payment_no']}:", row["channel"])
        for row in self.of("erp.shipments", number):
            yield event("shipment requested", row["requested_at"], f"{row['shipment_no']}:r")
            yield event("goods shipped", row["shipped_at"], f"{row['shipment_no']}:s")
            if row["status"] == "refused":
                yield event("shipment refused", row["updated_at"], f"{row['shipment_no']}:s")
        for row in self.of("erp.production_orders", number):
            links = self.of("state.links", row["plan_key"])
            planned = (at(link["written_at"]) for link in links
                       if link["target_stream"] == "erp.production_orders")  # fmt: skip
            yield event("production planned", min(planned, default=None), f"{row['production_no']}:p")
            yield event("production done", row["done_at"], f"{row['production_no']}:d")
            if row["status"] in ("released", "cancelled"):
                yield event(f"production {row['status']}", row["updated_at"], f"{row['production_no']}:z")


def repeated(events: list[Event]) -> list[Event]:
    """What the order had before, of that which it needs once."""
    return [one for n, one in enumerate(events) if not one.activity.startswith(MANY)
            and any(one.activity == before.activity for before in events[:n])]  # fmt: skip


def _days(hours: list[Decimal], tenths: int) -> Decimal:
    return ((rank(hours, tenths) or NOTHING) / 24).quantize(FOUR, ROUND_HALF_UP)
