"""What can be expected of a row: one kind a word, with what it needs, what it says and how it is decided.

A kind without a ``violated`` function is decided by Great Expectations on the values themselves. The others
are decided here, exactly, with ``Decimal`` and dates; Great Expectations then expects zero violations, since
its own bounds and sums are floats. No value (``None``; for these kinds also blank text, as files have it) is
no violation, except where presence is the point. Knows no stream and does not import Great Expectations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from checks.rule import Row, Rule

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_FOUR_DIGITS = Decimal("0.0001")
_ONE = Decimal(1)

Violated = Callable[[Rule, Row], bool]


@dataclass(frozen=True)
class Kind:
    """``expected`` is a sentence part filled from the rule's options; ``absent`` decides on ``None`` too."""

    expected: str
    violated: Violated | None = None
    needs: tuple[str, ...] = ("column",)
    absent: bool = False


def exact(value: Any) -> Decimal | None:
    """The number that ``value`` is or spells, ``None`` when it is none; a float is never exact."""
    if type(value) is Decimal:  # nearly all are, and there are millions
        return value if value.is_finite() else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None


def moment(value: Any) -> date | datetime | None:
    """The date or instant that ``value`` is or spells in ISO 8601, ``None`` when it is neither."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


def sum_of_lines(rule: Rule, row: Row) -> Decimal | None:
    """The exact sum of the lines' column; ``None`` when a line has no number there."""
    numbers = [exact(line.get(rule.options["of"])) for line in row["lines"]]
    return None if None in numbers else sum((n for n in numbers if n is not None), Decimal(0))


def product(rule: Rule, row: Row) -> Decimal | None:
    """The factors' product, less the share named by ``less``, half-even at four digits."""
    numbers = [exact(row.get(name)) for name in rule.options["of"]]
    less = exact(row.get(rule.options["less"])) if rule.options.get("less") else Decimal(0)
    if less is None or None in numbers:
        return None
    amount = 1 - less if less else _ONE
    for number in numbers:
        amount *= number if number is not None else 1
    return amount.quantize(_FOUR_DIGITS)


def _number(test: Callable[[Decimal, Rule], bool]) -> Violated:
    def violated(rule: Rule, row: Row) -> bool:
        number = exact(row.get(rule.column))
        return number is None or not test(number, rule)

    return violated


def _equals(compute: Callable[[Rule, Row], Decimal | None]) -> Violated:
    def violated(rule: Rule, row: Row) -> bool:
        wanted = compute(rule, row)
        return wanted is None or exact(row.get(rule.column)) != wanted

    return violated


def blank(value: Any) -> bool:
    """Whether there is no value, or text without a character to see."""
    return value is None or (isinstance(value, str) and not value.strip())


def _not_after(rule: Rule, row: Row) -> bool:
    if row.get(rule.options["other"]) is None:
        return False
    first, second = moment(row.get(rule.column)), moment(row.get(rule.options["other"]))
    if first is None or second is None:
        return True
    if isinstance(first, datetime) and isinstance(second, datetime):
        return first.tzinfo is None or second.tzinfo is None or first > second
    return _day(first) > _day(second)


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _not_instant(rule: Rule, row: Row) -> bool:
    value = moment(row.get(rule.column))
    return not isinstance(value, datetime) or value.tzinfo is None


def _not_date(rule: Rule, row: Row) -> bool:
    value = moment(row.get(rule.column))
    return value is None or isinstance(value, datetime)


KINDS: Mapping[str, Kind] = {
    "not_null": Kind("a value", absent=True),
    "unique": Kind("a value that no other row has", needs=()),
    "in_set": Kind("one of {values}", needs=("column", "values")),
    "matches": Kind("text matching {regex}", needs=("column", "regex")),
    "not_blank": Kind("some text", lambda rule, row: blank(row.get(rule.column)), absent=True),
    "blank": Kind("no value", lambda rule, row: not blank(row.get(rule.column))),
    "any_filled": Kind(
        "a value in one of {columns}",
        lambda rule, row: all(blank(row.get(name)) for name in rule.columns),
        needs=("columns",),
        absent=True,
    ),
    "is_decimal": Kind("an exact number", _number(lambda _number, _rule: True)),
    "is_whole": Kind("a whole number", _number(lambda number, _rule: number == number.to_integral_value())),
    "is_date": Kind("a date such as 2026-11-20", _not_date),
    "is_instant": Kind("an instant with its offset, such as 2026-11-20T09:30:00Z", _not_instant),
    "is_email": Kind(
        "an e-mail address", lambda rule, row: not _EMAIL.fullmatch(str(row.get(rule.column)).strip())
    ),
    "positive": Kind("more than 0", _number(lambda number, _rule: number > 0)),
    "non_negative": Kind("0 or more", _number(lambda number, _rule: number >= 0)),
    "at_least": Kind(
        "at least {value}",
        _number(lambda number, rule: number >= Decimal(rule.options["value"])),
        needs=("column", "value"),
    ),
    "at_most": Kind(
        "at most {value}",
        _number(lambda number, rule: number <= Decimal(rule.options["value"])),
        needs=("column", "value"),
    ),
    "not_after": Kind("not after {other}", _not_after, needs=("column", "other")),
    "sum_of_lines": Kind("the sum of its lines' {of}", _equals(sum_of_lines), needs=("column", "of")),
    "product_of": Kind("the product of {of}", _equals(product), needs=("column", "of")),
    "at_least_one_line": Kind(
        "at least one line", lambda _rule, row: not row["lines"], needs=(), absent=True
    ),
}

OPTIONAL: Mapping[str, tuple[str, ...]] = {"unique": ("column", "columns"), "product_of": ("less",)}
NEEDS_LINES = ("sum_of_lines", "at_least_one_line")
