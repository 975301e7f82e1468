"""What ``docs/api.md`` says of the API is so."""

from __future__ import annotations

import re
from pathlib import Path

from settings import Settings
from stores.api.app import ACTIONS
from stores.api.problems import TITLES
from stores.api.store import Limits
from stores.api.tokens import known_scopes
from tests.stores.api.conftest import Make

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text()


def test_the_actions_and_their_scopes_are_those_there_are(make_api: Make) -> None:
    said = set(re.findall(r"^\| `(/\S+)` \| `(\w+:\w+)` \|$", TEXT, re.M))
    there = set()
    for system, actions in ACTIONS.items():
        store = make_api(system).store
        for one in actions:
            key = f"/{{{store.find(one.stream).key.name}}}" if one.on_record else ""
            there.add((f"/{one.stream}{key}/{one.name}", one.scope))
    assert said == there


def test_the_scopes_are_those_there_are() -> None:
    table = TEXT.partition("| scope | may |")[2].partition("\n\n")[0]
    said = re.findall(r"`(\w+:\w+)`", table)
    assert sorted(said) == sorted(scope for system in ACTIONS for scope in known_scopes(system))


def test_the_problems_are_those_there_are() -> None:
    said = {(int(status), type_) for status, type_ in re.findall(r"^\| (\d+) \| `([\w-]+)` \|", TEXT, re.M)}
    assert said == {(status, type_) for status, (type_, _) in TITLES.items()} | {(409, "lease-lost")}


def test_the_settings_are_those_there_are_and_are_the_limits_of_the_api() -> None:
    known = {f"TRIADA_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"TRIADA_[A-Z_]+", TEXT)) <= known
    fields, limits = Settings.model_fields, Limits()
    assert fields["api_body_mib"].default * 2**20 == limits.body_bytes
    assert (fields["api_answer_s"].default, fields["api_rate"].default, fields["api_burst"].default) == (
        limits.answer_s,
        limits.rate,
        limits.burst,
    )
    assert [fields[f"{system}_port"].default for system in ("oa", "crm", "erp")] == [8101, 8102, 8103]
