"""The page supply: what is sold and comes next, what runs out when, what is late and why, what cash comes in.

Its parts stand beside this module: ``supply_ahead`` (sales, demand, cash), ``supply_stock``, ``supply_late``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.drawings import meter
from reports.filters import ITEM, PERIODS, BadAddress, Filter
from reports.look import Look, Page
from reports.pages import supply_rows
from reports.pages.supply_ahead import cash, demand, sales
from reports.pages.supply_late import late
from reports.pages.supply_stock import stock, suppliers
from reports.reader import capital

ROWS = supply_rows.ROWS


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows; ``None`` before anything was sold or stocked."""
    items = look.rows("select item_no, name from core.dim_item where is_current order by name, item_no")
    asked = look.asked.get("item")
    name = next((row["name"] for row in items if row["item_no"] == asked), None)
    if asked and name is None:
        raise BadAddress(f"item: no item is called {asked!r}")
    parts: dict[str, Any] = {
        "sales": sales(look),
        "demand": demand(look) if asked is None else None,
        "stock": stock(look),
        "late": late(look),
        "suppliers": suppliers(look) if asked is None else None,
        "cash": cash(look),
    }
    if not (parts["sales"] or parts["stock"] or parts["cash"] or parts["late"]["total"]):
        return None
    return {
        **parts,
        "item_name": name,
        "capital": capital,
        "meter": meter,
        "options": {"item": [(row["item_no"], f"{row['name']} · {row['item_no']}") for row in items]},
    }


PAGE = Page(
    key="supply",
    make=make,
    roles=frozenset({"executive", "finance", "production"}),
    filters=(Filter("period", "period", default="24m", choices=tuple(PERIODS)), ITEM),
)
