"""Every series gets a finite, ordered, honest forecast; a model is used only where it earned it."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planning import ensemble as models
from planning import forecast as forecasting
from planning.backtest import seasonal_naive
from planning.ensemble import Ensemble
from planning.forecast import choose, forecast, schema
from planning.series import move

TODAY = date(2026, 11, 20)
THIS_MONTH = date(2026, 11, 1)
SEASON = [30 + 20 * math.sin(month * math.pi / 6) for month in range(12)]
# Noise that is the same every time: growth and season with a wobble.
WOBBLE = [((month * 7919) % 11) - 5.0 for month in range(36)]
GROWING = [SEASON[month % 12] + 1.5 * month + WOBBLE[month] for month in range(36)]


def table(**series: list[float]) -> pa.Table:
    """Monthly values by key, the last one in October 2026."""
    rows = [
        {
            "series_kind": "demand_item",
            "series_key": key,
            "period_on": move(THIS_MONTH, index - len(values), freq="MS"),
            "value": value,
        }
        for key, values in series.items()
        for index, value in enumerate(values)
    ]
    kinds = [("series_kind", pa.string()), ("series_key", pa.string()), ("period_on", pa.date32())]
    return pa.Table.from_pylist(rows, schema=pa.schema([*kinds, ("value", pa.float64())]))


def run(given_series: pa.Table, **more: Any) -> pa.Table:
    return forecast(given_series, **{"as_of": TODAY, "horizon": 12, "freq": "MS", **more})


def ahead(result: pa.Table, key: str = "") -> list[dict[str, Any]]:
    return [row for row in result.to_pylist() if row["is_forecast"] and key in ("", row["series_key"])]


def assert_honest(result: pa.Table, *, horizon: int) -> None:
    """Finite, not below zero, in order, complete; Decimal cannot hold what is not finite here."""
    assert result.schema == schema()
    lengths: dict[str, int] = defaultdict(int)
    for row in ahead(result):
        lengths[row["series_key"]] += 1
        assert Decimal(0) <= row["lower_80"] <= row["forecast"] <= row["upper_80"]
        assert row["naive"] >= 0
        assert row["beats_naive"] == row["model"].startswith("median of")
        assert row["beats_naive"] or row["forecast"] == row["naive"]
        assert not row["beats_naive"] or row["model_error"] < row["naive_error"]
    assert set(lengths.values()) <= {horizon}


def test_a_growing_seasonal_series_is_better_forecast_by_the_models() -> None:
    result = run(table(bikes=GROWING))
    assert_honest(result, horizon=12)
    rows = ahead(result)
    assert rows[0]["period_on"] == THIS_MONTH
    assert rows[0]["model"] == "median of AutoETS, AutoCES, DynamicOptimizedTheta"
    assert rows[0]["model_error"] < rows[0]["naive_error"]
    truth = [SEASON[month % 12] + 1.5 * month for month in range(36, 48)]
    missed = [abs(float(row["forecast"]) - came) for row, came in zip(rows, truth, strict=True)]
    missed_by_naive = [abs(float(row["naive"]) - came) for row, came in zip(rows, truth, strict=True)]
    assert sum(missed) < sum(missed_by_naive)


def test_history_comes_before_the_forecast_unchanged() -> None:
    rows = run(table(bikes=GROWING)).to_pylist()
    history = [row for row in rows if not row["is_forecast"]]
    assert rows[: len(history)] == history
    assert [row["actual"] for row in history] == [
        Decimal(repr(v)).quantize(Decimal("0.0001")) for v in GROWING
    ]
    assert all(row["forecast"] is None and row["naive"] is None for row in history)
    assert all(row["actual"] is None for row in rows[len(history) :])


ODD = {
    "constant": [7.0] * 36,
    "zero": [0.0] * 36,
    "one_point": [12.0],
    "three_points": [3.0, 9.0, 6.0],
    "thirteen_points": [float(n) for n in range(13)],
    "under_two_seasons": GROWING[:23],
    "two_seasons": GROWING[:24],
    "intermittent": [0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0] * 4,
    "one_sale": [0.0] * 35 + [400.0],
    "stopped": [50.0, 60.0] * 9 + [0.0] * 18,
    "huge": [1e12 * (1 + n % 12) for n in range(36)],
    "tiny": [0.0001 * (n % 5) for n in range(36)],
    "refunds": [-5.0 if n % 4 else 20.0 for n in range(36)],
}


@pytest.fixture(scope="module")
def odd() -> pa.Table:
    return run(table(**ODD))


def test_odd_series_get_finite_ordered_answers(odd: pa.Table) -> None:
    assert_honest(odd, horizon=12)
    assert {row["series_key"] for row in ahead(odd)} == set(ODD)


@pytest.mark.parametrize(
    ("key", "model"),
    [
        ("constant", "seasonal naive (constant)"),
        ("zero", "seasonal naive (constant)"),
        ("one_point", "mean (under one season)"),
        ("three_points", "mean (under one season)"),
        ("thirteen_points", "seasonal naive (too short for models)"),
        ("under_two_seasons", "seasonal naive (too short for models)"),
        ("two_seasons", "seasonal naive (too short for models)"),
    ],
)
def test_a_series_without_a_model_says_why(odd: pa.Table, key: str, model: str) -> None:
    assert {row["model"] for row in ahead(odd, key)} == {model}
    assert {row["model_error"] for row in ahead(odd, key)} == {None}


def test_a_constant_series_goes_on_with_certainty(odd: pa.Table) -> None:
    assert {(row["lower_80"], row["forecast"], row["upper_80"]) for row in ahead(odd, "constant")} == {
        (7, 7, 7)
    }


def test_a_single_point_admits_that_anything_may_come(odd: pa.Table) -> None:
    assert {(row["lower_80"], row["forecast"], row["upper_80"]) for row in ahead(odd, "one_point")} == {
        (0, 12, 24)
    }


def test_short_and_constant_series_never_reach_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_season: int) -> Any:
        raise AssertionError("a model was asked")

    monkeypatch.setattr(models, "_models", refuse)
    keys = ("constant", "zero", "one_point", "three_points", "thirteen_points", "under_two_seasons")
    assert_honest(run(table(**{key: ODD[key] for key in keys})), horizon=12)
    assert_honest(run(table(bikes=GROWING), naive_only={("demand_item", "bikes")}), horizon=12)
    with pytest.raises(AssertionError, match="a model was asked"):
        run(table(bikes=GROWING))


def test_a_series_seen_only_in_the_running_month_expects_nothing_yet() -> None:
    rows = table(new=[5.0])
    result = run(rows, as_of=date(2026, 10, 20))
    assert {row["model"] for row in ahead(result)} == {"none (no whole period yet)"}
    assert_honest(result, horizon=12)


def test_no_series_at_all_gives_no_rows() -> None:
    result = run(table())
    assert result.num_rows == 0
    assert result.schema == schema()


def test_the_same_input_gives_the_same_output_in_any_order() -> None:
    series = table(bikes=GROWING, steady=[40 + wobble for wobble in WOBBLE])
    backwards = series.take(list(range(series.num_rows - 1, -1, -1)))
    assert run(series).equals(run(backwards))


def test_what_did_not_change_is_taken_over_and_what_did_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(table(bikes=GROWING, other=[*GROWING[:-1], 1.0]))
    asked: list[float] = []

    def counted(values: Any, **more: Any) -> Any:
        asked.append(values[-1])
        return choose(values, **more)

    monkeypatch.setattr(forecasting, "choose", counted)
    shuffled = first.take(list(range(first.num_rows - 1, -1, -1)))
    assert run(table(bikes=GROWING, other=[*GROWING[:-1], 1.0]), previous=shuffled).equals(first)
    assert asked == []
    changed = run(table(bikes=GROWING, other=[*GROWING[:-1], 2.0]), previous=first)
    assert asked == [2.0]
    assert ahead(changed, "bikes") == ahead(first, "bikes")
    run(table(bikes=GROWING), previous=first, horizon=6)
    run(table(bikes=GROWING), previous=first, as_of=date(2026, 12, 1))
    run(table(bikes=GROWING), previous=first.drop_columns(["input_hash"]))
    assert len(asked) == 4


def flat(level: float) -> Any:
    return lambda _values, horizon, **_: Ensemble((level,) * horizon, ("AutoETS",))


def test_models_that_lose_to_the_naive_are_shown_with_their_error_but_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forecasting, "ensemble", flat(1000.0))
    choice = choose(GROWING, season=12, horizon=12)
    assert not choice.beats_naive
    assert choice.values == choice.naive
    assert choice.model == "seasonal naive"
    assert choice.model_error is not None and choice.naive_error is not None
    assert choice.model_error > choice.naive_error


def test_a_tie_goes_to_the_naive(monkeypatch: pytest.MonkeyPatch) -> None:
    def same_as_naive(values: Any, horizon: int, *, season: int) -> Ensemble:
        return Ensemble(tuple(seasonal_naive(values, horizon, season=season)), ("AutoETS",))

    monkeypatch.setattr(forecasting, "ensemble", same_as_naive)
    assert not choose(GROWING, season=12, horizon=12).beats_naive


class Says:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def forecast(self, *, y: Any, h: int) -> dict[str, Any]:  # noqa: ARG002 (the models' signature)
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"mean": [self.answer] * h}


@pytest.mark.parametrize("broken", [IndexError("too short"), math.nan, math.inf, 1e9])
def test_a_model_that_fails_or_runs_away_has_no_vote(monkeypatch: pytest.MonkeyPatch, broken: Any) -> None:
    monkeypatch.setattr(models, "_models", lambda _: [("good", Says(5.0)), ("broken", Says(broken))])
    assert models.ensemble([4.0, 6.0], 2, season=12) == Ensemble((5.0, 5.0), ("good",))


def test_when_every_model_fails_the_naive_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_models", lambda _: [("broken", Says(math.nan))])
    choice = choose(GROWING, season=12, horizon=12)
    assert choice.values == choice.naive
    assert choice.model_error is None


def test_weeks_are_forecast_from_the_running_monday() -> None:
    monday = date(2026, 11, 16)
    rows = [
        {
            "series_kind": "cash_in",
            "series_key": "total",
            "period_on": move(monday, week - 156, freq="W-MON"),
            "value": 1000 + 200 * math.sin(week * math.pi / 26) + 3 * week + (week * 7919) % 41,
        }
        for week in range(157)
    ]
    result = run(pa.Table.from_pylist(rows), freq="W-MON", horizon=13)
    assert_honest(result, horizon=13)
    assert ahead(result)[0]["period_on"] == monday
    assert result.num_rows == 156 + 13


def test_a_horizon_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="horizon 0"):
        run(table(bikes=GROWING), horizon=0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(st.just(0.0), st.floats(-1e4, 1e9, allow_nan=False), st.integers(0, 20).map(float)),
        min_size=1,
        max_size=40,
    )
)
def test_any_series_gets_an_honest_answer(values: list[float]) -> None:
    assert_honest(run(table(any=values)), horizon=12)
