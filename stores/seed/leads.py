"""The chances the seeded company had: leads through their stages, with what was done about them.

Accounts, campaigns and sales people in; leads with their history out, of which the won ones ask
``stores.seed.orders`` for an order. What a trip cost comes with the requests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from stores.seed.goods import Goods
from stores.seed.load import Load
from stores.seed.markets import Account
from stores.seed.names import FIRST, LAST, STEMS
from stores.seed.people import Person
from stores.seed.plan import (
    FIRST_NUMBER,
    JOE,
    KEN_NUMBER,
    KEN_QUALIFIED_DAYS_AGO,
    NEW_ITEM,
    STORY_NUMBER,
    Plan,
    exact,
)

STAGES = ("new", "engaged", "qualified", "proposal")
# Of those in a stage, how many go on; the others are lost there.
GO_ON = (0.82, 0.75, 0.80, 0.62)
DAYS_IN_STAGE = (3, 9, 14, 18)
SOURCES = ("campaign", "web", "file", "visit", "partner")
ACTIVITIES = (("call", "Called"), ("mail", "Wrote"), ("visit", "Visited"), ("note", "Noted"))


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
    changed_at: dt.datetime | None = None

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
    days = sorted(random.randrange(plan.days.start, plan.days.cut) for _ in range(plan.leads - 1))
    counted: dict[int, int] = {}
    leads = []
    for day in days:
        year = plan.days.dates[day].year
        counted[year] = counted.get(year, FIRST_NUMBER - 1) + 1
        campaign = max((c for c in campaigns if c[1] <= day <= c[1] + 45), default=None)
        account = random.choice(accounts) if random.random() < 0.72 else None
        if account is not None and (
            not account.created <= day < account.last_day or account.status == "merged"
        ):
            account = None
        if account is not None and account.number == KEN_NUMBER:
            account = None
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
        day += 1 + int(random.expovariate(1 / DAYS_IN_STAGE[position]))
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


def put_leads(load: Load, plan: Plan, *, leads: list[Lead]) -> None:
    """Leads, their stages and what was done about them."""
    random = plan.random("activities")
    counted: dict[int, int] = {}
    for lead in leads:
        _put_lead(load, lead, random)
        for number, (stage, at) in enumerate(lead.entered, start=1):
            no = f"{lead.lead_no}:{number}"
            load.put("crm.lead_stages", (no, lead.lead_no, stage, at, lead.owner_no, at))
            # Something was done before every move but the first, and now and then before that.
            if number == 1 and random.random() < 0.6:
                continue
            kind, word = random.choice(ACTIVITIES)
            minutes = dt.timedelta(minutes=random.randrange(5, 28))
            happened = at + minutes if number == 1 else at - minutes
            counted[at.year] = counted.get(at.year, FIRST_NUMBER - 1) + 1
            load.add(
                "crm.activities",
                activity_no=f"AC-{at.year}-{counted[at.year]:05d}",
                lead_no=lead.lead_no,
                account_no=lead.account.account_no if lead.account else None,
                employee_no=lead.owner_no,
                kind=kind,
                subject=f"{word}: {lead.contact}",
                outcome=f"now {stage}",
                happened_at=happened,
                updated_at=at,
            )


def _put_lead(load: Load, lead: Lead, random: Random) -> None:
    account = lead.account
    company = account.name if account else f"{random.choice(STEMS)} {random.choice(STEMS)}"
    closed = lead.when("won", "lost")
    load.add(
        "crm.leads",
        lead_no=lead.lead_no,
        account_no=account.account_no if account else None,
        campaign_no=lead.campaign_no,
        company_name=company,
        contact_name=lead.contact,
        email=f"{lead.lead_no.lower()}@lead.example",
        country=account.country if account else None,
        owner_no=lead.owner_no,
        source=lead.source,
        item_no=lead.item_no,
        stage=lead.stage,
        expected_amount=exact(lead.expected),
        won_amount=None if lead.won is None else exact(lead.won),
        currency=lead.currency,
        created_at=lead.entered[0][1],
        qualified_at=lead.when("qualified"),
        closed_at=closed,
        external_key=f"{lead.lead_no.removeprefix('L-')}-web" if lead.source in ("web", "file") else None,
        updated_at=lead.changed_at or lead.entered[-1][1],
    )
