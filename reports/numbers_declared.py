"""Which six numbers each role has, what they are made of, and where the rows behind them are.

A declaration only: how a number is counted stands in ``selects`` and in the warehouse's ``mart_metric``, what
it is called in the texts under ``words.metric_title``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Metric:
    """A number of the first page: ``select`` counts it, ``rows`` narrowed by ``asked`` are the rows behind.

    ``unit`` is money, working hours, share or count; ``better`` is up, down, neutral or none_is_best;
    ``streams`` are the data sets it is made of.
    """

    key: str
    select: str
    unit: str
    better: str
    rows: str
    streams: tuple[str, ...]
    asked: tuple[tuple[str, Any], ...] = ()


_GAP_STREAMS = (
    "crm.leads", "crm.orders", "crm.order_lines", "erp.sales_orders", "erp.payments", "erp.shipments",
    "erp.funds", "erp.purchases", "oa.approval_requests", "oa.approval_steps", "oa.approval_policies",
    "oa.attendance", "oa.employees", "oa.holidays", "erp.exchange_rates",
)  # fmt: skip
_REQUEST_STREAMS = (
    "oa.approval_requests", "oa.approval_steps", "oa.calendars", "oa.holidays", "oa.employees",
)  # fmt: skip
_MONTH = (("since", -29), ("until", 0))

_SALES = (
    Metric(
        "revenue_30d", "sales", "money", "up", "revenue",
        ("crm.orders", "crm.order_lines", "erp.sales_orders", "erp.sales_order_lines", "erp.exchange_rates"),
        _MONTH,
    ),
    Metric(
        "open_orders", "sales", "money", "neutral", "open-orders",
        ("crm.orders", "erp.sales_orders", "erp.shipments", "erp.exchange_rates"),
    ),
    Metric("stuck_in_gaps", "stuck", "money", "none_is_best", "gaps", _GAP_STREAMS),
    Metric(
        "approval_hours", "work", "working hours", "down", "decisions",
        _REQUEST_STREAMS, (("decided", 90),),
    ),
    Metric(
        "win_rate", "work", "share", "up", "decided-leads", ("crm.leads", "crm.lead_stages"), (("days", 180),)
    ),
    Metric(
        "overdue_receivables", "sales", "money", "down", "overdue",
        ("erp.receivables", "erp.payments", "erp.sales_orders", "erp.exchange_rates"),
    ),
)  # fmt: skip

_PRODUCTION = (
    Metric(
        "items_running_out", "production", "count", "none_is_best", "running-out",
        ("erp.items", "erp.stock", "erp.stock_moves", "erp.sales_orders"), (("until", 14),),
    ),
    Metric(
        "orders_waiting_for_stock", "production", "count", "none_is_best", "waiting-for-stock",
        ("erp.sales_orders", "erp.shipments"),
    ),
    Metric(
        "late_production", "production", "count", "none_is_best", "production-orders",
        ("erp.production_orders",), (("late", 0),),
    ),
    Metric(
        "production_due_this_week", "production", "count", "neutral", "production-orders",
        ("erp.production_orders",), (("since", "monday"), ("until", "sunday")),
    ),
    Metric(
        "stock_outs_30d", "production", "count", "down", "stock-outs",
        ("erp.stock", "erp.stock_moves"), _MONTH,
    ),
    Metric(
        "purchases_overdue", "production", "count", "none_is_best", "overdue-purchases",
        ("erp.purchases", "erp.suppliers"),
    ),
)  # fmt: skip

_AWAY = ("oa.attendance", "oa.calendars", "oa.holidays", "oa.employees")
_PEOPLE = (
    Metric("away_today", "people", "count", "neutral", "away", _AWAY, (("since", 0), ("until", 0))),
    Metric("away_days_7d", "people", "count", "neutral", "away", _AWAY, (("since", 1), ("until", 7))),
    Metric(
        "trips_pending", "people", "count", "none_is_best", "trip-requests",
        _REQUEST_STREAMS, (("state", "open"),),
    ),
    Metric(
        "trips_asked_30d", "people", "count", "neutral", "trip-requests",
        _REQUEST_STREAMS, (("asked", 30),),
    ),
    Metric(
        "trip_hours", "people", "working hours", "down", "trip-requests",
        _REQUEST_STREAMS, (("decided", 90),),
    ),
    Metric("leave_days_30d", "people", "count", "neutral", "away", _AWAY, (*_MONTH, ("kind", "leave"))),
)  # fmt: skip

# What of the scope is the viewer's own: it also shows what others asked of the viewer.
_ASKED_BY_ME = (("requester", "me"),)
_OWN = (
    Metric(
        "own_decisions", "own", "count", "none_is_best", "waiting-decisions",
        _REQUEST_STREAMS, (("approver", "me"),),
    ),
    Metric(
        "own_pending", "own", "count", "neutral", "decisions",
        _REQUEST_STREAMS, (*_ASKED_BY_ME, ("state", "open")),
    ),
    Metric(
        "own_longest_wait", "own", "working hours", "neutral", "decisions",
        _REQUEST_STREAMS, (*_ASKED_BY_ME, ("state", "open")),
    ),
    Metric(
        "own_hours", "own", "working hours", "down", "decisions",
        _REQUEST_STREAMS, (*_ASKED_BY_ME, ("decided", 90)),
    ),
    Metric(
        "own_asked_30d", "own", "count", "neutral", "decisions",
        _REQUEST_STREAMS, (*_ASKED_BY_ME, ("asked", 30)),
    ),
    Metric(
        "own_refused_90d", "own", "count", "neutral", "decisions",
        _REQUEST_STREAMS, (*_ASKED_BY_ME, ("decided", 90), ("status", "refused")),
    ),
)  # fmt: skip

METRICS: Mapping[str, tuple[Metric, ...]] = {
    "company": _SALES,
    "team": _SALES,
    "production": _PRODUCTION,
    "hr": _PEOPLE,
    "staff": _OWN,
}
"""The metrics of each group of roles, as ``access.scope`` groups them."""
BY_KEY: Mapping[str, Metric] = {one.key: one for group in METRICS.values() for one in group}
"""Each metric once."""
