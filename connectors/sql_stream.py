"""Finds the declared tables of a stream: its own, its key, its lines.

A stream's name → its table in ``models``. Asks no database what it has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa

from connectors.errors import Misconfigured
from models import stream_table

CHUNK = 500


@dataclass(frozen=True)
class Stream:
    """A stream's table, its key, and the table of its lines with the column that points back."""

    name: str
    table: sa.Table
    key: sa.Column[Any]
    lines: sa.Table | None = None
    lines_key: sa.Column[Any] | None = None
    lines_header: sa.Column[Any] | None = None


def find_stream(name: str, lines: str = "") -> Stream:
    """The tables of a stream; ``Misconfigured`` when it, or its lines, are not declared."""
    table = _table(name)
    (key,) = table.primary_key.columns
    if not lines:
        return Stream(name, table, key)
    line_table = _table(lines)
    if line_table.info.get("header") != table.name:
        raise Misconfigured(f"{lines} holds no lines of {name}; expected a stream with header={table.name!r}")
    (lines_key,) = line_table.primary_key.columns
    return Stream(name, table, key, line_table, lines_key, line_table.c[key.name])


def chunks(values: Collection[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The values in lists of at most ``size``."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


def find_column(stream: Stream, name: str) -> sa.Column[Any]:
    """A column of the stream; ``Misconfigured`` when it has none of that name."""
    try:
        return stream.table.c[name]
    except KeyError:
        raise Misconfigured(f"{stream.name} has no column {name!r}; docs/streams.md lists them") from None


def _table(name: str) -> sa.Table:
    try:
        return stream_table(name)
    except KeyError as error:
        raise Misconfigured(str(error.args[0])) from None
