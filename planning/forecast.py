"""What comes next for every series, beside what the seasonal naive says, with a band and an honest error.

Observed rows (Arrow or pandas) in; history and forecast rows of ``SCHEMA`` out, as ``marts.mart_forecast``
shows them. Per series a backtest on its own past decides: only a model that beats the seasonal naive is
used. No plan is made here: a person approves one.

Statistics are floats inside; what goes out is rounded once, half to even, to four digits. Nothing is below
zero: nobody sells or pays a negative amount in the long run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from connectors.protocol import Row
from planning.backtest import (
    SEASONS_TO_LEARN,
    Backtest,
    Values,
    backtest,
    half_width,
    naive_residuals,
    origins,
    seasonal_naive,
)
from planning.ensemble import ensemble
from planning.series import Freq, Series, SeriesId, exact, move, regular, rows_of

if TYPE_CHECKING:
    import pyarrow as pa

METHOD = "1"
NO_MODELS: frozenset[SeriesId] = frozenset()


@dataclass(frozen=True)
class Choice:
    """The forecast of a series: chosen values, the naive's, half the band, and why."""

    values: Values
    naive: Values
    width: float
    model: str
    model_error: float | None = None
    naive_error: float | None = None
    beats_naive: bool = False


def schema() -> pa.Schema:
    """Columns of the result. Errors are scaled (MASE, 1 is the naive in-sample); null is "not measured"."""
    import pyarrow as pa

    number = pa.decimal128(18, 4)
    return pa.schema(
        [
            ("series_kind", pa.string()),
            ("series_key", pa.string()),
            ("period_on", pa.date32()),
            ("is_forecast", pa.bool_()),
            ("actual", number),
            ("forecast", number),
            ("lower_80", number),
            ("upper_80", number),
            ("naive", number),
            ("model", pa.string()),
            ("model_error", number),
            ("naive_error", number),
            ("beats_naive", pa.bool_()),
            ("input_hash", pa.string()),
        ]
    )


def forecast(
    series: Any,
    *,
    as_of: date,
    horizon: int,
    freq: Freq,
    previous: pa.Table | None = None,
    naive_only: Collection[SeriesId] = NO_MODELS,
) -> pa.Table:
    """History and ``horizon`` periods ahead of every series, the running period being the first of them.

    ``series`` is an Arrow table or pandas frame of ``series_kind, series_key, period_on, value``; ``freq``
    is ``MS`` (months) or ``W-MON`` (weeks from Monday). Rows of ``previous`` (an earlier result) are taken
    over for series whose data, period and method are the same. ``naive_only`` names series ``(kind, key)``
    that are not worth a model. Ordered by kind, key and period; the same input gives the same output.
    ``ValueError`` for a value that is not finite or a horizon below 1.
    """
    import pyarrow as pa

    if horizon < 1:
        raise ValueError(f"forecast: horizon {horizon} came, expected at least 1 period")
    known = _by_hash(previous)
    rows: list[Row] = []
    for one in regular(rows_of(series), as_of=as_of, freq=freq):
        modelled = (one.kind, one.key) not in naive_only
        made_of = one.fingerprint(METHOD, version("statsforecast"), horizon, modelled)
        rows += known.get(made_of) or _rows(one, horizon=horizon, modelled=modelled, made_of=made_of)
    return pa.Table.from_pylist(rows, schema=schema())


def choose(values: Values, *, season: int, horizon: int, modelled: bool = True) -> Choice:
    """The seasonal naive, unless the models had the smaller error on the series' own past."""
    naive = seasonal_naive(values, horizon, season=season)
    tested = backtest(
        values, lambda past, ahead: seasonal_naive(past, ahead, season=season), season=season, horizon=horizon
    )
    residuals = tested.residuals if tested else naive_residuals(values, season=season)
    fallback = Choice(
        values=naive,
        naive=naive,
        width=half_width(residuals, naive[0]),
        model=_name(values, season=season, modelled=modelled),
        naive_error=tested.error if tested else None,
    )
    if fallback.model != "seasonal naive" or tested is None:
        return fallback
    return _contest(values, fallback, naive=tested, season=season, horizon=horizon)


def _contest(values: Values, fallback: Choice, *, naive: Backtest, season: int, horizon: int) -> Choice:
    ahead = ensemble(values, horizon, season=season)
    tried = backtest(
        values, lambda past, steps: _or_naive(past, steps, season=season), season=season, horizon=horizon
    )
    if tried is None or not ahead.models:
        return fallback
    won = tried.error < naive.error
    return Choice(
        values=ahead.values if won else fallback.values,
        naive=fallback.naive,
        width=half_width(tried.residuals, ahead.values[0]) if won else fallback.width,
        model=f"median of {', '.join(ahead.models)}" if won else fallback.model,
        model_error=tried.error,
        naive_error=naive.error,
        beats_naive=won,
    )


def _or_naive(past: Values, steps: int, *, season: int) -> Values:
    """As in use: not below zero, and the naive where no model could be fitted."""
    guess = ensemble(past, steps, season=season).values or seasonal_naive(past, steps, season=season)
    return [max(value, 0.0) for value in guess]


def _name(values: Values, *, season: int, modelled: bool) -> str:
    if not values:
        return "none (no whole period yet)"
    if len(values) < season:
        return "mean (under one season)"
    if len(values) < SEASONS_TO_LEARN * season or not origins(len(values), season):
        return "seasonal naive (too short for models)"
    if min(values) == max(values):
        return "seasonal naive (constant)"
    return "seasonal naive" if modelled else "seasonal naive (not modelled)"


def _rows(one: Series, *, horizon: int, modelled: bool, made_of: str) -> Iterator[Row]:
    values = [float(value) for value in one.values]
    choice = choose(values, season=one.season, horizon=horizon, modelled=modelled)
    same = {
        "series_kind": one.kind,
        "series_key": one.key,
        "model": choice.model,
        "model_error": None if choice.model_error is None else exact(choice.model_error),
        "naive_error": None if choice.naive_error is None else exact(choice.naive_error),
        "beats_naive": choice.beats_naive,
        "input_hash": made_of,
    }
    for period_on, actual in one.history():
        yield {**same, "period_on": period_on, "is_forecast": False, "actual": actual}
    for step, (value, naive) in enumerate(zip(choice.values, choice.naive, strict=True)):
        expected = max(value, 0.0)
        yield {
            **same,
            "period_on": move(one.next_on, step, freq=one.freq),
            "is_forecast": True,
            "forecast": exact(expected),
            "lower_80": exact(max(expected - choice.width, 0.0)),
            "upper_80": exact(expected + choice.width),
            "naive": exact(naive),
        }


def _by_hash(previous: pa.Table | None) -> dict[str, list[Row]]:
    known: dict[str, list[Row]] = {}
    if previous is not None and "input_hash" in previous.column_names:
        for row in sorted(previous.to_pylist(), key=lambda row: row["period_on"]):
            known.setdefault(row["input_hash"], []).append(row)
    return known
