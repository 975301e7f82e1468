"""Catalogue: what can be sold, at which price, and how much of it is free to promise.

erp.items, erp.stock → crm.products. A change of stock travels by itself, without the item changing. An
item that is deleted is sold no more.
"""

from decimal import Decimal

from hub.words import Flow, Look, Made, Read, Row, Step, Using, Write


def product(item: Row, look: Look) -> Made:
    """The item as the CRM's catalogue shows it."""
    kept = ("item_no", "name", "category", "unit_price", "currency", "is_active")
    return {**{name: item[name] for name in kept}, "available_quantity": _available(look, item["item_no"])}


def availability(stock: Row, look: Look) -> Made:
    """Free to promise: on hand less reserved, never below zero. Parts are not in the catalogue."""
    item = look.one("items", stock["item_no"])
    if item is None or item["kind"] != "finished":
        return None
    return {"item_no": stock["item_no"], "available_quantity": _free(stock)}


def _available(look: Look, item_no: str) -> Decimal:
    stock = look.one("stock", item_no)
    return _free(stock) if stock else Decimal(0)


def _free(stock: Row) -> Decimal:
    return max(Decimal(0), Decimal(stock["on_hand"]) - Decimal(stock["reserved"]))


CATALOGUE = Flow(
    name="catalogue",
    every="30 minutes",
    owner="product-management",
    doc=__doc__,
    steps=(
        Step(
            "list",
            read=Read("erp.items", where={"kind": "finished"}),
            make=product,
            write=Write("crm.products", key="item_no"),
            using={"stock": Using("erp.stock", "item_no", match="item_no")},
            gone={"is_active": False},
        ),
        Step(
            "availability",
            read=Read("erp.stock"),
            make=availability,
            write=Write("crm.products", key="item_no", owns=("available_quantity",)),
            using={"items": Using("erp.items", "item_no", match="item_no")},
        ),
    ),
)
