"""Windows over an HTTP system: from a little before where the last one ended to the newest settled stamp.

since ─▶ ``open_window`` ─▶ ``pages`` ─▶ ``bounds``. A window holds nothing open: a row that changes meanwhile
leaves it for the next one, which ``bounds`` allows for. What is committed late is found by reading the
``overlap`` again; later than that, by no window.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

from connectors.errors import Misconfigured, Refused
from connectors.protocol import Read, Row, Window
from connectors.rest_api import part
from connectors.rest_client import Query
from connectors.rest_pages import Talk
from connectors.rest_read import query_of, rows_between

Overlap = dt.timedelta


def open_window(talk: Talk, read: Read, since: str | None, *, overlap: Overlap) -> Window:
    """What changed since a little before the last window's end, up to the system's newest settled stamp."""
    at = _instant(read, since)
    start = at - overlap if at else None
    query, here = query_of(talk, read)
    size = "0" if talk.api.store else "1"
    answer = talk.client.get(
        talk.resource.path, [*query, *talk.between(start, None), (talk.api.paging.size, size)]
    )
    if talk.api.envelope.until:
        told = part(answer.body, talk.api.envelope.until)
        until = dt.datetime.fromisoformat(told) if told else None
    else:
        # Its clock's last whole second is over: nothing is stamped with it any more.
        clock = answer.clock or dt.datetime.now(dt.UTC)
        until = clock.replace(microsecond=0) - dt.timedelta(seconds=1)
    if at is not None and (until is None or until < at):
        until = at
    total = part(answer.body, talk.api.envelope.total) if talk.api.envelope.until and not here else None
    count = (
        total if isinstance(total, int) else _count(talk, read, start=start, until=until, later_first=True)
    )
    return Window(since, json.dumps({"at": until.isoformat() if until else None}), count)


def pages(talk: Talk, read: Read, window: Window, *, size: int, overlap: Overlap) -> Iterator[list[Row]]:
    """The window's rows, at most ``size`` a page."""
    if size < 1:
        raise Misconfigured(f"{read.stream}: a page of {size} rows; expected at least 1")
    start, until = _bounds(read, window, overlap)
    if until is None:
        return
    page: list[Row] = []
    for rows in rows_between(talk, read, start=start, until=until, size=size):
        page += rows
        while len(page) >= size:
            yield page[:size]
            page = page[size:]
    if page:
        yield page


def bounds(talk: Talk, read: Read, window: Window, *, overlap: Overlap) -> tuple[int, int]:
    """The least and the most rows that a whole reading can have brought.

    At least those still there that nothing could be committed among any more; at most those counted at
    first, and those that came late meanwhile.
    """
    start, until = _bounds(read, window, overlap)
    if until is None:
        return 0, window.count
    settled = until - overlap
    least = _count(talk, read, start=start, until=settled) if start is None or start < settled else 0
    late = _count(talk, read, start=settled, until=until, later_first=True) if overlap else 0
    return least, window.count + late


def _count(
    talk: Talk,
    read: Read,
    *,
    start: dt.datetime | None,
    until: dt.datetime | None,
    later_first: bool = False,
) -> int:
    """How many rows there are: the system's own number, or all of them counted.

    Without an ``until`` of the system it is two numbers' difference. What changes between the two questions
    must not make a least too high (the earlier rows first) nor a most too low (the later first).
    """
    if until is None:
        return 0
    query, here = query_of(talk, read)
    if here or not talk.api.envelope.total:
        largest = talk.api.paging.largest
        return sum(len(rows) for rows in rows_between(talk, read, start=start, until=until, size=largest))
    if talk.api.cursor.until:
        return _total(talk, [*query, *talk.between(start, until)])
    spans = [talk.between(start, None), talk.between(until, None)]
    totals = [_total(talk, [*query, *span]) for span in (reversed(spans) if later_first else spans)]
    return max(0, totals[1] - totals[0] if later_first else totals[0] - totals[1])


def _total(talk: Talk, query: Query) -> int:
    size = "0" if talk.api.store else "1"
    body = talk.client.get(talk.resource.path, [*query, (talk.api.paging.size, size)]).body
    total = part(body, talk.api.envelope.total)
    if not isinstance(total, int):
        raise Refused(
            f"{talk.client.place}: /{talk.resource.path} has {total!r} as {talk.api.envelope.total}; "
            "expected a whole number of records"
        )
    return total


def _bounds(read: Read, window: Window, overlap: Overlap) -> tuple[dt.datetime | None, dt.datetime | None]:
    since = _instant(read, window.since)
    return since - overlap if since else None, _instant(read, window.until)


def _instant(read: Read, position: str | None) -> dt.datetime | None:
    if position is None:
        return None
    try:
        at = json.loads(position)["at"]
        return None if at is None else dt.datetime.fromisoformat(at)
    except (ValueError, TypeError, KeyError):
        raise Refused(
            f"{read.stream}: its stored position {position!r} is none of this connector's; "
            'expected {"at": instant}. Was the system behind it replaced? Then read it from the start.'
        ) from None
