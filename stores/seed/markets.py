"""Whom the seeded company sells to: accounts with their habits of buying and paying.

A plan and the sales people in, accounts out; their names are made of ``stores.seed.names`` and never repeat.
Their rows are ``stores.seed.account_rows``.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from stores.seed.names import CITIES, FORMS, STEMS, TRADES
from stores.seed.people import Person
from stores.seed.plan import JOE, KEN_COMPANY, KEN_NUMBER, Plan

COUNTRY_WEIGHTS = {"ES": 35, "PT": 18, "DE": 20, "GB": 14, "FR": 8, "US": 5}
CURRENCIES = {"GB": "GBP", "US": "USD"}
STATUS_WEIGHTS = {"active": 72, "prospect": 14, "dormant": 11, "merged": 3}
DORMANT_DAYS = 300
HOLD_SHARE, WATCH_SHARE, CREDIT_SHARE = 0.02, 0.06, 0.65
PREPAID_TERMS, CREDIT_TERMS = 14, (30, 30, 45, 60)
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
