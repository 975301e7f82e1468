"""The chances the seeded company had: leads through their stages, Ken's among them.

Accounts, campaigns and sales people in; leads with their history out, of which the won ones ask
``stores.seed.orders`` for an order. Their rows are ``stores.seed.lead_rows``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from stores.seed.goods import Goods
from stores.seed.markets import Account
from stores.seed.names import FIRST, LAST
from stores.seed.people import Person
from stores.seed.plan import (
    FIRST_NUMBER,
    JOE,
    KEN_NUMBER,
    KEN_QUALIFIED_DAYS_AGO,
    NEW_ITEM,
    STORY_NUMBER,
    Plan,
)

STAGES = ("new", "engaged", "qualified", "proposal")
# Of those in a stage, how many go on; the others are lost there.
GO_ON = (0.88, 0.82, 0.85, 0.72)
DAYS_IN_STAGE = (4, 14, 22, 30)
KNOWN_SHARE, CAMPAIGN_DAYS = 0.85, 45
SOURCES = ("campaign", "web", "file", "visit", "partner")


@dataclass(slots=True)
class Lead:
    """A lead; ``entered`` are the stages with their instants, ``won`` the ten-thousandths won, once known."""

    lead_no: str
    account: Account | None
    owner_no: str
    item_no: str
    source: str
    campaign_no: str | None
    expected: int
    currency: str
    entered: list[tuple[str, dt.datetime]] = field(default_factory=list)
    won: int | None = None
    contact: str = ""

    @property
    def stage(self) -> str:
        return self.entered[-1][0]

    def when(self, *stages: str) -> dt.datetime | None:
        """When it entered one of the stages."""
        return next((at for stage, at in self.entered if stage in stages), None)


def find_leads(
    plan: Plan,
    accounts: list[Account],
    *,
    goods: Goods,
    campaigns: list[tuple[str, int]],
    people: dict[str, Person],
) -> list[Lead]:
    """All leads in the order they came in, Ken's first of this year."""
    random = plan.random("leads")
    items = [item for item in goods.finished() if item.item_no != NEW_ITEM]
    sellers = [p.employee_no for p in people.values() if p.role == "sales" and not p.left_on]
    # Nothing moves on a day off: who would come on one just before the cut comes on the last day worked.
    last = plan.days.company.before(plan.days.cut, 1)
    days = sorted(min(random.randrange(plan.days.start, plan.days.cut), last) for _ in range(plan.leads - 1))
    counted: dict[int, int] = {}
    leads = []
    for day in days:
        year = plan.days.dates[day].year
        counted[year] = counted.get(year, FIRST_NUMBER - 1) + 1
        campaign = max((c for c in campaigns if c[1] <= day <= c[1] + CAMPAIGN_DAYS), default=None)
        account = _account(random, accounts, day)
        item = random.choice(items)
        lead = Lead(
            lead_no=f"L-{year}-{counted[year]:04d}",
            account=account,
            owner_no=account.owner_no if account else random.choice(sellers),
            item_no=item.item_no,
            source="campaign" if campaign else random.choice(SOURCES[1:]),
            campaign_no=campaign[0] if campaign else None,
            expected=item.cents * 100 * random.randrange(3, 40),
            currency=account.currency if account else "EUR",
            contact=f"{random.choice(FIRST)} {random.choice(LAST)}",
        )
        lead.entered = list(_stages(random, plan, day, account))
        leads.append(lead)
    leads.append(_ken(plan, accounts[0], goods))
    for lead in leads:
        if lead.account and lead.when("qualified", "proposal", "won"):
            lead.account.is_customer = True
    return leads


def _account(random: Random, accounts: list[Account], day: int) -> Account | None:
    """Whose lead it is; ``None`` for somebody not known, Ken's leads are meant."""
    account = random.choice(accounts)
    known = random.random() < KNOWN_SHARE and account.created <= day < account.last_day
    return account if known and account.status != "merged" and account.number != KEN_NUMBER else None


def _stages(
    random: Random, plan: Plan, day: int, account: Account | None
) -> Iterator[tuple[str, dt.datetime]]:
    calendar = plan.days.company
    may_win = account is not None and account.status in ("active", "dormant")
    last_day = account.last_day if account else plan.days.end
    minute = 30
    for position, stage in enumerate(STAGES):
        day = calendar.on_or_after(day)
        # The last days are the story's and the faults'; a lead moves in the CRM alone, so it may rest.
        if day >= plan.days.cut:
            return
        minute = random.randrange(minute if minute < 400 else 30, 470)
        yield stage, calendar.at(day, minute)
        goes_on = random.random() < GO_ON[position]
        day = min(day + 1 + int(random.expovariate(1 / DAYS_IN_STAGE[position])), plan.days.end)
        closes = "lost" if not goes_on else "won" if position == len(STAGES) - 1 else ""
        if closes == "won" and not (may_win and calendar.on_or_after(day) < last_day):
            closes = "lost"
        if closes:
            day = calendar.on_or_after(day)
            if day < plan.days.cut:
                yield closes, calendar.at(day, random.randrange(30, 470))
            return


def _ken(plan: Plan, account: Account, goods: Goods) -> Lead:
    days = plan.days
    qualified = days.end - KEN_QUALIFIED_DAYS_AGO
    lead = Lead(
        lead_no=story_lead_no(days.dates[qualified]),
        account=account,
        owner_no=JOE,
        item_no=NEW_ITEM,
        source="visit",
        campaign_no=None,
        expected=goods.items[NEW_ITEM].cents * 100 * 12,
        currency="EUR",
        contact="Ken Ito",
    )
    before = days.company.before(qualified, 6), days.company.before(qualified, 3)
    lead.entered = [
        ("new", days.company.at(before[0], 60)),
        ("engaged", days.company.at(before[1], 90)),
        ("qualified", dt.datetime.combine(days.dates[qualified], dt.time(10), dt.UTC)),
    ]
    return lead


def story_lead_no(day: dt.date) -> str:
    """The number of Ken's lead, qualified that day."""
    return f"L-{day.year}-{STORY_NUMBER:04d}"
