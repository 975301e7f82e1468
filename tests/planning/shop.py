"""Rows of items, bills of material, stock and orders, as short as the tests read them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

Row = dict[str, Any]


def line(parent: str, component: str, quantity: str) -> Row:
    return {
        "bom_line_no": f"{parent}:{component}",
        "parent_item_no": parent,
        "component_item_no": component,
        "quantity": Decimal(quantity),
    }


def item(item_no: str, kind: str, *, days: int = 1, supplier: str | None = None) -> Row:
    return {"item_no": item_no, "kind": kind, "lead_time_days": days, "supplier_no": supplier}


def on_hand(item_no: str, quantity: str, reserved: str = "0") -> Row:
    return {"item_no": item_no, "on_hand": Decimal(quantity), "reserved": Decimal(reserved)}


def order(*lines: tuple[str, str], status: str = "requested") -> Row:
    return {
        "sales_order_no": "SO-2026-00412",
        "status": status,
        "lines": [
            {"line_no": position, "item_no": item_no, "quantity": Decimal(quantity)}
            for position, (item_no, quantity) in enumerate(lines, start=1)
        ],
    }
