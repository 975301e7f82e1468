"""Whom the seeded company sells to: accounts with contacts and campaigns, and the ERP's customers.

A plan and the sales people in, accounts with their habits of buying and paying out, and their rows once the
orders are known. The accounts' names are made of ``stores.seed.names`` and never repeat.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from stores.seed.load import Load
from stores.seed.names import CITIES, FIRST, FORMS, LAST, STEMS, TRADES
from stores.seed.people import Person
from stores.seed.plan import JOE, KEN_ACCOUNT, KEN_COMPANY, KEN_CONTACT, KEN_NUMBER, Plan, exact

COUNTRY_WEIGHTS = {"ES": 35, "PT": 18, "DE": 20, "GB": 14, "FR": 8, "US": 5}
CURRENCIES = {"GB": "GBP", "US": "USD"}
STATUS_WEIGHTS = {"active": 72, "prospect": 14, "dormant": 11, "merged": 3}
DORMANT_DAYS = 300
HOLD_SHARE, WATCH_SHARE, CREDIT_SHARE = 0.02, 0.06, 0.65
PREPAID_TERMS, CREDIT_TERMS = 14, (30, 30, 45, 60)
CAMPAIGNS = (("fair", "Fair"), ("mail", "Newsletter"), ("web", "Web weeks"), ("partner", "Partner days"))
LIMIT_STEP = 1_000 * 10_000
# Lower numbers are the story's and the faults'.
FIRST_ACCOUNT = 21


@dataclass(slots=True)
class Account:
    """An account; ``weight`` is how much it buys, ``late_days`` how late it pays at most."""

    number: int
    name: str
    sector: str
    country: str
    city: str
    currency: str
    owner_no: str
    status: str
    created: int
    last_day: int
    weight: float
    terms: int
    has_credit: bool
    credit_status: str
    late_days: int
    employees: int
    # Ten-thousandths, kept while orders are made: the largest order, and what is owed at the end.
    largest: int = 0
    owed: int = 0
    changed: int = 0
    is_customer: bool = False
    merged_into: str | None = None

    @property
    def account_no(self) -> str:
        return f"A-{self.number:04d}"

    @property
    def customer_no(self) -> str:
        return f"C-{self.number:04d}"

    @property
    def limit(self) -> int:
        """The credit limit in ten-thousandths: room for what is owed and two large orders more."""
        if not self.has_credit:
            return 0
        return -(-(self.owed + 2 * self.largest) // LIMIT_STEP) * LIMIT_STEP


def find_accounts(plan: Plan, people: dict[str, Person]) -> list[Account]:
    """All accounts by number; the first is the story's."""
    random = plan.random("accounts")
    sellers = [
        person
        for person in people.values()
        if person.department_no in ("D-SALES", "D-NORTH") and not person.left_on
    ]
    taken: set[str] = {KEN_COMPANY}
    numbers = [KEN_NUMBER, *range(FIRST_ACCOUNT, FIRST_ACCOUNT + plan.accounts - 1)]
    accounts = [_account(n, random, plan, sellers, taken) for n in numbers]
    _cast_ken(accounts[0], plan)
    kept = next(account.account_no for account in accounts if account.status == "active")
    for account in accounts:
        if account.status == "merged":
            account.merged_into = kept
        elif account.status == "active":
            kept = account.account_no
    return accounts


def _account(n: int, random: Random, plan: Plan, sellers: list[Person], taken: set[str]) -> Account:
    country = random.choices(list(COUNTRY_WEIGHTS), list(COUNTRY_WEIGHTS.values()))[0]
    sector = random.choice(list(TRADES))
    city = random.choice(CITIES[country])
    status = random.choices(list(STATUS_WEIGHTS), list(STATUS_WEIGHTS.values()))[0]
    days = plan.days
    created = days.start if random.random() < 0.6 else random.randrange(days.start, days.end - 60)
    if status == "dormant":
        created = days.start
    has_credit = random.random() < CREDIT_SHARE
    fate = random.random()
    credit_status = "hold" if fate < HOLD_SHARE else "watch" if fate < WATCH_SHARE else "ok"
    return Account(
        number=n,
        name=_company(random, sector, country, city, taken),
        sector=sector,
        country=country,
        city=city,
        currency=CURRENCIES.get(country, "EUR"),
        owner_no=random.choice([s.employee_no for s in sellers]),
        status=status,
        created=created,
        last_day=days.end - DORMANT_DAYS if status == "dormant" else days.end,
        weight=random.paretovariate(1.2),
        terms=random.choice(CREDIT_TERMS) if has_credit else PREPAID_TERMS,
        has_credit=has_credit,
        credit_status=credit_status if status == "active" else "ok",
        late_days=random.choice((2, 5, 10, 20, 45)),
        employees=int(random.paretovariate(0.9) * 12),
        changed=created,
        is_customer=status in ("active", "dormant"),
    )


def _company(random: Random, sector: str, country: str, city: str, taken: set[str]) -> str:
    stem, trade = random.choice(STEMS), random.choice(TRADES[sector])
    for name in (
        f"{stem} {trade}",
        f"{trade} {stem} {city}",
        f"{stem} {random.choice(STEMS)} {trade} {city}",
    ):
        if name not in taken:
            break
    while name in taken:
        name = f"{random.choice(STEMS)} {random.choice(STEMS)} {trade} {random.randrange(10, 1000)}"
    taken.add(name)
    return f"{name} {FORMS[country]}"


def _cast_ken(account: Account, plan: Plan) -> None:
    account.name, account.sector, account.employees = KEN_COMPANY, "hospitality", 48
    account.country, account.city, account.currency = "PT", "Lisboa", "EUR"
    account.owner_no, account.status, account.created = (
        JOE,
        "prospect",
        plan.days.company.before(plan.days.end, 30),
    )
    account.has_credit, account.terms, account.credit_status = False, 30, "ok"
    account.changed, account.weight, account.is_customer = account.created, 0.0, False


def put_accounts(load: Load, plan: Plan, *, accounts: list[Account]) -> None:
    """Accounts with their contacts in the CRM, customers in the ERP: the same in both where both know them."""
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
