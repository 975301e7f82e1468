"""What followed a request, told from the systems' own rows: its money, its days, and what was reported of it.

Books ─▶ the events after a decision, by the documents that came of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.reports.numbers.books import Books, Row, at
from tests.reports.numbers.books_ways import Event, event

TALK = 20
"""The place of talks among what happened at one instant."""


@dataclass(frozen=True)
class Followed:
    """The funds, days away and talks of a company, by their request."""

    books: Books

    @cached_property
    def _parts(self) -> dict[str, dict[str, list[Row]]]:
        streams = ("erp.funds", "oa.attendance", "crm.activities", "oa.approval_steps")
        return {stream: self.books.by(stream, "request_no") for stream in streams}

    def of(self, request: Row) -> Iterator[Event]:
        """The money and the days that an approval took, and what was reported of a trip."""
        number = request["request_no"]
        funds, days, talks, steps = (of.get(number, []) for of in self._parts.values())
        agreed = [step["decided_at"] for step in steps if step["decision"] == "approved"]
        approved = at(max(agreed, default=request["decided_at"] or request["requested_at"]))
        for row in funds:
            on, changed = dt.date.fromisoformat(row["booked_on"]), at(row["updated_at"])
            begins = dt.datetime.combine(on, dt.time(), self.books.zone).astimezone(dt.UTC)
            is_untouched = row["status"] == "booked" and self.books.day(row["updated_at"]) == on
            booked = changed if is_untouched else max(begins, approved)
            yield event("funds booked", booked, f"{row['fund_no']}:f")
            if row["status"] == "reversed":
                yield event("funds reversed", changed, f"{row['fund_no']}:r")
        kept = [at(row["updated_at"]) for row in days if row["status"] != "cancelled"]
        freed = [at(row["updated_at"]) for row in days if row["status"] == "cancelled"]
        if days:
            yield event("attendance booked", min(kept, default=approved), f"{number}:attendance")
            yield event("attendance released", min(freed, default=None), f"{number}:released")
        for row in talks:
            talk = f"{row['activity_no']}:activity"
            is_trip = row["kind"] == "trip"
            yield (event("trip reported", row["happened_at"], talk) if is_trip
                   else Event(at(row["happened_at"]), TALK, talk, row["kind"]))  # fmt: skip
