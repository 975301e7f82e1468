"""How a record behind a gap stands, in the reader's words.

What ``mart_gap_record`` says, such as *confirmed, approval none, paid* ─▶ the same in the reader's language.
Numbers, streams and what nobody has named stay as they are.
"""

from __future__ import annotations

import datetime as dt
import re

from reports.reader import Reader, capital

_NEEDED = re.compile(r"needed by (\d{4}-\d\d-\d\d)")
_WRITTEN = re.compile(r"(\S+\.\S+) to (\S+\.\S+)")
_ASIDE = re.compile(r"(\S+\.\S+) ([a-z]+)")


def said(reader: Reader, says: str) -> str:
    """The whole of it as the start of a sentence."""
    return capital(", ".join(_part(reader, part) for part in says.split(", ")))


def _part(reader: Reader, part: str) -> str:
    if found := _NEEDED.fullmatch(part):
        return str(reader.text("gap_says.needed", day=reader.day(dt.date.fromisoformat(found[1]))))
    if found := _WRITTEN.fullmatch(part):
        return str(reader.text("gap_says.written", source=found[1], target=found[2]))
    if found := _ASIDE.fullmatch(part):
        return str(reader.text("gap_says.aside", step=found[1], state=reader.word("aside", found[2])))
    words = (reader.word("gap_state", part), reader.word("step", part), reader.word("rule", part))
    return next((word for word in words if word != part), part)
