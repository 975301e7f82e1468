"""What belongs to a record, and what its own tables say of it where the process log is not seen.

A record's row ─▶ the kinds and numbers of what stands with it on one time line, as far as it is seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.look import Look

# What the OA's own tables say of a request, for whoever does not see the process log.
OF_REQUEST = """
    select request_no || ':filed' as event_no, 'request filed' as kind, 'request filed' as activity,
        requested_at as happened_at, requester_no as actor_no, 'oa' as system, channel, 0 as sequence,
        cast(null as decimal(18, 4)) as working_h
    from core.fct_approval where request_no = $number
    union all
    select step_no || ':decided', 'approval decided', step_name || ' ' || decision, decided_at, decided_by_no,
        'oa', channel, sequence, working_h
    from core.fct_approval_step where request_no = $number and decided_at is not null
    order by happened_at, sequence, event_no"""
OF_ORDER = """
    select order_key || ':' || kind as event_no, kind, kind as activity, happened_at,
        cast(null as varchar) as actor_no, system, channel, place as sequence,
        cast(null as decimal(18, 4)) as working_h
    from (
        select order_key, channel, 'order confirmed' as kind, ordered_at as happened_at, 'crm' as system,
            1 as place from core.fct_order
        union all select order_key, channel, 'order booked', booked_at, 'erp', 2 from core.fct_order
        union all select order_key, 'system', 'production done', done_at, 'erp', 3 from core.fct_production
        union all select order_key, 'system', 'shipment requested', requested_at, 'erp', 4
            from core.fct_shipment
        union all select order_key, 'system', 'goods shipped', shipped_at, 'erp', 5 from core.fct_shipment
    ) as happened
    where order_key = $number and happened_at is not null
    order by happened_at, sequence, event_no"""
OF_ORDER_TOO = {
    "payment": "select payment_no as no from core.fct_payment where order_key = $key order by no",
    "shipment": "select shipment_no as no from core.fct_shipment where order_key = $key order by no",
    "production": "select production_no as no from core.fct_production where order_key = $key order by no",
}
"""Numbers of what an order has several of, by the kind of record; the table is named as the kind."""
ASKED_FOR = """
    select request_no as no from core.fct_approval
    where lead_no = $lead or (source_stream = 'crm.orders' and source_key = $order) order by no"""


def of_order(look: Look, order: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What belongs to an order, given its row: its goods, money, lead and requests, as far as seen."""
    found = [("order", order["order_key"])]
    for kind, select in OF_ORDER_TOO.items():
        if look.sees(f"core.fct_{kind}"):
            found += [(kind, row["no"]) for row in look.rows(select, key=order["order_key"])]
    return found + of_lead(look, order["lead_no"], order_no=order["order_no"])


def of_lead(look: Look, lead_no: str | None, *, order_no: str | None = None) -> list[tuple[str, str]]:
    """A lead and the requests for it or for its order, as far as the viewer sees them."""
    found: list[tuple[str, str]] = []
    seen = lead_no and look.sees("core.fct_lead")
    if (
        lead_no
        and seen
        and look.rows("select lead_no from core.fct_lead where lead_no = $lead", lead=lead_no)
    ):
        found.append(("lead", lead_no))
    if look.sees("core.fct_approval") and (lead_no or order_no):
        rows = look.rows(ASKED_FOR, lead=lead_no, order=order_no)
        found += [("request", row["no"]) for row in rows]
    return found


def order_of(look: Look, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What belongs to the order that a payment, a shipment or a production order is for."""
    if row["order_key"] is None or not look.sees("core.fct_order"):
        return []
    found = look.rows("select * from core.fct_order where order_key = $key", key=row["order_key"])
    return of_order(look, found[0]) if found else []


STREAMS: Mapping[str, str] = {
    "crm.leads": "lead",
    "crm.orders": "order",
    "erp.payments": "payment",
    "erp.production_orders": "production",
    "erp.shipments": "shipment",
    "oa.approval_requests": "request",
}
"""What the process log calls the records of a stream."""


def of_gap(look: Look, gap_key: str) -> list[tuple[str, str]]:
    """The records behind a gap that the process log knows."""
    if not look.sees("marts.mart_gap_record"):
        return []
    rows = look.rows(
        "select stream, record_key from marts.mart_gap_record where gap_key = $gap"
        " order by stream, record_key",
        gap=gap_key,
    )
    return [(STREAMS[row["stream"]], row["record_key"]) for row in rows if row["stream"] in STREAMS]
