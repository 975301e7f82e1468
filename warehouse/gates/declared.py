"""The gates as this folder's YAML files declare them: one for each stream, table or listed case.

YAML -> ``SqlGate`` with its SQL, its sentence in two languages, and the columns that name its failing rows.
It runs none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from checks.sql_gate import Probe, SqlGate
from warehouse import describe
from warehouse.origins import origins

FOLDER = Path(__file__).parent
LAYERS = ("shape", "integrity", "reconcile")
# What looks like somebody's e-mail address, or like a phone number with its country in front.
PERSONAL = r"[^@\s]+@[^@\s]+\.[a-z]{2,}|\+[0-9][0-9 ()/-]{7,}"


def load_gates(folder: Path = FOLDER) -> tuple[SqlGate, ...]:
    """Every gate, in the order of the layers and their files."""
    return _load(folder)


@lru_cache(maxsize=4)
def _load(folder: Path) -> tuple[SqlGate, ...]:
    keys = _keys()
    gates = []
    for layer in LAYERS:
        declared = yaml.safe_load((folder / f"{layer}.yml").read_text(encoding="utf-8"))["gates"]
        gates += [gate for entry in declared for gate in _gates(layer, entry, keys)]
    return tuple(gates)


def _gates(layer: str, entry: Mapping[str, Any], keys: Mapping[str, tuple[str, ...]]) -> list[SqlGate]:
    each = entry.get("each", [{}])
    cases = _EACH[each]() if isinstance(each, str) else each
    return [_gate(layer, entry, case, keys=keys) for case in cases]


def _gate(
    layer: str, entry: Mapping[str, Any], case: Mapping[str, str], *, keys: Mapping[str, tuple[str, ...]]
) -> SqlGate:
    def said(name: str) -> str:
        return str(entry.get(name, "")).format(**case, grain_of=", ".join(key)).strip()

    on = str(entry["about"]).format(**case)
    key = keys.get(on, ())
    severity = said("severity")
    assert severity in ("error", "warn"), f"{entry['name']}: severity {severity!r}"
    sql, probe = said("sql"), said("probe")
    if where := said("where"):
        # A rule about each row alone: its rows are selected only when the table's one scan counts some.
        sql = f"select {said('show')} from {on} where {where}"
        probe = f"count(*) filter (where {where})"
    return SqlGate(
        name=said("name"),
        layer=layer,
        on=on,
        severity="error" if severity == "error" else "warn",
        says=said("says"),
        says_es=said("says_es"),
        sql=sql,
        probe=Probe(said("probe_of") or on, probe, said("against")) if probe else None,
        key=key,
    )


def _keys() -> dict[str, tuple[str, ...]]:
    """What names a row of a raw or published table."""
    return {origin.raw: origin.key for origin in origins()} | {
        table.relation: table.grain for table in describe.tables()
    }


def _streams() -> list[dict[str, str]]:
    return [
        {
            "stream": origin.stream,
            "table": origin.raw,
            "key": ", ".join(f'"{name}"' for name in origin.key),
            "key_first": f'"{origin.key[0]}"',
            # The hub has no state before its first run, and that is no fault.
            "may_be_unread": str(origin.stream.startswith("hub.")).lower(),
        }
        for origin in origins()
    ]


def _sums() -> list[dict[str, str]]:
    return [
        {"stream": origin.stream, "table": origin.raw, "column": column}
        for origin in origins()
        for column in origin.summed
    ]


def _published() -> list[dict[str, str]]:
    return [
        {"table": table.relation, "grain": ", ".join(table.grain), "first": table.grain[0]}
        for table in describe.tables()
    ]


def _free_text() -> list[dict[str, str]]:
    cases = []
    for table in describe.tables():
        names = [f"coalesce({name}, '')" for name in table.columns if name in describe.free_text_columns()]
        if names:
            joined = " || ' ' || ".join(names)
            cases.append({"table": table.relation, "text": joined, "personal": PERSONAL})
    return cases


_EACH = {"streams": _streams, "sums": _sums, "published": _published, "free_text": _free_text}
