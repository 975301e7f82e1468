"""Which rules the rows of a page break, and by which key each row is called.

rows ─▶ key, rules, readable values ─▶ for every row, what is wrong with it. It moves nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence

from checks.rows import Checked, check_rows
from checks.suite import Suite
from connectors.errors import RecordRejected, Refused, RowError
from connectors.protocol import Row
from hub.payload import dumps, holdable

LOG = logging.getLogger("triada.hub")
NO_KEY = "?"
"""How the keys of rows without a usable key begin in the quarantine; such a row cannot be fetched again."""

_LONGEST_KEY = 64


def key_of(row: Row, column: str) -> str:
    """The row's business key; one of its own contents when it has none that the hub can keep."""
    value = row.get(column)
    text = "" if value is None else str(value)
    if not text.strip() or len(text) > _LONGEST_KEY or holdable(text) != text:
        return NO_KEY + hashlib.sha256(dumps(row).encode()).hexdigest()[:16]
    return text


def errors_of(
    rows: Sequence[Row], suite: Suite | None, *, where: str, stream: str, key: str
) -> list[list[RowError]]:
    """The rules each row breaks; ``Refused`` when a rule could not be checked at all."""
    errors = [_key_errors(row, stream=stream, key=key) for row in rows]
    checked = check_rows(suite, rows, stream=stream, key=key) if suite else Checked()
    if checked.unchecked:
        raise Refused(
            f"{where}: could not be checked: {'; '.join(checked.unchecked)}. Nothing of this page was "
            "written; correct the rule, or the stream it speaks about"
        )
    for number, failures in checked.failures.items():
        errors[number] += [RecordRejected(failure.reason, rule=failure.rule) for failure in failures]
    for row, mine in zip(rows, errors, strict=True):
        if row.get("_problem") and not mine:
            told = f"{stream} {key_of(row, key)}: {row['_problem']}; correct it at its source, it comes again"
            mine.append(RecordRejected(told, rule="row_is_readable"))
    for failures in checked.warnings.values():
        for failure in failures:
            LOG.warning("%s: %s: %s", where, failure.rule, failure.reason)
    return errors


def _key_errors(row: Row, *, stream: str, key: str) -> list[RowError]:
    if not key_of(row, key).startswith(NO_KEY):
        return []
    came = repr(str(row.get(key)))[:100]
    return [
        RecordRejected(
            f"{stream}: {key} is {came}, expected a key of 1 to {_LONGEST_KEY} characters of text; give the "
            "row one at its source",
            rule="row_has_key",
        )
    ]
