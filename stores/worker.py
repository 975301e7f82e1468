"""The stores' own worker: handles what other programs left ``requested`` in the stores' tables.

OA requests are routed; ERP orders cancelled or accepted, payments settled, production released, shipments
let go. Running it again when nothing new came handles nothing. A real system in a store's place does this
by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from models import erp, erp_supply, oa
from stores import erp as erp_rules
from stores import erp_shipments as shipping_rules
from stores import erp_supply as supply_rules
from stores import oa as oa_rules
from stores.engines import writing
from stores.refusals import Refusal

Handle = Callable[[sa.Connection, str, dt.datetime], bool]


def work(engines: Mapping[str, sa.Engine], *, at: dt.datetime) -> int:
    """Handle everything requested in the given stores once; how many documents changed."""
    return sum(
        _handle_all(engines[system], query, handle, at=at)
        for system, query, handle in _KINDS
        if system in engines
    )


def _handle_all(engine: sa.Engine, query: sa.Select[Any], handle: Handle, *, at: dt.datetime) -> int:
    with engine.connect() as connection:
        keys = connection.execute(query).scalars().all()
    if not keys:
        return 0
    handled = 0
    with writing(engine) as connection:
        for key in keys:
            # A rule that refuses has written nothing, so the others of the batch go on. What nobody can
            # decide yet stays requested and is asked again at the next round.
            try:
                handled += handle(connection, key, at)
            except Refusal:
                continue
    return handled


def _route(connection: sa.Connection, key: str, at: dt.datetime) -> bool:
    oa_rules.route(connection, request_no=key, at=at)
    return True


def _cancel(connection: sa.Connection, key: str, at: dt.datetime) -> bool:
    return erp_rules.cancel_order(connection, sales_order_no=key, at=at) == "cancelled"


def _accept(connection: sa.Connection, key: str, at: dt.datetime) -> bool:
    erp_rules.accept_order(connection, sales_order_no=key, at=at)
    return True


def _settle(connection: sa.Connection, key: str, at: dt.datetime) -> bool:
    return erp_rules.settle(connection, key, at=at)


def _release_for_order(connection: sa.Connection, key: str, _at: dt.datetime) -> bool:
    return supply_rules.release_production(connection, sales_order_no=key) > 0


def _release_for_stock(connection: sa.Connection, key: str, _at: dt.datetime) -> bool:
    supply_rules.release_work(connection, production_no=key)
    return True


def _ship(connection: sa.Connection, key: str, at: dt.datetime) -> bool:
    before = connection.execute(
        sa.select(erp.shipments.c.status).where(erp.shipments.c.shipment_no == key)
    ).scalar()
    return shipping_rules.release_shipment(connection, shipment_no=key, at=at) != before


_orders, _works = erp.sales_orders.c, erp_supply.production_orders.c
# SQLite keeps exact numbers as text and sums them as floats: good enough to suspect a difference of at least
# a ten-thousandth; whether there is one is decided exactly by ``settle``.
_paid = (
    sa.select(erp.payments.c.sales_order_no, sa.func.sum(erp.payments.c.amount + 0).label("paid"))
    .group_by(erp.payments.c.sales_order_no)
    .subquery()
)
_UNSETTLED = (
    sa.select(_orders.sales_order_no)
    .join(_paid, _paid.c.sales_order_no == _orders.sales_order_no)
    .where(sa.func.abs(_paid.c.paid - (_orders.paid_amount + 0)) > sa.literal_column("0.00005"))
    .order_by(_orders.sales_order_no)
)
_SHIPPABLE = (
    sa.select(erp.shipments.c.shipment_no)
    .join(erp.sales_orders, _orders.sales_order_no == erp.shipments.c.sales_order_no)
    .where(
        sa.or_(
            erp.shipments.c.status.in_(("requested", "waiting")),
            # Refused for lack of money, and the money has come.
            sa.and_(
                erp.shipments.c.status == "refused",
                _orders.payment_status == "paid",
                _orders.status.in_(("open", "planned")),
            ),
        )
    )
    .order_by(erp.shipments.c.requested_at, erp.shipments.c.shipment_no)
)
_KINDS: tuple[tuple[str, sa.Select[Any], Handle], ...] = (
    (
        "oa",
        sa.select(oa.approval_requests.c.request_no)
        .where(oa.approval_requests.c.status == "requested")
        .order_by(oa.approval_requests.c.request_no),
        _route,
    ),
    # First, so that nothing is reserved, made or shipped any more for what is cancelled.
    (
        "erp",
        sa.select(_orders.sales_order_no)
        .where(_orders.cancel_requested.is_(sa.true()), _orders.status.in_(("requested", "open", "planned")))
        .order_by(_orders.sales_order_no),
        _cancel,
    ),
    (
        "erp",
        sa.select(_orders.sales_order_no)
        .where(_orders.status == "requested")
        .order_by(_orders.ordered_at, _orders.sales_order_no),
        _accept,
    ),
    ("erp", _UNSETTLED, _settle),
    (
        "erp",
        sa.select(_works.sales_order_no)
        .where(_works.status == "requested", _works.sales_order_no.is_not(None))
        .distinct()
        .order_by(_works.sales_order_no),
        _release_for_order,
    ),
    (
        "erp",
        sa.select(_works.production_no)
        .where(_works.status == "requested", _works.sales_order_no.is_(None))
        .order_by(_works.production_no),
        _release_for_stock,
    ),
    ("erp", _SHIPPABLE, _ship),
)
