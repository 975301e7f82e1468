"""What the seeded company sells, makes and buys: items, bills of materials, prices, suppliers, rates.

A plan in, a catalogue with prices per year out, and its rows. How much lies where is ``stores.seed.supply``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from stores.seed.load import Load
from stores.seed.names import ASSEMBLIES, COMPONENTS, FINISHED, SIZES, SUPPLIERS
from stores.seed.plan import BOMLESS_ITEM, NEW_ITEM, REPRICED_ITEM, Plan, units

FINISHED_ITEMS, ASSEMBLY_ITEMS, COMPONENT_ITEMS = 60, 25, 35
# Price lists abroad, in the customer's currency for a euro; exchange rates move, price lists do not.
PRICE_LISTS = {"EUR": 100, "USD": 110, "GBP": 86}
YEARLY_RISE_PERCENT = 3
REPRICED_PERCENT = 108


@dataclass
class Item:
    """An item; ``cents`` is today's list price in euros, ``cost_cents`` what one unit costs."""

    item_no: str
    name: str
    category: str
    kind: str
    cost_cents: int
    cents: int = 0
    lead_time_days: int = 0
    supplier: int | None = None
    parts: dict[str, int] = field(default_factory=dict)
    weight: float = 1.0


@dataclass
class Goods:
    """The catalogue: items by number, and what an item cost in a year and currency."""

    items: dict[str, Item]
    suppliers: list[tuple[str, str, int]]
    this_year: int

    def finished(self) -> list[Item]:
        """What is sold, in the order of their numbers."""
        return [item for item in self.items.values() if item.kind == "finished"]

    def price_cents(self, item: Item, year: int, *, currency: str = "EUR") -> int:
        """The list price of a year in the cents of a currency."""
        euro = item.cents
        for _ in range(self.this_year - year):
            euro = euro * (100 - YEARLY_RISE_PERCENT) // 100
        return euro * PRICE_LISTS[currency] // 100


def stock_up(plan: Plan) -> Goods:
    """The catalogue: components into assemblies, both into what is sold."""
    random = plan.random("goods")
    countries = ("DE", "ES", "PT", "GB")
    suppliers = [
        (name, countries[n % len(countries)], random.randrange(7, 29)) for n, name in enumerate(SUPPLIERS)
    ]
    parts = [_component(n, random, suppliers) for n in range(COMPONENT_ITEMS)]
    blocks = [_assembly(n, random, parts) for n in range(ASSEMBLY_ITEMS)]
    sold = [_finished(n, random, blocks, parts) for n in range(FINISHED_ITEMS)]
    by_number = {item.item_no: item for item in (*sold, *blocks, *parts)}
    by_number[BOMLESS_ITEM].parts.clear()
    return Goods(by_number, suppliers, plan.as_of.year)


def _component(n: int, random: Random, suppliers: list[tuple[str, str, int]]) -> Item:
    supplier = n % len(suppliers)
    return Item(
        f"IT-{901 + n:04d}",
        f"{COMPONENTS[n % len(COMPONENTS)]} {chr(65 + n // len(COMPONENTS))}{n % 7 + 1}",
        "Parts",
        "component",
        cost_cents=random.randrange(150, 3_600),
        lead_time_days=suppliers[supplier][2],
        supplier=supplier,
    )


def _assembly(n: int, random: Random, parts: list[Item]) -> Item:
    inside = {part.item_no: random.randrange(1, 5) for part in random.sample(parts, random.randrange(2, 5))}
    costs = {part.item_no: part.cost_cents for part in parts}
    return Item(
        f"IT-{801 + n:04d}",
        f"{ASSEMBLIES[n % len(ASSEMBLIES)]} {100 + n * 10}",
        "Assemblies",
        "assembly",
        cost_cents=sum(costs[number] * count for number, count in inside.items()) * 115 // 100,
        lead_time_days=random.randrange(2, 5),
        parts=inside,
    )


def _finished(n: int, random: Random, blocks: list[Item], parts: list[Item]) -> Item:
    inside = {block.item_no: 1 for block in random.sample(blocks, random.randrange(1, 3))}
    inside[random.choice(parts).item_no] = random.randrange(1, 3)
    costs = {item.item_no: item.cost_cents for item in (*blocks, *parts)}
    cost = sum(costs[number] * count for number, count in inside.items()) * 120 // 100
    category, models = list(FINISHED.items())[n * len(FINISHED) // FINISHED_ITEMS]
    number = f"IT-{101 + n:04d}"
    position = n % (FINISHED_ITEMS // len(FINISHED))
    suffix = " (new)" if number == NEW_ITEM else ""
    return Item(
        number,
        f"{models[position % len(models)]} {SIZES[position // len(models)]}{suffix}",
        category,
        "finished",
        cost_cents=cost,
        cents=cost * random.randrange(160, 220) // 5_000 * 50,
        lead_time_days=random.randrange(3, 7),
        parts=inside,
        # A few items make most of the sales.
        weight=1.0 / (1 + random.randrange(12)),
    )


def put_goods(load: Load, plan: Plan, *, goods: Goods) -> None:
    """The rows about goods, but for stock and what the CRM shows of it."""
    stamp = plan.days.opens_at(plan.days.start)
    for n, (name, country, lead_time) in enumerate(goods.suppliers):
        load.add(
            "erp.suppliers",
            supplier_no=f"S-{n + 1:03d}",
            name=name,
            country=country,
            lead_time_days=lead_time,
            updated_at=stamp,
        )
    for item in goods.items.values():
        _put_item(load, plan, goods, item=item)
    for item in goods.items.values():
        for number, count in sorted(item.parts.items()):
            load.add(
                "erp.bom_lines",
                bom_line_no=f"{item.item_no}:{number}",
                parent_item_no=item.item_no,
                component_item_no=number,
                quantity=units(count),
                updated_at=stamp,
            )


def _put_item(load: Load, plan: Plan, goods: Goods, *, item: Item) -> None:
    new_year = dt.date(plan.as_of.year, 1, 1)
    changed = min(max(plan.days.number(new_year), plan.days.start), plan.days.end - 1)
    stamp = plan.days.opens_at(changed)
    yesterday = plan.days.end - 1
    repriced = item.item_no == REPRICED_ITEM
    price = list_price(item, repriced=repriced)
    load.add(
        "erp.items",
        item_no=item.item_no,
        name=item.name,
        category=item.category,
        kind=item.kind,
        unit="pcs",
        unit_price=price,
        standard_cost=Decimal(item.cost_cents).scaleb(-2),
        currency="EUR",
        lead_time_days=item.lead_time_days,
        supplier_no=None if item.supplier is None else f"S-{item.supplier + 1:03d}",
        min_stock=units(0 if item.item_no in (NEW_ITEM, BOMLESS_ITEM) else 20),
        is_active=True,
        updated_at=plan.days.opens_at(yesterday) if repriced else stamp,
    )
    if item.kind == "finished":
        _put_prices(load, plan, goods, item=item)


def _put_prices(load: Load, plan: Plan, goods: Goods, *, item: Item) -> None:
    stamp = plan.days.opens_at(plan.days.start)
    prices = [
        (dt.date(year, 1, 1), Decimal(goods.price_cents(item, year)).scaleb(-2))
        for year in range(plan.days.dates[plan.days.start].year, plan.as_of.year + 1)
    ]
    if item.item_no == REPRICED_ITEM:
        prices.append((plan.days.dates[plan.days.end - 1], list_price(item, repriced=True)))
    for valid_from, amount in prices:
        load.add(
            "erp.item_prices",
            item_price_no=f"{item.item_no}:{valid_from}",
            item_no=item.item_no,
            valid_from=valid_from,
            unit_price=amount,
            currency="EUR",
            updated_at=stamp,
        )


def list_price(item: Item, *, repriced: bool = False) -> Decimal:
    """Today's list price, or the one that replaced it yesterday."""
    return Decimal(item.cents * REPRICED_PERCENT // 100 if repriced else item.cents).scaleb(-2)
