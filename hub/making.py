"""Calls a step's ``make`` for one row and holds it to its word: records with their key, or the row's error.

row, looked-up tables ─▶ records. It writes nothing.
"""

from __future__ import annotations

from connectors.errors import RecordRejected, TriadaError
from connectors.protocol import Row
from hub.words import Look, Made, Step


def records_of(step: Step, row: Row, look: Look, *, where: str, key: str) -> list[Row]:
    """The records made of a row, each with its key; what ``make`` did not foresee is that row's fault."""
    try:
        made: Made = step.make(row, look)
    except TriadaError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise _failed(step, what, where=where, key=key) from error
    records = [] if made is None else [made] if isinstance(made, dict) else list(made)
    for record in records:
        if not isinstance(record, dict) or record.get(step.write.key) in (None, ""):
            raise _failed(step, f"it made a record without {step.write.key}", where=where, key=key)
    return records


def _failed(step: Step, what: str, *, where: str, key: str) -> RecordRejected:
    return RecordRejected(
        f"{step.read.stream} {key}: {where} could not make its record: {what}; expected what "
        f"{step.write.stream} needs: correct the row, or the flow, and replay",
        rule="make_failed",
    )
