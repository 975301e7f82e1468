"""Where and when the story plays: its days, its keys, and whether the seeded company is there at all.

Engines in, a scene out, found in the data: Ken's lead says up to which day the company was seeded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from models import crm
from stores.records import Row, find, rows
from stores.refusals import Refusal
from stores.seed.days import Days
from stores.seed.plan import DAYS_AGO, KEN_ACCOUNT, KEN_COMPANY, KEN_QUALIFIED_DAYS_AGO

Engines = Mapping[str, sa.Engine]


@dataclass(frozen=True)
class Told:
    """What an act did: the day, who acted, a sentence, and whether it did anything at all."""

    day: dt.date
    who: str
    text: str
    is_new: bool = True


@dataclass(frozen=True)
class Scene:
    """The story's days and keys, found in the data: Ken's lead says when the company was seeded."""

    lead_no: str
    days: Days

    def day(self, word: str) -> dt.date:
        """The day of a scene."""
        return self.days.dates[self._number(word)]

    def at(self, word: str, minutes: int) -> dt.datetime:
        """So many minutes after opening on the day of a scene."""
        return self.days.company.at(self._number(word), minutes)

    def key(self, prefix: str, number: int, *, word: str = "filed") -> str:
        """A key of the story: its number in the year of the scene."""
        return f"{prefix}-{self.day(word).year}-{number:05d}"

    def _number(self, word: str) -> int:
        return self.days.company.before(self.days.end, DAYS_AGO[word])


def scene(engines: Engines) -> Scene:
    """The story's days; ``Refusal`` when the stores hold no seeded company."""
    leads = crm.leads.c
    with engines["crm"].connect() as connection:
        found = rows(
            connection, crm.leads, leads.account_no == KEN_ACCOUNT, leads.company_name == KEN_COMPANY
        )
    if not found or found[0]["qualified_at"] is None:
        raise Refusal(
            f"the CRM has no qualified lead of {KEN_COMPANY}; the story is played in the seeded company: "
            "seed empty stores first",
            rule="company_is_seeded",
        )
    as_of = found[0]["qualified_at"].date() + dt.timedelta(days=KEN_QUALIFIED_DAYS_AGO)
    return Scene(found[0]["lead_no"], Days(as_of))


def played(day: dt.date, who: str, key: str) -> Told:
    """What an act says that has nothing left to do."""
    return Told(day, who, f"has done this already ({key}); nothing changes", is_new=False)


def met(connection: sa.Connection, table: sa.Table, key: str, *, after: str) -> Row:
    """A row that an act needs; ``Refusal`` names what must be played or run before."""
    row = find(connection, table, key)
    if row is None:
        raise Refusal(f"{table.name} has no {key} yet; first comes {after}", rule="acts_in_order")
    return row
