"""Writes the event log as OCEL 2.0 JSON: every event once, with each object that it is about.

published file ─▶ types, objects with what they belong to, events ─▶ one JSON document, written as it is read
(https://www.ocel-standard.org/2.0/ocel20-schema-json.json). Amounts and waits are not in it: they are the
marts' and the fact's.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from settings import Settings
from warehouse.event_log import open_log, rows, whole_file

if TYPE_CHECKING:
    from warehouse.event_log import Log

ATTRIBUTES = ("system", "channel", "actor_no", "actor")

EVENT_TYPES = "select distinct activity from core.fct_process_event order by activity"
OBJECT_TYPES = "select distinct object_type from core.fct_process_event order by object_type"
EVENTS = f"""
    select event_no, activity, happened_at, {", ".join(ATTRIBUTES)}, object_type, object_no
    from core.fct_process_event order by happened_at, event_no, object_type, object_no"""
OBJECTS = """
    with objects as (select distinct object_type, object_no from core.fct_process_event),
    belongings as (
        select 'order' as object_type, order_key as object_no, 'lead' as to_type, lead_no as to_no
        from core.fct_order
        union all select 'payment', payment_no, 'order', order_key from core.fct_payment
        union all select 'shipment', shipment_no, 'order', order_key from core.fct_shipment
        union all select 'production', production_no, 'order', order_key from core.fct_production
        union all select 'request', request_no, 'lead', lead_no from core.fct_approval
        union all select 'lead', lead_no, 'account', account_no from core.fct_lead
        union all
        select 'request', a.request_no, 'order', o.order_key from core.fct_approval a
        join core.fct_order o on o.order_no = a.source_key where a.source_stream = 'crm.orders'
    )
    select objects.object_type, objects.object_no, owners.object_type, owners.object_no
    from objects
    left join (belongings join objects owners
        on owners.object_type = belongings.to_type and owners.object_no = belongings.to_no)
        on belongings.object_type = objects.object_type and belongings.object_no = objects.object_no
    order by objects.object_type, objects.object_no, owners.object_type, owners.object_no"""


def export_ocel(settings: Settings, path: Path) -> dict[str, int]:
    """Write ``path``; events, objects and the relations between the two, counted as they were written."""
    counts = {"events": 0, "objects": 0, "relations": 0}
    with open_log(settings) as log, whole_file(path) as file:
        file.write('{"objectTypes": [')
        _list(file, (_type(name) for (name,) in rows(log, OBJECT_TYPES)))
        file.write('],\n"eventTypes": [')
        _list(file, (_type(name, *ATTRIBUTES) for (name,) in rows(log, EVENT_TYPES)))
        file.write('],\n"objects": [')
        _list(file, _objects(log, counts))
        file.write('],\n"events": [')
        _list(file, _events(log, counts))
        file.write("]}\n")
    return counts


def _objects(log: Log, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for (kind, number), belongings in groupby(rows(log, OBJECTS), key=itemgetter(0, 1)):
        counts["objects"] += 1
        yield {
            "id": _id(kind, number),
            "type": kind,
            "attributes": [],
            "relationships": [
                {"objectId": _id(to_kind, to_number), "qualifier": f"of {to_kind}"}
                for _, _, to_kind, to_number in belongings
                if to_kind is not None
            ],
        }


def _events(log: Log, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for (event_no, activity, at, *values), about in groupby(rows(log, EVENTS), key=itemgetter(*range(7))):
        objects = [(kind, number) for *_, kind, number in about]
        counts["events"] += 1
        counts["relations"] += len(objects)
        yield {
            "id": event_no,
            "type": activity,
            "time": _instant(at),
            "attributes": [
                {"name": name, "value": value}
                for name, value in zip(ATTRIBUTES, values, strict=True)
                if value is not None
            ],
            "relationships": [{"objectId": _id(kind, number), "qualifier": kind} for kind, number in objects],
        }


def _type(name: str, *attributes: str) -> dict[str, Any]:
    return {"name": name, "attributes": [{"name": each, "type": "string"} for each in attributes]}


def _id(kind: str, number: str) -> str:
    """Numbers of two systems may be the same; an object of the log is one."""
    return f"{kind}:{number}"


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _list(file: TextIO, items: Iterable[Any]) -> None:
    for position, item in enumerate(items):
        file.write(",\n" if position else "\n")
        file.write(json.dumps(item, ensure_ascii=False))
