"""Times, numbers and long lines as a person reads them in a terminal.

A value in, plain words out; a line is broken between words at the terminal's width, and a path stays whole.
It knows no command.
"""

from __future__ import annotations

import datetime as dt

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_NARROWEST = 20


def many(number: int, what: str) -> str:
    """``1 step``, ``1,200 steps``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def ago(instant: str | None) -> str:
    """An instant as a person says it: 3 min ago."""
    seconds = seconds_since(instant)
    if seconds is None:
        return "never"
    return f"{length(seconds)} ago" if seconds >= 60 else "just now"


def at(instant: str) -> str:
    """To the second, which is enough to find it."""
    return dt.datetime.fromisoformat(instant).strftime("%Y-%m-%d %H:%M:%S UTC")


def seconds_since(instant: str | None) -> float | None:
    """How long ago it was; less than nothing when it is to come."""
    if not instant:
        return None
    return (dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(instant)).total_seconds()


def length(seconds: float | None) -> str:
    """A while in its largest unit: 3 min."""
    if seconds is None:
        return ""
    for unit, of in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= of:
            return f"{seconds // of:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"


def amount(value: int, colour: str = "") -> str:
    """A count for a table: none is a dot."""
    if not value:
        return "[dim]·[/dim]"
    return f"[{colour}]{value:,}[/{colour}]" if colour else f"{value:,}"


def say(console: Console, said: str, *, head: Text | str = "", indent: int = 2) -> None:
    """Print ``head`` and what is said, whose further lines are indented; what is in brackets is no markup."""
    width = max(console.width - indent, _NARROWEST)
    lines = [line for given in said.splitlines() for line in _broken(given, width)]
    whole = f"\n{' ' * indent}".join(lines)
    # Rich itself would break a path in two.
    console.print(Text.assemble(head, whole), soft_wrap=True)


def _broken(said: str, width: int) -> list[str]:
    """The text in lines of at most this width, but for a word that is longer."""
    lines = [""]
    for word in said.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cell_len(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
