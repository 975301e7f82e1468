"""When an order's items are made, and when it can be promised: rows for ``erp.production_orders``.

An accepted order, items, bill of materials, stock and holidays in; production orders with days out, and the
day to promise. Lead times are working days. It is not finite scheduling: work centres have no limit here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.protocol import Row
from planning import workdays
from planning.material import (
    Bom,
    Items,
    Requirement,
    is_made,
    item_of,
    levels_of,
    net_requirements,
    ordered_quantities,
)


@dataclass(frozen=True)
class Schedule:
    """The production orders of one sales order, the day its goods are ready, and the day to promise."""

    rows: list[Row]
    ready_on: date
    promised_on: date


@dataclass(frozen=True)
class Span:
    """First and last day of work, both worked."""

    starts_on: date
    due_on: date


def plan_order(
    order: Row,
    items: Items,
    *,
    bom: Bom,
    stock: Mapping[str, Row],
    holidays: Set[date],
    start: date | None = None,
) -> list[Row]:
    """Rows of ``erp.production_orders`` for an order with its lines; empty when stock delivers it.

    The same order and stock give the same rows. Raises ``MissingDependency`` for an item or a bill of
    materials that is not there, and ``RecordRejected`` for a bill of materials that goes in a circle.
    """
    return schedule_order(order, items, bom=bom, stock=stock, holidays=holidays, start=start).rows


def promised_on(order: Row, plan: Sequence[Row], *, holidays: Set[date], start: date | None = None) -> date:
    """The day to promise, from the order's production orders (made here or read back from the ERP).

    Goods are ready when the last sold item is due, or the working day after the order when nothing is made;
    they arrive the working day after that, and never before the customer wants them.
    """
    return _promise(order, _ready(plan, _start(order, start), holidays=holidays), holidays=holidays)


def schedule_order(
    order: Row,
    items: Items,
    *,
    bom: Bom,
    stock: Mapping[str, Row],
    holidays: Set[date],
    start: date | None = None,
) -> Schedule:
    """The order on the calendar: as early as it can be, or as late as the customer's day allows.

    ``start`` (default: the day of the order) is the first day work may be done. Two passes, as in the
    critical path method: forward gives the earliest days; when the day the customer wants leaves room,
    backward from it gives the latest, so that nothing is made long before it is needed. A sold item that
    is bought and short is ready when its supplier delivers.
    """
    first = _start(order, start)
    short = net_requirements(order, items, bom=bom, stock=stock)
    spans = _forward(short, items, bom=bom, holidays=holidays, start=first)
    sold = ordered_quantities(order)
    earliest = max(
        (span.due_on for item_no, span in spans.items() if item_no in sold),
        default=workdays.shift(first, 1, holidays=holidays),
    )
    wanted = _wanted(order, holidays=holidays)
    if wanted is not None and wanted > earliest:
        spans = _backward(short, items, bom=bom, holidays=holidays, deadline=wanted, sold=sold)
        ready = wanted if spans else earliest
    else:
        ready = earliest
    numbers = {item: index for index, item in enumerate(_made(order, items, bom=bom), start=1)}
    rows = [
        _row(order, need, span=spans[need.item_no], number=numbers[need.item_no])
        for need in short
        if need.item_no in numbers
    ]
    return Schedule(rows, ready, _promise(order, ready, holidays=holidays))


def _row(order: Row, need: Requirement, *, span: Span, number: int) -> Row:
    sales_order_no: str = order["sales_order_no"]
    return {
        "production_no": f"MO-{sales_order_no.removeprefix('SO-')}-{number}",
        "plan_key": f"{sales_order_no}:{need.item_no}",
        "sales_order_no": sales_order_no,
        "item_no": need.item_no,
        "quantity": need.quantity,
        "bom_level": need.level,
        "starts_on": span.starts_on,
        "due_on": span.due_on,
        "status": "requested",
    }


def _made(order: Row, items: Items, *, bom: Bom) -> list[str]:
    """All items of the order that are ever made, whatever stock says: a number stays with its item."""
    needed = levels_of(bom, list(ordered_quantities(order)))
    return [item_no for item_no in needed if is_made(item_of(order, items, item_no=item_no))]


def _forward(
    short: Sequence[Requirement], items: Items, *, bom: Bom, holidays: Set[date], start: date
) -> dict[str, Span]:
    """Earliest days: what goes in first, its parent the working day after."""
    spans: dict[str, Span] = {}
    for need in reversed(short):
        inputs = [
            spans[line["component_item_no"]]
            for line in bom.get(need.item_no, ())
            if line["component_item_no"] in spans
        ]
        begin = workdays.on_or_after(start, holidays)
        if inputs and is_made(items[need.item_no]):
            begin = workdays.shift(max(span.due_on for span in inputs), 1, holidays=holidays)
        days = _days(items[need.item_no])
        spans[need.item_no] = Span(begin, workdays.shift(begin, days - 1, holidays=holidays))
    return spans


def _backward(
    short: Sequence[Requirement],
    items: Items,
    *,
    bom: Bom,
    holidays: Set[date],
    deadline: date,
    sold: Mapping[str, Decimal],
) -> dict[str, Span]:
    """Latest days: sold items end on ``deadline``, what goes in the working day before its parent starts."""
    latest: dict[str, date] = dict.fromkeys(sold, deadline)
    spans: dict[str, Span] = {}
    for need in short:
        due = latest[need.item_no]
        days = _days(items[need.item_no])
        spans[need.item_no] = span = Span(workdays.shift(due, 1 - days, holidays=holidays), due)
        if is_made(items[need.item_no]):
            before = workdays.shift(span.starts_on, -1, holidays=holidays)
            for line in bom.get(need.item_no, ()):
                component = line["component_item_no"]
                latest[component] = min(before, latest.get(component, before))
    return spans


def _ready(plan: Sequence[Row], start: date, *, holidays: Set[date]) -> date:
    return max((row["due_on"] for row in plan), default=workdays.shift(start, 1, holidays=holidays))


def _promise(order: Row, ready: date, *, holidays: Set[date]) -> date:
    feasible = workdays.shift(ready, 1, holidays=holidays)
    return workdays.on_or_after(max(feasible, order.get("requested_on") or feasible), holidays)


def _wanted(order: Row, *, holidays: Set[date]) -> date | None:
    """The last working day on which goods may be ready for the day the customer wants."""
    requested: date | None = order.get("requested_on")
    if requested is None:
        return None
    return workdays.shift(workdays.on_or_after(requested, holidays), -1, holidays=holidays)


def _start(order: Row, start: date | None) -> date:
    return start or order["ordered_at"].date()


def _days(item: Row) -> int:
    """Working days it takes; even what takes none occupies the day it is done on."""
    return max(int(item["lead_time_days"]), 1)
