"""One record and its story across the systems: what it is, what happened to it, what belongs to it.

A kind and a number ─▶ its facts, its events in order, its related records, as the viewer may see them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.look import Look
from reports.published import Row


@dataclass(frozen=True)
class Record:
    """A record: ``facts`` is its row, ``events`` what happened to it, oldest first."""

    kind: str
    number: str
    facts: Row
    events: list[Row]


@dataclass(frozen=True)
class Kind:
    """A kind of record: the table that has it, and the column of its number."""

    table: str
    number: str
    also: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    "order": Kind("core.fct_order", "order_key", ("order_no", "sales_order_no")),
    "lead": Kind("core.fct_lead", "lead_no"),
    "request": Kind("core.fct_approval", "request_no"),
    "account": Kind("marts.mart_customer_value", "account_no"),
    "payment": Kind("core.fct_payment", "payment_no"),
    "shipment": Kind("core.fct_shipment", "shipment_no"),
    "production": Kind("core.fct_production", "production_no"),
    "purchase": Kind("core.fct_purchase", "purchase_no"),
    "item": Kind("core.dim_item", "item_no"),
    "person": Kind("core.dim_employee", "employee_no"),
}


def record(look: Look, kind: str, number: str) -> Record | None:
    """A record as the viewer may see it; ``None`` where there is none, or none for this viewer."""
    known = KINDS.get(kind)
    if known is None or not look.sees(known.table):
        return None
    condition = " or ".join(f"{name} = $number" for name in (known.number, *known.also))
    found = look.rows(f"select * from {known.table} where {condition} limit 1", number=number)
    if not found:
        return None
    key: Any = found[0][known.number]
    events: list[Row] = []
    if look.sees("core.fct_process_event"):
        events = look.rows(
            "select * from core.fct_process_event where object_type = $kind and object_no = $key"
            " order by sequence, event_no",
            kind=kind,
            key=key,
        )
    return Record(kind, number, found[0], events)
