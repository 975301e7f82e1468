"""A rule: what is expected of a row, and what to say when it is not so; a suite is the rules of one step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Row = dict[str, Any]
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Rule:
    """``expect`` is a word of ``checks.kinds``; with ``lines`` it holds for each line of the document.

    ``when`` limits it to rows whose columns have one of the given values. ``severity`` is ``critical`` (the
    row may not pass) or ``warning`` (it passes and is noted). ``why`` says what was expected, ``do`` what to
    do about it, where the kind's own words are not enough.
    """

    name: str
    expect: str
    column: str = ""
    columns: tuple[str, ...] = ()
    lines: bool = False
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=lambda: NOTHING)
    options: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    severity: str = "critical"
    why: str = ""
    do: str = ""

    def concerns(self, row: Row) -> bool:
        """Whether ``when`` lets the rule speak about this row."""
        return all(row.get(name) in values for name, values in self.when.items())

    def named_columns(self) -> tuple[str, ...]:
        """The columns of the row itself that the rule needs to be there."""
        less = (self.options["less"],) if self.options.get("less") else ()
        other = (self.options["other"],) if self.options.get("other") else ()
        factors = tuple(self.options["of"]) if self.expect == "product_of" else ()
        own = (self.column,) if self.column else ()
        return (*own, *self.columns, *self.when, *other, *factors, *less)


@dataclass(frozen=True, eq=False)
class Suite:
    """The rules that the rows of one step must meet; compared by identity, so that it can be a cache key."""

    name: str
    rules: tuple[Rule, ...]
