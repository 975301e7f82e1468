"""Whose hands orders and requests go through, and what is done again, told from the systems' own rows.

The ways of orders and requests ─▶ who did each event in which system ─▶ hand-overs, hands a case, repeats.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from tests.reports.numbers.books import FOUR, HOUR_S, NOTHING, Books
from tests.reports.numbers.books_approvals import rank
from tests.reports.numbers.books_clock import Clock
from tests.reports.numbers.books_followed import TALK, Followed
from tests.reports.numbers.books_ways import Event, Ways, repeated

IN_CRM = ("lead ", "order drafted", "order confirmed", "order cancelled", "crm told", "trip reported")
IN_ERP = ("order booked", "booking ", "production ", "payment ", "shipment ", "goods ", "funds ")
Pair = tuple[str, str, str | None, str, str | None]
"""The process, and the system and person that handed on and that took over."""
Handed = tuple[int, Decimal | None, Decimal | None, Decimal]
"""How many, the median of elapsed and of working hours, and the share on paper."""


@dataclass(frozen=True)
class Done:
    """An event, who did it where, and the hours since the one before; none for a case's first."""

    event: Event
    system: str
    actor: str | None
    elapsed: Decimal
    worked: Decimal

    @property
    def hands_on(self) -> bool:
        """Whether it only passes the case on in nobody's name."""
        return self.event.activity == "crm told" or self.event.activity.endswith(" asked")


@dataclass(frozen=True)
class Hands:
    """The cases of both processes: orders, and requests with what followed them."""

    ways: Ways

    @property
    def books(self) -> Books:
        return self.ways.books

    @cached_property
    def cases(self) -> dict[tuple[str, str], list[Done]]:
        found = {("lead_to_cash", way.key): self.ways.events(way) for way in self.ways.path.ways}
        followed = Followed(self.books)
        for row in self.books.rows("oa.approval_requests"):
            events = (*self.ways.request(row), *followed.of(row))
            found["approval", row["request_no"]] = sorted(one for one in events if one.on.year > 1)
        return {case: self._done(events) for case, events in found.items() if events}

    @cached_property
    def _actors(self) -> dict[str, str]:
        """Who did what, by the event's number; a system is nobody."""
        created = {row["lead_no"]: row["created_at"] for row in self.books.rows("crm.leads")}
        found = {f"{row['order_no']}:ordered": row["owner_no"] for row in self.books.rows("crm.orders")}
        for row in self.books.rows("crm.lead_stages"):
            found[f"{row['lead_stage_no']}:entered"] = row["by_no"]
            if row["stage"] == "new" and row["entered_at"] == created.get(row["lead_no"]):
                found[f"{row['lead_no']}:created"] = row["by_no"]
        for row in self.books.rows("oa.approval_requests"):
            found[f"{row['request_no']}:filed"] = row["requester_no"]
            if row["status"] == "cancelled":
                found[f"{row['request_no']}:request"] = row["requester_no"]
        for row in self.books.rows("oa.approval_steps"):
            found[f"{row['step_no']}:decided"] = row["acting_no"] or row["approver_no"]
        found |= {f"{row['payment_no']}:": row["recorded_by"] for row in self.books.rows("erp.payments")}
        talks = self.books.rows("crm.activities")
        return found | {f"{row['activity_no']}:activity": row["employee_no"] for row in talks}

    def _done(self, events: list[Event]) -> list[Done]:
        found, before = [], events[0].on
        for one in events:
            actor = self._actors.get(one.number)
            took = Decimal(int((one.on - before).total_seconds() * 1_000_000)) / 1_000_000 / HOUR_S
            worked = self._clock.worked(actor, before, one.on)
            found.append(Done(one, _system(one), actor, took.quantize(FOUR, ROUND_HALF_UP), worked))
            before = one.on
        return found

    @cached_property
    def _clock(self) -> Clock:
        return Clock(self.books)

    def again(self) -> dict[str, tuple[int, int, int, Decimal, Decimal]]:
        """By activity of orders done again: cases, those it came again in, times, share, hours worked."""
        cases, cases_again, times = Counter[str](), Counter[str](), Counter[str]()
        worked: dict[str, Decimal] = defaultdict(Decimal)
        for (process, _), done in self.cases.items():
            if process == "lead_to_cash":
                again = repeated([one.event for one in done])
                cases.update({one.event.activity for one in done})
                cases_again.update({one.activity for one in again})
                for one in done:
                    if one.event in again:
                        times[one.event.activity] += 1
                        worked[one.event.activity] += one.worked
        return {name: (cases[name], cases_again[name], n, share(cases_again[name], cases[name]), worked[name])
                for name, n in times.items()}  # fmt: skip

    def handed(self, process: str, case: str) -> Iterator[tuple[Done, Done, Decimal, Decimal]]:
        """Each change of person or system in a case, and the hours it waited; routing is part of the wait."""
        giver, elapsed, worked = None, NOTHING, NOTHING
        for one in self.cases[process, case]:
            elapsed, worked = elapsed + one.elapsed, worked + one.worked
            if not one.hands_on:
                if giver and (giver.system, giver.actor) != (one.system, one.actor):
                    yield giver, one, elapsed, worked
                giver, elapsed, worked = one, NOTHING, NOTHING

    def hand_overs(self, *, between: str) -> dict[Pair, Handed]:
        """Between two systems or two actors; two orders of one lead share its way, which counts once."""
        seen, found = set(), defaultdict(list)
        for process, case in sorted(self.cases):
            for giver, taker, elapsed, worked in self.handed(process, case):
                key = (process, giver.event.activity, giver.event.number, taker.event.activity,
                       taker.event.number)  # fmt: skip
                if key not in seen and (between == "actor" or giver.system != taker.system):
                    people = (giver.actor, taker.actor) if between == "actor" else (None, None)
                    on_paper = "paper" in (giver.event.channel, taker.event.channel)
                    pair = (process, giver.system, people[0], taker.system, people[1])
                    found[pair].append((elapsed, worked, on_paper))
                seen.add(key)
        return {
            pair: (
                len(own),
                rank((one[0] for one in own), 5),
                rank((one[1] for one in own), 5),
                share(sum(one[2] for one in own), len(own)),
            )
            for pair, own in found.items()
        }

    def circulation(self) -> dict[tuple[str, str], tuple[Any, ...]]:
        """By kind and channel: cases, medians of people and hand-overs, half and nine of ten of the hours."""
        kinds = {row["request_no"]: row["kind"] for row in self.books.rows("oa.approval_requests")}
        found = defaultdict(list)
        for (process, case), done in self.cases.items():
            kind = kinds[case] if process == "approval" else "order"
            on_paper = any(one.event.channel == "paper" for one in done)
            people = len({one.actor for one in done if one.actor})
            changes = sum(1 for _ in self.handed(process, case))
            elapsed = sum((one.elapsed for one in done), NOTHING)
            found[kind, "paper" if on_paper else "system"].append((people, changes, elapsed))
        return {
            key: (
                len(own),
                *(rank((Decimal(one[n]) for one in own), 5) for n in range(3)),
                rank((one[2] for one in own), 9),
            )
            for key, own in found.items()
        }


def share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / whole).quantize(FOUR, ROUND_HALF_UP)


def _system(one: Event) -> str:
    if one.place == TALK or one.activity.startswith(IN_CRM):
        return "crm"
    return "erp" if one.activity.startswith(IN_ERP) else "oa"
