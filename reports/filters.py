"""What a page can be narrowed to, read from its address: period, company part, person, item.

Text from an address comes in, a checked value or :class:`BadAddress` goes out. It knows no page and no table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import TriadaError

LONGEST = 200
"""Characters a value in an address may have; the longest of ours have forty."""
PERIODS: Mapping[str, int] = {"30d": 30, "90d": 90, "180d": 180, "12m": 365, "24m": 730}
"""Days back from the publication's day."""
MOST_DAYS = 36_500
"""Days back that an address may ask for: a hundred years."""
CODE = re.compile(r"[\w.:·/ -]{1,80}")


class BadAddress(TriadaError):
    """Something in a page's address is not understood; the message says what, and what would be."""


@dataclass(frozen=True)
class Filter:
    """A thing to narrow by: ``name`` is the address's parameter, ``default`` is what no parameter means."""

    name: str
    kind: str
    default: str | None = None
    choices: tuple[str, ...] = ()


PERIOD = Filter("period", "period", default="90d", choices=tuple(PERIODS))
PART = Filter("part", "code")
PERSON = Filter("person", "code")
ITEM = Filter("item", "code")


def read(filters: Sequence[Filter], given: Mapping[str, str]) -> dict[str, Any]:
    """The value of each filter, ``None`` where nothing was asked; ``BadAddress`` says what is wrong."""
    known = {one.name: one for one in filters}
    for name in given:
        if name not in known:
            said = ", ".join(sorted(known)) or "none"
            raise BadAddress(f"this page knows no parameter {shown(name)}; it knows {said}")
    return {name: _value(one, given.get(name) or one.default) for name, one in known.items()}


def _value(one: Filter, text: str | None) -> Any:
    if text is None:
        return None
    if len(text) > LONGEST or not text.isprintable():
        raise BadAddress(f"{one.name}: the value is too long or has unreadable characters")
    if one.choices and text not in one.choices:
        raise BadAddress(f"{one.name}: {shown(text)} is none of {', '.join(one.choices)}")
    if one.kind == "code" and not CODE.fullmatch(text):
        raise BadAddress(f"{one.name}: {shown(text)} is no number or name of ours")
    if one.kind == "date":
        return _date(one, text)
    if one.kind == "whole":
        if not re.fullmatch("[0-9]{1,9}", text):
            raise BadAddress(f"{one.name}: {shown(text)} is no whole number from 0 to 999999999")
        return int(text)
    if one.kind == "days":
        if not re.fullmatch("[0-9]{1,5}", text) or int(text) > MOST_DAYS:
            raise BadAddress(f"{one.name}: {shown(text)} is no number of days from 0 to {MOST_DAYS}")
        return int(text)
    return text


def _date(one: Filter, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise BadAddress(f"{one.name}: {shown(text)} is no date such as 2026-11-25") from None


def shown(text: str) -> str:
    """Foreign text, short enough for a message."""
    return repr(text if len(text) <= 40 else f"{text[:37]}…")
