"""The rows of the seeded accounts: in the CRM with contacts and campaigns, in the ERP as customers.

Accounts in, once the orders are known, rows out: the same in both systems where both know the company.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from stores.seed.load import Load
from stores.seed.markets import Account
from stores.seed.names import FIRST, LAST
from stores.seed.plan import KEN_ACCOUNT, KEN_CONTACT, Plan, exact

CAMPAIGNS = (("fair", "Fair"), ("mail", "Newsletter"), ("web", "Web weeks"), ("partner", "Partner days"))


def put_accounts(load: Load, plan: Plan, *, accounts: list[Account]) -> None:
    """Accounts with their contacts in the CRM, customers in the ERP: the same where both know them."""
    random = plan.random("contacts")
    for account in accounts:
        _put_account(load, plan, account)
        if account.account_no == KEN_ACCOUNT:
            _put_contact(
                load, plan, account, number=KEN_CONTACT, name="Ken Ito", email="ken@kenandpartners.example"
            )
            continue
        for n in range(1 + (account.weight > 2)):
            name = f"{random.choice(FIRST)} {random.choice(LAST)}"
            _put_contact(
                load,
                plan,
                account,
                number=f"P-{account.number * 2 + 100 + n:05d}",
                name=name,
                email=f"contact{n + 1}@a{account.number:04d}.example",
                primary=n == 0,
            )


def _put_account(load: Load, plan: Plan, account: Account) -> None:
    """One account and, when the ERP knows it, its customer."""
    stamp = plan.days.company.at(account.changed, 30)
    credit = (account.credit_status, exact(account.limit)) if account.is_customer else (None, None)
    row = {
        "account_no": account.account_no,
        "name": account.name,
        "sector": account.sector,
        "country": account.country or None,
        "city": account.city,
        "employees": account.employees,
        "owner_no": account.owner_no,
        "currency": account.currency,
        "status": account.status,
        "merged_into": account.merged_into,
        "created_on": plan.days.dates[account.created],
        "credit_status": credit[0],
        "credit_limit": credit[1],
        "updated_at": stamp,
    }
    load.add("crm.accounts", **row)
    if account.is_customer:
        load.add(
            "erp.customers",
            customer_no=account.customer_no,
            crm_account_no=account.account_no,
            **{name: row[name] for name in ("name", "country", "city", "currency")},
            kind="prospect" if account.status == "prospect" else "customer",
            credit_status=account.credit_status,
            credit_limit=exact(account.limit),
            payment_terms_days=account.terms,
            updated_at=stamp,
        )


def _put_contact(
    load: Load, plan: Plan, account: Account, *, number: str, name: str, email: str, primary: bool = True
) -> None:
    load.add(
        "crm.contacts",
        contact_no=number,
        account_no=account.account_no,
        name=name,
        email=email,
        phone=f"+351 21 555 {account.number % 10_000:04d}" if account.country == "PT" else None,
        is_primary=primary,
        updated_at=plan.days.opens_at(account.created),
    )


def campaigns(plan: Plan) -> list[tuple[str, int]]:
    """Four campaigns a year: their numbers with their first days."""
    first_days = range(plan.days.start, plan.days.end - 40, 91)
    return [(f"CA-{plan.days.dates[day]:%Y-%m}", day) for day in first_days]


def put_campaigns(load: Load, plan: Plan) -> None:
    """The campaigns, one channel after the other."""
    for count, (number, day) in enumerate(campaigns(plan)):
        starts_on = plan.days.dates[day]
        channel, name = CAMPAIGNS[count % len(CAMPAIGNS)]
        load.add(
            "crm.campaigns",
            campaign_no=number,
            name=f"{name} {starts_on:%Y-%m}",
            channel=channel,
            starts_on=starts_on,
            ends_on=starts_on + dt.timedelta(days=27),
            budget_amount=Decimal(2_000 + 500 * (count % 5)),
            currency="EUR",
            updated_at=plan.days.opens_at(day),
        )
