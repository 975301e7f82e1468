"""Brings the records of an HTTP stream in order, by whatever paging the system has, each once.

    since, until ─▶ answers (the next one is asked for while this one is worked on) ─▶ records

Tokens and links are followed. Counted pages shift when a record changes meanwhile, so after each page it is
asked again from the last timestamp, and pages are counted only where one timestamp fills more than one. Makes
no rows and keeps no position.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from connectors.errors import Refused
from connectors.rest_api import Api, Resource, part
from connectors.rest_client import Answer, Client, Query
from connectors.rest_values import Shape, instant_text, value_of

T = TypeVar("T")
Record = dict[str, Any]


@dataclass(frozen=True)
class Talk:
    """One stream of one system: whom to ask, how, and what its records look like."""

    client: Client
    api: Api
    stream: str
    resource: Resource
    shape: Shape

    @property
    def unit(self) -> dt.timedelta:
        """The precision of its timestamps."""
        return dt.timedelta(seconds=float(self.api.cursor.unit_s))

    def records(self, answer: Answer) -> list[Record]:
        """The records of an answer; ``Refused`` when it has no list of them."""
        found = part(answer.body, self.api.envelope.rows)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise Refused(
                f"{self.client.place}: /{self.resource.path} was answered without a list of records at "
                f"{self.api.envelope.rows or 'its top'!r}; expected one. Is it another system?"
            )
        return found

    def between(self, start: dt.datetime | None, until: dt.datetime | None) -> list[tuple[str, str]]:
        """The parameters for what changed after ``start`` up to ``until``, as far as the system has them."""
        cursor = self.api.cursor
        query = list(cursor.sort.items())
        if start is not None:
            first = start + self.unit if cursor.inclusive else start
            query.append((cursor.since, instant_text(first, cursor.unit_s)))
        if until is not None and cursor.until:
            query.append((cursor.until, instant_text(until, cursor.unit_s)))
        return query

    def place_of(self, record: Record) -> tuple[dt.datetime, str]:
        """A record's timestamp and key."""
        stamp, key = self.resource.columns["updated_at"], self.resource.columns[self.resource.key]
        try:
            at = value_of("instant", part(record, stamp.name))
            named = value_of("text", part(record, key.name))
        except (ValueError, TypeError):
            at = named = None
        if at is None or named is None:
            raise Refused(
                f"{self.client.place}: a record of /{self.resource.path} has {part(record, stamp.name)!r} as "
                f"{stamp.name} and {part(record, key.name)!r} as {key.name}; expected an instant and a key"
            )
        return at, named


def answers(
    talk: Talk, query: Query, *, start: dt.datetime | None, until: dt.datetime | None, size: int
) -> Iterator[list[Record]]:
    """Lists of the records changed after ``start`` up to ``until``, by timestamp; some may be empty."""
    size = min(size, talk.api.paging.largest)
    if talk.api.paging.style in ("token", "link"):
        return _ahead(followed(talk, [*query, *talk.between(start, until)], size=size, until=until))
    return _ahead(_counted(talk, query, start=start, until=until, size=size))


def followed(
    talk: Talk, query: Query, *, size: int, until: dt.datetime | None = None
) -> Iterator[list[Record]]:
    """Page after page, as each answer says where the next one is."""
    paging, path, asked = talk.api.paging, talk.resource.path, [*query, (talk.api.paging.size, str(size))]
    here, ours = "", talk.api.cursor.until == ""
    while True:
        answer = talk.client.get(path, asked)
        records = talk.records(answer)
        yield [each for each in records if not (ours and until and talk.place_of(each)[0] > until)]
        there = (
            answer.next_url
            if paging.style == "link"
            else str(part(answer.body, talk.api.envelope.next) or "")
        )
        if not there:
            return
        if there == here:
            raise Refused(f"{talk.client.place}: /{path} names the same next page twice; expected an end")
        here = there
        if paging.style == "link":
            path, asked = there, []
        else:
            asked = [*query, (paging.size, str(size)), (paging.parameter, there)]


def _counted(
    talk: Talk, query: Query, *, start: dt.datetime | None, until: dt.datetime | None, size: int
) -> Iterator[list[Record]]:
    paging, after, number = talk.api.paging, start, 0
    seen: set[str] = set()
    while True:
        place = paging.first + number if paging.style == "page" else number * size
        asked = [
            *query,
            *talk.between(after, until),
            (paging.size, str(size)),
            (paging.parameter, str(place)),
        ]
        records = talk.records(talk.client.get(talk.resource.path, asked))
        if not records:
            return
        places = [talk.place_of(each) for each in records]
        _sorted(talk, places, after=after)
        inside = [until is None or stamp <= until for stamp, _ in places]
        yield [
            each
            for each, (_, key), fits in zip(records, places, inside, strict=True)
            if fits and key not in seen
        ]
        if not inside[-1]:
            return
        last = places[-1][0]
        if after is None or last - talk.unit > after:
            after, number, seen = last - talk.unit, 0, {key for stamp, key in places if stamp == last}
        else:
            number, seen = number + 1, seen | {key for _, key in places}


def _sorted(talk: Talk, places: list[tuple[dt.datetime, str]], *, after: dt.datetime | None) -> None:
    stamps = [stamp for stamp, _ in places]
    if stamps != sorted(stamps) or (after is not None and stamps[0] <= after):
        raise Refused(
            f"{talk.client.place}: /{talk.resource.path} came out of order; expected records by timestamp, "
            f"later than what {talk.api.cursor.since} asked for: correct the declaration's sort or cursor"
        )


def _ahead(pages: Iterator[T]) -> Iterator[T]:
    """The same pages; each is asked for while the one before is worked on."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="rest")
    try:
        coming = pool.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = pool.submit(next, pages, None)
            yield page
    finally:
        # Whoever stops half-way does not wait for an answer that nobody wants.
        pool.shutdown(wait=False, cancel_futures=True)
