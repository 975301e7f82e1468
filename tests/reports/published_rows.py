"""Plausible rows of every mart, the same for the same arguments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

from tests.reports import published_ahead, published_work
from tests.reports.published_ahead import AS_OF, money
from tests.reports.published_work import PEOPLE

SCRIPT = "<script>alert('x')</script> & Söhne GmbH"
LONG = "Kommunale-Wasserversorgungs-und-Abwasserbeseitigungsgesellschaft-Oberpfalz-Nord" * 2
PARTIES = ("Contoso Brewing", "Alpenglas AG", "Hidráulica Norte", "Fjordkraft", "Van Dijk & Zonen", SCRIPT)
GAPS = (
    ("won_without_order", "crm", "crm", "L", "Enter the order for the won lead"),
    ("order_without_approval", "crm", "oa", "CO", "Decide AR-2026-00131"),
    ("approved_not_booked", "oa", "erp", "AR", "Book the funds for the approved request"),
    ("paid_not_shipped", "erp", "erp", "SO", "Release the shipment"),
    ("shipped_crm_open", "erp", "crm", "SO", "Tell the CRM that it was shipped"),
    ("done_on_paper", "paper", "crm", "SO", "Enter the order in the CRM"),
)


def mart_rows(random: Random, gaps: int, parties: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    stopped = _gaps(random, gaps, parties)
    return {
        "mart_metric": _metrics(sum((row[6] for row in stopped), Decimal(0))),
        "mart_handoff_gaps": stopped,
        "mart_approval_times": published_work.approvals(random),
        "mart_pipeline": published_work.pipeline(random),
        "mart_lead_to_cash": published_work.orders(random, parties),
        "mart_trip_roi": published_work.trips(parties),
        "mart_sales": published_ahead.sales(random),
        "mart_forecast": published_ahead.forecast(random),
        "mart_cash": published_ahead.cash(random),
        "mart_supply": published_ahead.supply(random),
        "mart_data_health": published_ahead.health(),
    }


def _metrics(stuck: Decimal) -> list[tuple[Any, ...]]:
    said = (
        "Sum of confirmed order lines of the last 30 days in company currency, at the rate of the order day."
    )
    rows = (
        (
            "revenue_30d",
            "Revenue, last 30 days",
            "1265793.04",
            "EUR",
            "1127448.50",
            "0.1227",
            "good",
            41,
            0,
            3,
        ),
        ("open_orders", "Open order value", "842310.55", "EUR", "866020.10", "-0.0274", "neutral", 18, 0, 0),
        ("stuck_in_gaps", "Money stuck in hand-off gaps", str(stuck), "EUR", None, None, "bad", 22, 1, 4),
        (
            "approval_hours",
            "Median approval time",
            "9.7",
            "working hours",
            "11.4",
            "-0.1491",
            "good",
            12,
            0,
            0,
        ),
        ("win_rate", "Lead win rate", "0.2875", "share", "0.3011", "-0.0452", "bad", 9, 0, 2),
        (
            "overdue_receivables",
            "Overdue receivables",
            "97120",
            "EUR",
            "98020.4",
            "-0.0092",
            "neutral",
            14,
            0,
            0,
        ),
    )
    return [
        (
            key,
            title,
            Decimal(value),
            unit,
            before and Decimal(before),
            change and Decimal(change),
            verdict,
            said,
            AS_OF,
            passed,
            failed,
            quarantined,
            order,
        )
        for order, (
            key,
            title,
            value,
            unit,
            before,
            change,
            verdict,
            passed,
            failed,
            quarantined,
        ) in enumerate(rows, 1)
    ]


def _gaps(random: Random, count: int, parties: Sequence[str]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for n in range(count):
        kind, source, target, prefix, action = GAPS[n % len(GAPS)]
        age = 2 + random.randrange(40)
        owner = None if n == 4 else PEOPLE[n % len(PEOPLE)]
        rows.append(
            (
                f"{kind}:{n}",
                kind,
                source,
                target,
                f"{prefix}-2026-{400 + n:05}",
                parties[n % len(parties)],
                money(random.lognormvariate(8.3, 0.9)),
                "EUR",
                AS_OF - dt.timedelta(days=age),
                age,
                Decimal(age * 5 // 7),
                owner and f"E-{n % len(PEOPLE):04}",
                owner,
                action,
                Decimal(random.randrange(20, 90)) if kind == "done_on_paper" else None,
                Decimal(6) if kind == "done_on_paper" else None,
            )
        )
    return rows
