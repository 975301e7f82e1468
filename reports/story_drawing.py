"""A story to scale: three lanes, one a system, with time from left to right, wide and for a phone.

A story ─▶ places of dots, of the path through them and of the days below, in the drawing's own units. What is
written there is the template's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.story import Event, Story

LANES = ("oa", "crm", "erp")
LEFT, RIGHT, TOP, STEP = 52, 14, 18, 34


@dataclass(frozen=True)
class Drawing:
    """The line to scale: lanes by system with their height, dots, the path through them, and days below."""

    size: str
    width: int
    lanes: Sequence[tuple[str, int]]
    path: str
    dots: Sequence[tuple[int, int, Event]]
    days: Sequence[tuple[int, dt.datetime, str]]


def drawings(told: Story) -> list[Drawing]:
    """The line wide and for a phone, time from left to right; none for events of one instant."""
    first, last = told.events[0].happened_at, told.events[-1].happened_at
    if first == last:
        return []
    lanes = [(system, TOP + n * STEP) for n, system in enumerate(LANES)]
    heights: Mapping[str, int] = dict(lanes)
    made = []
    for size, width in (("wide", 860), ("narrow", 342)):
        room = width - LEFT - RIGHT
        dots = [
            (
                LEFT + round(room * ((event.happened_at - first) / (last - first))),
                heights[event.system],
                event,
            )
            for event in told.events
            if event.system in heights
        ]
        path = "M" + "L".join(f"{x} {y}" for x, y, _ in dots)
        days = [(LEFT, first, "start"), (width - RIGHT, last, "end")]
        if size == "wide":
            days.insert(1, (LEFT + room // 2, first + (last - first) / 2, "middle"))
        made.append(Drawing(size, width, lanes, path, dots, days))
    return made
