"""Checks rows against a suite: which row breaks which rule and why, and which rules could not be checked.

    rows ─▶ columns (values, or exact violations as 0 and 1) ─▶ Great Expectations ─▶ failures by row

A document is judged by its header, and each of its lines by the rules that say ``lines: true``. It never
drops or changes a row, and never calls a rule passed that did not run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from checks import gx
from checks.kinds import KINDS, NEEDS_LINES, Kind, blank
from checks.reason import reason
from checks.rule import Row, Rule, Suite

_PLACEHOLDER = "-"  # a value for rows a rule does not concern, where no value would be a failure


@dataclass(frozen=True)
class Failure:
    """One rule that a row breaks; ``line`` is the position of the line that breaks it."""

    rule: str
    reason: str
    line: int | None = None


@dataclass
class Checked:
    """What is wrong, by row number; ``warnings`` do not stop a row; ``unchecked`` says what could not run."""

    failures: dict[int, list[Failure]] = field(default_factory=dict)
    warnings: dict[int, list[Failure]] = field(default_factory=dict)
    unchecked: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Part:
    """The rows a group of rules speaks about: documents, or all their lines with their document's number."""

    rules: tuple[Rule, ...]
    rows: list[Row]
    owners: list[tuple[int, int | None]]


def check_rows(suite: Suite, rows: Sequence[Row], *, stream: str = "", key: str = "") -> Checked:
    """Judge every row; ``stream`` and its ``key`` column are named in the reasons."""
    checked = Checked()
    for lines in (False, True):
        part, faults = _part(suite, rows, lines=lines)
        checked.unchecked += faults
        if part.rows and part.rules:
            _judge(suite, part, checked, rows=rows, stream=stream, key=key)
    return checked


def _part(suite: Suite, rows: Sequence[Row], *, lines: bool) -> tuple[_Part, list[str]]:
    """The rules that can be evaluated on these rows, and a word about each that cannot."""
    without = any("lines" not in row for row in rows)
    members: list[Row] = list(rows)
    owners: list[tuple[int, int | None]] = [(number, None) for number in range(len(rows))]
    if lines:
        pairs = [(n, p, line) for n, row in enumerate(rows) for p, line in enumerate(row.get("lines", ()))]
        members, owners = [line for *_, line in pairs], [(n, p) for n, p, _ in pairs]
    known = {name for row in members for name in row}
    good: list[Rule] = []
    faults: list[str] = []
    for rule in (rule for rule in suite.rules if rule.lines == lines):
        absent = [name for name in rule.named_columns() if name not in known] if members else []
        if without and rows and (lines or rule.expect in NEEDS_LINES):
            faults.append(f"{suite.name}.{rule.name}: the rows came without lines; the step must read them")
        elif absent:
            faults.append(f"{suite.name}.{rule.name}: the rows have no column {', '.join(absent)}")
        else:
            good.append(rule)
    return _Part(tuple(good), members, owners), faults


def _judge(
    suite: Suite, part: _Part, checked: Checked, *, rows: Sequence[Row], stream: str, key: str
) -> None:
    columns: dict[str, Sequence[Any]] = {}
    kept: list[Rule] = []
    for rule in part.rules:
        try:
            columns.update(_columns(rule, part.rows))
        except Exception as error:  # a rule that cannot be computed is not a rule that passed
            checked.unchecked.append(f"{suite.name}.{rule.name}: {type(error).__name__}: {error}")
        else:
            kept.append(rule)
    if not kept:
        return
    verdicts = gx.validate(_gx_suite(suite, tuple(kept)), columns)
    for rule, verdict in zip(kept, verdicts, strict=True):
        if verdict.error:
            checked.unchecked.append(f"{suite.name}.{rule.name}: {verdict.error}")
        found = checked.failures if rule.severity == "critical" else checked.warnings
        for number in verdict.failing:
            owner, line = part.owners[number]
            says = reason(rule, part.rows[number], stream=stream, of=rows[owner].get(key), line=line)
            found.setdefault(owner, []).append(Failure(rule.name, says, line))


def _columns(rule: Rule, rows: Sequence[Row]) -> Mapping[str, Sequence[Any]]:
    """The frame's columns that decide the rule: the values themselves, or 1 for each exact violation."""
    kind = KINDS[rule.expect]
    if kind.violated is not None:
        return {f"#{rule.name}": _violations(rule, kind, rows)}
    other = _PLACEHOLDER if kind.absent else None
    return {
        _frame_name(rule, name): [_plain(r.get(name)) if rule.concerns(r) else other for r in rows]
        for name in rule.columns or (rule.column,)
    }


def _violations(rule: Rule, kind: Kind, rows: Sequence[Row]) -> list[int]:
    """1 for each row that breaks the rule; what does not depend on the row is asked once."""
    violated, name = kind.violated, rule.column
    assert violated is not None  # asked by the caller
    if rule.when:
        return [
            int(rule.concerns(row) and (kind.absent or not blank(row.get(name))) and violated(rule, row))
            for row in rows
        ]
    if kind.absent:
        return [int(violated(rule, row)) for row in rows]
    return [int(not blank(row.get(name)) and violated(rule, row)) for row in rows]


def _frame_name(rule: Rule, column: str) -> str:
    """Rules that speak about all rows share a column; with ``when`` a rule has one of its own."""
    return f"#{rule.name}.{column}" if rule.when else column


def _plain(value: Any) -> Any:
    """Decimals and dates as text: GX would turn them into floats when it reports them."""
    return value if value is None or isinstance(value, str | int) else str(value)


@lru_cache(maxsize=256)
def _gx_suite(suite: Suite, rules: tuple[Rule, ...]) -> Any:
    return gx.build(suite.name, [_expectation(rule) for rule in rules])


def _expectation(rule: Rule) -> gx.Expectation:
    if KINDS[rule.expect].violated is not None:
        return _expect("ExpectColumnValuesToBeInSet", rule, column=f"#{rule.name}", value_set=[0])
    column = _frame_name(rule, rule.column)
    if rule.expect == "not_null":
        return _expect("ExpectColumnValuesToNotBeNull", rule, column=column)
    if rule.expect == "in_set":
        return _expect("ExpectColumnValuesToBeInSet", rule, column=column, value_set=rule.options["values"])
    if rule.expect == "matches":
        return _expect("ExpectColumnValuesToMatchRegex", rule, column=column, regex=rule.options["regex"])
    if rule.columns:
        names = [_frame_name(rule, name) for name in rule.columns]
        return _expect("ExpectCompoundColumnsToBeUnique", rule, column_list=names)
    return _expect("ExpectColumnValuesToBeUnique", rule, column=column)


def _expect(type_: str, rule: Rule, **arguments: Any) -> gx.Expectation:
    return gx.Expectation(type_, arguments, rule.severity)
