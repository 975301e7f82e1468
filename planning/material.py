"""What an order takes: its items exploded through the bill of materials, netted against stock.

An order with its lines, items, bill of materials and stock in; quantities per item out, which
``planning.production`` puts on the calendar. It is not a purchase proposal and it reserves nothing: two
orders planned from the same stock of an assembly both count on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from connectors.errors import MissingDependency, RecordRejected
from connectors.protocol import LINES, Row

ZERO = Decimal(0)
UNIT = Decimal("0.0001")
# The ERP reserves an order's whole quantity when it accepts it (requested becomes open).
STATUSES_WITH_RESERVATION = ("open", "planned")

Items = Mapping[str, Row]
Bom = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Requirement:
    """``quantity`` of an item that must be there; ``level`` 0 was asked for, deeper levels go into it."""

    item_no: str
    quantity: Decimal
    level: int


def by_parent(bom_lines: Sequence[Row]) -> dict[str, list[Row]]:
    """Bill-of-material lines by the item they make, as the other functions take them."""
    bom: dict[str, list[Row]] = {}
    for line in bom_lines:
        bom.setdefault(line["parent_item_no"], []).append(line)
    return bom


def explode(bom: Bom, item_no: str, quantity: Decimal) -> list[Requirement]:
    """Gross need of ``quantity`` of an item and of everything below it, stock ignored.

    One row per item, at the lowest level where it occurs, parents before what goes into them.
    ``RecordRejected`` (rule ``bom_has_no_cycle``) when an item needs itself, with the way it does.
    """
    levels = levels_of(bom, [item_no])
    needed = {item_no: quantity}
    for parent in levels:
        for component, each in _inputs(bom, parent):
            needed[component] = needed.get(component, ZERO) + _up(needed[parent] * each)
    return [Requirement(item, needed[item], level) for item, level in levels.items()]


def levels_of(bom: Bom, roots: Sequence[str]) -> dict[str, int]:
    """Every item under ``roots`` with its low-level code, the deepest level where it is used, in that order.

    Net needs are right only in this order: all uses of an item are known before its stock is given out
    (low-level coding of material requirements planning, Orlicky 1975).
    """
    levels: dict[str, int] = {}
    for root in roots:
        for item_no, level in _walk(bom, root, trail=()):
            levels[item_no] = max(level, levels.get(item_no, 0))
    return dict(sorted(levels.items(), key=lambda pair: pair[1]))


def net_requirements(order: Row, items: Items, *, bom: Bom, stock: Mapping[str, Row]) -> list[Requirement]:
    """What is short for the order, per item, after free stock is used: to make or to buy; parents first.

    Free is on hand less reserved; what the order itself has reserved is its own. An item that stock covers
    is left out, and so is all that would go into it. ``MissingDependency`` when an item, or the bill of
    materials of one that must be made, is not there yet.
    """
    ordered = ordered_quantities(order)
    levels = levels_of(bom, list(ordered))
    own = ordered if order.get("status") in STATUSES_WITH_RESERVATION else {}
    needed = dict(ordered)
    short: list[Requirement] = []
    for item_no, level in levels.items():
        item = item_of(order, items, item_no=item_no)
        quantity = needed.get(item_no, ZERO) - _free(stock.get(item_no), own.get(item_no, ZERO))
        if quantity <= ZERO:
            continue
        short.append(Requirement(item_no, quantity, level))
        if is_made(item):
            for component, each in _recipe(order, bom, item_no=item_no):
                needed[component] = needed.get(component, ZERO) + _up(quantity * each)
    return short


def ordered_quantities(order: Row) -> dict[str, Decimal]:
    """Quantity per item over the order's lines, in the order of the lines."""
    ordered: dict[str, Decimal] = {}
    for line in sorted(order.get(LINES, ()), key=lambda row: row["line_no"]):
        ordered[line["item_no"]] = ordered.get(line["item_no"], ZERO) + line["quantity"]
    return ordered


def is_made(item: Row) -> bool:
    """Whether we make the item; what has a supplier is bought."""
    return item["supplier_no"] is None and item["kind"] != "component"


def item_of(order: Row, items: Items, *, item_no: str) -> Row:
    """The item's row; ``MissingDependency`` names the order that waits for it."""
    try:
        return items[item_no]
    except KeyError:
        raise MissingDependency(
            f"order {order['sales_order_no']}: needs item {item_no!r}, which is not among the ERP's items; "
            "the order is planned when the item is there",
            rule="item_is_known",
        ) from None


def _recipe(order: Row, bom: Bom, *, item_no: str) -> list[tuple[str, Decimal]]:
    inputs = list(_inputs(bom, item_no))
    if not inputs:
        raise MissingDependency(
            f"order {order['sales_order_no']}: {item_no} must be made and has no bill of materials, so "
            "nobody knows what goes in; add its lines in the ERP (or its supplier, when it is bought): the "
            "order is planned when they are there",
            rule="bom_is_there",
        )
    return inputs


def _free(row: Row | None, own: Decimal) -> Decimal:
    return max(row["on_hand"] - row["reserved"] + own, ZERO) if row else ZERO


def _inputs(bom: Bom, parent: str) -> Iterator[tuple[str, Decimal]]:
    for line in sorted(bom.get(parent, ()), key=lambda row: str(row["component_item_no"])):
        yield line["component_item_no"], line["quantity"]


def _walk(bom: Bom, item_no: str, *, trail: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    if item_no in trail:
        way = " -> ".join((*trail[trail.index(item_no) :], item_no))
        raise RecordRejected(
            f"bill of materials: item {item_no!r} is needed to make itself ({way}), expected a tree; "
            "remove one of these lines in the ERP",
            rule="bom_has_no_cycle",
        )
    yield item_no, len(trail)
    for component, _ in _inputs(bom, item_no):
        yield from _walk(bom, component, trail=(*trail, item_no))


def _up(quantity: Decimal) -> Decimal:
    """To the four digits a quantity has, never less than needed."""
    return quantity.quantize(UNIT, rounding=ROUND_CEILING)
