"""The parts of the API's description that say how a stream's rows are asked for."""

from __future__ import annotations

from typing import Any

from stores.api.parameters import PAGE, PAGE_MOST
from stores.api.schemas import column_schema, example_of, record_example
from stores.api.store import Stream

Doc = dict[str, Any]


def page_parameters(stream: Stream) -> list[Doc]:
    """What can be asked of a stream's rows."""
    instant = {"type": "string", "format": "date-time"}
    at, columns = "2026-11-20T09:30:00.000000Z", [*stream.table.c.keys()]
    ours: list[tuple[str, Doc, Any]] = [
        ("changed_since", instant, at),
        ("until", instant, at),
        ("limit", {"type": "integer", "minimum": 0, "maximum": PAGE_MOST, "default": PAGE}, PAGE),
        ("page_token", {"type": "string"}, "eyJ…"),
        ("lines", {"type": "boolean"}, True),
        ("deletes", {"type": "boolean"}, True),
        ("key", {"type": "array", "items": {"type": "string"}}, [example_of(stream.key)]),
        ("in", {"type": "string", "enum": columns}, columns[0]),
        ("value", {"type": "array", "items": {"type": "string"}}, [str(example_of(stream.key))]),
    ]
    filters = [
        (column.name, {**column_schema(column), "type": "string"}, None)
        for column in stream.table.c
        if column.name != "updated_at"
    ]
    for _, schema, _ in filters:
        for bound in ("enum", "minimum", "maximum"):
            schema.pop(bound, None)
    return [parameter(name, "query", schema, example) for name, schema, example in [*ours, *filters]]


def page_schema(name: str) -> Doc:
    """The envelope of a page."""
    nullable = {"type": ["string", "null"]}
    return {
        "type": "object",
        "required": ["rows", "until", "total", "next_page_token"],
        "properties": {
            "rows": {"type": "array", "items": ref(name)},
            "until": {**nullable, "format": "date-time"},
            "total": {"type": "integer"},
            "next_page_token": nullable,
        },
    }


def page_example(stream: Stream) -> Doc:
    """A page of one row."""
    at = "2026-11-20T09:30:00.000000Z"
    return {"rows": [record_example(stream)], "until": at, "total": 1, "next_page_token": None}


def parameter(name: str, where: str, schema: Doc, example: Any) -> Doc:
    """One parameter with its example."""
    shown = {} if example is None else {"example": example}
    return {"name": name, "in": where, "required": where == "path", "schema": schema, **shown}


def ref(name: str) -> Doc:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}
