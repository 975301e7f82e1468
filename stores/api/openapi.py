"""The API's own description, OpenAPI 3.1: every stream, every action, every answer, with examples.

Made from the models and the declared actions when it is asked for, so that it cannot say what is not so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stores.api.deeds import Action
from stores.api.openapi_pages import page_example, page_parameters, page_schema, parameter, ref
from stores.api.problems import MEDIA_TYPE, FieldError, one_invalid
from stores.api.schemas import (
    change_example,
    change_schema,
    column_schema,
    create_example,
    example_of,
    fields_example,
    fields_schema,
    record_example,
    record_schema,
)
from stores.api.store import Store, Stream

Doc = dict[str, Any]
_TEXT: Doc = {"type": "string"}


def document(store: Store, actions: Sequence[Action]) -> Doc:
    """The whole document."""
    paths: Doc = {
        "/": {"get": _does("describe", "The streams and their columns", {"200": _json({"type": "object"})})},
        "/health": {
            "get": {**_does("health", "Whether the store answers", {"200": _json({})}), "security": []}
        },
    }
    schemas: Doc = {"Problem": _problem()}
    for stream in store.streams():
        name = stream.table.name
        schemas[name], schemas[f"{name}_change"] = record_schema(stream), change_schema(stream)
        paths |= _stream_paths(store.system, stream)
    for action in actions:
        paths |= _action_path(store, action)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Tríada {store.system.upper()}", "version": "1", "description": __doc__ or ""},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {"Problem": _answer("what kept it from being done", ref("Problem"), MEDIA_TYPE)},
        },
    }


def _stream_paths(system: str, stream: Stream) -> Doc:
    name, key = stream.table.name, stream.key.name
    read, write = f"{system}:read.", f"{system}:write."
    record = _json(ref(name), record_example(stream))
    change = ref(f"{name}_change")
    body, new = _body(change, change_example(stream)), _body(change, create_example(stream))
    in_path = [parameter(key, "path", column_schema(stream.key), example_of(stream.key))]
    version, gone = parameter("If-Match", "header", _TEXT, '"0a1b"'), {"description": "gone"}
    changed = {"200": record, "201": record}
    pages = {"200": _json(page_schema(name), page_example(stream))}
    once = [parameter("Idempotency-Key", "header", _TEXT, "4f1c0d")]
    return {
        f"/{name}": {
            "get": _does(
                f"{name}_list", f"{read} Rows by change, key or column.", pages, page_parameters(stream)
            ),
            "post": {**_does(f"{name}_create", f"{write} Create a record.", {"201": record}, once), **new},
        },
        f"/{name}/{{{key}}}": {
            "get": _does(f"{name}_get", f"{read} One record, with its ETag.", {"200": record}, in_path),
            "put": {
                **_does(f"{name}_put", f"{write} Bring it to a state.", changed, [*in_path, version]),
                **body,
            },
            "delete": _does(f"{name}_delete", f"{write} Delete it.", {"204": gone}, [*in_path, version]),
        },
        **_hub_paths(system, stream),
    }


def _hub_paths(system: str, stream: Stream) -> Doc:
    name, key = stream.table.name, stream.key.name
    fence = [parameter("Triada-Fence", "header", _TEXT, "orders=7")]
    group = [parameter("group", "query", _TEXT, "CO-2026-00")]
    records = {"key": key, "records": [change_example(stream)]}
    outcome = {"key": example_of(stream.key), "effect": "inserted", "changes": {}, "error": None}
    outcomes = {"200": _json({"type": "object"}, {"outcomes": [outcome]})}
    groups = {"200": _json({"type": "object"}, {"groups": {"CO-2026-00": [412, 1932735283]}})}
    keys = {"200": _json({"type": "object"}, {"keys": [example_of(stream.key)]})}
    hub, read = f"{system}:hub. Many records, each with its outcome.", f"{system}:read."
    return {
        f"/{name}/batch": {
            "post": {**_does(f"{name}_batch", hub, outcomes, fence), **_body({"type": "object"}, records)}
        },
        f"/{name}/digest": {
            "get": _does(f"{name}_digest", f"{read} Rows and checksum of each group of keys.", groups)
        },
        f"/{name}/keys": {"get": _does(f"{name}_keys", f"{read} The keys of a group.", keys, group)},
    }


def _action_path(store: Store, action: Action) -> Doc:
    stream = store.find(action.stream)
    made = store.find(action.makes) if action.makes else stream
    where = f"/{{{stream.key.name}}}" if action.on_record else ""
    answer = _json(ref(made.table.name), record_example(made))
    in_path = parameter(stream.key.name, "path", column_schema(stream.key), example_of(stream.key))
    does = _does(
        f"{action.stream}_{action.name}",
        f"{action.scope}. {action.doc}",
        {"201" if action.makes else "200": answer},
        [*([in_path] if action.on_record else []), parameter("Idempotency-Key", "header", _TEXT, "4f1c0d")],
    )
    body = _body(fields_schema(action.fields), fields_example(action.fields))
    return {f"/{action.stream}{where}/{action.name}": {"post": {**does, **body}}}


def _problem() -> Doc:
    texts = {name: {"type": "string"} for name in FieldError.__dataclass_fields__}
    properties: Doc = {name: {"type": "string"} for name in ("type", "title", "detail")}
    properties["status"] = {"type": "integer"}
    properties["errors"] = {"type": "array", "items": {"type": "object", "properties": texts}}
    shown = one_invalid("credit_status", "credit_status is the ERP's; change it there", rule="owned_by:erp")
    return {"type": "object", "properties": properties, "examples": [shown.body()]}


def _does(name: str, summary: str, answers: Doc, parameters: Sequence[Doc] = ()) -> Doc:
    problem = {"$ref": "#/components/responses/Problem"}
    does: Doc = {"operationId": name, "summary": summary, "responses": {**answers, "default": problem}}
    return {**does, "parameters": list(parameters)} if parameters else does


def _answer(what: str, schema: Doc, media: str = "application/json", example: Any = None) -> Doc:
    content = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"description": what, "content": {media: content}}


def _json(schema: Doc, example: Any = None) -> Doc:
    return _answer("done", schema, example=example)


def _body(schema: Doc, example: Any) -> Doc:
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": example}},
        }
    }
