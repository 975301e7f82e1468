"""How long a company's forecasts take, and how far they miss, beside the seasonal naive on the same series.

Simulated demand of 120 items over four years of months (season, growth and chance; every third item sells
without a season, every fourth slowly), a sales total, and cash-in over three years of weeks. Three years are
forecast from; the fourth is what then happened. The same seed gives the same series.
"""

from __future__ import annotations

import math
import random
import time
from datetime import date
from statistics import fmean
from typing import Any

import pyarrow as pa

from planning.forecast import forecast
from planning.series import Freq, move

ITEMS, SEED = 120, 20261120
AS_OF = date(2026, 11, 20)
KNOWN = {"MS": 36, "W-MON": 156}
AHEAD = {"MS": 12, "W-MON": 13}
GOAL_S = 8.0


def run() -> list[dict[str, Any]]:
    """A row for time, one for what an unchanged day costs, one for the error on what then happened."""
    demand = {f"IT-{item:04d}": _months(random.Random(SEED + item), item) for item in range(ITEMS)}
    total = [sum(values) * 100 for values in zip(*demand.values(), strict=True)]
    monthly = _table("demand_item", demand, "MS")
    sales = _table("sales_total", {"total": total}, "MS")
    cash = _table("cash_in", {"total": _weeks(random.Random(SEED))}, "W-MON")
    _forecast(sales, "MS")  # the library's import (seconds) is paid once a process
    began = time.perf_counter()
    made = [_forecast(monthly, "MS"), _forecast(sales, "MS"), _forecast(cash, "W-MON")]
    seconds = time.perf_counter() - began
    naive_s = _timed(monthly, naive_only={("demand_item", key) for key in demand})
    again_s = _timed(monthly, previous=made[0])
    error, naive_error, covered = _against_truth(made[0], demand)
    return [
        _row("forecast, all series new", seconds, naive_s, goal=GOAL_S, met=seconds <= GOAL_S),
        _row("forecast, nothing changed", again_s, naive_s, goal=1.0, met=again_s <= 1.0),
        {
            **_row(
                "forecast error of the year ahead",
                seconds,
                naive_s,
                goal="below the naive's",
                met=error < naive_error,
            ),
            "error": round(error, 3),
            "naive_error": round(naive_error, 3),
            "covered_by_80_percent_band": round(covered, 3),
        },
    ]


def _row(name: str, seconds: float, naive_s: float, *, goal: Any, met: bool) -> dict[str, Any]:
    return {
        "name": name,
        "rows": ITEMS,
        "seconds": round(seconds, 2),
        "baseline": "seasonal naive of the items",
        "baseline_seconds": round(naive_s, 2),
        "ratio": round(seconds / naive_s, 2),
        "goal": goal,
        "met": met,
    }


def _months(chance: random.Random, item: int) -> list[float]:
    level = chance.uniform(0.3, 4) if item % 4 == 0 else chance.uniform(10, 200)
    swing = 0.0 if item % 3 == 0 else chance.uniform(0.15, 0.4)
    growth, phase = chance.uniform(-0.005, 0.015), chance.uniform(0, 2 * math.pi)
    means = [
        level * (1 + growth * month) * (1 + swing * math.sin(month * math.pi / 6 + phase))
        for month in range(48)
    ]
    return [float(max(round(chance.gauss(mean, math.sqrt(mean) * 1.5)), 0)) for mean in means]


def _weeks(chance: random.Random) -> list[float]:
    means = [50_000 * (1 + 0.002 * week) * (1 + 0.2 * math.sin(week * math.pi / 26)) for week in range(169)]
    return [round(max(chance.gauss(mean, mean / 5), 0.0), 2) for mean in means]


def _table(kind: str, series: dict[str, list[float]], freq: Freq) -> pa.Table:
    first = move(date(2026, 11, 1) if freq == "MS" else date(2026, 11, 16), -KNOWN[freq], freq=freq)
    rows = [
        {
            "series_kind": kind,
            "series_key": key,
            "period_on": move(first, index, freq=freq),
            "value": value,
        }
        for key, values in series.items()
        for index, value in enumerate(values[: KNOWN[freq]])
    ]
    return pa.Table.from_pylist(rows)


def _forecast(series: pa.Table, freq: Freq, **more: Any) -> pa.Table:
    return forecast(series, as_of=AS_OF, horizon=AHEAD[freq], freq=freq, **more)


def _timed(series: pa.Table, **more: Any) -> float:
    began = time.perf_counter()
    _forecast(series, "MS", **more)
    return time.perf_counter() - began


def _against_truth(made: pa.Table, truth: dict[str, list[float]]) -> tuple[float, float, float]:
    """Mean error (in seasonal changes of the past), the naive's, and the share inside the band."""
    errors: list[float] = []
    naive_errors: list[float] = []
    inside: list[bool] = []
    ahead = [row for row in made.to_pylist() if row["is_forecast"]]
    for key, values in truth.items():
        known = KNOWN["MS"]
        unit = fmean(abs(values[month] - values[month - 12]) for month in range(12, known)) or 1.0
        rows = [row for row in ahead if row["series_key"] == key]
        for row, came in zip(rows, values[known:], strict=True):
            errors.append(abs(float(row["forecast"]) - came) / unit)
            naive_errors.append(abs(float(row["naive"]) - came) / unit)
            inside.append(float(row["lower_80"]) <= came <= float(row["upper_80"]))
    return fmean(errors), fmean(naive_errors), fmean(inside)


if __name__ == "__main__":
    import json

    print(json.dumps(run(), indent=2, ensure_ascii=False))
