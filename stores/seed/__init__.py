"""The seeded company: three years of a company's OA, CRM and ERP, the same for the same seed and day.

A plan is drawn, lived through and loaded in bulk. The last working days are not moved between the systems
yet, and the faults of ``stores.seed.faults`` are planted. It seeds empty stores only.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa

from stores.engines import is_empty
from stores.refusals import Refusal
from stores.seed.account_rows import put_accounts, put_campaigns
from stores.seed.company import Company, live
from stores.seed.fulfilment import Books
from stores.seed.goods import put_goods
from stores.seed.inbox import write_inbox
from stores.seed.lead_rows import put_leads
from stores.seed.load import Load
from stores.seed.people_rows import put_people
from stores.seed.plan import DAYS_AGO, JOE, NURIA, Plan, plan
from stores.seed.plant import plant_crm, plant_erp, plant_people
from stores.seed.planted import Planter
from stores.seed.products import put_products
from stores.seed.purchases import put_purchases
from stores.seed.rates import put_rates
from stores.seed.requests import put_requests
from stores.seed.supply_rows import put_supply
from stores.seed.trips import put_outcomes

__all__ = ["seed", "write_inbox"]


def seed(
    engines: Mapping[str, sa.Engine],
    *,
    scale: int = 1,
    seed: int = 7,
    as_of: dt.date,
    fraction: float = 1.0,
) -> dict[str, int]:
    """Seed empty stores with a company that has lived up to ``as_of``; the number of rows by stream.

    ``fraction`` below 1 makes a smaller company, for tests. ``Refusal`` when a store has rows already.
    """
    if not is_empty(engines):
        raise Refusal("the stores have rows already; the seed would mix with them", rule="stores_are_empty")
    drawn = plan(scale=scale, seed=seed, as_of=as_of, fraction=fraction)
    with _uncollected():
        company = live(drawn)
        with Load(engines) as load:
            _write(load, drawn, company)
    return dict(sorted(load.counts.items()))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: millions of live tuples are a quarter of the time to look through."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write(load: Load, drawn: Plan, company: Company) -> None:
    """All rows, parents before what points to them."""
    put_people(load, drawn, people=company.people)
    put_goods(load, drawn, goods=company.goods)
    put_rates(load, drawn)
    put_accounts(load, drawn, accounts=company.accounts)
    put_campaigns(load, drawn)
    put_leads(load, drawn, leads=company.leads)
    put_requests(load, drawn, requests=company.desk.requests)
    put_outcomes(load, drawn, desk=company.desk)
    company.attendance.put(load, story_days=_story_days(drawn))
    finance = [person.employee_no for person in company.people.values() if person.role == "finance"]
    Books(load, drawn, item_no=company.item_no, finance=finance, behind=company.behind).put(company.orders)
    planter = Planter(load, drawn, company.goods)
    plant_people(planter, company.people)
    plant_crm(planter)
    plant_erp(planter, company.accounts, company.supply)
    put_purchases(load, drawn, purchases=company.purchases)
    put_supply(load, drawn, supply=company.supply)
    put_products(load, drawn, goods=company.goods, supply=company.supply)


def _story_days(drawn: Plan) -> dict[str, tuple[int, ...]]:
    away = [drawn.days.company.before(drawn.days.end, DAYS_AGO[word]) for word in ("leaves", "returns")]
    return {JOE: tuple(away), NURIA: tuple(away)}
