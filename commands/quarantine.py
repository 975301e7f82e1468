"""Looking at what was put aside, and moving it once it is mended."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from commands.output import Result
from commands.spoken import many
from connectors.errors import Misconfigured
from settings import Settings, load

_AGO = re.compile(r"(\d+)\s*(min|h|d)")
_UNITS = {"min": "minutes", "h": "hours", "d": "days"}


def entries(
    *,
    waiting: bool = False,
    resolved: bool = False,
    flow: str = "",
    rule: str = "",
    key: str = "",
    since: str = "",
) -> list[dict[str, Any]]:
    """The entries of ``triada quarantine list --json``."""
    from hub import quarantine
    from hub.desk import open_desk

    if waiting and resolved:
        raise Misconfigured("--waiting and --resolved are two lists; ask for one of them")
    settings = load()
    wanted = quarantine.Wanted(
        flow=flow, rule=rule, key=key, since=instant_of(since, settings) if since else None
    )
    with open_desk(settings) as desk:
        return quarantine.entries(desk, waiting=waiting, resolved=resolved, wanted=wanted)


def show(entry: int) -> dict[str, Any]:
    """One entry with its payload and what people did about it."""
    from hub import quarantine
    from hub.desk import open_desk

    with open_desk(load()) as desk:
        return quarantine.show(desk, entry)


def replay(entry: str, *, by: str = "", why: str = "") -> Result:
    """Move one entry, or all, again; kept with who and why."""
    from flows import FLOWS
    from hub import quarantine
    from hub.desk import open_desk

    if entry != "all" and not entry.isdigit():
        raise Misconfigured(f"{entry!r} is neither an entry's number nor all; `quarantine list` shows them")
    result = Result()
    with open_desk(load()) as desk:
        number = None if entry == "all" else int(entry)
        result.add(asdict(report) for report in quarantine.replay(desk, FLOWS, entry=number, by=by, why=why))
        left = [quarantine.entries(desk, waiting=waiting) for waiting in (False, True)]
    still = [each for each in (*left[0], *left[1]) if entry in ("all", str(each["id"]))]
    result.problems += [f"{each['id']} · {each['reason']}" for each in still]
    result.notes.append(
        f"{many(len(left[0]), 'row')} {'is' if len(left[0]) == 1 else 'are'} in quarantine now, "
        f"{len(left[1])} {'waits' if len(left[1]) == 1 else 'wait'}: `triada quarantine list`, --waiting"
    )
    return result


def discard(entry: int, *, by: str = "", why: str = "") -> None:
    """Drop one entry; kept with who and why."""
    from hub import quarantine
    from hub.desk import open_desk

    with open_desk(load()) as desk:
        quarantine.discard(desk, entry, by=by, why=why)


def instant_of(text: str, settings: Settings, *, now: dt.datetime | None = None) -> dt.datetime:
    """``2 h`` ago, or a day or time such as ``2026-11-20T09:30`` in the company's zone."""
    at = now or dt.datetime.now(dt.UTC)
    if ago := _AGO.fullmatch(text.strip()):
        return at - dt.timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        given = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise Misconfigured(
            f"--since {text!r} is no time; expected 90min, 2h or 3d ago, a day such as 2026-11-20, or a time "
            "such as 2026-11-20T09:30"
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(settings.timezone))
