"""A record with its lines: read, as JSON, and the ETag of its version."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from connectors.protocol import LINES
from connectors.sql_rows import read_rows
from stores.api.store import Stream
from stores.api.values import Row, dump_rows, encode


def read_document(connection: sa.Connection, stream: Stream, key: str, *, lock: bool = False) -> Row | None:
    """A record with its lines as they are now; locked until the transaction ends when asked for."""
    if "\0" in key or len(key) > 64 or not _is_unicode(key):
        return None
    query = sa.select(stream.table).where(stream.key == key)
    found = read_rows(connection, query.with_for_update() if lock else query)
    if not found:
        return None
    if stream.lines is not None:
        (line_key,) = stream.lines.primary_key.columns
        header = stream.lines.c[stream.key.name]
        lines = read_rows(connection, sa.select(stream.lines).where(header == key))
        found[0][LINES] = sorted(lines, key=lambda row: (len(row[line_key.name]), row[line_key.name]))
    return found[0]


def dump_document(stream: Stream, document: Row) -> Row:
    """A record with its lines as JSON has it."""
    header = {name: value for name, value in document.items() if name != LINES}
    (dumped,) = dump_rows(stream.table, [header])
    if stream.lines is not None and LINES in document:
        dumped[LINES] = dump_rows(stream.lines, document[LINES])
    return dumped


def etag(stream: Stream, document: Row) -> str:
    """The version of a record: another one for any change in it or its lines."""
    return f'"{hashlib.sha256(encode(dump_document(stream, document))).hexdigest()[:32]}"'


def etags(header: str) -> list[str]:
    """The tags of an If-Match or If-None-Match header."""
    return [one.strip() for one in header.split(",") if one.strip()]


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
