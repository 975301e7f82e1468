"""What the CRM's catalogue shows of the ERP's items: price and what is free to promise.

Goods and supply in, products out. The price that changed yesterday has not reached the CRM.
"""

from __future__ import annotations

from stores.seed.goods import Goods, list_price
from stores.seed.load import Load
from stores.seed.plan import Plan, units
from stores.seed.supply import Supply


def put_products(load: Load, plan: Plan, *, goods: Goods, supply: Supply) -> None:
    """A product for every item that is sold."""
    stamp = plan.days.opens_at(plan.days.cut - 1)
    for item in goods.finished():
        free = supply.on_hand.get(item.item_no, 0) - supply.reserved.get(item.item_no, 0)
        load.add(
            "crm.products",
            item_no=item.item_no,
            name=item.name,
            category=item.category,
            unit_price=list_price(item),
            currency="EUR",
            available_quantity=units(max(free, 0)),
            is_active=True,
            updated_at=stamp,
        )
