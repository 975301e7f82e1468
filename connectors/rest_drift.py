"""Holds the columns an HTTP system has against those its declaration names.

The system's description, or a record of it, → sentences about columns nobody declared; ``Refused``, naming
both sides, for a declared one that is missing or of another type. Reads no rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import Refused
from connectors.near import near
from connectors.rest_api import Field, part
from connectors.rest_pages import Talk
from connectors.rest_values import fits


def described(talk: Talk, description: Any) -> tuple[str, ...]:
    """Drift of a store's stream, by what ``GET /`` says of the store."""
    name = talk.resource.path
    streams = part(description, "streams")
    stream = streams.get(name) if isinstance(streams, dict) else None
    columns = part(stream, "columns")
    if not isinstance(columns, dict):
        raise Refused(
            f"{talk.client.place} describes no stream {name}; expected {talk.stream} as in docs/streams.md. "
            "Is it another system, or another version?"
        )
    types = {column: str(part(each, "type")) for column, each in columns.items()}
    key = part(stream, "key")
    if key != talk.resource.key:
        raise Refused(
            f"{talk.client.place}: the key of {name} is {key!r} there; expected {talk.resource.key!r}"
        )
    wrong = [
        f"{column} is {types[each.name]} there, declared {each.kind}"
        for column, each in talk.resource.columns.items()
        if each.name in types and types[each.name] != each.kind
    ]
    return _told(talk, talk.resource.columns, set(types), wrong)


def sampled(talk: Talk) -> tuple[str, ...]:
    """Drift of a system that describes nothing, by one of its records; nothing while it has none."""
    records = talk.records(talk.client.get(talk.resource.path, [(talk.api.paging.size, "1")]))
    if not records:
        return ()
    record, columns = records[0], talk.resource.columns
    there = set(_paths(record)) - {each.name for each in talk.resource.lines.values()}
    wrong = [
        f"{column} ({each.name}) is {value!r} there, declared {each.kind}"
        for column, each in columns.items()
        if (value := part(record, each.name)) is not None and not fits(each.kind, value)
    ]
    return _told(talk, columns, there, wrong)


def _told(talk: Talk, columns: Mapping[str, Field], there: set[str], wrong: list[str]) -> tuple[str, ...]:
    added = sorted(there - {each.name for each in columns.values()})
    for column, each in columns.items():
        if each.name not in there:
            close = near(each.name, added)
            asked = f" (was it renamed to {close[0]}?)" if close else ""
            wrong.append(f"{column} is not there{asked}")
    if wrong:
        raise Refused(
            f"{talk.stream} at {talk.client.place} is not as declared: {'; '.join(wrong)}. Expected the "
            "columns of its declaration; nothing was read or written. Correct the system, or the declaration."
        )
    return tuple(
        f"{talk.stream} at {talk.client.place} has a column {name} that nobody declared; it is not read"
        for name in added
    )


def _paths(record: Mapping[str, Any], start: str = "") -> list[str]:
    """The names of a record's values, ``a.b`` for what is inside another."""
    paths = []
    for name, value in record.items():
        inside = isinstance(value, dict)
        paths += _paths(value, f"{start}{name}.") if inside else [f"{start}{name}"]
    return paths
