"""A record as a client sends it: every field read by its column, and all that is wrong told at once.

JSON object → the values and lines to write. Asks no database; what needs one (references, unique keys) is
``edits``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from connectors.protocol import LINES
from stores.api.problems import FieldError, invalid
from stores.api.store import Stream
from stores.api.values import Row, parse

STAMP = "updated_at"
SHOWN = 60
LINES_MOST = 1000
_WORDS = re.compile(r"(\w+) in \((.+)\)")


@dataclass(frozen=True)
class Draft:
    """Values of the columns that came; ``lines`` is ``None`` when nothing was said about them."""

    values: Row
    lines: Sequence[Row] | None


def read_draft(stream: Stream, body: Mapping[str, Any]) -> Draft:
    """The draft in a body; a 422 that names each field, what came and the rule."""
    errors: list[FieldError] = []
    lines: list[Row] | None = None
    given = {name: value for name, value in body.items() if name not in (STAMP, LINES)}
    values = _values(stream.table, given, at="", errors=errors)
    if LINES in body and body[LINES] is not None:
        lines = _lines(stream, body[LINES], errors)
    if errors:
        raise invalid(*errors)
    return Draft(values, lines)


@cache
def words_of(table: sa.Table) -> Mapping[str, tuple[str, ...]]:
    """The closed list of words of each column that has one."""
    words = {}
    for one in table.constraints:
        if isinstance(one, sa.CheckConstraint) and (found := _WORDS.fullmatch(str(one.sqltext))):
            words[found[1]] = tuple(re.findall(r"'([^']*)'", found[2]))
    return words


def known_rule(table: sa.Table, name: str) -> str:
    """The name of the rule that holds a column to its words."""
    return f"ck_{table.name}_{name}_is_known"


def shown(value: Any) -> str:
    """A value as messages show it: short."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _values(table: sa.Table, given: Mapping[str, Any], *, at: str, errors: list[FieldError]) -> Row:
    values: Row = {}
    for name, came in given.items():
        field = f"{at}{name[:SHOWN]}"
        if name not in table.c:
            errors.append(
                FieldError(
                    field,
                    f"{table.name} has no such column; GET / lists them",
                    f"unknown_column:{name[:SHOWN]}",
                )
            )
            continue
        try:
            values[name] = parse(table.c[name], came)
        except ValueError as error:
            rule = "missing" if came is None else "value"
            errors.append(FieldError(field, f"came as {shown(came)}: {error}", f"{rule}:{name}"))
            continue
        words = words_of(table).get(name)
        if words and values[name] is not None and values[name] not in words:
            errors.append(
                FieldError(
                    field,
                    f"came as {shown(came)}; expected one of {', '.join(words)}",
                    known_rule(table, name),
                )
            )
    return values


def _lines(stream: Stream, came: Any, errors: list[FieldError]) -> list[Row] | None:
    if stream.lines is None:
        errors.append(FieldError(LINES, f"{stream.table.name} has no lines", "has_lines"))
        return None
    if not isinstance(came, list) or not all(isinstance(line, dict) for line in came):
        errors.append(FieldError(LINES, "expected a list of objects", "lines"))
        return None
    if len(came) > LINES_MOST:
        errors.append(FieldError(LINES, f"{len(came)} came; expected at most {LINES_MOST}", "at_most"))
        return None
    (line_key,) = stream.lines.primary_key.columns
    ignored = (STAMP, stream.key.name)
    lines: list[Row] = []
    for number, line in enumerate(came):
        given = {name: value for name, value in line.items() if name not in ignored}
        lines.append(_values(stream.lines, given, at=f"lines[{number}].", errors=errors))
    keys = [line[line_key.name] for line in lines if line_key.name in line]
    for twice in sorted({key for key in keys if keys.count(key) > 1}):
        errors.append(
            FieldError(LINES, f"line {twice} came twice; expected each once", f"unique:{line_key.name}")
        )
    return lines
