"""Plausible approvals, leads, orders and trips, the same for the same seed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

from tests.reports.published_ahead import AS_OF, money

PEOPLE = ("Ken Okafor", "Joe Lindqvist", "Marta Vidal", "Anna Keller", "Luis Prieto", "Ingrid Solheim")


def approvals(random: Random) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for kind, step, median, target in (
        ("trip", "Line manager", 5.2, 8),
        ("trip", "Finance", 11.8, 16),
        ("discount", "Head of sales", 9.4, 8),
        ("credit", "Finance", 21.6, 16),
        ("purchase", "Head of production", 7.1, 16),
        ("plan", "Board", 30.5, 40),
    ):
        times = [money(median * f) for f in (2.9, 7.8, 1.0, 2.6)]
        rows.append(
            (
                "step",
                kind,
                step,
                None,
                None,
                random.randrange(20, 400),
                random.randrange(0, 9),
                random.randrange(0, 20),
                *times,
                Decimal(target),
                money(median * 3),
            )
        )
        for n, name in enumerate(PEOPLE[:3]):
            factor = (0.6, 1.0, 1.9)[n]
            rows.append(
                (
                    "approver",
                    kind,
                    step,
                    f"E-{n:04}",
                    name,
                    random.randrange(3, 90),
                    n,
                    1,
                    *[t * Decimal(str(factor)) for t in times],
                    Decimal(target),
                    money(median * 2) if n else None,
                )
            )
    return rows


def pipeline(random: Random) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for order, (stage, chance, leads) in enumerate(
        (("new", 0.08, 14), ("engaged", 0.15, 9), ("qualified", 0.35, 6), ("proposal", 0.6, 4)), 1
    ):
        for n, name in enumerate(PEOPLE[:5]):
            expected = money(leads * random.uniform(4000, 14000))
            rate = Decimal(str(chance))
            rows.append(
                (
                    stage,
                    order,
                    f"E-{n:04}",
                    name,
                    leads - n % 3,
                    expected,
                    expected * rate,
                    rate,
                    Decimal(12 * order),
                )
            )
    return rows


def orders(random: Random, parties: Sequence[str]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for n in range(30):
        ordered = AS_OF - dt.timedelta(days=n * 4 + 1, hours=n)
        lead = ordered - dt.timedelta(days=random.randrange(8, 90)) if n % 3 else None
        paid = ordered + dt.timedelta(days=random.randrange(1, 30)) if n > 3 else None
        shipped = paid + dt.timedelta(days=3) if paid and n % 5 else None
        days = Decimal((paid - lead).days) if paid and lead else None
        state = "shipped" if shipped else "paid" if paid else "booked"
        rows.append(
            (
                f"CO-2026-{500 - n:05}",
                f"SO-2026-{500 - n:05}",
                lead and f"L-2026-{200 - n:04}",
                "A-0001",
                parties[n % len(parties)],
                "E-0001",
                money(random.lognormvariate(9, 0.6)),
                "EUR",
                lead,
                ordered,
                ordered,
                paid,
                shipped,
                days,
                Decimal((shipped - ordered).days) if shipped else None,
                state,
                "paper" if n == 7 else "system",
                money(1240) if n == 4 else None,
            )
        )
    return rows


def trips(parties: Sequence[str]) -> list[tuple[Any, ...]]:
    rows = [
        (
            "AR-2026-00142",
            "E-0001",
            "Joe Lindqvist",
            "L-2026-0196",
            parties[0],
            "approved",
            money(1240),
            money(38520.5),
            "CO-2026-00496",
            Decimal(21),
            "system",
        ),
        (
            "AR-2026-00143",
            "E-0001",
            "Joe Lindqvist",
            "L-2026-0197",
            parties[1],
            "refused",
            money(0),
            money(0),
            None,
            Decimal(5),
            "system",
        ),
        (
            "AR-2026-00139",
            "E-0004",
            "Luis Prieto",
            "L-2026-0171",
            parties[-1],
            "approved",
            money(860),
            money(0),
            None,
            Decimal(146),
            "paper",
        ),
        (
            "AR-2026-00121",
            "E-0005",
            "Ingrid Solheim",
            "L-2026-0150",
            parties[2],
            "approved",
            money(2110),
            money(17400),
            "CO-2026-00431",
            Decimal(30),
            "system",
        ),
    ]
    # The higher the number, the later it was asked for.
    return [(*row, AS_OF - dt.timedelta(days=143 - int(str(row[0])[-3:]))) for row in rows]
