"""A sentence of the morning page, and which of them are said: the most pressing first, good news last.

Sentences with their urgency and money come in, three to five of them go out. It reads nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from markupsafe import Markup

from reports.texts import plain

FEWEST, MOST = 3, 5
NOTHING_TO_DO = Markup("")


class Urgency(IntEnum):
    """How much a matter presses; of two alike, the one with more money does."""

    GOOD = 0
    AHEAD = 1
    DRIFTS = 2
    LATE = 3
    STOPS_OTHERS = 4
    YOURS = 5


@dataclass(frozen=True)
class Said:
    """One sentence: where it leads, who has to do what about it, how much it presses.

    ``money`` is what is at stake, in company currency; ``owner`` is empty where nobody has to do anything;
    ``always`` is said whatever else presses.
    """

    text: Markup
    link: str | None
    urgency: Urgency
    owner: str = ""
    action: Markup = NOTHING_TO_DO
    money: Decimal = Decimal(0)
    always: bool = False

    @property
    def plain(self) -> str:
        """The sentence as text without markup, and behind it who has to do what."""
        if not self.action:
            return plain(self.text)
        owner = f"{self.owner}: " if self.owner else ""
        return f"{plain(self.text)} {owner}{plain(self.action)}."

    @property
    def needs_somebody(self) -> bool:
        """Whether it is a matter and not news."""
        return self.urgency > Urgency.AHEAD


def chosen(found: Sequence[Said]) -> list[Said]:
    """Three to five sentences: what presses, then what lies ahead and what went well where there is room.

    A place is kept for one of the latter, so that a morning is never bad news alone.
    """
    ranked = sorted(found, key=_rank)
    matters = [said for said in ranked if said.needs_somebody]
    news = [said for said in ranked if not said.needs_somebody]
    first = sorted(matters, key=lambda said: not said.always)[: MOST - bool(news)]
    return sorted(first, key=_rank) + news[: max(1, FEWEST - len(first))]


def _rank(said: Said) -> tuple[int, Decimal]:
    return (-said.urgency, -abs(said.money))
