"""The seeded company lived through, before a row is written.

A plan in; people, goods, accounts, leads, orders, requests and supply out, each made by its own module, in
the order in which one needs the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from stores.seed.account_rows import campaigns
from stores.seed.attendance import Attendance
from stores.seed.demand import Line, Market, Order
from stores.seed.fulfilment import owe
from stores.seed.goods import Goods, stock_up
from stores.seed.leads import Lead, find_leads
from stores.seed.markets import Account, find_accounts
from stores.seed.meant import planted_accounts, planted_lead, planted_requests
from stores.seed.orders import take_orders
from stores.seed.people import Person, hire
from stores.seed.plan import Plan
from stores.seed.purchases import Purchase, buy
from stores.seed.requests import Desk, number_requests
from stores.seed.supply import Run, Supply
from stores.seed.trips import ask_for_trips


@dataclass(frozen=True)
class Company:
    """All that was drawn and lived; ``behind`` is the order that left without the CRM hearing of it."""

    people: dict[str, Person]
    attendance: Attendance
    goods: Goods
    accounts: list[Account]
    leads: list[Lead]
    orders: list[Order]
    desk: Desk
    supply: Supply
    purchases: list[Purchase]
    market: Market

    def item_no(self, line: Line) -> str:
        """What a line sells."""
        return self.market.items[line.item].item_no

    @property
    def behind(self) -> str:
        """The number of the last order that left."""
        return max(
            (order.shipped, order.number)
            for order in self.orders
            if order.shipped is not None and order.channel == "system"
        )[1]


def live(plan: Plan) -> Company:
    """Three years, once."""
    people = hire(plan)
    attendance = Attendance(plan, people)
    desk = Desk(plan, people, attendance)
    goods = stock_up(plan)
    accounts = find_accounts(plan, people)
    held = campaigns(plan)
    leads = find_leads(plan, accounts, goods=goods, campaigns=held, people=people)
    market = Market(plan, accounts, goods)
    orders = take_orders(plan, market, leads=leads, desk=desk)
    supply = Run(plan, market, orders).run()
    owe(plan, orders)
    purchases = buy(plan, goods, supply=supply, desk=desk, people=people)
    ask_for_trips(plan, people, leads=leads, attendance=attendance, desk=desk)
    meant = planted_accounts(plan)
    leads.append(planted_lead(plan, goods, meant[3]))
    desk.requests += planted_requests(plan, leads)
    number_requests(desk.requests)
    return Company(
        people,
        attendance,
        goods,
        meant + accounts,
        leads,
        orders,
        desk,
        supply,
        purchases,
        market,
    )
