"""Reads ``flows/<noun>.yml``: a mapping from section (a step's name) to its list of rules.

    book:
      - {rule: currency_is_iso, column: currency, expect: matches, regex: "^[A-Z]{3}$"}
      - {rule: total_is_sum_of_lines, column: total_amount, expect: sum_of_lines, of: line_amount}
      - {rule: line_is_positive, lines: true, column: quantity, expect: positive, do: correct the quantity}

Everything that is wrong in a file is named at once; nothing is checked here and nothing of GX is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from checks.kinds import KINDS, NEEDS_LINES, OPTIONAL
from checks.rule import Rule, Suite
from connectors.errors import Misconfigured

__all__ = ["BadSuite", "Rule", "Suite", "load_suites", "parse_suites"]

_WORDS = ("rule", "expect", "lines", "when", "severity", "why", "do")
_SEVERITIES = ("critical", "warning")


class BadSuite(Misconfigured):
    """A rules file is wrong; the message names every fault with its place."""


def load_suites(path: Path) -> dict[str, Suite]:
    """The suites of a rules file by section; ``{}`` when there is no such file.

    Raises ``BadSuite`` when it is wrong. Read once a process and version of the file.
    """
    try:
        stamp = path.stat().st_mtime_ns
    except FileNotFoundError:
        return {}
    return dict(_load(path, stamp))


@lru_cache(maxsize=64)
def _load(path: Path, _stamp: int) -> dict[str, Suite]:
    return parse_suites(path.read_text(encoding="utf-8"), where=path.name)


def parse_suites(text: str, *, where: str) -> dict[str, Suite]:
    """The suites that ``text`` declares; ``where`` names it in messages and in the suites' names."""
    import yaml  # only a run that checks needs it

    try:
        sections = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise BadSuite(f"{where} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(sections, dict) or not all(isinstance(rules, list) for rules in sections.values()):
        raise BadSuite(f"{where}: expected a mapping from a step's name to a list of rules")
    faults = [
        f"{where}, {section}, rule {number}: {fault}"
        for section, rules in sections.items()
        for number, declared in enumerate(rules, start=1)
        for fault in _faults(declared, rules[: number - 1])
    ]
    if faults:
        raise BadSuite("\n".join(faults))
    stem = Path(where).stem
    return {
        str(section): Suite(f"{stem}.{section}", tuple(_rule(declared) for declared in rules))
        for section, rules in sections.items()
    }


def _faults(declared: Any, earlier: list[Any]) -> Iterator[str]:
    """Everything wrong with one declared rule."""
    if not isinstance(declared, dict) or not isinstance(declared.get("rule"), str):
        yield "expected a mapping with 'rule', its name, and 'expect', what is expected"
        return
    name, expect = declared["rule"], str(declared.get("expect"))
    if any(isinstance(other, dict) and other.get("rule") == name for other in earlier):
        yield f"the name {name!r} is taken; a failure is known by its rule's name"
    if expect not in KINDS:
        yield f"{name} expects {expect!r}; expected one of {', '.join(KINDS)}"
        return
    allowed = {*_WORDS, *KINDS[expect].needs, *OPTIONAL.get(expect, ())}
    missing = [word for word in KINDS[expect].needs if declared.get(word) in (None, "", [])]
    if missing:
        yield f"{name} ({expect}) lacks {', '.join(missing)}"
    if unknown := sorted(set(map(str, declared)) - allowed):
        yield f"{name} ({expect}) does not know {', '.join(unknown)}; it knows {', '.join(sorted(allowed))}"
    yield from _odd_values(declared, expect)


def _odd_values(declared: Mapping[str, Any], expect: str) -> Iterator[str]:
    name = declared["rule"]
    if declared.get("severity", "critical") not in _SEVERITIES:
        yield f"{name} has severity {declared['severity']!r}; expected {' or '.join(_SEVERITIES)}"
    if expect == "unique" and not (declared.get("column") or declared.get("columns")):
        yield f"{name} (unique) lacks column or columns"
    if declared.get("lines") and expect in NEEDS_LINES:
        yield f"{name} ({expect}) speaks about the document; 'lines: true' does not go with it"
    if not isinstance(declared.get("when", {}), dict):
        yield f"{name}: 'when' is a mapping from column to a value or a list of values"
    if isinstance(declared.get("value"), float):
        yield f"{name}: value {declared['value']!r} is inexact; write it in quotes"
    if "regex" in declared:
        try:
            re.compile(str(declared["regex"]))
        except re.error as error:
            yield f"{name}: regex {declared['regex']!r} is none: {error}"


def _rule(declared: Mapping[str, Any]) -> Rule:
    known = (*_WORDS, "column", "columns")
    return Rule(
        name=declared["rule"],
        expect=declared["expect"],
        column=str(declared.get("column", "")),
        columns=tuple(declared.get("columns", ())),
        lines=bool(declared.get("lines", False)),
        when={str(name): _values(value) for name, value in declared.get("when", {}).items()},
        options={word: value for word, value in declared.items() if word not in known},
        severity=declared.get("severity", "critical"),
        why=declared.get("why", ""),
        do=declared.get("do", ""),
    )


def _values(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)
