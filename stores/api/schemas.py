"""The JSON schema and an example of every stream and action, made from the models.

Columns in, OpenAPI 3.1 schemas out. An example is a record that the store takes: its references point to the
examples of the streams they refer to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from stores.api.deeds import Field
from stores.api.draft import STAMP, words_of
from stores.api.store import Stream
from stores.api.values import kind_of

Schema = dict[str, Any]
_KEY = re.compile(r"[A-Z][A-Z0-9]*[-:0-9A-Z]*")
_OF_KIND: dict[str, tuple[Schema, Any]] = {
    "exact": ({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}, "12.5000"),
    "instant": ({"type": "string", "format": "date-time"}, "2026-11-20T09:30:00.000000Z"),
    "date": ({"type": "string", "format": "date"}, "2026-11-20"),
    "boolean": ({"type": "boolean"}, True),
    "integer": ({"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}, 1),
    "text": ({"type": "string"}, "text"),
}
_OF_NAME = {
    "currency": "EUR",
    "country": "ES",
    "timezone": "Europe/Madrid",
    "email": "ana@example.com",
    "phone": "+34 600 000 000",
    "working_weekdays": "12345",
    "opens_at": "09:00",
    "closes_at": "18:00",
    "unit": "pcs",
    "name": "Acme",
    "item_no": "IT-0101",
    # Nothing is made of itself, so the component is another item than the example of one.
    "component_item_no": "IT-0803",
}
# What a form sends, where no column that must be filled says who it is about.
_SENT: dict[str, dict[str, Any]] = {"crm.leads": {"company_name": "Acme", "email": "ana@example.com"}}


def column_schema(column: sa.Column[Any]) -> Schema:
    """A column's JSON schema with its meaning, unit and owner."""
    schema, _ = _OF_KIND[kind_of(column)]
    schema = dict(schema)
    if kind_of(column) == "text" and (length := getattr(column.type, "length", None)):
        schema["maxLength"] = length
    if words := words_of(column.table).get(column.name):
        schema["enum"] = [*words, None] if column.nullable else list(words)
    if column.nullable:
        schema["type"] = [schema["type"], "null"]
    unit, owner = column.info.get("unit"), column.info.get("owner")
    notes = [column.comment or "", f"in {unit}" if unit else "", f"owned by {owner}" if owner else ""]
    return {**schema, "description": "; ".join(note for note in notes if note)}


def record_schema(stream: Stream) -> Schema:
    """A record as it is read: every column, and its lines when it has some."""
    properties = {column.name: column_schema(column) for column in stream.table.c}
    if stream.lines is not None:
        lines = {column.name: column_schema(column) for column in stream.lines.c}
        properties["lines"] = {"type": "array", "items": {"type": "object", "properties": lines}}
    return {"type": "object", "description": stream.table.comment or "", "properties": properties}


def change_schema(stream: Stream) -> Schema:
    """A record as it is sent: whole or in part."""
    schema = record_schema(stream)
    schema["properties"].pop(STAMP)
    return {**schema, "additionalProperties": False}


def record_example(stream: Stream) -> dict[str, Any]:
    """A record as it is read."""
    return {column.name: example_of(column) for column in stream.table.c}


def change_example(stream: Stream) -> dict[str, Any]:
    """A record with what a new one needs."""
    needed = {
        column.name: example_of(column)
        for column in stream.table.c
        if not column.nullable and column.name != STAMP and column.server_default is None
    }
    return {**needed, **_SENT.get(stream.name, {})}


def create_example(stream: Stream) -> dict[str, Any]:
    """A record as it is created: without what the store fills, where forms send it."""
    return dict(_SENT.get(stream.name) or change_example(stream))


def example_of(column: sa.Column[Any]) -> Any:
    """A value that the column takes."""
    if column.name in _OF_NAME:
        return _OF_NAME[column.name]
    for foreign in column.foreign_keys:
        return example_of(foreign.column)
    if words := words_of(column.table).get(column.name):
        return words[0]
    shown = (column.comment or "").partition(",")[0].partition(";")[0]
    if _KEY.fullmatch(shown) and any(mark in shown for mark in "-:"):
        return shown
    kind = kind_of(column)
    return "E-0007" if kind == "text" and column.name.endswith("_no") else _OF_KIND[kind][1]


def fields_schema(fields: Sequence[Field]) -> Schema:
    """An action's body."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in fields if field.required],
        "properties": {
            field.name: {"type": "array", "items": fields_schema(field.many)}
            if field.many
            else column_schema(field.column)
            for field in fields
        },
    }


def fields_example(fields: Sequence[Field]) -> dict[str, Any]:
    """An action's body with all that it takes."""
    return {
        field.name: [fields_example(field.many)] if field.many else example_of(field.column)
        for field in fields
    }
