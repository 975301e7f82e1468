"""One page of a step: check, make, write as a batch, and one fate for every row.

    rows ─▶ rules ─▶ look up ─▶ make ─▶ write ─▶ written · unchanged · waiting · quarantined

It reads no window, moves no cursor and remembers nothing: ``hub.run`` does.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from checks.rows import Checked, check_rows
from connectors.errors import MissingDependency, RecordRejected, Refused, RowError, TriadaError
from connectors.protocol import LINES, Outcome, Row
from hub.desk import Desk
from hub.memory import Aside, Link
from hub.payload import dumps
from hub.words import Flow, Look, Made, Step, Using

LOG = logging.getLogger("triada.hub")
NO_KEY = "?"
"""How the keys of rows without a usable key begin in the quarantine; such a row cannot be fetched again."""

_LONGEST_KEY = 64
_CHANGED = ("inserted", "updated")


@dataclass
class Moved:
    """What became of each row: ``fates`` in the rows' order, links, and the rows to put aside."""

    fates: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)


class Mover:
    """Moves pages of one step; keeps the tables that the step brings whole for as long as the run lasts."""

    def __init__(self, desk: Desk, flow: Flow, step: Step) -> None:
        self._desk = desk
        self._step = step
        self._where = f"{flow.name}.{step.name}"
        self._suite = desk.suite(flow, step)
        self._whole: dict[str, Mapping[Any, list[Row]]] = {}
        self.source = desk.connector(step.read.system)
        self._target = desk.connector(step.write.system)
        self._key = self.source.key_column(step.read.stream)

    def key(self, row: Row) -> str:
        """The row's business key; one of its own contents when it has none that the hub can keep."""
        value = row.get(self._key)
        if value is None or not str(value).strip() or len(str(value)) > _LONGEST_KEY:
            return NO_KEY + hashlib.sha256(dumps(row).encode()).hexdigest()[:16]
        return str(value)

    def move(self, rows: Sequence[Row]) -> Moved:
        """Bring the target to what these rows say."""
        errors = self._check(rows)
        made: list[tuple[int, Row]] = []
        good = [number for number in range(len(rows)) if not errors[number]]
        look = self._look([rows[number] for number in good])
        for number in good:
            try:
                made += [(number, record) for record in self._make(rows[number], look)]
            except RowError as error:
                errors[number].append(error)
        outcomes = self._write([record for _, record in made])
        return self._combine(rows, errors, list(zip((n for n, _ in made), outcomes, strict=True)))

    def _check(self, rows: Sequence[Row]) -> list[list[RowError]]:
        """The rules each row breaks; ``Refused`` when a rule could not be checked at all."""
        stream = self._step.read.stream
        errors: list[list[RowError]] = [self._key_errors(row) for row in rows]
        checked = check_rows(self._suite, rows, stream=stream, key=self._key) if self._suite else Checked()
        if checked.unchecked:
            raise Refused(
                f"{self._where}: could not be checked: {'; '.join(checked.unchecked)}. Nothing of this page "
                "was written; correct the rule, or the stream it speaks about"
            )
        for number, failures in checked.failures.items():
            errors[number] += [RecordRejected(failure.reason, rule=failure.rule) for failure in failures]
        for row, mine in zip(rows, errors, strict=True):
            if row.get("_problem") and not mine:
                reason = (
                    f"{stream} {self.key(row)}: {row['_problem']}; correct it at its source, it comes again"
                )
                mine.append(RecordRejected(reason, rule="row_is_readable"))
        for failures in checked.warnings.values():
            for failure in failures:
                LOG.warning("%s: %s: %s", self._where, failure.rule, failure.reason)
        return errors

    def _key_errors(self, row: Row) -> list[RowError]:
        if not self.key(row).startswith(NO_KEY):
            return []
        came = repr(str(row.get(self._key)))[:100]
        return [
            RecordRejected(
                f"{self._step.read.stream}: {self._key} is {came}, expected a key of 1 to {_LONGEST_KEY} "
                "characters; give the row one at its source",
                rule="row_has_key",
            )
        ]

    def _look(self, rows: Sequence[Row]) -> Look:
        return Look({name: self._table(name, using, rows) for name, using in self._step.using.items()})

    def _table(self, name: str, using: Using, rows: Sequence[Row]) -> Mapping[Any, list[Row]]:
        if name in self._whole:
            return self._whole[name]
        values = _values(rows, using.match) if using.match else None
        if values is not None and not values:
            return {}
        connector = self._desk.connector(using.stream.partition(".")[0])
        found = self._desk.ask(partial(connector.lookup, using.stream, using.column, values))
        table: dict[Any, list[Row]] = {}
        for row in found:
            table.setdefault(row.get(using.column), []).append(row)
        if not using.match:
            self._whole[name] = table
        return table

    def _make(self, row: Row, look: Look) -> list[Row]:
        """The records made of a row, each with its key; what ``make`` did not foresee is that row's fault."""
        try:
            made: Made = self._step.make(row, look)
        except TriadaError:
            raise
        except Exception as error:
            raise self._make_failed(row, f"{type(error).__name__}: {error}") from error
        records = [] if made is None else [made] if isinstance(made, dict) else list(made)
        for record in records:
            if not isinstance(record, dict) or record.get(self._step.write.key) in (None, ""):
                raise self._make_failed(row, f"it made a record without {self._step.write.key}")
        return records

    def _make_failed(self, row: Row, what: str) -> RecordRejected:
        return RecordRejected(
            f"{self._step.read.stream} {self.key(row)}: {self._where} could not make its record: {what}; "
            f"expected what {self._step.write.stream} needs: correct the row, or the flow, and replay",
            rule="make_failed",
        )

    def _write(self, records: list[Row]) -> list[Outcome]:
        if not records:
            return []
        return self._desk.write(self._target, self._step.write, rows=records)

    def _combine(
        self, rows: Sequence[Row], errors: list[list[RowError]], outcomes: Sequence[tuple[int, Outcome]]
    ) -> Moved:
        """One fate a row: an error wins over a change, a wrong row over one that waits."""
        moved = Moved()
        changed: set[int] = set()
        for number, outcome in outcomes:
            if outcome.error is not None:
                errors[number].append(self._row_error(rows[number], outcome.error))
                continue
            did = outcome.effect in _CHANGED
            changed |= {number} if did else set()
            moved.links.append(Link(self.key(rows[number]), outcome.key, did))
        for number, row in enumerate(rows):
            if errors[number]:
                aside = _aside(self.key(row), row, errors[number])
                moved.aside.append(aside)
                moved.fates.append(aside.state)
            else:
                moved.fates.append("written" if number in changed else "unchanged")
        return moved

    def _row_error(self, row: Row, error: Exception) -> RowError:
        if isinstance(error, RowError):
            return error
        return RecordRejected(
            f"{self._step.read.stream} {self.key(row)}: {self._step.write.stream} did not take it: {error}; "
            "correct it at its source and it comes again by itself",
            rule="write_failed",
        )


def _values(rows: Sequence[Row], match: str) -> list[Any]:
    """The values of the matched column, of the rows or of their lines, each once."""
    prefix, _, column = match.rpartition(".")
    members = (line for row in rows for line in row[LINES]) if prefix == LINES else iter(rows)
    return list(dict.fromkeys(v for member in members if (v := member.get(column)) is not None))


def _aside(key: str, row: Row, errors: Sequence[RowError]) -> Aside:
    waits = all(isinstance(error, MissingDependency) for error in errors)
    rules = dict.fromkeys(error.rule for error in errors)
    reasons = dict.fromkeys(str(error) for error in errors)
    return Aside(key, "waiting" if waits else "quarantined", ", ".join(rules), " · ".join(reasons), row)
