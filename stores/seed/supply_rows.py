"""The rows about goods that moved: production orders, stock moves in their order, and what lies there.

What the supply run lived through in, rows of the ERP out.
"""

from __future__ import annotations

import datetime as dt

from stores.seed.load import Load
from stores.seed.plan import FIRST_NUMBER, Plan, units
from stores.seed.supply import Supply


def put_supply(load: Load, plan: Plan, *, supply: Supply) -> None:
    """Production orders, stock moves in the order they happened, and what lies there."""
    days = plan.days
    for work in supply.works:
        done = work.done < days.end
        at = days.opens_at(work.done if done else work.starts) + dt.timedelta(minutes=20)
        load.put(
            "erp.production_orders",
            (
                work.production_no,
                work.plan_key,
                work.sales_order_no,
                work.item.item_no,
                units(work.quantity),
                work.level,
                days.dates[work.starts],
                days.dates[work.due],
                "done" if done else "released",
                at if done else None,
                min(at, days.ends_at - dt.timedelta(hours=1)),
            ),
        )
    counted: dict[int, int] = {}
    last: dict[str, dt.datetime] = {}
    # Within an instant the goods that come go first.
    supply.moves.sort(key=lambda move: (move[0], -move[2], move[1], move[4] or ""))
    for at, item_no, quantity, kind, document_no in supply.moves:
        counted[at.year] = counted.get(at.year, FIRST_NUMBER - 1) + 1
        number = f"SM-{at.year}-{counted[at.year]:06d}"
        load.put("erp.stock_moves", (number, item_no, at, units(quantity), kind, document_no, at))
        last[item_no] = at
    for item_no, on_hand in sorted(supply.on_hand.items()):
        changed = last.get(item_no, days.opens_at(days.start))
        load.put("erp.stock", (item_no, units(on_hand), units(supply.reserved.get(item_no, 0)), changed))
