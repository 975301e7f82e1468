"""What a page can be narrowed to, read from its address: period, company part, person, item.

Text from an address comes in, a checked value or :class:`BadAddress` goes out. It knows no page and no table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.told import BadAddress

LONGEST = 200
"""Characters a value in an address may have; the longest of ours have forty."""
PERIODS: Mapping[str, int] = {"30d": 30, "90d": 90, "180d": 180, "12m": 365, "24m": 730}
"""Days back from the publication's day."""
CODE = re.compile(r"[\w.:·/ -]{1,80}")
LARGEST: Mapping[str, int] = {"whole": 999_999_999, "days": 36_500}
"""The largest number of a kind; a hundred years back is before every row, and still a date."""


@dataclass(frozen=True)
class Filter:
    """A thing to narrow by: ``name`` is the address's parameter, ``default`` is what no parameter means.

    Kinds: text, code (a number or name of ours), date, whole, days (so many back), and names of choices.
    ``words`` is the group of words that say its values; empty for those of the column of the same name.
    """

    name: str
    kind: str
    default: str | None = None
    choices: tuple[str, ...] = ()
    words: str = ""


PERIOD = Filter("period", "period", default="90d", choices=tuple(PERIODS))
PART = Filter("part", "code")
PERSON = Filter("person", "code")
ITEM = Filter("item", "code")


def read(filters: Sequence[Filter], given: Mapping[str, str]) -> dict[str, Any]:
    """The value of each filter, ``None`` where nothing was asked; ``BadAddress`` says what is wrong."""
    known = {one.name: one for one in filters}
    for name in given:
        if name not in known:
            if not known:
                raise BadAddress("bad.no_parameters", value=shown(name))
            raise BadAddress("bad.parameter", value=shown(name), known=", ".join(sorted(known)))
    return {name: _value(one, given.get(name) or one.default) for name, one in known.items()}


def _value(one: Filter, text: str | None) -> Any:
    if text is None:
        return None
    if len(text) > LONGEST or not text.isprintable():
        raise BadAddress("bad.unreadable", name=one.name)
    if one.choices and text not in one.choices:
        raise BadAddress("bad.choice", name=one.name, value=shown(text), known=", ".join(one.choices))
    if one.kind == "code" and not CODE.fullmatch(text):
        raise BadAddress("bad.code", name=one.name, value=shown(text))
    if one.kind == "date":
        return _date(one, text)
    if one.kind in LARGEST:
        return _number(one, text)
    return text


def _number(one: Filter, text: str) -> int:
    most = LARGEST[one.kind]
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) > most:
        raise BadAddress("bad.number", name=one.name, value=shown(text), most=most)
    return int(text)


def _date(one: Filter, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise BadAddress("bad.date", name=one.name, value=shown(text)) from None


def shown(text: str) -> str:
    """Foreign text, short enough for a message."""
    return repr(text if len(text) <= 40 else f"{text[:37]}…")
