"""The rows of the seeded leads: leads, the stages they entered, what was done about them.

Leads in, rows of the CRM out. What a trip cost comes with the requests.
"""

from __future__ import annotations

import datetime as dt
from random import Random

from stores.seed.leads import Lead
from stores.seed.load import Load
from stores.seed.names import STEMS
from stores.seed.plan import FIRST_NUMBER, Plan, exact

ACTIVITIES = (("call", "Called"), ("mail", "Wrote"), ("visit", "Visited"), ("note", "Noted"))


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
        updated_at=lead.entered[-1][1],
    )
