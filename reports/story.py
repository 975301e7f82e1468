"""What happened to some records, on one time line across the three systems.

Records by kind and number ─▶ their events, each once, in order, with the time since the event before. It
draws and formats nothing, and asks only for what the viewer sees.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from reports import activities
from reports.look import Look
from reports.publication import Row
from reports.story_parts import OF_ORDER, OF_REQUEST

MOST = 200
"""Events on a line; a customer of years has more, and the newest tell most."""

# Worked by the company's own calendar until an event; two of them give what was worked in between.
EVENTS = """
    with clock as (
        select opens_at, working_s, working_s_before from core.dim_date
        where is_default_country and opens_at is not null),
    found as (
        select * from core.fct_process_event
        where object_no in (select unnest(string_split($numbers, chr(10)))))
    select found.*, clock.working_s_before
        + least(clock.working_s, epoch(found.happened_at) - epoch(clock.opens_at)) as worked_s
    from found asof left join clock on found.happened_at >= clock.opens_at
    order by found.happened_at, found.object_type, found.sequence, found.event_no"""


@dataclass(frozen=True)
class Event:
    """Something that happened; the hours are since the event before it on this line, ``None`` for the first.

    ``record`` is the kind and number of what it is about, where that has a page of its own.
    """

    event_no: str
    activity: str
    happened_at: dt.datetime
    system: str
    channel: str
    actor_no: str | None
    actor: str | None
    elapsed_h: Decimal | None
    working_h: Decimal | None
    record: tuple[str, str] | None
    is_own: bool


@dataclass(frozen=True)
class Story:
    """Events in order; ``waited`` is the one before which most time passed, ``None`` for a single event."""

    events: Sequence[Event]

    @property
    def elapsed_h(self) -> Decimal:
        """Hours from the first event to the last."""
        return _hours(self.events[-1].happened_at - self.events[0].happened_at)

    @property
    def waited(self) -> Event | None:
        """The event that took longest to come; of two, the earlier."""
        return max(self.events[1:], key=lambda event: event.elapsed_h or 0, default=None)

    @property
    def on_paper(self) -> int:
        """Events that went around the systems."""
        return sum(event.channel == "paper" for event in self.events)


def story(
    look: Look, objects: Iterable[tuple[str, str]], *, own: tuple[str, str] | None = None
) -> Story | None:
    """The one line of these records, by kind and number; ``None`` when nothing is known to have happened.

    ``own`` is the record that is looked at: its events are told from those of what belongs to it.
    """
    known = list(dict.fromkeys(objects))
    if look.sees("core.fct_process_event"):
        numbers = "\n".join(sorted({number for _, number in known}))
        rows = look.rows(EVENTS, numbers=numbers) if numbers else []
        rows = [row for row in rows if (row["object_type"], row["object_no"]) in known]
    elif own and own[0] in ("request", "order"):
        rows = look.rows(OF_REQUEST if own[0] == "request" else OF_ORDER, number=own[1])
    else:
        rows = []
    merged = _merged(rows)[-MOST:]
    return Story(_timed(merged, set(known), own)) if merged else None


def _merged(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of each event together, events in the order of their instants and of the process."""
    by_event: dict[str, list[Row]] = {}
    for row in rows:
        by_event.setdefault(row["event_no"], []).append(row)
    return sorted(
        by_event.values(),
        key=lambda rows: (
            rows[0]["happened_at"],
            activities.place(rows[0]["kind"]),
            rows[-1]["sequence"],
            rows[0]["event_no"],
        ),
    )


def _timed(
    merged: Sequence[Sequence[Row]], known: set[tuple[str, str]], own: tuple[str, str] | None
) -> list[Event]:
    made: list[Event] = []
    for before, rows in pairwise([[], *merged]):
        row = rows[0]
        record = activities.record_of(row["kind"], row["event_no"])
        of = {(each.get("object_type"), each.get("object_no")) for each in rows}
        made.append(
            Event(
                event_no=row["event_no"],
                activity=row["activity"],
                happened_at=row["happened_at"],
                system=row["system"],
                channel=row["channel"],
                actor_no=row["actor_no"],
                actor=row.get("actor"),
                elapsed_h=_hours(row["happened_at"] - before[0]["happened_at"]) if before else None,
                working_h=_working(before, rows) if before else None,
                record=record if record in known and record != own else None,
                is_own=own is None or own in of or record == own,
            )
        )
    return made


def _working(before: Sequence[Row], rows: Sequence[Row]) -> Decimal | None:
    """As the process log has it, by the calendar of who did it; else by the company's calendar."""
    for row in rows:
        if "previous_event_no" not in row or row["previous_event_no"] == before[0]["event_no"]:
            found: Decimal | None = row["working_h"]
            return found
    one, other = before[0].get("worked_s"), rows[0].get("worked_s")
    if one is None or other is None:
        return None
    return max(Decimal(0), Decimal(str(other)) - Decimal(str(one))) / 3600


def _hours(span: dt.timedelta) -> Decimal:
    return Decimal(span // dt.timedelta(seconds=1)) / 3600
