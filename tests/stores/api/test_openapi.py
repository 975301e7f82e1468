"""The API's description is OpenAPI 3.1, holds together, and its examples are taken as they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from jsonschema import Draft202012Validator

from models import SYSTEMS
from stores.api.app import ACTIONS
from stores.api.schemas import change_example, create_example, fields_example
from tests.stores.api.conftest import Make

Doc = dict[str, Any]


@pytest.fixture(params=sorted(SYSTEMS))
def described(request: pytest.FixtureRequest, make_api: Make) -> tuple[Any, Doc]:
    api = make_api(request.param)
    answer = api.ask("GET", "/openapi.json", headers={"Authorization": ""})
    assert answer.status_code == 200
    return api, answer.json()


def walk(node: Any) -> Iterator[Doc]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def operations(doc: Doc) -> Iterator[tuple[str, str, Doc]]:
    for path, methods in doc["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_openapi_3_1_and_every_reference_is_there(described: tuple[Any, Doc]) -> None:
    _, doc = described
    assert doc["openapi"] == "3.1.0"
    OpenAPI(**doc)
    names = [operation["operationId"] for _, _, operation in operations(doc)]
    assert len(names) == len(set(names))
    for node in walk(doc):
        if isinstance(reference := node.get("$ref"), str):
            place: Any = doc
            for part in reference.removeprefix("#/").split("/"):
                place = place[part]
    for schema in doc["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for path, _, operation in operations(doc):
        in_path = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_every_stream_and_action_is_described_with_examples_that_fit(described: tuple[Any, Doc]) -> None:
    api, doc = described
    for stream in api.store.streams():
        name, key = stream.table.name, stream.key.name
        for path in (f"/{name}", f"/{name}/{{{key}}}", f"/{name}/batch", f"/{name}/digest", f"/{name}/keys"):
            assert path in doc["paths"]
    for action in ACTIONS[api.system]:
        assert any(path.endswith(f"/{action.name}") for path in doc["paths"])
    seen = 0
    for node in walk(doc["paths"]):
        if "schema" in node and "example" in node:
            schema = {**node["schema"], "components": doc["components"]}
            Draft202012Validator(schema).validate(node["example"])
            seen += 1
    assert seen > 20


def test_every_route_is_described_and_every_description_has_a_route(described: tuple[Any, Doc]) -> None:
    api, doc = described
    headers = {"Content-Type": "application/json"}
    for path, method, _ in operations(doc):
        filled = "/".join("X-1" if part.startswith("{") else part for part in path.split("/"))
        answer = api.ask(
            method.upper(), filled, content=b"{}" if method in ("post", "put") else b"", headers=headers
        )
        assert answer.status_code not in (405, 500), (method, path, answer.text)
        assert "reason" not in answer.text or answer.status_code != 404


def test_every_example_of_a_record_is_taken_as_it_stands(described: tuple[Any, Doc]) -> None:
    api, _ = described
    # Tables that others point to come first; what a store decides on at once may have changed or moved it.
    for table in api.store.metadata.sorted_tables:
        if table.name not in {stream.table.name for stream in api.store.streams()}:
            continue
        stream = api.store.find(table.name)
        example = change_example(stream)
        if table.name == "bom_lines":
            other = {**change_example(api.store.find("items")), "item_no": example["component_item_no"]}
            assert api.ask("PUT", f"/items/{other['item_no']}", json=other).status_code == 201
        answer = api.ask("PUT", f"/{table.name}/{example[stream.key.name]}", json=example)
        assert answer.status_code in (200, 201), (table.name, example, answer.text)


def test_every_example_of_an_action_is_read(described: tuple[Any, Doc]) -> None:
    api, _ = described
    for action in ACTIONS[api.system]:
        path = f"/{action.stream}{'/NONE-1' if action.on_record else ''}/{action.name}"
        rules = api.ask("POST", path, json=fields_example(action.fields))
        assert rules.status_code in (404, 422)
        assert rules.status_code == 404 or {one["rule"] for one in rules.json()["errors"]} == {
            "record_exists"
        }


def test_a_form_can_send_the_example_of_a_lead_as_the_guide_shows_it(make_api: Make) -> None:
    api = make_api("crm")
    doc = api.get("/openapi.json")
    sent = doc["paths"]["/leads"]["post"]["requestBody"]["content"]["application/json"]["example"]
    guide = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text()
    assert json.dumps(sent) in guide
    assert sent == create_example(api.store.find("leads"))
    for method, path, body in (
        ("POST", "/leads", sent),
        ("PUT", "/leads/L-1", {**change_example(api.store.find("leads")), "lead_no": "L-1"}),
    ):
        answer = api.ask(method, path, json=body, scopes="crm:write")
        assert answer.status_code == 201, answer.text


def test_the_example_of_an_item_is_the_same_item_everywhere(described: tuple[Any, Doc]) -> None:
    _, doc = described
    shown = {node["item_no"] for node in walk(doc["paths"]) if isinstance(node.get("item_no"), str)}
    assert shown <= {"IT-0101"}


def test_nothing_in_it_is_loaded_from_elsewhere(make_api: Make) -> None:
    api = make_api("crm")
    for path in ("/docs", "/redoc", "/docs/oauth2-redirect"):
        assert "<script" not in api.ask("GET", path).text
