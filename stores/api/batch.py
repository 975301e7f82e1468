"""The hub's own door: many records at once, each with its outcome; the connector writes, fence included.

JSON records → the connector's ``write`` (``dry``: ``compare``) → one outcome a record, in order. A value that
its column cannot hold refuses its own record alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from connectors.errors import MissingDependency, RowError
from connectors.protocol import DELETED, LINES, Outcome, Row, Write
from stores.api.ask import Answer, Ask
from stores.api.problems import one_invalid
from stores.api.store import Stream
from stores.api.values import dump, parse

RECORDS_MOST = 1000


def batch(ask: Ask) -> Answer:
    """Bring records to the state given; see ``connectors.protocol.Target``."""
    stream, body = ask.stream, ask.json()
    write, dry, records = _asked(stream, body)
    rows: list[Row] = []
    refused: dict[int, Outcome] = {}
    for position, record in enumerate(records):
        try:
            rows.append(_row(stream, write, record))
        except _Refused as error:
            refused[position] = Outcome(_shown(record, write.key), "refused", error)
    connector = ask.store.connector
    done = iter(connector.compare(write, rows) if dry else connector.write(write, rows, fence=ask.fence))
    outcomes = [refused[n] if n in refused else next(done) for n in range(len(records))]
    if not dry and any(one.effect not in ("unchanged", "refused") for one in outcomes):
        ask.store.handle(stream.table.name)
    return Answer({"outcomes": [_dump(one) for one in outcomes]})


class _Refused(RowError):
    """A record that JSON or a column's type refuses."""


def _asked(stream: Stream, body: Mapping[str, Any]) -> tuple[Write, bool, list[Any]]:
    fields = {"key": str, "create": list, "owns": list, "lines": bool, "dry": bool, "records": list}
    for name in body:
        if name not in fields:
            raise one_invalid(name[:80], f"expected only {', '.join(fields)}", rule="unknown_field")
    given = {
        "key": stream.key.name,
        "create": [],
        "owns": [],
        "lines": False,
        "dry": False,
        "records": [],
        **body,
    }
    for name, kind in fields.items():
        if not isinstance(given[name], kind):
            raise one_invalid(name, f"expected a JSON {kind.__name__}", rule=f"type:{name}")
    for name in (given["key"], *given["create"], *given["owns"]):
        if not isinstance(name, str) or name not in stream.table.c:
            raise one_invalid("key, create, owns", f"{str(name)[:80]!r} is no column", rule="unknown_column")
    if len(given["records"]) > RECORDS_MOST:
        raise one_invalid(
            "records", f"{len(given['records'])} came; expected at most {RECORDS_MOST}", rule="at_most"
        )
    if given["lines"] and stream.lines is None:
        raise one_invalid("lines", f"{stream.name} has no lines", rule="has_lines")
    lines = (
        f"{stream.name.partition('.')[0]}.{stream.lines.name}"
        if given["lines"] and stream.lines is not None
        else ""
    )
    write = Write(stream.name, given["key"], tuple(given["create"]), tuple(given["owns"]), lines)
    return write, given["dry"], given["records"]


def _row(stream: Stream, write: Write, record: Any) -> Row:
    if not isinstance(record, dict):
        raise _Refused(
            f"{write.stream}: a record came as {type(record).__name__}; expected an object", rule="object"
        )
    row = _values(stream.table, record, where=f"{write.stream} {_shown(record, write.key)}")
    if record.get(DELETED) is True:
        row[DELETED] = True
    if write.lines and record.get(LINES) is not None:
        lines = record[LINES]
        assert stream.lines is not None
        if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
            raise _Refused(f"{write.stream}: lines are no list of objects", rule="lines")
        where = f"{write.stream} {_shown(record, write.key)} lines"
        row[LINES] = [_values(stream.lines, line, where=where) for line in lines]
    return row


def _values(table: sa.Table, record: Mapping[str, Any], *, where: str) -> Row:
    row: Row = {}
    for name, value in record.items():
        if name in (LINES, DELETED):
            continue
        if name not in table.c:
            row[name] = value  # the connector names it, as it does for every writer
            continue
        try:
            row[name] = parse(table.c[name], value)
        except ValueError as error:
            raise _Refused(
                f"{where}: {name} came as {str(value)[:80]!r}: {error}. Correct it at its source.",
                rule=f"value:{name}",
            ) from None
    return row


def _shown(record: Any, key: str) -> str:
    return str(record.get(key) or "")[:80] if isinstance(record, dict) else ""


def _dump(outcome: Outcome) -> dict[str, Any]:
    error = None
    if isinstance(outcome.error, RowError):
        kind = "missing" if isinstance(outcome.error, MissingDependency) else "rejected"
        error = {"kind": kind, "rule": outcome.error.rule, "message": str(outcome.error)}
    changes = {name: [dump(there), dump(wanted)] for name, (there, wanted) in outcome.changes.items()}
    return {"key": outcome.key, "effect": outcome.effect, "changes": changes, "error": error}
