"""Plausible sales, forecasts, cash, stock and data health, the same for the same seed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

TODAY = dt.date(2026, 11, 20)
AS_OF = dt.datetime(2026, 11, 20, 6, 30, tzinfo=dt.UTC)
ITEMS = tuple(
    (f"IT-{101 + n:04}", f"{kind} {size}", kind)
    for n, (kind, size) in enumerate(
        (kind, size)
        for kind in ("Pump", "Valve", "Controller", "Filter housing")
        for size in ("DN 25", "DN 40", "DN 80")
    )
)


def money(value: float) -> Decimal:
    """A plausible amount with cents."""
    return Decimal(round(value * 100)) / 100


def _months(count: int) -> list[dt.date]:
    first = TODAY.year * 12 + TODAY.month - 1
    return [dt.date((first - n) // 12, (first - n) % 12 + 1, 1) for n in range(count, 0, -1)]


SEASON = (0.82, 0.86, 1.0, 1.04, 1.1, 1.12, 1.0, 0.8, 1.08, 1.14, 1.2, 0.94)


def sales(random: Random) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for n, month in enumerate(_months(34)):
        for i, (item, name, category) in enumerate(ITEMS):
            quantity = round(
                (40 + 6 * i) * SEASON[month.month - 1] * (1 + n * 0.009) * random.uniform(0.8, 1.2)
            )
            rows.append(
                (
                    month,
                    item,
                    name,
                    category,
                    Decimal(quantity),
                    money(quantity * (95 + 30 * i)),
                    quantity // 4 + 1,
                )
            )
    return rows


def forecast(random: Random) -> list[tuple[Any, ...]]:
    ahead = [
        dt.date(2026, 11, 1),
        dt.date(2026, 12, 1),
        dt.date(2027, 1, 1),
        dt.date(2027, 2, 1),
        dt.date(2027, 3, 1),
        dt.date(2027, 4, 1),
    ]
    rows: list[tuple[Any, ...]] = []
    series = [("sales_total", "total", 340000.0)]
    series += [("demand_item", item, 40.0 + 6 * i) for i, (item, _, _) in enumerate(ITEMS)]
    for n, (kind, key, level) in enumerate(series):
        wins = n % 4 != 3
        tail = (
            "median of AutoETS, AutoCES, DynamicOptimizedTheta",
            money(0.71 + n * 0.013),
            money(0.92 if wins else 0.7),
            wins,
        )
        for month in _months(34):
            actual = money(level * SEASON[month.month - 1] * random.uniform(0.9, 1.1))
            rows.append((kind, key, month, False, actual, None, None, None, None, *tail))
        for step, month in enumerate(ahead, 1):
            middle, naive = level * SEASON[month.month - 1] * 1.2, level * SEASON[month.month - 1] * 1.05
            wide = level * (0.08 + 0.02 * step)
            rows.append(
                (
                    kind,
                    key,
                    month,
                    True,
                    None,
                    money(middle),
                    money(middle - wide),
                    money(middle + wide),
                    money(naive),
                    *tail,
                )
            )
    return rows


def cash(random: Random) -> list[tuple[Any, ...]]:
    monday = TODAY - dt.timedelta(days=TODAY.weekday())
    rows: list[tuple[Any, ...]] = []
    for n in range(-26, 8):
        week, flow = monday + dt.timedelta(weeks=n), 80000 * random.uniform(0.6, 1.4)
        if n < 0:
            rows.append(
                (
                    week,
                    money(flow),
                    money(97120) if n == -4 else Decimal(0),
                    None,
                    None,
                    None,
                    None,
                    money(97120) if n == -4 else Decimal(0),
                )
            )
        else:
            expected = money(max(0.0, 70000 - n * 9000) * random.uniform(0.8, 1.2))
            rows.append(
                (
                    week,
                    money(31000) if n == 0 else Decimal(0),
                    expected,
                    money(82000 * SEASON[n]),
                    money(82000 * SEASON[n] - 21000),
                    money(82000 * SEASON[n] + 21000),
                    money(76000 * SEASON[n]),
                    Decimal(0),
                )
            )
    return rows


def supply(random: Random) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for n, (item, name, _) in enumerate(ITEMS):
        demand, on_hand = Decimal(40 + 6 * n), Decimal(n * 22)
        reserved = Decimal(min(n * 22, 18))
        cover = Decimal(round((on_hand - reserved) / demand * 30))
        rows.append(
            (
                item,
                name,
                on_hand,
                reserved,
                on_hand - reserved,
                demand,
                cover,
                TODAY + dt.timedelta(days=int(cover)),
                Decimal(40),
                max(demand * 2 - on_hand, Decimal(0)),
                random.randrange(3) if n < 3 else 0,
            )
        )
    return rows


def health() -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for system, streams in {
        "oa": ("approval_requests", "approval_steps", "attendance", "employees"),
        "crm": ("accounts", "activities", "leads", "orders", "order_lines"),
        "erp": ("items", "payments", "production_orders", "sales_orders", "shipments", "stock"),
        "files": ("leads",),
    }.items():
        for n, stream in enumerate(streams):
            state = "stale" if (system, stream) == ("erp", "payments") else "fresh"
            rows.append(
                (
                    system,
                    f"{system}.{stream}",
                    900 * (n + 1),
                    AS_OF - dt.timedelta(hours=3 + 40 * (state == "stale")),
                    AS_OF - dt.timedelta(minutes=20),
                    2 if stream == "orders" else 0,
                    3 if (system, n) in (("files", 0), ("crm", 3)) else 0,
                    11,
                    1 if stream == "leads" else 0,
                    1 if stream == "stock" else 0,
                    state,
                )
            )
    return rows
