"""The page supply: what is sold and comes next, what runs out when, what is late and why, what cash comes in.

Its parts stand beside this module: ``supply_ahead`` (sales, demand, cash), ``supply_stock``, ``supply_late``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from reports.drawings import meter
from reports.filters import ITEM, PERIODS, Filter, shown
from reports.look import Look, Page
from reports.pages import supply_rows
from reports.pages.supply_ahead import cash, demand, sales
from reports.pages.supply_late import late
from reports.pages.supply_stock import stock, suppliers
from reports.reader import capital
from reports.told import BadAddress

ROWS = supply_rows.ROWS


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows; ``None`` before anything was sold or stocked."""
    items = look.rows("select item_no, name from core.dim_item where is_current order by name, item_no")
    asked = look.asked.get("item")
    name = next((row["name"] for row in items if row["item_no"] == asked), None)
    if asked and name is None:
        raise BadAddress("supply.no_item", value=shown(asked))
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
        "finding": finding(look, parts, item_name=name),
        "item_name": name,
        "capital": capital,
        "meter": meter,
        "options": {"item": [(row["item_no"], f"{row['name']} · {row['item_no']}") for row in items]},
    }


def finding(look: Look, parts: Mapping[str, Any], *, item_name: str | None) -> Markup:
    """What next month should bring, how many items run out, and how many orders are late."""
    reader, said = look.reader, []
    sales, stock, late_orders = parts["sales"], parts["stock"], parts["late"]["total"]
    if sales and sales["next"]:
        month, forecast = reader.month(sales["next"]["period_on"]), sales["next"]["forecast"]
        if sales["money"]:
            said.append(reader.text("supply.find_sales", month=month, amount=reader.money(forecast)))
        else:
            amount = reader.number(forecast)
            said.append(reader.text("supply.find_sales_item", month=month, amount=amount, item=item_name))
    if stock and not item_name:
        days, soon = reader.days(stock["days"]), stock["soon"]
        said.append(
            reader.text("supply.find_stock", soon, days=days)
            if soon
            else reader.text("supply.find_stock_none", days=days)
        )
    said.append(
        reader.text("supply.find_late", late_orders) if late_orders else reader.text("supply.find_late_none")
    )
    return capital(Markup("; ").join(said))


PAGE = Page(
    key="supply",
    make=make,
    roles=frozenset({"executive", "finance", "production"}),
    filters=(Filter("period", "period", default="24m", choices=tuple(PERIODS)), ITEM),
)
