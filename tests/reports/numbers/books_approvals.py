"""How long decisions took and what waits for one, counted from the OA's own tables.

Books ─▶ requests and steps with their working hours and worth, and the figures of the page approvals.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from tests.reports.numbers.books import FOUR, HOUR_S, NOTHING, Books, Row, at, total

DAY_S = 24 * HOUR_S
Figures = tuple[int, Decimal | None, Decimal | None]
"""How many, and the working hours within which half and nine of ten were decided."""


@dataclass(frozen=True)
class Step:
    """What one person was asked, and the request it is of."""

    row: Row
    request: Row
    hours: Decimal
    target: Decimal | None
    worth: Decimal | None

    @property
    def is_late(self) -> bool:
        return self.target is not None and self.hours > self.target

    @property
    def is_decided(self) -> bool:
        return self.row["decision"] not in ("pending", "cancelled")


@dataclass(frozen=True)
class Request:
    """A request, all that its approvers let it wait, and its steps."""

    row: Row
    worth: Decimal | None
    steps: tuple[Step, ...]

    @property
    def hours(self) -> Decimal | None:
        return sum((step.hours for step in self.steps), NOTHING) if self.steps else None


@dataclass(frozen=True)
class Approvals:
    """The decisions of a company, those of the last ``days`` where a period counts."""

    books: Books
    days: int = 90

    @cached_property
    def requests(self) -> list[Request]:
        steps = self.books.by("oa.approval_steps", "request_no")
        targets: dict[tuple[str, str], Decimal] = {}
        for row in self.books.rows("oa.approval_policies"):
            key, target = (row["kind"], row["step_name"]), Decimal(row["target_hours"])
            targets[key] = min(target, targets.get(key, target))
        found = []
        for row in self.books.rows("oa.approval_requests"):
            worth = self.books.worth(row["amount"], row["currency"], self.books.day(row["requested_at"]))
            own = (
                Step(step, row, self.books.waited(step), targets.get((row["kind"], step["step_name"])), worth)
                for step in steps.get(row["request_no"], [])
            )
            found.append(Request(row, worth, tuple(own)))
        return found

    @property
    def steps(self) -> list[Step]:
        return [step for request in self.requests for step in request.steps]

    @property
    def pending(self) -> list[Step]:
        return [step for step in self.steps if step.row["decision"] == "pending"]

    @property
    def waiting(self) -> list[Request]:
        return [one for one in self.requests if not one.row["decided_at"]]

    def within(self, row: Row) -> bool:
        """Whether it ended in the period."""
        return bool(row["decided_at"]) and at(row["decided_at"]) > self.books.as_of - dt.timedelta(self.days)

    @property
    def decided(self) -> list[Request]:
        """Approved or refused in the period; a cancelled request was decided by nobody."""
        return [one for one in self.requests if _is_decided(one) and self.within(one.row)]

    @property
    def decided_steps(self) -> list[Step]:
        return [step for step in self.steps if step.is_decided and self.within(step.row)]

    def by_kind(self) -> dict[str, Figures]:
        return _figures(self.decided, lambda one: one.row["kind"])

    def by_step(self) -> dict[tuple[str, str], Figures]:
        return _figures(self.decided_steps, level_of)

    def by_approver(self) -> dict[str, Figures]:
        return _figures(self.decided_steps, lambda step: step.row["approver_no"])

    def late(self, key: Callable[[Step], Any]) -> dict[Any, int]:
        found: dict[Any, int] = defaultdict(int)
        for step in self.decided_steps:
            found[key(step)] += step.is_late
        return dict(found)

    def by_month(self) -> dict[dt.date, Figures]:
        """All that was ever decided, by the first day of its month."""
        ended = (one for one in self.requests if _is_decided(one))
        return _figures(ended, lambda one: self.books.day(one.row["decided_at"]).replace(day=1))

    def standing(self) -> dict[str, tuple[int, Decimal, Decimal]]:
        """Requests that wait, their money and that times the days it has waited, by kind."""
        found: dict[str, tuple[int, Decimal, Decimal]] = {}
        for one in self.waiting:
            seconds = (self.books.as_of - at(one.row["requested_at"])) / dt.timedelta(microseconds=1)
            hours = (Decimal(int(seconds)) / 1_000_000 / HOUR_S).quantize(FOUR, ROUND_HALF_UP)
            worth = one.worth or NOTHING
            n, money, money_days = found.get(one.row["kind"], (0, NOTHING, NOTHING))
            stood = (worth * hours / 24).quantize(FOUR, ROUND_HALF_UP)
            found[one.row["kind"]] = (n + 1, money + worth, money_days + stood)
        return found

    def stood(self) -> Decimal:
        """The money that stood still on the period's average day."""
        begin, now = self.books.as_of - dt.timedelta(self.days), self.books.as_of
        money_days = NOTHING
        for one in self.requests:
            until = min(at(one.row["decided_at"]) if one.row["decided_at"] else now, now)
            stands = (until - max(at(one.row["requested_at"]), begin)).total_seconds()
            money_days += (one.worth or NOTHING) * Decimal(max(stands, 0)) / DAY_S
        return money_days / self.days

    def spared(self, kind: str, *, level: str, below: int) -> Mapping[str, Any]:
        """What the period had been, had this level not been asked below the amount."""
        of_kind = [one for one in self.decided if one.row["kind"] == kind]
        left_out = {one.row["request_no"]: [step for step in one.steps if step.row["step_name"] == level]
                    for one in of_kind if one.worth is not None and one.worth < below}  # fmt: skip
        spared = [one for one in of_kind if left_out.get(one.row["request_no"])]
        saved = {number: total(step.hours for step in steps) for number, steps in left_out.items()}
        refused = [one for one in spared if any(step.row["decision"] == "refused"
                                                for step in left_out[one.row["request_no"]])]  # fmt: skip
        then = [one.hours - saved.get(one.row["request_no"], NOTHING)
                for one in of_kind if one.hours is not None]  # fmt: skip
        return {
            "requests": len(spared),
            "saved_h": total(saved[one.row["request_no"]] for one in spared),
            "median_saved_h": rank((saved[one.row["request_no"]] for one in spared), 5),
            "unreviewed_amount": total(one.worth for one in spared),
            "refusals": len(refused),
            "refused_amount": total(one.worth for one in refused),
            "median_now_h": rank((one.hours for one in of_kind), 5),
            "median_then_h": rank(then, 5),
        }


def rank(values: Iterable[Decimal | None], tenths: int) -> Decimal | None:
    """Of n values the one that so many tenths of them, rounded up, do not exceed."""
    known = sorted(value for value in values if value is not None)
    return known[-(-tenths * len(known) // 10) - 1] if known else None


def _is_decided(one: Request) -> bool:
    return one.row["status"] in ("approved", "refused") and bool(one.row["decided_at"])


def level_of(step: Step) -> tuple[str, str]:
    return step.request["kind"], step.row["step_name"]


def _figures(found: Iterable[Any], key: Callable[[Any], Hashable]) -> dict[Any, Figures]:
    grouped: dict[Hashable, list[Any]] = defaultdict(list)
    for one in found:
        grouped[key(one)].append(one.hours)
    return {name: (len(hours), rank(hours, 5), rank(hours, 9)) for name, hours in grouped.items()}
