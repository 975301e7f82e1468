"""Answers what is asked of streams: pages, records by key or column, digests, one record with its ETag.

Parameters → a read of ``pages`` or of the connector → JSON rows. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from connectors.protocol import LINES, Read
from connectors.sql_rows import read_rows
from stores.api.ask import Answer, Ask
from stores.api.cursor import ROWS, Place, token_of
from stores.api.documents import dump_document, etag, etags, read_document
from stores.api.pages import Asked, one_of, read_page
from stores.api.parameters import check_names, instant_of, limit_of, place_asked, values_of, where_of
from stores.api.problems import no_record, one_invalid
from stores.api.store import Stream
from stores.api.values import Row, dump_instant, dump_rows, kind_of

KEYS_MOST = 200


def describe(ask: Ask) -> Answer:
    """The system's streams with their columns."""
    streams = {
        stream.table.name: {
            "key": stream.key.name,
            "lines": stream.lines.name if stream.lines is not None else None,
            "columns": {
                column.name: {
                    "type": kind_of(column),
                    "nullable": bool(column.nullable),
                    "owner": column.info.get("owner", ""),
                }
                for column in stream.table.c
            },
        }
        for stream in ask.store.streams()
    }
    return Answer({"system": ask.store.system, "streams": streams})


def rows(ask: Ask) -> Answer:
    """Rows of a stream: by change, by key, or by a column's values."""
    stream = ask.stream
    check_names(ask, stream)
    if ask.all("key"):
        return _by_key(ask, stream)
    return _by_column(ask, stream) if ask.all("in") else _changed(ask, stream)


def digest(ask: Ask) -> Answer:
    """How many rows each group of keys holds, and a checksum of their stamps."""
    groups = ask.store.connector.digest(ask.stream.name)
    return Answer({"groups": None if groups is None else {name: list(two) for name, two in groups.items()}})


def keys(ask: Ask) -> Answer:
    """The keys of one group of a digest."""
    return Answer({"keys": list(ask.store.connector.keys(ask.stream.name, ask.one("group")))})


def record(ask: Ask) -> Answer:
    """One record with its lines, and the ETag of its version."""
    stream = ask.stream
    with ask.store.reading() as connection:
        found = read_document(connection, stream, ask.path["key"])
    if found is None:
        raise no_record(stream.table.name, ask.path["key"])
    tag = etag(stream, found)
    if tag in etags(ask.headers.get("if-none-match", "")):
        return Answer(None, 304, {"ETag": tag})
    return Answer(dump_document(stream, found), headers={"ETag": tag})


def _changed(ask: Ask, stream: Stream) -> Answer:
    asked = Asked(
        stream,
        since=instant_of(ask, "changed_since"),
        until=instant_of(ask, "until"),
        where=where_of(ask, stream),
        deletes=ask.flag("deletes"),
    )
    place, limit = place_asked(ask), limit_of(ask)
    with ask.store.reading() as connection:
        page = read_page(connection, asked, place=place, limit=limit)
    lines = _with_lines(ask, stream, page.rows)
    deleted = dump_rows(stream.table, page.deleted)
    token = token_of(page.next, ask.query) if page.next else None
    return _envelope([*lines, *deleted], page.total, until=page.until, token=token)


def _by_key(ask: Ask, stream: Stream) -> Answer:
    wanted = list(dict.fromkeys(ask.all("key")))
    if len(wanted) > KEYS_MOST:
        raise one_invalid("key", f"{len(wanted)} came; expected at most {KEYS_MOST}", rule="at_most")
    found = ask.store.connector.fetch(Read(stream.name), wanted)
    return _envelope(_with_lines(ask, stream, found), len(found))


def _by_column(ask: Ask, stream: Stream) -> Answer:
    column, limit, place = ask.one("in"), limit_of(ask), place_asked(ask)
    if column not in stream.table.c:
        raise one_invalid("in", f"{column[:80]!r} is no column of {stream.name}", rule="unknown_column")
    wanted = values_of(stream, column, [("value", value) for value in ask.all("value")])
    where = [one_of(stream.table.c[column], wanted)] if wanted else []
    query = sa.select(stream.table).where(*where).order_by(stream.key).limit(limit + 1)
    if place:
        query = query.where(stream.key > place.after[0])
    with ask.store.reading() as connection:
        total = place.total if place else _count(connection, stream, where)
        found = read_rows(connection, query)
    more = len(found) > limit > 0
    goes_on = Place(ROWS, None, total, (found[limit - 1][stream.key.name],)) if more else None
    return _envelope(
        _with_lines(ask, stream, found[:limit]),
        total,
        token=token_of(goes_on, ask.query) if goes_on else None,
    )


def _count(connection: sa.Connection, stream: Stream, where: Sequence[sa.ColumnElement[bool]]) -> int:
    query = sa.select(sa.func.count()).select_from(stream.table).where(*where)
    return int(connection.execute(query).scalar_one())


def _envelope(rows_: list[Row], total: int, *, until: Any = None, token: str | None = None) -> Answer:
    bound = dump_instant(until) if until else None
    return Answer({"rows": rows_, "until": bound, "total": total, "next_page_token": token})


def _with_lines(ask: Ask, stream: Stream, found: list[Row]) -> list[Row]:
    """Rows as JSON has them, their lines with them when asked for."""
    dumped = dump_rows(stream.table, found)
    if not ask.flag("lines") or stream.lines is None:
        return dumped
    header, system = stream.key.name, ask.store.system
    lines = ask.store.connector.lookup(
        f"{system}.{stream.lines.name}", header, [row[header] for row in found]
    )
    (line_key,) = stream.lines.primary_key.columns
    # Shorter first: line 10 comes after line 2.
    lines.sort(key=lambda row: (len(row[line_key.name] or ""), row[line_key.name] or ""))
    by_header: dict[Any, list[Row]] = {row[header]: [] for row in found}
    for line in dump_rows(stream.lines, lines):
        by_header[line[header]].append(line)
    for row in dumped:
        row[LINES] = by_header[row[header]]
    return dumped
