"""How wrong a way of forecasting was on this series' own past, and how wide that makes its band.

A history in; errors and residuals of forecasts made as if at earlier days, out. A forecaster is any function
of a history and a horizon. Nothing here knows a model.

Rolling origin: up to ``WINDOWS`` origins a third of a season apart, the first with two seasons to learn from;
from each the forecast is made anew and compared with all that followed, up to the horizon. Errors are scaled
(MASE): the mean absolute error over the mean absolute error of the in-sample seasonal naive of the part
before the first origin. Hyndman and Koehler (2006), "Another look at measures of forecast accuracy";
Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed., sections 5.8 and 5.10.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

Values = Sequence[float]
Forecaster = Callable[[Values, int], Values]

WINDOWS = 3
SEASONS_TO_LEARN = 2
COVERAGE = 0.8


@dataclass(frozen=True)
class Backtest:
    """Scaled error (MASE) and the absolute residuals behind it."""

    error: float
    residuals: tuple[float, ...]


def origins(length: int, season: int) -> list[int]:
    """How many values each window may know; empty when there is too little to test on."""
    step = season // WINDOWS
    starts = [length - step * window for window in range(WINDOWS, 0, -1)]
    return [start for start in starts if start >= SEASONS_TO_LEARN * season]


def backtest(values: Values, forecaster: Forecaster, *, season: int, horizon: int) -> Backtest | None:
    """The forecaster tried on the past; ``None`` when there is too little of it."""
    starts = origins(len(values), season)
    if not starts:
        return None
    residuals: list[float] = []
    for start in starts:
        truth = values[start : start + horizon]
        guess = forecaster(values[:start], len(truth))
        residuals += [abs(came - said) for came, said in zip(truth, guess, strict=True)]
    return Backtest(fmean(residuals) / scale(values[: starts[0]], season), tuple(residuals))


def scale(values: Values, season: int) -> float:
    """What an error is measured in: the mean seasonal change; never 0.

    A past that repeats itself exactly has no seasonal change; then it is the mean size, or 1 for nothing.
    """
    changes = [abs(now - before) for now, before in zip(values[season:], values, strict=False)]
    return fmean(changes) or fmean(map(abs, values)) or 1.0


def seasonal_naive(values: Values, horizon: int, *, season: int) -> list[float]:
    """The same period of last year; with less than a year, the mean of what there is; of nothing, 0.

    Not below zero: a year after a week of refunds, nobody expects refunds.
    """
    if len(values) < season:
        return [max(fmean(values), 0.0) if values else 0.0] * horizon
    return [max(values[len(values) - season + step % season], 0.0) for step in range(horizon)]


def naive_residuals(values: Values, *, season: int) -> tuple[float, ...]:
    """How far the naive was off inside its own past, for histories too short to test on."""
    if len(values) > season:
        return tuple(abs(now - before) for now, before in zip(values[season:], values, strict=False))
    centre = fmean(values) if values else 0.0
    return tuple(abs(value - centre) for value in values)


def half_width(residuals: Sequence[float], level: float) -> float:
    """Half the 80 % band: the residual that four of five stay under (split conformal prediction).

    With n residuals the ceil((n + 1) * 0.8)-th smallest, at most the largest; Lei et al. (2018),
    "Distribution-free predictive inference for regression". Fewer than two residuals say nothing about the
    spread: the band is then as wide as the ``level`` forecast itself.
    """
    if len(residuals) < 2:
        return abs(level)
    rank = math.ceil((len(residuals) + 1) * COVERAGE)
    return sorted(residuals)[min(rank, len(residuals)) - 1]
