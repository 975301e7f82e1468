"""Reads rows of an HTTP system: by timestamp, by their keys, by a column's values.

``rest_pages`` brings records, this makes rows of them and chooses what the system could not. Knows no window.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import quote, quote_plus

from connectors.errors import Misconfigured
from connectors.protocol import DELETED, Read, Row
from connectors.rest_api import part
from connectors.rest_client import Query
from connectors.rest_errors import NotThere
from connectors.rest_pages import Talk, answers, followed
from connectors.rest_store import fitting
from connectors.rest_values import row_of, text_of

# Proxies and servers refuse longer addresses; eight thousand characters are the usual end.
ADDRESS_CHARACTERS = 6000
Condition = Callable[[Row], bool]


def fetch(talk: Talk, read: Read, keys: Collection[str]) -> list[Row]:
    """The records with these keys as they are now."""
    wanted = [key for key in dict.fromkeys(keys) if _is_unicode(key)]
    extra = [("lines", "true")] if read.lines else []
    if talk.api.by_key:
        return [
            row for some in _chunks(talk, talk.api.by_key, wanted) for row in _found(talk, [*some, *extra])
        ]
    rows = []
    for key in wanted:
        try:
            answer = talk.client.get(f"{talk.resource.path}/{quote(key, safe='')}")
        except NotThere:
            continue
        rows.append(row_of(talk.api, talk.resource, talk.shape, part(answer.body, talk.api.envelope.record)))
    return rows


def lookup(talk: Talk, column: str, values: Collection[Any] | None) -> list[Row]:
    """Rows whose column is one of the values; none: all."""
    if column not in talk.resource.columns:
        raise Misconfigured(
            f"{talk.stream} has no column {column!r}; it has {', '.join(talk.resource.columns)}"
        )
    wanted = None if values is None else list(dict.fromkeys(value for value in values if value is not None))
    if wanted == []:
        return []
    if talk.api.by_column is None:
        rows = rows_between(talk, Read(talk.stream), start=None, until=None, size=talk.api.paging.largest)
        return [row for page in rows for row in page if wanted is None or row[column] in wanted]
    name, value = talk.api.by_column
    asked = (name, talk.resource.columns[column].name)
    if wanted is None:
        return list(_found(talk, [asked]))
    wanted = fitting(talk.stream, column, wanted) if talk.api.store else wanted
    texts = [text for each in wanted if _is_unicode(text := text_of(each))]
    return [row for some in _chunks(talk, value, texts) for row in _found(talk, [asked, *some])]


def _found(talk: Talk, query: Query) -> Iterator[Row]:
    for records in followed(talk, query, size=talk.api.paging.largest):
        yield from (row_of(talk.api, talk.resource, talk.shape, each) for each in records)


def rows_between(
    talk: Talk, read: Read, *, start: dt.datetime | None, until: dt.datetime | None, size: int
) -> Iterator[list[Row]]:
    """Rows changed after ``start`` up to ``until``, by timestamp, a list an answer."""
    query, here = query_of(talk, read)
    api, resource, shape = talk.api, talk.resource, talk.shape
    for records in answers(talk, query, start=start, until=until, size=size):
        rows = [row_of(api, resource, shape, each) for each in records]
        yield [row for row in rows if row.get(DELETED) or all(fits(row) for fits in here)] if here else rows


def query_of(talk: Talk, read: Read) -> tuple[list[tuple[str, str]], list[Condition]]:
    """The parameters that choose rows, and the conditions that are left to be looked at here."""
    query: list[tuple[str, str]] = []
    here: list[Condition] = []
    for name, value in read.where.items():
        if name not in talk.resource.columns:
            raise Misconfigured(
                f"{read.stream} has no column {name!r}; it has {', '.join(talk.resource.columns)}"
            )
        values = list(value) if isinstance(value, tuple | list | set | frozenset) else [value]
        if name in talk.resource.filters and values and (talk.api.store or None not in values):
            field = talk.resource.columns[name].name
            query += [(f"{field}.null", "true") if one is None else (field, text_of(one)) for one in values]
        else:
            here.append(partial(_is_one_of, name, values))
    if talk.api.store:
        query += [("lines", "true")] if read.lines else []
        query += [("deletes", "true")] if read.deletes else []
    elif read.lines:
        raise Misconfigured(f"{read.stream}: its system sends no lines; expected a read without {read.lines}")
    return query, here


def _is_one_of(name: str, values: Collection[Any], row: Row) -> bool:
    return row[name] in values


def _chunks(talk: Talk, name: str, texts: Iterable[str]) -> Iterator[list[tuple[str, str]]]:
    """The texts as parameters, as many at once as an address can hold."""
    some: list[tuple[str, str]] = []
    length = 0
    for text in texts:
        more = len(quote_plus(text)) + len(name) + 2
        if some and (length + more > ADDRESS_CHARACTERS or len(some) == talk.api.keys_each):
            yield some
            some, length = [], 0
        some.append((name, text))
        length += more
    if some:
        yield some


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
