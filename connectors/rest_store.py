"""Our own store API as a declaration: what ``stores/api`` answers for the OA, the CRM and the ERP.

models → ``Api``. Its streams are the tables of ``models``; how it is asked is in ``docs/api.md``.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from functools import cache
from typing import Any

import sqlalchemy as sa

from connectors.rest_api import Api, Cursor, Envelope, Field, Kind, Paging, Resource
from connectors.sql_values import canonical
from models import stream_table, streams
from models.types import Exact, Instant

_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (Exact, "exact"),
    (Instant, "instant"),
    (sa.Date, "date"),
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.String, "text"),
)


@cache
def store_api(system: str) -> Api:
    """The API of one of the reference stores."""
    return Api(
        resources={name: _resource(name) for name in streams() if name.startswith(f"{system}.")},
        paging=Paging("token", parameter="page_token", size="limit"),
        cursor=Cursor(since="changed_since", until="until"),
        envelope=Envelope("rows", total="total", next="next_page_token", until="until", deleted="deleted"),
        by_key="key",
        by_column=("in", "value"),
        store=True,
    )


def fields_of(stream: str) -> dict[str, Field]:
    """The columns of a stream, each under its own name."""
    return {column.name: Field(column.name, _kind(column)) for column in stream_table(stream).columns}


def fitting(stream: str, column: str, values: Collection[Any]) -> list[Any]:
    """The values that the column can hold, as it holds them; the others are nowhere in it."""
    found: dict[Any, None] = {}
    for value in values:
        with suppress(ValueError):
            found[canonical(stream_table(stream).c[column], value)] = None
    return list(found)


def _resource(stream: str) -> Resource:
    table = stream_table(stream)
    columns = fields_of(stream)
    lines = next((name for name in streams() if _header_of(name) == stream), None)
    return Resource(
        path=table.name,
        key=next(iter(table.primary_key.columns)).name,
        columns=columns,
        filters=frozenset(columns),
        lines=fields_of(lines) if lines else {},
    )


def _header_of(stream: str) -> str:
    header = stream_table(stream).info.get("header")
    return f"{stream.partition('.')[0]}.{header}" if header else ""


def _kind(column: sa.Column[object]) -> Kind:
    return next(kind for type_, kind in _KINDS if isinstance(column.type, type_))
