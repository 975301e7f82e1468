"""Words a failure so that a person can act on it: where, what came, what was expected, what to do."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from checks.kinds import KINDS, product, sum_of_lines
from checks.rule import Row, Rule

_LONGEST = 80
_SECRET = re.compile(r"pass(word|wd|phrase)|secret|token|api_?key|credential", re.IGNORECASE)


def reason(rule: Rule, row: Row, *, stream: str, of: Any, line: int | None) -> str:
    """``crm.orders CO-1, line 2: quantity is 0, expected more than 0; correct it in crm``."""
    where = " ".join(str(part) for part in (stream, of) if part not in (None, ""))
    if line is not None:
        where += f", line {row.get('line_no', line + 1)}"
    came = ", ".join(f"{name} is {_shown(name, row.get(name))}" for name in _shown_columns(rule))
    expected = rule.why or _expected(rule, row)
    do = rule.do or _default_do(stream)
    said = f"{came}, expected {expected}" if came else f"expected {expected}"
    return "; ".join(part for part in (f"{where}: {said}" if where else said, do) if part)


def _shown_columns(rule: Rule) -> tuple[str, ...]:
    if rule.expect == "not_after":
        return (rule.column, rule.options["other"])
    return rule.columns or ((rule.column,) if rule.column else ())


def _shown(name: str, value: Any) -> str:
    if _SECRET.search(name) and value is not None:
        return "(not shown)"
    if value is None:
        return "missing"
    shown = str(value) if isinstance(value, Decimal | int) else repr(str(value))
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}… ({len(str(value))} characters)"


def _expected(rule: Rule, row: Row) -> str:
    lists = {
        name: ", ".join(map(str, value)) for name, value in rule.options.items() if isinstance(value, list)
    }
    words = {**rule.options, **lists, "columns": ", ".join(rule.columns)}
    text = KINDS[rule.expect].expected.format_map(words)
    if rule.expect in ("sum_of_lines", "product_of"):
        wanted = sum_of_lines(rule, row) if rule.expect == "sum_of_lines" else product(rule, row)
        text += f" ({'not all of them numbers' if wanted is None else wanted})"
    if rule.options.get("less"):
        text += f" less {rule.options['less']}"
    if rule.when:
        states = (f"{name} is {' or '.join(map(str, values))}" for name, values in rule.when.items())
        text += f" when {' and '.join(states)}"
    return text


def _default_do(stream: str) -> str:
    system = stream.partition(".")[0]
    if not system:
        return ""
    where = {"files": "its file", "import": "the source"}.get(system, f"the {system.upper()}")
    return f"correct it in {where}, and it comes again by itself"
