"""Writes records to a store over HTTP: in batches, each record with an outcome of its own.

rows → JSON records → ``POST /{stream}/batch`` → outcomes. A batch is the same done twice, so a lost answer is
asked for again: what was kept is ``unchanged`` then. The store halves what its database refuses; what its
door refuses as a whole (too large, unreadable) is halved here until the bad record is alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.errors import MissingDependency, RecordRejected, Refused
from connectors.protocol import Fence, Outcome, Row, Write
from connectors.rest_api import Field, part
from connectors.rest_errors import TooMuch
from connectors.rest_pages import Talk
from connectors.rest_values import NotSent, record_of, value_of

BATCH = 1000
_EFFECTS = ("inserted", "updated", "deleted", "unchanged", "refused")


def write_rows(
    talk: Talk,
    write: Write,
    rows: Sequence[Row],
    *,
    lines: Mapping[str, Field],
    fence: Fence | None,
    dry: bool,
) -> list[Outcome]:
    """One outcome a row, in order."""
    outcomes: dict[int, Outcome] = {}
    records: list[tuple[int, dict[str, Any]]] = []
    for number, row in enumerate(rows):
        try:
            records.append((number, record_of(row, talk.resource.columns, lines)))
        except NotSent as error:
            told = _rejected(write, row.get(write.key), str(error), rule=f"value:{error.column}")
            outcomes[number] = told
    body = {
        "key": write.key,
        "create": list(write.create),
        "owns": list(write.owns),
        "lines": bool(write.lines),
        "dry": dry,
    }
    headers = {"Triada-Fence": f"{fence.name}={fence.token}"} if fence else {}
    # Without rows there is still the fence to raise.
    starts: Sequence[int] = range(0, len(records), BATCH) if rows or fence is None else [0]
    for start in starts:
        some = records[start : start + BATCH]
        given = _give(talk, write, body, [record for _, record in some], headers=headers, lines=lines)
        outcomes.update(zip((number for number, _ in some), given, strict=True))
    return [outcomes[number] for number in range(len(rows))]


def _give(
    talk: Talk,
    write: Write,
    body: Mapping[str, Any],
    records: list[dict[str, Any]],
    *,
    headers: Mapping[str, str],
    lines: Mapping[str, Field],
) -> list[Outcome]:
    try:
        answer = talk.client.post(
            f"{talk.resource.path}/batch", {**body, "records": records}, headers=headers
        )
    except TooMuch as error:
        if not records:  # nothing to halve: the store refuses even the fence alone
            raise
        if len(records) == 1:
            return [_rejected(write, records[0].get(write.key), str(error), rule="request")]
        half = len(records) // 2
        return [
            outcome
            for some in (records[:half], records[half:])
            for outcome in _give(talk, write, body, some, headers=headers, lines=lines)
        ]
    told = part(answer.body, "outcomes")
    if not isinstance(told, list) or len(told) != len(records):
        raise Refused(
            f"{talk.client.place}: a batch of {len(records)} records for {write.stream} was answered with "
            f"{len(told) if isinstance(told, list) else 'no'} outcomes; expected one a record"
        )
    return [_outcome(talk, each, lines) for each in told]


def _outcome(talk: Talk, told: Any, lines: Mapping[str, Field]) -> Outcome:
    effect = part(told, "effect")
    if effect not in _EFFECTS:
        raise Refused(
            f"{talk.client.place}: an outcome's effect is {effect!r}; expected {', '.join(_EFFECTS)}"
        )
    key = str(part(told, "key") or "")
    error = part(told, "error")
    if error is not None:
        kind = MissingDependency if part(error, "kind") == "missing" else RecordRejected
        message, rule = str(part(error, "message")), str(part(error, "rule"))
        return Outcome(key, "refused", kind(message, rule=rule))
    changes = {
        name: (_value(talk, name, there, lines), _value(talk, name, wanted, lines))
        for name, (there, wanted) in (part(told, "changes") or {}).items()
    }
    return Outcome(key, effect, changes=changes)


def _value(talk: Talk, name: str, value: Any, lines: Mapping[str, Field]) -> Any:
    """A changed value in its column's type; ``lines.<key>.<column>`` is a line's."""
    column = (
        lines.get(name.rpartition(".")[2]) if name.startswith("lines.") else talk.resource.columns.get(name)
    )
    try:
        return value if column is None else value_of(column.kind, value)
    except (ValueError, TypeError, ArithmeticError):
        return value


def _rejected(write: Write, key: Any, what: str, *, rule: str) -> Outcome:
    error = RecordRejected(f"{write.stream} {key}: {what} Correct it at its source.", rule=rule)
    return Outcome(str(key if key is not None else ""), "refused", error)
