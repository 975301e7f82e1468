"""How often something runs, from the plain words of a flow.

``"15 minutes"`` → ``timedelta(minutes=15)``. It is not a calendar: there is no hour of the day in it.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.errors import Misconfigured

_UNITS = ("minute", "hour", "day", "week")


def interval(every: str) -> timedelta:
    """The time between two runs; ``Misconfigured`` when the words are none of ``15 minutes``, ``1 day``."""
    count, _, unit = every.strip().partition(" ")
    name = unit.strip().rstrip("s")
    if not count.isdecimal() or int(count) == 0 or name not in _UNITS:
        raise Misconfigured(
            f"every={every!r} is no schedule; write a whole number and minutes, hours, days or weeks, "
            'such as "15 minutes" or "1 day"'
        )
    return timedelta(**{f"{name}s": int(count)})
